//! What a store has of a plugin that a test runs without a host of its own.

use oslo_messaging_wasmtime::{MessagingCtx, MessagingCtxView, MessagingView, Unrestricted};
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// With nothing of WASI but what is linked. What the plugin says of errors is the test's.
pub(crate) struct State {
    pub(crate) messaging: MessagingCtx,
    wasi: WasiCtx,
    table: ResourceTable,
}

impl State {
    pub(crate) fn new(messaging: MessagingCtx) -> Self {
        Self {
            messaging,
            wasi: WasiCtx::builder().inherit_stderr().build(),
            table: ResourceTable::new(),
        }
    }
}

impl MessagingView for State {
    fn messaging(&mut self) -> MessagingCtxView<'_> {
        MessagingCtxView {
            ctx: &mut self.messaging,
            table: &mut self.table,
            hooks: Unrestricted::hooks(),
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
