//! The ways to a service: the program, a plugin in each language, and the service's own client.

use std::env;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::answer::{Answer, wrong};
use crate::call::Call;
use crate::client;
use crate::json::Json;
use crate::kinds::Kind;
use crate::python::{TIMEOUT_S, ask};
use crate::service::Service;
use crate::surface::SURFACES;
use crate::watch::Watch;
use crate::world::{Stage, World};

/// A way to a service.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    /// A client that takes its time, and shows all that it has to show while nothing has happened.
    BackingOffClient,
    /// The service's own client, unmodified, in a plugin in Python.
    Client,
    /// The same, which calls all the time, whatever is restarted.
    LastingClient,
    /// The conformance plugin of this surface.
    Plugin(&'static str),
    /// `oslo-plugin call`.
    Program,
}

pub(crate) const WAYS: [Way; 9] = [
    Way::Program,
    Way::Plugin("rust"),
    Way::Plugin("python"),
    Way::Plugin("javascript"),
    Way::Plugin("go"),
    Way::Plugin("c"),
    Way::Client,
    Way::LastingClient,
    Way::BackingOffClient,
];

impl Way {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::BackingOffClient => "backing-off-client",
            Self::Client => "client",
            Self::LastingClient => "lasting-client",
            Self::Plugin(surface) => surface,
            Self::Program => "program",
        }
    }

    /// Whether there is this way to a service at a stage.
    pub(crate) fn has(self, kind: &Kind, stage: Stage) -> bool {
        match self {
            Self::BackingOffClient => kind.name == "objects" && stage == Stage::Fresh,
            Self::Client => !kind.clients.is_empty(),
            Self::LastingClient => kind.name == Watch::SERVICE,
            Self::Plugin(_) | Self::Program => true,
        }
    }

    /// Makes the calls of a service, and says which answers differ from Python's.
    ///
    /// # Errors
    /// When one does, or the way or Python gets no answers.
    pub(crate) async fn check(self, world: &mut World, service: &str) -> Result<()> {
        if let Self::LastingClient = self {
            let watch = world.watch.as_mut().context("it calls this service")?;
            return watch.check().await;
        }
        let world = &*world;
        let service = world.service(service)?;
        let wrong = match self {
            Self::BackingOffClient => client::differences(world, service, &["neutron"])?,
            Self::Client | Self::LastingClient => {
                client::differences(world, service, service.kind.clients)?
            }
            Self::Plugin(surface) => {
                let before = right(world, service).await?;
                let found = by_plugin(surface, world, service).await?;
                differences(world, service, &before, &found).await?
            }
            Self::Program => {
                let before = right(world, service).await?;
                let calls = service.calls.iter();
                let found: Result<Vec<_>> =
                    calls.map(|it| by_program(world, service, it)).collect();
                differences(world, service, &before, &found?).await?
            }
        };
        ensure!(wrong.is_empty(), "not as in Python:\n{}", wrong.join("\n"));
        Ok(())
    }
}

/// What Python gets for the calls of a service.
async fn right(world: &World, service: &Service) -> Result<Vec<Answer>> {
    let mut answers = Vec::new();
    for call in &service.calls {
        let answer = ask(&world.python, &service.context, call).await?;
        if let Answer::Failed(why) = &answer {
            bail!("Python was not answered either: {}: {why}", call.method);
        }
        answers.push(answer);
    }
    Ok(answers)
}

/// Which of the answers to the calls of a service are not those that Python gets.
async fn differences(
    world: &World,
    service: &Service,
    before: &[Answer],
    found: &[Answer],
) -> Result<Vec<String>> {
    let calls = &service.calls;
    ensure!(
        found.len() == calls.len(),
        "{} answers to {} calls: {found:?}",
        found.len(),
        calls.len()
    );
    let mut all = Vec::new();
    for ((call, before), found) in calls.iter().zip(before).zip(found) {
        if wrong(before, before, found).is_none() {
            continue;
        }
        // It may be a clock's.
        let after = ask(&world.python, &service.context, call).await?;
        if let Some(why) = wrong(before, &after, found) {
            let service = service.kind.name;
            all.push(format!("{service} {} {:?} {why}", call.method, call.target));
        }
    }
    Ok(all)
}

async fn by_plugin(surface: &str, world: &World, service: &Service) -> Result<Vec<Answer>> {
    let found = SURFACES.iter().find(|it| it.name == surface);
    let guest = found
        .and_then(|it| it.guest)
        .context("there is this surface")?;
    let calls = service.calls.iter();
    let steps: Result<Vec<_>> = calls
        .map(|it| it.step(&service.context, surface == "rust"))
        .collect();
    let script = format!(
        r#"{{"open": {{"settings": {{"timeout": {}}}}}, "steps": [{}]}}"#,
        TIMEOUT_S * 1_000_000_000,
        steps?.join(", ")
    );
    let outcomes = world
        .guests
        .get(guest)
        .run_text(&world.transport, &script, None)
        .await;
    match Json::parse(&outcomes.map_err(anyhow::Error::msg)?)? {
        Json::Array(outcomes) => Ok(outcomes.iter().map(Answer::of_plugin).collect()),
        other => bail!("{other}"),
    }
}

fn by_program(world: &World, service: &Service, call: &Call) -> Result<Answer> {
    let mut command = oslo_plugin()?;
    command.args(["call", "--json", "--timeout", &TIMEOUT_S.to_string()]);
    command.args(["--transport", &world.url, "--context", &service.context]);
    for (option, part) in [
        ("--exchange", "exchange"),
        ("--topic", "topic"),
        ("--namespace", "namespace"),
        ("--rpc-version", "version"),
        ("--server", "server"),
    ] {
        if let Some(part) = call.part(part) {
            command.args([option, part]);
        }
    }
    let output = command.args([&call.method, &call.args]).output()?;
    if output.status.success() {
        let text = String::from_utf8(output.stdout)?;
        return Ok(Answer::Returned(Json::parse(&text)?));
    }
    Ok(Answer::of_program(&String::from_utf8_lossy(&output.stderr)))
}

/// The program, without what the environment of the test says to it.
pub(crate) fn oslo_plugin() -> Result<Command> {
    let program = env::var_os("OSLO_TEST_PROGRAM")
        .context("OSLO_TEST_PROGRAM names the program `oslo-plugin`")?;
    let mut command = Command::new(program);
    command
        .env_remove("OSLO_PLUGIN_CONFIG_FILE")
        .env_remove("OSLO_PLUGIN_TRANSPORT_URL")
        .env_remove("OSLO_PLUGIN_LOG")
        .stdin(Stdio::null());
    Ok(command)
}
