//! What every plugin of this program has: imports, a store, and the ticks that interrupt it.

use std::path::Path;

use oslo_messaging_plugins::{LogLevel, LogView, log_event};
use oslo_messaging_wasmtime::{
    MessagingCtx, MessagingCtxView, MessagingHooks, MessagingView, Unrestricted,
};
use wasmtime::component::{Component, InstancePre, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use super::streams::{Stderr, Stdout};
use crate::failure::{Exit, Failure};

pub(super) fn linker(engine: &Engine) -> Result<Linker<State>, Failure> {
    oslo_messaging_plugins::linker(engine)
        .map_err(|error| Failure::new(Exit::Failed, format!("{error:#}")))
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
    /// What the log calls it.
    name: String,
    wasi: WasiCtx,
    pub(super) messaging: MessagingCtx,
    table: ResourceTable,
    hooks: Box<dyn MessagingHooks>,
}

impl State {
    /// Of a plugin with arguments, for which this program's own streams are its.
    pub(super) fn new(messaging: MessagingCtx, plugin: &Path, arguments: &[String]) -> Self {
        let file_name = plugin.file_name().unwrap_or_default().to_string_lossy();
        let wasi = WasiCtx::builder()
            .inherit_stdin()
            .stdout(Stdout)
            .stderr(Stderr)
            .arg(&file_name)
            .args(arguments)
            .build();
        Self {
            name: file_name.into_owned(),
            wasi,
            messaging,
            table: ResourceTable::new(),
            hooks: Box::new(Unrestricted),
        }
    }

    /// Decides by these about what the plugin sends. By default it may send everything: whoever starts
    /// it at a shell could as well.
    pub(super) fn hooks(mut self, hooks: Box<dyn MessagingHooks>) -> Self {
        self.hooks = hooks;
        self
    }
}

impl LogView for State {
    fn log(&mut self, level: LogLevel, context: &str, message: &str) {
        log_event(&self.name, level, context, message);
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
            hooks: &mut *self.hooks,
        }
    }
}

/// How much a guest may pass in one call of the host: as much as may be pending, and one more request, so
/// that a `call-all` of too much hears of its limit. Beyond that it traps.
const HOSTCALL_BYTES: usize = 96 * 1024 * 1024;
