//! Requests.

use std::borrow::Cow;
use std::io::Write as _;
use std::time::Duration;

use serde_json::value::RawValue;

use super::context::{ContextFields, PREFIX};
use super::envelope::{self, Malformed, write_string};
use super::tolerant;
use crate::raw::Entries;

/// A request as a client has it.
pub(crate) struct OutgoingRequest<'a> {
    pub(crate) method: &'a str,
    /// A JSON object.
    pub(crate) args: &'a RawValue,
    pub(crate) namespace: Option<&'a str>,
    pub(crate) version: Option<&'a str>,
    pub(crate) unique_id: &'a str,
    /// A call has these, a cast does not.
    pub(crate) call: Option<CallFields<'a>>,
    pub(crate) context: &'a ContextFields,
}

/// What a call's request has and a cast's has not.
pub(crate) struct CallFields<'a> {
    pub(crate) msg_id: &'a str,
    pub(crate) reply_q: &'a str,
    pub(crate) monitor: Option<Duration>,
}

impl OutgoingRequest<'_> {
    /// The message body.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256 + self.args.get().len() + self.context.bytes());
        out.extend_from_slice(br#"{"method":"#);
        write_string(&mut out, self.method);
        out.extend_from_slice(br#","args":"#);
        out.extend_from_slice(self.args.get().as_bytes());
        for (name, value) in [
            (r#","namespace":"#, self.namespace),
            (r#","version":"#, self.version),
        ] {
            if let Some(value) = value {
                out.extend_from_slice(name.as_bytes());
                write_string(&mut out, value);
            }
        }
        if let Some(call) = &self.call {
            out.extend_from_slice(br#","_msg_id":"#);
            write_string(&mut out, call.msg_id);
            out.extend_from_slice(br#","_reply_q":"#);
            write_string(&mut out, call.reply_q);
            out.extend_from_slice(br#","_timeout":"#);
            write_seconds(&mut out, call.monitor);
        }
        out.extend_from_slice(br#","_unique_id":"#);
        write_string(&mut out, self.unique_id);
        out.extend_from_slice(self.context.as_bytes());
        out.push(b'}');
        // Every piece is UTF-8: strings, raw JSON and ASCII literals.
        envelope::wrap(&String::from_utf8(out).unwrap_or_default())
    }
}

/// Whole seconds as an integer, as Python callers write it; none as null.
fn write_seconds(out: &mut Vec<u8>, length: Option<Duration>) {
    // Writing into a vector cannot fail.
    let _ = match length {
        None => out.write_all(b"null"),
        Some(length) if length.subsec_nanos() == 0 => write!(out, "{}", length.as_secs()),
        Some(length) => write!(out, "{}", length.as_secs_f64()),
    };
}

/// A request as a server gets it. Its strings are texts of the message.
#[derive(Debug)]
pub(crate) struct IncomingRequest {
    pub(crate) method: String,
    pub(crate) args: Box<RawValue>,
    pub(crate) namespace: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) unique_id: Option<String>,
    /// Where to reply; none for a cast.
    pub(crate) reply_to: Option<ReplyTo>,
    /// How often the client wants to hear that the call is alive.
    pub(crate) monitor: Option<Duration>,
    pub(crate) context: Vec<(String, Box<RawValue>)>,
}

/// Where a reply goes, and for which call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReplyTo {
    pub(crate) queue: String,
    pub(crate) msg_id: String,
}

pub(crate) fn decode_request(body: &[u8]) -> Result<IncomingRequest, Malformed> {
    let inner = envelope::unwrap(body)?;
    if let Ok(entries) = serde_json::from_str(&inner) {
        return read_entries(entries);
    }
    // A server has nobody to tell that JSON cannot carry what the client sent, but for the
    // endpoint's own arguments: `null` there is the best that can be handed on.
    let fixed = tolerant::repair(&inner).ok_or(NOT_A_REQUEST)?;
    read_entries(serde_json::from_str(&fixed.text).map_err(|_| NOT_A_REQUEST)?)
}

const NOT_A_REQUEST: Malformed = Malformed("the message is not a request object");

fn read_entries(Entries(entries): Entries<'_>) -> Result<IncomingRequest, Malformed> {
    let (mut method, mut args, mut namespace, mut version) = (None, None, None, None);
    let (mut msg_id, mut reply_q, mut unique_id, mut monitor) = (None, None, None, None);
    let mut context = Vec::new();
    for (name, value) in entries {
        match name.as_ref() {
            "method" => method = text(&value),
            "args" => args = Some(value.into_owned()),
            "namespace" => namespace = text(&value),
            "version" => version = Some(text(&value).unwrap_or_default()),
            "_msg_id" => msg_id = text(&value),
            "_reply_q" => reply_q = text(&value),
            "_timeout" => monitor = seconds(&value),
            "_unique_id" => unique_id = text(&value),
            name => {
                if let Some(name) = name.strip_prefix(PREFIX) {
                    context.push((name.to_owned(), value.into_owned()));
                }
            }
        }
    }
    Ok(IncomingRequest {
        method: method.ok_or(Malformed("the request names no method"))?,
        args: args.unwrap_or_else(crate::raw::empty_object),
        namespace,
        version,
        unique_id,
        reply_to: match (msg_id, reply_q) {
            (Some(msg_id), Some(queue)) => Some(ReplyTo { queue, msg_id }),
            _ => None,
        },
        monitor,
        context,
    })
}

pub(super) fn text(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

/// A number of seconds, which upstream also takes from a string.
fn seconds(value: &RawValue) -> Option<Duration> {
    let text: Cow<'_, str> =
        serde_json::from_str(value.get()).unwrap_or_else(|_| value.get().into());
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}

/// Whether a JSON text is an object. Raw values have no blanks around them.
pub(crate) fn is_json_object(value: &RawValue) -> bool {
    value.get().starts_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(call: Option<CallFields<'_>>, context: &str) -> serde_json::Value {
        let body = OutgoingRequest {
            method: "echo",
            args: serde_json::from_str(r#"{"a": 1}"#).unwrap(),
            namespace: None,
            version: Some("2.0"),
            unique_id: "u",
            call,
            context: &ContextFields::read(serde_json::from_str(context).unwrap()).unwrap(),
        }
        .encode();
        serde_json::from_str(&envelope::unwrap(&body).unwrap()).unwrap()
    }

    #[test]
    fn a_cast_has_no_fields_of_a_call_and_a_flat_context() {
        assert_eq!(
            encode(None, r#"{"user": "alice", "x": {"y": [1]}}"#),
            serde_json::json!({
                "method": "echo", "args": {"a": 1}, "version": "2.0", "_unique_id": "u",
                "_context_user": "alice", "_context_x": {"y": [1]},
            })
        );
    }

    #[test]
    fn a_call_names_its_reply_queue_and_how_it_is_monitored() {
        let check = |monitor: Option<Duration>, timeout: serde_json::Value| {
            let call = CallFields {
                msg_id: "m",
                reply_q: "reply_q",
                monitor,
            };
            assert_eq!(
                encode(Some(call), "{}"),
                serde_json::json!({
                    "method": "echo", "args": {"a": 1}, "version": "2.0", "_msg_id": "m",
                    "_reply_q": "reply_q", "_timeout": timeout, "_unique_id": "u",
                })
            );
        };
        check(None, serde_json::Value::Null);
        check(Some(Duration::from_secs(2)), 2.into());
        check(Some(Duration::from_millis(2900)), 2.9.into());
    }

    #[test]
    fn deviating_requests_are_read_as_a_python_server_reads_them() {
        let read = |fields: &str| decode_request(format!("{{{fields}}}").as_bytes());
        let plain = read(r#""method": "m""#).unwrap();
        assert_eq!(plain.args.get(), "{}");
        assert!(plain.reply_to.is_none() && plain.version.is_none());

        assert!(read(r#""args": {}"#).is_err());
        assert!(
            read(r#""method": "m", "_reply_q": "q""#)
                .unwrap()
                .reply_to
                .is_none()
        );
        assert_eq!(
            read(r#""method": "m", "version": null"#)
                .unwrap()
                .version
                .unwrap(),
            ""
        );
        assert!(
            read(r#""method": "m", "namespace": null"#)
                .unwrap()
                .namespace
                .is_none()
        );
        let monitor = |timeout: &str| {
            read(&format!(r#""method": "m", "_timeout": {timeout}"#))
                .unwrap()
                .monitor
        };
        assert_eq!(monitor("\"2\""), Some(Duration::from_secs(2)));
        assert_eq!(monitor("2.9"), Some(Duration::from_millis(2900)));
        assert_eq!(monitor("null"), None);
        assert_eq!(monitor("\"abc\""), None);
        assert_eq!(monitor("-1"), None);
        assert_eq!(monitor("[2]"), None);

        let request =
            read(r#""method": "m", "args": {"x": NaN}, "_context_a": 1, "z": 2"#).unwrap();
        assert_eq!(request.args.get(), r#"{"x": null}"#);
        assert_eq!(request.context.len(), 1);
    }
}
