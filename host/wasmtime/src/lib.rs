//! The host of the WIT package `oslo:messaging` for [wasmtime]: components call the methods of
//! oslo.messaging servers, serve methods themselves, send notifications and handle them, over transports
//! that the embedder grants them by name.
//!
//! # Example
//!
//! From an engine to what a plugin said. The plugin is any `wasi:cli` command, or as here a
//! component that exports `run: func() -> string`, and imports `oslo:messaging/rpc`.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use oslo_messaging::Transport;
//! use oslo_messaging_wasmtime::{MessagingCtx, MessagingCtxView, MessagingView, Unrestricted};
//! use wasmtime::component::{Component, Linker, ResourceTable};
//! use wasmtime::{Config, Engine, Store};
//!
//! struct State {
//!     messaging: MessagingCtx,
//!     table: ResourceTable,
//! }
//!
//! impl MessagingView for State {
//!     fn messaging(&mut self) -> MessagingCtxView<'_> {
//!         MessagingCtxView { ctx: &mut self.messaging, table: &mut self.table, hooks: Unrestricted::hooks() }
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
//!     let granted = MessagingCtx::builder().transport("main", transport);
//!
//!     // Once per unit of isolation: a store.
//!     let state = State { messaging: granted.build(), table: ResourceTable::new() };
//!     let mut store = Store::new(&engine, state);
//!     store.set_hostcall_fuel(96 * 1024 * 1024);
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
//! - [`MessagingCtx`], made by a [`MessagingCtxBuilder`]: what one store's guest has. [`MessagingCtxView`]: the borrows that
//!   host functions work on. [`MessagingView`]: how they are found in the store's data.
//! - [`add_to_linker`] adds everything, [`add_plain_to_linker`] all but `rpc-async` and
//!   `notifier-async`. The verbs are
//!   in three interfaces, because a `func`, an `async func` and a resource that is polled are
//!   different types to the linker; behind them is one implementation. [`bindings`] is what the WIT
//!   package generates, with a function for each interface; [`resources`] is what guests' handles
//!   stand for.
//! - [`PluginNotifications`]: gives notifications to a component that exports `notification-endpoint` or
//!   `notification-endpoint-async`, by a native
//!   [`NotificationListener`](oslo_messaging::NotificationListener).
//! - [`PluginEndpoints`]: serves the methods of a component that exports `rpc-endpoint` or
//!   `rpc-endpoint-async`, as a native [`RpcServer`](oslo_messaging::RpcServer).
//! - [`Instances`]: which instance of either gets a request or a notification. [`instances`]: the same for what else an
//!   embedder starts plugins by.
//! - [`Limits`], [`Admission`]: how much. [`MessagingHooks`]: what, and on which terms.
//!
//! # What a guest cannot do
//!
//! - See or choose an address, a user or a password: a guest says the name of a granted transport. Errors
//!   have none of these either; the whole story of a failure is in the log (`tracing`).
//! - Outlast its time: a call, cast or notification ends with the shortest of its own timeout, the
//!   [`Limits`], the [`Grant`] and what is left of the invocation, counted from the moment the guest
//!   asks for it, waiting for its turn included.
//! - Make queues of any name: it notifies the topics that were
//!   [granted](MessagingCtxBuilder::notification_topics), or that
//!   [hooks](MessagingCtxBuilder::any_notification_topic) allow, which are `notifications` unless said
//!   otherwise.
//! - Fill the host's memory: names, lists, requests, notifications, replies, answers, clients, options
//!   and what is pending have limits, filters are [bounded](oslo_messaging::NotificationFilter::untrusted)
//!   in number and size, and JSON is read without building anything of it.
//! - Hold up other guests with a filter: its expressions are compiled and matched on other threads than
//!   the runtime's, in bounded time.
//! - Be trapped by ordinary trouble: a broker that is away, a denial and a timeout are errors of
//!   the WIT package. Only a broken promise of the host itself traps.
//!
//! # Cancel safety
//!
//! A call, cast or notification that is dropped, because the guest cancelled it, an embedder's timeout passed or the
//! store is gone, is forgotten: its places are free, its reply will be thrown away, and whether
//! the method is executed, or the notification sent, is unknown. [`Grant::on_end`] hears of it.
//!
//! # What else the embedder sets
//!
//! - [`Config::concurrency_support`](wasmtime::Config::concurrency_support): leave it on for
//!   `rpc-async`. Without it [`add_to_linker`] fails, and [`add_plain_to_linker`] works and its
//!   calls are cheaper.
//! - `wasi:io/poll`, for guests of `rpc-poll`: `wasmtime_wasi::p2::add_to_linker_async` has it, and
//!   `wasmtime_wasi_io::add_to_linker_async` for a host without the rest of WASI. Both have to use
//!   the [`ResourceTable`](wasmtime::component::ResourceTable) that [`MessagingCtxView`] has, whose
//!   capacity bounds what a guest can pile up of pollables.
//! - [`Store::set_hostcall_fuel`](wasmtime::Store::set_hostcall_fuel): how much data a guest may
//!   pass in one call; wasmtime copies it before this crate sees it, and traps beyond that. The
//!   default is 128 MiB. Twice [`Limits::request_bytes`] is enough for every single call; a
//!   `call-all` hears of [`Limits::pending_bytes`], and does not trap, as far as this allows more.
//! - Epoch interruption and memory limits, for a guest that computes or allocates rather than
//!   calls.
//! - [`Config::max_wasm_stack`](wasmtime::Config::max_wasm_stack), for guests in Python: with 2 MiB, and an
//!   [`async_stack_size`](wasmtime::Config::async_stack_size) of 3.5 MiB, what calls itself without an end is an
//!   exception there, where it traps with wasmtime's 512 KiB.
//!
//! [wasmtime]: https://docs.rs/wasmtime

#![expect(
    clippy::result_large_err,
    reason = "the guest's error is a record by value, made once for a call that crosses a network"
)]

mod admission;
mod asynchronous;
pub mod bindings;
mod check;
mod client;
mod context;
mod ctx;
mod cut;
mod endpoints;
mod error;
mod hooks;
pub mod instances;
mod invocation;
mod limits;
mod notification;
mod notifications;
mod notifier;
mod notifier_async;
mod options;
mod outgoing;
mod plain;
mod poll;
mod rpc;
mod serving;
mod surfaces;
mod time;

/// What the resources of the package are in a [`ResourceTable`](wasmtime::component::ResourceTable).
pub mod resources {
    pub use crate::client::Client;
    pub use crate::notification::{Filter, Notification};
    pub use crate::notifier::Notifier;
    pub use crate::options::Options;
    pub use crate::poll::Pending;
    pub use crate::serving::ServedRequest;
}

pub use self::admission::Admission;
pub use self::context::Stamp;
pub use self::ctx::{MessagingCtx, MessagingCtxBuilder, MessagingCtxView, MessagingView};
pub use self::endpoints::{PluginEndpoints, ServeError};
pub use self::error::Failure;
pub use self::hooks::{Denied, Ending, Grant, Kind, MessagingHooks, Request, Unrestricted};
pub use self::instances::Instances;
pub use self::invocation::{Around, Begin, End, Halt, Halted, Invocation, Origin};
pub use self::limits::Limits;
pub use self::notifications::{ListenError, PluginNotifications};
pub use self::outgoing::Outgoing;
pub use self::surfaces::{
    Messaging, add_plain_to_linker, add_plain_to_linker_with, add_to_linker, add_to_linker_with,
};
