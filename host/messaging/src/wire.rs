//! The bodies of messages: JSON in JSON. No I/O, no clock.

mod compression;
mod context;
mod envelope;
mod failure;
mod notification;
mod repeated;
mod reply;
mod request;
mod tolerant;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod properties;

pub(crate) use self::compression::{Decompressed, LARGEST, begin_decompressing, decompress};
#[cfg(feature = "rabbit")]
pub(crate) use self::compression::{compress, compression_header};
pub use self::context::ContextFields;
pub(crate) use self::context::TRACEPARENT;
pub(crate) use self::envelope::Malformed;
pub(crate) use self::notification::{
    IncomingNotification, OutgoingNotification, decode_notification,
};
pub(crate) use self::reply::{Reply, ReplyResult, decode_reply, encode_reply, named_calls};
pub(crate) use self::request::{
    CallFields, IncomingRequest, OutgoingRequest, ReplyTo, decode_request, is_json_object,
};
pub(crate) use self::tolerant::{text as tolerant_text, without_lone_surrogates};

/// The only content type there is; peers drop messages without it.
pub(crate) const CONTENT_TYPE: &str = "application/json";
