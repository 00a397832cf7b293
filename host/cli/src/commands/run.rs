//! Running a plugin.

use std::time::Duration;

use oslo_messaging::{RpcServer, Target, Transport};
use oslo_messaging_wasmtime::MessagingCtx;
use tokio::task::JoinSet;
use wasmtime::Store;
use wasmtime::component::InstancePre;
use wasmtime_wasi::{I32Exit, p2, p3};

use super::plugin::{self, Entry};
use super::store::{self, State, Ticks};
use crate::args::RunArgs;
use crate::failure::{Exit, Failure};
use crate::stop::Stop;
use crate::transports::Configured;
use crate::{cache, demo};

pub(crate) async fn run(args: RunArgs, stop: &Stop) -> Result<u8, Failure> {
    let engine = plugin::engine(if args.no_cache {
        None
    } else {
        cache::open_if_there(&args.cache)?
    })?;
    let component = plugin::load(&engine, &args.plugin)?;
    let entry = Entry::of(&component).ok_or_else(|| {
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
            let store = store::new(&engine, state);
            run_in(store, linked, entry, args.time_limit).await
        })
        .await;
    demo::stop(demo_servers).await;
    transports.close().await;
    ended
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
    entry: Entry,
    time_limit: Option<Duration>,
) -> Result<u8, Failure> {
    let _ticks = Ticks::start(store.engine())?;
    store.data_mut().messaging.start_invocation(time_limit);

    let running = invoke(&mut store, linked, entry);
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
    entry: Entry,
) -> Result<u8, Failure> {
    let ended = match entry {
        Entry::Plain => run_plain(store, linked).await,
        Entry::Asynchronous => run_asynchronous(store, linked).await,
    };
    match ended {
        Ok(Ok(())) => Ok(0),
        Ok(Err(())) => Ok(1),
        Err(error) => match error.downcast_ref::<I32Exit>() {
            Some(&I32Exit(code)) => Ok(u8::try_from(code).unwrap_or(1)),
            None => Err(Failure::new(
                Exit::Trap,
                format!("the plugin trapped: {error:#}"),
            )),
        },
    }
}

async fn run_plain(
    store: &mut Store<State>,
    linked: InstancePre<State>,
) -> wasmtime::Result<Result<(), ()>> {
    let command = p2::bindings::CommandPre::new(linked)?;
    let command = command.instantiate_async(&mut *store).await?;
    command.wasi_cli_run().call_run(store).await
}

async fn run_asynchronous(
    store: &mut Store<State>,
    linked: InstancePre<State>,
) -> wasmtime::Result<Result<(), ()>> {
    let command = p3::bindings::CommandPre::new(linked)?;
    let command = command.instantiate_async(&mut *store).await?;
    store
        .run_concurrent(async |accessor| command.wasi_cli_run().call_run(accessor).await)
        .await?
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
