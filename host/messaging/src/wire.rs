//! The bodies of messages: JSON in JSON (dossier §3). No I/O, no clock.

mod compression;
mod envelope;
mod failure;
mod reply;
mod request;
mod tolerant;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod properties;

#[cfg(feature = "rabbit")]
pub use self::compression::Compression;
pub(crate) use self::compression::decompress;
#[cfg(feature = "rabbit")]
pub(crate) use self::envelope::unique_id;
pub(crate) use self::reply::{ReplyResult, decode_reply, encode_reply};
pub(crate) use self::request::{
    CallFields, IncomingRequest, OutgoingRequest, ReplyTo, decode_request, is_json_object,
};

/// The only content type there is; peers drop messages without it.
pub(crate) const CONTENT_TYPE: &str = "application/json";
