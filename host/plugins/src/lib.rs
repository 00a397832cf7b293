//! A host of WebAssembly plugins that speak oslo.messaging, by one policy file.
//!
//! An operator writes the file ([`oslo_messaging_policy`]): which plugins there are, what starts them,
//! what they may use, and what they may call. This crate runs them: it compiles and checks components,
//! starts them by calls, notifications, HTTP requests and timers, holds them to their limits, decides about each of
//! their requests, replaces them while they work, and stops them in good order.
//!
//! # Example
//!
//! ```no_run
//! use std::path::Path;
//! use std::sync::Arc;
//!
//! use oslo_messaging_plugins::{PluginHost, Watch};
//! use oslo_messaging_policy::Policy;
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let file = Path::new("/etc/plugins/plugins.toml");
//!     let policy = Policy::load(file)?;
//!     let host = Arc::new(PluginHost::new()?);
//!     host.apply_all(&policy, file).await?;
//!     loop {
//!         let mut watch = Watch::new(file);
//!         watch.add_files_of(&policy, file);
//!         tokio::select! {
//!             () = watch.changed() => match Policy::load(file) {
//!                 Ok(policy) => println!("{:?}", host.apply(&policy, file).await),
//!                 Err(problems) => eprintln!("{problems}"),
//!             },
//!             _ = tokio::signal::ctrl_c() => break,
//!         }
//!     }
//!     host.drain().await;
//!     Ok(())
//! }
//! ```
//!
//! `examples/` has the smallest host, one for tenants who do not trust each other, and a server at the edge that
//! answers HTTP.
//!
//! # What a plugin of this host has
//!
//! A plugin has the imports of `oslo:messaging`, for the transports and requests that its rules name; of WASI
//! clocks, random numbers, and standard streams; and `wasi:logging`. What a plugin writes and logs is in the log
//! (`tracing`, target `plugin`), and both count for the limit of `output`. A plugin has no files, no network, no
//! environment and no arguments. Of `wasi:http` a plugin has what answers requests; a request of the plugin's own
//! is denied.
//!
//! Each invocation has a fresh instance, which ends with it, unless the policy says that instances are
//! `pooled`: then each trigger has a pool of its own, whose instances are used again. What a timer starts is
//! always fresh.
//!
//! # Limits
//!
//! | limit | what happens at it |
//! |---|---|
//! | `memory`, and 128 Ki elements of tables | growing fails in the plugin, as where a machine has no more; [`Statistics::memory_refused`], [`Statistics::table_refused`] |
//! | `instances`, and those of the whole host | an invocation waits for half of its time, at most ten seconds, and then a caller gets a `MemoryError`, a client 503; [`Statistics::no_room`] |
//! | `time` | the invocation is stopped; a caller gets a `TimeoutError`, a client 504; [`Statistics::timed_out`] |
//! | `cpu` | the same; [`Statistics::out_of_cpu`] |
//! | `calls-in-flight` | further calls wait, within their own timeout |
//! | `rate` | the plugin gets `limit-exceeded`; [`Statistics::over_rate`] |
//! | `request`, and what may be pending or open | the plugin gets `limit-exceeded`; [`Statistics::limited`] |
//! | `request`, of HTTP | the client gets 413; [`Statistics::limited`] |
//! | `reply` | the plugin gets `invalid-reply` |
//! | `reply`, to HTTP | the client gets 500; [`Statistics::limited`] |
//! | `concurrency`, of HTTP | the client gets 503 with `Retry-After`; [`Statistics::limited`] |
//! | `output` | the rest is left out of the log; [`Statistics::output_cut`] |
//!
//! However many instances a plugin has, each of its neighbours can have one: it is reserved for it while the plugin is
//! there, as long as these are no more than half of the host's. [`Overbooked`] says whether plugins may have more than
//! the host has.
//!
//! A plugin that traps, or reaches its limit of `cpu`, five times in a row is paused: for a second, and
//! each time twice as long, up to a minute. Callers get a `RuntimeError` meanwhile, and clients 503.
//!
//! # What is denied
//!
//! Whatever no rule allows. The plugin gets `access-denied` with the rule that came nearest and in what
//! the request differs from it; the same is in the log, and counted by rule
//! ([`Statistics::denied`]). So it is with a transport that no rule names, for which the rule is `default`.
//!
//! # Where things are
//!
//! | for | see |
//! |---|---|
//! | running plugins | [`PluginHost`], [`PluginHostBuilder`], [`Change`], [`LoadProblem`], [`Overbooked`] |
//! | what they do | [`PluginStatus`], [`Statistics`], [`Calls`], [`Invoked`], [`Durations`] |
//! | their transports | [`TransportStatus`] |
//! | metrics | [`PluginHost::metrics`] |
//! | spans | [`Tracer`], [`Span`], [`SpanStart`] |
//! | files that change | [`Watch`] |
//! | components | [`ComponentFile`], [`Command`], [`imports`], [`exports`], [`linker`], [`HostLinker`], [`LogView`], [`missing_imports`], [`triggers`] |
//! | rules, without the rest | [`PolicyHooks`] |
//! | engines | [`engine`], [`tick`] |
//! | what was compiled before | [`Kept`], [`Functions`] |
//!
//! There are no features.

#![doc(test(attr(deny(warnings))))]
#![deny(missing_docs)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

mod backoff;
mod candidate;
mod command;
mod component;
mod cpu;
mod engine;
mod functions;
mod hooks;
mod host;
mod http;
mod invocations;
mod kept;
mod linking;
mod logging;
mod metrics;
mod outgoing;
mod output;
mod pool;
mod problem;
mod room;
mod shares;
mod spans;
mod startable;
mod statistics;
mod store;
mod ticks;
mod told;
mod transports;
mod trigger;
mod version;
mod watch;

pub use self::command::Command;
pub use self::component::{ComponentError, ComponentFile, exports, imports};
pub use self::engine::engine;
pub use self::functions::Functions;
pub use self::hooks::PolicyHooks;
pub use self::host::{
    Change, HostError, HostLinker, PluginHost, PluginHostBuilder, PluginStatus, TransportStatus,
};
pub use self::kept::Kept;
pub use self::linking::{linker, missing_imports};
pub use self::logging::{LogLevel, LogView, log_event};
pub use self::metrics::CONTENT_TYPE as METRICS_CONTENT_TYPE;
pub use self::problem::{About, LoadProblem, LoadProblems};
pub use self::shares::Overbooked;
pub use self::spans::{Doing, Span, SpanEnd, SpanStart, Tracer};
pub use self::startable::triggers;
pub use self::statistics::{
    CallOutcome, Calls, Durations, InvocationOutcome, Invoked, StartedBy, Statistics,
};
pub use self::ticks::tick;
pub use self::watch::Watch;
