//! A file per command; what they have in common is above them.

pub(crate) mod author;
pub(crate) mod call;
pub(crate) mod compile;
pub(crate) mod host;
pub(crate) mod inspect;
pub(crate) mod policy;
#[cfg(feature = "oci")]
pub(crate) mod pull;
#[cfg(feature = "oci")]
pub(crate) mod push;
pub(crate) mod run;
pub(crate) mod serve;
pub(crate) mod top;

mod message;
mod plugin;
mod serve_plugin;
mod store;
mod streams;
