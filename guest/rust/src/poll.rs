//! Calls that are started, and waited for with others: many in flight without `async`.
//!
//! ```no_run
//! # fn main() -> oslo_messaging_guest::Result<()> {
//! use oslo_messaging_guest::{Client, Target, poll};
//!
//! let compute = Client::open("default", Target::topic("compute"))?;
//! let mut running = ["host-1", "host-2"]
//!     .map(|host| compute.prepare().server(host).start_call::<u64>(&(), "free_memory", &()))
//!     .into_iter()
//!     .collect::<Result<Vec<_>, _>>()?;
//! // As they come in.
//! while !running.is_empty() {
//!     let ready = poll::wait_any(running.iter().map(|pending| pending.pollable()));
//!     for index in ready.into_iter().rev() {
//!         println!("{} MiB", running.remove(index).wait()?);
//!     }
//! }
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::bindings::{rpc_poll, wasi_poll};
use crate::error::{Error, Result};
use crate::message::Message;
use crate::serializer::{Plain, Serializer};

/// A call or cast that was started, by [`Client::start_call`](crate::Client::start_call) or
/// [`Client::start_cast`](crate::Client::start_cast).
///
/// It runs in the host, whether the plugin waits for it or computes, and its timeout counts from
/// the start. Dropping it cancels it: its reply will be thrown away, and whether the method is
/// executed is unknown. Its client may be dropped before it.
#[must_use = "dropping it cancels it"]
pub struct Pending<R, S = Plain> {
    raw: rpc_poll::Pending,
    pollable: Pollable,
    serializer: S,
    caller: Option<Value>,
    result: PhantomData<fn() -> R>,
}

impl<R, S> Pending<R, S> {
    pub(crate) fn new(raw: rpc_poll::Pending, serializer: S, caller: Option<Value>) -> Self {
        let pollable = Pollable(raw.subscribe());
        Self {
            raw,
            pollable,
            serializer,
            caller,
            result: PhantomData,
        }
    }

    /// Whether it has ended, without waiting.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.pollable.is_ready()
    }

    /// What becomes ready when it has ended.
    #[must_use]
    pub const fn pollable(&self) -> &Pollable {
        &self.pollable
    }
}

impl<R: DeserializeOwned, S: Serializer> Pending<R, S> {
    /// Waits for its end.
    ///
    /// # Errors
    /// As [`Client::call`](crate::Client::call), or [`Client::cast`](crate::Client::cast).
    pub fn wait(self) -> Result<R> {
        loop {
            if let Some(reply) = self.raw.take() {
                let reply = reply.map_err(Error::from)?;
                return Message::decode(self.caller.as_ref(), &self.serializer, reply);
            }
            self.pollable.block();
        }
    }
}

impl<R, S> fmt::Debug for Pending<R, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").finish_non_exhaustive()
    }
}

/// Something that becomes ready and can be waited for with others: `pollable` of `wasi:io/poll`.
#[derive(Debug)]
pub struct Pollable(wasi_poll::Pollable);

impl Pollable {
    /// Whether it is ready, without waiting.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.0.ready()
    }

    /// Waits until it is ready.
    pub fn block(&self) {
        self.0.block();
    }
}

/// Waits until at least one of them is ready, and says which are, by their places in ascending
/// order. Of none, none is ready.
#[must_use = "it says which are ready"]
pub fn wait_any<'a>(pollables: impl IntoIterator<Item = &'a Pollable>) -> Vec<usize> {
    let pollables: Vec<_> = pollables.into_iter().map(|pollable| &pollable.0).collect();
    if pollables.is_empty() {
        return Vec::new();
    }
    let ready = wasi_poll::poll(&pollables).into_iter();
    let mut ready: Vec<_> = ready
        .filter_map(|index| usize::try_from(index).ok())
        .collect();
    ready.sort_unstable();
    ready
}
