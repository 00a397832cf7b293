//! Running a plugin.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use oslo_messaging::{Target, Transport};
use oslo_messaging_plugins::{Command, PolicyHooks};
use oslo_messaging_policy::{InvalidValue, QuickStart, Secret, TransportSource};
use oslo_messaging_wasmtime::{MessagingCtx, MessagingHooks, Unrestricted};
use tokio::task::JoinSet;
use wasmtime::Store;
use wasmtime::component::InstancePre;

use super::plugin;
use super::store::{self, State};
use crate::answers::{Answers, Recorder, Replayed};
use crate::args::{RunArgs, TRANSPORT_ENV};
use crate::failure::{Exit, Failure};
use crate::stop::Stop;
use crate::transports::Configured;
use crate::{cache, demo, print};

pub(crate) async fn run(args: RunArgs, stop: &Stop, json: bool) -> Result<u8, Failure> {
    let allowed = allowed(&args)?;
    if args.print_policy {
        print::line(allowed.to_string().trim_end());
        return Ok(0);
    }
    let kept = cache::open_if_there(&args.cache, args.no_cache)?;
    let engine = plugin::engine(&kept)?;
    let component = plugin::load(&engine, &kept, &args.plugin)?;
    let command = Command::of(&component).ok_or_else(|| {
        Failure::new(
            Exit::NothingToRun,
            format!(
                "{} exports neither wasi:cli/run@0.2 nor @0.3",
                args.plugin.display()
            ),
        )
        .remedy(plugin::starts_with(&component))
    })?;
    let linked = store::link(&engine, &component)?;

    // What the command line names is looked at before anything is connected.
    let read = |file: &Option<PathBuf>| file.as_deref().map(Answers::read).transpose();
    let (served, replayed) = (read(&args.serve)?, read(&args.replay)?);
    let replayed = replayed.map(|answers| Replayed::new(answers, json));

    let is_alone = args.is_alone();
    let mut stop = stop.listen();
    let transports = Transports::open(&args)?;
    // After all that may be wrong with the command line, because it makes the file.
    let recorder = args.record.as_deref();
    let recorder = recorder
        .map(|file| Recorder::create(file, json))
        .transpose()?;
    let mut servers = Vec::new();
    let ended = stop
        .or(async {
            if args.serve_demo {
                let names = ["one", "two", "three"].map(str::to_owned);
                let transport = transports.default("--serve-demo")?;
                demo::serve(transport, &Target::topic("demo"), &names, &mut servers).await?;
            }
            if let Some(answers) = served {
                let transport = transports.default("--serve")?;
                Arc::new(answers)
                    .serve(transport, &mut servers, json)
                    .await?;
            }
            let mut hooks: Box<dyn MessagingHooks> = match allowed.policy().plugins().next() {
                Some(plugin) if !args.allow.is_empty() => {
                    Box::new(PolicyHooks::of(plugin, transports.control_exchanges()))
                }
                _ => Box::new(Unrestricted),
            };
            if let Some(replayed) = &replayed {
                hooks = replayed.hooks(hooks);
            }
            if let Some(recorder) = &recorder {
                hooks = recorder.hooks(hooks);
            }
            let state = State::new(transports.granted(), &args.plugin, &args.arguments);
            let state = state.hooks(hooks);
            let store = store::new(&engine, state);
            run_in(store, linked, command, args.time_limit).await
        })
        .await;
    demo::stop(servers).await;
    transports.close().await;
    if matches!(ended, Ok(code) if code != 0) && is_alone {
        let why = "no transport was given, so that `default` is memory://, where nobody serves: \
                   --transport, --serve and --serve-demo are for that";
        print::notice(why, json);
    }
    let trouble = || recorder?.trouble();
    let trouble = replayed
        .and_then(|replayed| replayed.trouble())
        .or_else(trouble);
    match (ended, trouble) {
        // The plugin may have been content with what it was told.
        (Ok(0), Some(trouble)) => Err(trouble),
        (ended, _) => ended,
    }
}

/// What `--allow` says, as a policy.
fn allowed(args: &RunArgs) -> Result<QuickStart, Failure> {
    let stem = args.plugin.file_stem().unwrap_or_default();
    let invalid = |error: InvalidValue| Failure::new(Exit::InvalidArgument, error);
    let url = || TransportSource::Url(Secret::Env(TRANSPORT_ENV.to_owned()));
    // Files may have names that plugins cannot have.
    let mut start = QuickStart::new(&stem.to_string_lossy(), &args.plugin)
        .or_else(|_| QuickStart::new("plugin", &args.plugin))
        .and_then(|start| start.transport(DEFAULT, url()))
        .map_err(invalid)?;
    for rule in &args.allow {
        start = start.allow(rule.clone());
    }
    Ok(start)
}

