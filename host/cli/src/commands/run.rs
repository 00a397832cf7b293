//! Running a plugin.

use std::collections::BTreeMap;
use std::time::Duration;

use oslo_messaging::{RpcServer, Target, Transport};
use oslo_messaging_plugins::{Command, PolicyHooks};
use oslo_messaging_policy::{InvalidValue, QuickStart, Secret, TransportSource};
use oslo_messaging_wasmtime::MessagingCtx;
use tokio::task::JoinSet;
use wasmtime::Store;
use wasmtime::component::InstancePre;

use super::plugin;
use super::store::{self, State};
use crate::args::{RunArgs, TRANSPORT_ENV};
use crate::failure::{Exit, Failure};
use crate::stop::Stop;
use crate::transports::Configured;
use crate::{cache, demo, print};

pub(crate) async fn run(args: RunArgs, stop: &Stop) -> Result<u8, Failure> {
    let allowed = allowed(&args)?;
    if args.print_policy {
        print::line(allowed);
        return Ok(0);
    }
    let engine = plugin::engine(if args.no_cache {
        None
    } else {
        cache::open_if_there(&args.cache)?
    })?;
    let component = plugin::load(&engine, &args.plugin)?;
    let command = Command::of(&component).ok_or_else(|| {
        Failure::new(
            Exit::NothingToRun,
            format!(
                "{} exports neither wasi:cli/run@0.2 nor @0.3",
                args.plugin.display()
            ),
        )
        .remedy("`oslo-plugin inspect` shows what it exports")
    })?;
    let linked = store::link(&engine, &component)?;

    let mut stop = stop.listen();
    let transports = Transports::open(&args)?;
    let mut demo_servers = Vec::new();
    let ended = stop
        .or(async {
            if args.serve_demo {
                serve_demo(&transports, &mut demo_servers).await?;
            }
            let state = State::new(transports.granted(), &args.plugin, &args.arguments);
            let state = match allowed.policy().plugins().next() {
                Some(plugin) if !args.allow.is_empty() => {
                    state.hooks(PolicyHooks::of(plugin, transports.control_exchanges()))
                }
                _ => state,
            };
            let store = store::new(&engine, state);
            run_in(store, linked, command, args.time_limit).await
        })
        .await;
    demo::stop(demo_servers).await;
    transports.close().await;
    ended
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

async fn serve_demo(transports: &Transports, servers: &mut Vec<RpcServer>) -> Result<(), Failure> {
    let transport = transports.default().ok_or_else(|| {
        Failure::new(
            Exit::InvalidArgument,
            "--serve-demo serves on the transport `default`, and none has this name",
        )
    })?;
    let names = ["one", "two", "three"].map(str::to_owned);
    Ok(demo::serve(transport, &Target::topic("demo"), &names, servers).await?)
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

    let running = invoke(&mut store, linked, command);
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

async fn invoke(
    store: &mut Store<State>,
    linked: InstancePre<State>,
    command: Command,
) -> Result<u8, Failure> {
    command.run(store, linked).await.map_err(|error| {
        let message = format!("the plugin trapped: {error:#}");
        Failure::new(Exit::Trap, message)
    })
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
            transports.push((name.to_owned(), configured.open(url)?));
        }
        if transports.is_empty() || configured.has_url() && !named(&transports, DEFAULT) {
            transports.push((DEFAULT.to_owned(), configured.open_default()?));
        }
        Ok(Self(transports))
    }

    fn default(&self) -> Option<&Transport> {
        self.0
            .iter()
            .find(|(name, _)| name == DEFAULT)
            .map(|(_, transport)| transport)
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
