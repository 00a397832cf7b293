#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod bindings;
mod client;
mod error;
pub mod limits;
mod message;
pub mod notifications;
mod notifier;
pub mod poll;
mod prepare;
mod priority;
mod remote;
mod request;
mod serializer;
mod settings;
mod target;
#[cfg(all(any(test, feature = "testing"), not(target_family = "wasm")))]
pub mod testing;
#[cfg(oslo_libc_without_threads)]
mod threads;

pub use crate::client::Client;
pub use crate::error::{Error, Outcome, Result, WaitingFor};
pub use crate::limits::remaining;
pub use crate::notifier::Notifier;
pub use crate::prepare::Prepare;
pub use crate::priority::Priority;
pub use crate::remote::RemoteError;
pub use crate::request::{Request, call_all};
pub use crate::serializer::{BoxError, Plain, Serializer};
pub use crate::settings::Settings;
pub use crate::target::Target;

/// The names of the transports that the host granted, in alphabetical order.
#[must_use]
pub fn transports() -> Vec<String> {
    bindings::client::transports()
}
