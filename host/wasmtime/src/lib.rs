//! The host of the WIT package `oslo:messaging` for [wasmtime]: components call the methods of
//! oslo.messaging servers, over transports that the embedder grants them by name.
//!
//! # Example
//!
//! From an engine to what a plugin said. The plugin is any `wasi:cli` command, or as here a
//! component that exports `run: func() -> string`, and imports `oslo:messaging/rpc-client`.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use oslo_messaging::Transport;
//! use oslo_messaging_wasmtime::{Ctx, CtxView, View, default_hooks};
//! use wasmtime::component::{Component, Linker, ResourceTable};
//! use wasmtime::{Config, Engine, Store};
//!
//! struct State {
//!     messaging: Ctx,
//!     table: ResourceTable,
//! }
//!
//! impl View for State {
//!     fn oslo_messaging(&mut self) -> CtxView<'_> {
//!         CtxView { ctx: &mut self.messaging, table: &mut self.table, hooks: default_hooks() }
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() -> wasmtime::Result<()> {
//!     // Once per process: compile and link.
//!     let mut config = Config::new();
//!     config.epoch_interruption(true);
//!     let engine = Engine::new(&config)?;
//!     // Ticks at which a guest that only computes lets go of the thread.
//!     let ticking = engine.weak();
//!     std::thread::spawn(move || {
//!         while let Some(engine) = ticking.upgrade() {
//!             engine.increment_epoch();
//!             std::thread::sleep(Duration::from_millis(100));
//!         }
//!     });
//!     let component = Component::from_file(&engine, "plugin.wasm")?;
//!     let mut linker = Linker::<State>::new(&engine);
//!     oslo_messaging_wasmtime::add_to_linker(&mut linker)?;
//!     let plugin = linker.instantiate_pre(&component)?;
//!
//!     // Once per plugin: what it may use. Its stores share the transport's connections.
//!     let transport = Transport::new("rabbit://plugins:secret@broker-1:5671/?ssl=true")?;
//!     let granted = Ctx::builder().transport("main", transport);
//!
//!     // Once per unit of isolation: a store.
//!     let state = State { messaging: granted.build(), table: ResourceTable::new() };
//!     let mut store = Store::new(&engine, state);
//!     store.set_hostcall_fuel(32 * 1024 * 1024);
//!     store.epoch_deadline_async_yield_and_update(1);
//!     let instance = plugin.instantiate_async(&mut store).await?;
//!     let run = instance.get_typed_func::<(), (String,)>(&mut store, "run")?;
//!
//!     // Once per invocation: its limit, for the calls and around the whole.
//!     let limit = Duration::from_secs(10);
//!     store.data_mut().messaging.start_invocation(limit);
//!     let (said,) = tokio::time::timeout(limit, run.call_async(&mut store, ())).await??;
//!     println!("{said}");
//!     Ok(())
//! }
//! ```
//!
//! # Map
//!
//! - [`Ctx`], made by a [`CtxBuilder`]: what one store's guest has. [`CtxView`]: the borrows that
//!   host functions work on. [`View`]: how they are found in the store's data.
//! - [`add_to_linker`] adds everything; [`plain`] and [`asynchronous`] add one surface. The two
//!   are two interfaces because a `func` and an `async func` are different types to the linker;
//!   behind them is one implementation. [`bindings`] is what the WIT package generates.
//! - [`Limits`], [`Admission`]: how much. [`Hooks`]: what, and on which terms.
//!
//! # What a guest cannot do
//!
//! - See or choose an address, a user or a password: it says the name of a granted transport. Nor
//!   do errors have them; the whole story of a failure is in the log (`tracing`).
//! - Outlast its time: a call ends with the shortest of its own timeout, the [`Limits`], the
//!   [`Grant`] and what is left of the invocation, counted from the moment the guest calls,
//!   waiting for its turn included.
//! - Fill the host's memory: names, lists, requests, results, clients and pending calls have
//!   limits, and JSON is read without building anything of it.
//! - Be trapped by ordinary trouble: a broker that is away, a denial and a timeout are errors of
//!   the WIT package. Only a broken promise of the host itself traps.
//!
//! # Cancel safety
//!
//! A call that is dropped, because the guest cancelled it, an embedder's timeout passed or the
//! store is gone, is forgotten: its places are free, its reply will be thrown away, and whether
//! the method is executed is unknown. [`Grant::on_end`] hears of it.
//!
//! # What else the embedder sets
//!
//! - [`Config::concurrency_support`](wasmtime::Config::concurrency_support): leave it on for
//!   `rpc-client-async`. Without it [`add_to_linker`] fails, and [`plain::add_to_linker`] works
//!   and its calls are cheaper.
//! - [`Store::set_hostcall_fuel`](wasmtime::Store::set_hostcall_fuel): how much data a guest may
//!   pass in one call; wasmtime copies it before this crate sees it. The default is 128 MiB. Twice
//!   [`Limits::request_bytes`] is enough for every single call, and bounds what one `call-all` can
//!   allocate to a few times that.
//! - Epoch interruption and memory limits, for a guest that computes or allocates rather than
//!   calls.
//!
//! [wasmtime]: https://docs.rs/wasmtime

#![expect(
    clippy::result_large_err,
    reason = "the guest's error is a record by value, made once for a call that crosses a network"
)]

mod admission;
pub mod asynchronous;
pub mod bindings;
mod check;
mod client;
mod context;
mod ctx;
mod error;
mod hooks;
mod limits;
pub mod plain;
mod rpc;
mod time;
mod view;

pub use self::admission::Admission;
pub use self::client::Client;
pub use self::ctx::{Ctx, CtxBuilder};
pub use self::error::Failure;
pub use self::hooks::{Denied, Ending, Grant, Hooks, Kind, Request, default_hooks};
pub use self::limits::Limits;
pub use self::view::{CtxView, OsloMessaging, View, add_to_linker, add_to_linker_with};
