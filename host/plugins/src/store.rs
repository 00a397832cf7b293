//! What each store of a plugin has.

use std::sync::Arc;

use oslo_messaging_wasmtime::{
    MessagingCtx, MessagingCtxBuilder, MessagingCtxView, MessagingHooks as _, MessagingView, Origin,
};
use wasmtime::component::ResourceTable;
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::hooks::{Permissions, PolicyHooks};
use crate::logging::{LogLevel, LogView};
use crate::outgoing::NoOutgoing;
use crate::output::Output;
use crate::room::Room;
use crate::statistics::Counters;

/// What a plugin's stores are made of.
pub(crate) struct Stores {
    pub(crate) engine: Engine,
    pub(crate) plugin: Arc<str>,
    pub(crate) permissions: Arc<Permissions>,
    pub(crate) granted: MessagingCtxBuilder,
    pub(crate) counters: Arc<Counters>,
    pub(crate) memory_bytes: usize,
    pub(crate) output_bytes: usize,
    /// What a guest may pass in one call of the host.
    pub(crate) hostcall_bytes: usize,
}

impl Stores {
    /// A store whose guest gives way at each tick.
    pub(crate) fn store(&self) -> Store<State> {
        let counters = &self.counters;
        let output = Output::new(
            Arc::clone(&self.plugin),
            self.output_bytes,
            Arc::clone(counters),
        );
        let wasi = WasiCtx::builder()
            .arg(&self.plugin)
            .stdout(output.clone())
            .stderr(output.clone())
            .build();
        let mut table = ResourceTable::new();
        table.set_max_capacity(MOST_RESOURCES);
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(FIELD_BYTES);
        let state = State {
            wasi,
            http,
            outgoing: NoOutgoing::new(Arc::clone(&self.permissions)),
            messaging: self.granted.clone().build(),
            table,
            hooks: PolicyHooks::new(Arc::clone(&self.permissions), Some(output.clone())),
            output,
            bodies: Arc::default(),
            room: Room::new(
                Arc::clone(&self.plugin),
                self.memory_bytes,
                Arc::clone(counters),
            ),
        };
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.room);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        store.set_hostcall_fuel(self.hostcall_bytes);
        store
    }
}

pub(crate) struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outgoing: NoOutgoing,
    pub(crate) messaging: MessagingCtx,
    table: ResourceTable,
    hooks: PolicyHooks,
    output: Output,
    /// Each body that was handed to the guest has a clone, as long as it keeps it.
    pub(crate) bodies: Arc<()>,
    room: Room,
}

impl State {
    /// What the guest has handles of, and the host keeps for it.
    pub(crate) fn handles(&mut self) -> usize {
        self.table.iter_mut().count()
    }

    /// An invocation begins, of which nobody else tells the hooks.
    pub(crate) fn begin(&mut self, origin: &Origin) {
        self.hooks.invoked(origin);
    }
}

impl LogView for State {
    fn log(&mut self, level: LogLevel, context: &str, message: &str) {
        self.output.log(level, context, message);
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

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.outgoing,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

impl MessagingView for State {
    fn messaging(&mut self) -> MessagingCtxView<'_> {
        MessagingCtxView {
            ctx: &mut self.messaging,
            table: &mut self.table,
            hooks: &mut self.hooks,
        }
    }
}

/// Handles of everything together. A guest that never drops them gets no more.
const MOST_RESOURCES: usize = 10_000;

/// Of one head that a guest makes.
const FIELD_BYTES: usize = 16 << 10;
