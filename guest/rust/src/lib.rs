#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

pub mod asynchronous;
mod bindings;
mod client;
mod error;
mod message;
mod prepare;
mod remote;
mod request;
mod serializer;
mod settings;
mod target;
#[cfg(all(target_os = "wasi", target_env = "p1"))]
mod threads;

use std::time::Duration;

pub use crate::client::Client;
pub use crate::error::{Delivery, Error, Result, WaitingFor};
pub use crate::prepare::Prepare;
pub use crate::remote::RemoteError;
pub use crate::request::Request;
pub use crate::serializer::{BoxError, Plain, Serializer};
pub use crate::settings::Settings;
pub use crate::target::Target;

/// What is left of the time that the host gave to this invocation of the plugin; none when it set
/// no limit. A call never takes longer than this, whatever its timeout says.
#[must_use]
pub fn remaining() -> Option<Duration> {
    bindings::rpc_client::remaining().map(Duration::from_nanos)
}
