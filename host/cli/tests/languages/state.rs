//! What a store has of a plugin that a test runs without the program.

use oslo_messaging_wasmtime::{MessagingCtx, MessagingCtxView, MessagingView, Unrestricted};
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// With nothing of WASI but what is linked.
pub(crate) struct State {
    messaging: MessagingCtx,
    wasi: WasiCtx,
    table: ResourceTable,
}

impl State {
    pub(crate) fn new(messaging: MessagingCtx) -> Self {
        Self {
            messaging,
            wasi: WasiCtx::builder().build(),
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
