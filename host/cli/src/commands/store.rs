//! What every plugin of this program has: imports, a store, and the ticks that interrupt it.

use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use oslo_messaging_wasmtime::{MessagingCtx, MessagingCtxView, MessagingView, default_hooks};
use wasmtime::component::{Component, InstancePre, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView, p2, p3};

use super::plugin;
use super::streams::{Stderr, Stdout};
use crate::failure::{Exit, Failure};

fn linker(engine: &Engine) -> Result<Linker<State>, Failure> {
    let mut linker = Linker::new(engine);
    p2::add_to_linker_async(&mut linker)
        .and_then(|()| p3::add_to_linker(&mut linker))
        .and_then(|()| oslo_messaging_wasmtime::add_to_linker(&mut linker))
        .map_err(|error| Failure::new(Exit::Failed, format!("{error:#}")))?;
    Ok(linker)
}

/// A plugin with what it imports.
pub(super) fn link(engine: &Engine, component: &Component) -> Result<InstancePre<State>, Failure> {
    linker(engine)?.instantiate_pre(component).map_err(|error| {
        Failure::new(
            Exit::MissingImport,
            format!("the component imports something this host lacks: {error:#}"),
        )
        .remedy("`oslo-plugin inspect` shows which imports this host has")
    })
}

/// The imports that this host lacks: packages that it does not know, and the one that linking
/// stumbles over, which may be a version that it does not have.
pub(super) fn missing_imports(
    engine: &Engine,
    component: &Component,
) -> Result<Vec<String>, Failure> {
    let refusal = linker(engine)?.instantiate_pre(component).err();
    let refusal = refusal
        .map(|error| format!("{error:#}"))
        .unwrap_or_default();
    let mut missing = plugin::imports(component);
    missing.retain(|name| {
        !PACKAGES.iter().any(|package| name.starts_with(package))
            || refusal.contains(&format!("`{name}`"))
    });
    Ok(missing)
}

/// A store whose guest gives way when it is interrupted, so that time limits and Ctrl-C are noticed while
/// it computes.
pub(super) fn new(engine: &Engine, state: State) -> Store<State> {
    let mut store = Store::new(engine, state);
    store.set_epoch_deadline(1);
    store.epoch_deadline_async_yield_and_update(1);
    store.set_hostcall_fuel(HOSTCALL_BYTES);
    store
}

/// What a store of this program holds.
pub(super) struct State {
    wasi: WasiCtx,
    pub(super) messaging: MessagingCtx,
    table: ResourceTable,
}

impl State {
    /// Of a plugin with arguments, for which this program's own streams are its.
    pub(super) fn new(messaging: MessagingCtx, plugin: &Path, arguments: &[String]) -> Self {
        let wasi = WasiCtx::builder()
            .inherit_stdin()
            .stdout(Stdout)
            .stderr(Stderr)
            .arg(plugin.file_name().unwrap_or_default().to_string_lossy())
            .args(arguments)
            .build();
        Self {
            wasi,
            messaging,
            table: ResourceTable::new(),
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl MessagingView for State {
    fn messaging(&mut self) -> MessagingCtxView<'_> {
        MessagingCtxView {
            ctx: &mut self.messaging,
            table: &mut self.table,
            hooks: default_hooks(),
        }
    }
}

/// Counts up the engine's epoch until it is dropped. On a thread of its own: plugins that compute may have
/// all threads of the runtime, and give them back only because somebody counts.
pub(super) struct Ticks {
    _until_dropped: mpsc::Sender<()>,
}

impl Ticks {
    pub(super) fn start(engine: &Engine) -> Result<Self, Failure> {
        let engine = engine.weak();
        let (sender, dropped) = mpsc::channel();
        thread::Builder::new()
            .name("epochs".to_owned())
            .spawn(move || {
                while dropped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                    match engine.upgrade() {
                        Some(engine) => engine.increment_epoch(),
                        None => return,
                    }
                }
            })
            .map_err(|error| Failure::new(Exit::Failed, format!("no thread to count: {error}")))?;
        Ok(Self {
            _until_dropped: sender,
        })
    }
}

/// The packages that [`linker`] provides.
const PACKAGES: [&str; 7] = [
    "oslo:messaging/",
    "wasi:cli/",
    "wasi:clocks/",
    "wasi:filesystem/",
    "wasi:io/",
    "wasi:random/",
    "wasi:sockets/",
];

/// How much a guest may pass in one call of the host: as much as may be pending, and one more request, so
/// that a `call-all` of too much hears of its limit. Beyond that it traps.
const HOSTCALL_BYTES: usize = 96 * 1024 * 1024;

/// How long a guest may compute before others get a turn.
const TICK: Duration = Duration::from_millis(10);