/// Dropped, it ends the plugin, and the calls that it waits for.
async fn run_in(
    mut store: Store<State>,
    linked: InstancePre<State>,
    command: Command,
    time_limit: Option<Duration>,
) -> Result<u8, Failure> {
    plugin::tick(store.engine())?;
    store.data_mut().messaging.start_invocation(time_limit);

    // On a thread that has what it waits for as well: this one would have to be woken for each of its calls.
    let mut plugin = JoinSet::new();
    plugin.spawn(async move { command.run(&mut store, linked).await });
    let running = async {
        match plugin.join_next().await {
            Some(Ok(ended)) => ended.map_err(trapped),
            Some(Err(error)) => Err(trapped(error.into())),
            None => Ok(0),
        }
    };
    match time_limit {
        None => running.await,
        Some(limit) => match tokio::time::timeout(limit, running).await {
            Ok(ended) => ended,
            Err(_) => Err(Failure::new(
                Exit::TimeLimit,
                format!("the plugin was stopped after its time limit of {limit:?}"),
            )),
        },
    }
}

/// Why first: the frames may be many, and without names.
fn trapped(error: wasmtime::Error) -> Failure {
    let frames = error.downcast_ref::<wasmtime::WasmBacktrace>();
    let told = match frames.map(ToString::to_string) {
        None => format!("{error:#}"),
        Some(frames) => {
            let causes = error.chain().map(ToString::to_string);
            let causes: Vec<_> = causes.filter(|cause| !cause.contains(&frames)).collect();
            format!("{}\n{}", causes.join(": "), frames.trim_end())
        }
    };
    Failure::new(Exit::Trap, format!("the plugin trapped: {told}"))
}

/// The transports that the plugin may open, by name.
struct Transports(Vec<(String, Transport)>);

impl Transports {
    fn open(args: &RunArgs) -> Result<Self, Failure> {
        let configured = Configured::read(&args.config)?;
        let mut transports = Vec::new();
        for grant in &args.transports {
            // A URL has a colon before its first equals sign, a name has none.
            let (name, url) = match grant.split_once('=') {
                Some((name, url)) if !name.contains(':') => (name, url),
                _ => (DEFAULT, grant.as_str()),
            };
            if named(&transports, name) {
                return Err(Failure::new(
                    Exit::InvalidArgument,
                    format!("the transport `{name}` is given twice"),
                ));
            }
            // No answer is to a notification: these reach nobody.
            let url = if args.replay.is_some() { MEMORY } else { url };
            transports.push((name.to_owned(), configured.open(url)?));
        }
        if transports.is_empty() || configured.has_url() && !named(&transports, DEFAULT) {
            let default = match &args.replay {
                Some(_) => configured.open(MEMORY)?,
                None => configured.open_default()?,
            };
            transports.push((DEFAULT.to_owned(), default));
        }
        Ok(Self(transports))
    }

    /// What this option serves on.
    fn default(&self, option: &str) -> Result<&Transport, Failure> {
        let default = self.0.iter().find(|(name, _)| name == DEFAULT);
        let (_, transport) = default.ok_or_else(|| {
            let message =
                format!("{option} serves on the transport `default`, and none has this name");
            Failure::new(Exit::InvalidArgument, message)
        })?;
        Ok(transport)
    }

    fn control_exchanges(&self) -> BTreeMap<String, String> {
        let exchanges = self.0.iter();
        let exchange = |transport: &Transport| transport.control_exchange().to_owned();
        exchanges
            .map(|(name, it)| (name.clone(), exchange(it)))
            .collect()
    }

    /// What a store is given of them.
    fn granted(&self) -> MessagingCtx {
        let granted = self
            .0
            .iter()
            .fold(MessagingCtx::builder(), |ctx, (name, transport)| {
                ctx.transport(name, transport.clone())
            });
        granted.build()
    }

    async fn close(self) {
        let closing = self.0.into_iter().map(|(_, transport)| async move {
            transport.close().await;
        });
        closing.collect::<JoinSet<()>>().join_all().await;
    }
}

fn named(transports: &[(String, Transport)], name: &str) -> bool {
    transports.iter().any(|(other, _)| other == name)
}

const DEFAULT: &str = "default";
const MEMORY: &str = "memory://";
