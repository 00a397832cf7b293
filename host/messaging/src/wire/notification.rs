//! Notifications (upstream `oslo_messaging/notify/notifier.py`).

use serde_json::value::RawValue;

use super::context::{ContextFields, PREFIX};
use super::envelope::{self, Malformed, write_string};
use super::request::text;
use super::tolerant;
use crate::raw::{self, Entries};

/// A notification as a notifier has it.
pub(crate) struct OutgoingNotification<'a> {
    pub(crate) message_id: &'a str,
    pub(crate) publisher_id: Option<&'a str>,
    pub(crate) event_type: &'a str,
    /// In upper case.
    pub(crate) priority: &'a str,
    pub(crate) payload: &'a RawValue,
    /// As Python prints a time without a zone, in UTC.
    pub(crate) timestamp: &'a str,
    pub(crate) unique_id: &'a str,
    /// The entries of the context object.
    pub(crate) context: &'a Entries<'a>,
}

impl OutgoingNotification<'_> {
    /// The message body, in an envelope (format 2.0, upstream's driver `messagingv2`) or without
    /// (format 1.0, `messaging`).
    pub(crate) fn encode(&self, has_envelope: bool) -> Vec<u8> {
        let mut out = Vec::with_capacity(384 + self.payload.get().len());
        out.extend_from_slice(br#"{"message_id":"#);
        write_string(&mut out, self.message_id);
        out.extend_from_slice(br#","publisher_id":"#);
        match self.publisher_id {
            Some(publisher_id) => write_string(&mut out, publisher_id),
            None => out.extend_from_slice(b"null"),
        }
        for (name, value) in [
            (r#","event_type":"#, self.event_type),
            (r#","priority":"#, self.priority),
        ] {
            out.extend_from_slice(name.as_bytes());
            write_string(&mut out, value);
        }
        out.extend_from_slice(br#","payload":"#);
        out.extend_from_slice(self.payload.get().as_bytes());
        for (name, value) in [
            (r#","timestamp":"#, self.timestamp),
            (r#","_unique_id":"#, self.unique_id),
        ] {
            out.extend_from_slice(name.as_bytes());
            write_string(&mut out, value);
        }
        out.extend_from_slice(ContextFields::from(self.context).as_bytes());
        out.push(b'}');
        if !has_envelope {
            return out;
        }
        // Every piece is UTF-8: strings, raw JSON and ASCII literals.
        envelope::wrap(&String::from_utf8(out).unwrap_or_default())
    }
}

/// A notification as a listener gets it. Its strings are texts of the message; what is absent or no
/// text is none.
#[derive(Debug)]
pub(crate) struct IncomingNotification {
    pub(crate) message_id: Option<String>,
    pub(crate) publisher_id: Option<String>,
    pub(crate) event_type: Option<String>,
    pub(crate) priority: Option<String>,
    pub(crate) payload: Box<RawValue>,
    pub(crate) timestamp: Option<String>,
    pub(crate) unique_id: Option<String>,
    /// An object.
    pub(crate) context: Box<RawValue>,
}

pub(crate) fn decode_notification(body: &[u8]) -> Result<IncomingNotification, Malformed> {
    let inner = envelope::unwrap(body)?;
    if let Ok(entries) = serde_json::from_str(&inner) {
        return read_entries(entries);
    }
    // Nobody can be told that JSON cannot carry what was sent: `null` there is the best that can be
    // handed on.
    let fixed = tolerant::repair(&inner).ok_or(NOT_A_NOTIFICATION)?;
    read_entries(serde_json::from_str(&fixed.text).map_err(|_| NOT_A_NOTIFICATION)?)
}

const NOT_A_NOTIFICATION: Malformed = Malformed("the message is not a notification object");

fn read_entries(Entries(entries): Entries<'_>) -> Result<IncomingNotification, Malformed> {
    let mut notification = IncomingNotification {
        message_id: None,
        publisher_id: None,
        event_type: None,
        priority: None,
        payload: raw::null(),
        timestamp: None,
        unique_id: None,
        context: raw::empty_object(),
    };
    let mut context = Entries::default();
    for (name, value) in entries {
        match name.as_ref() {
            "message_id" => notification.message_id = tolerant::text(&value),
            "publisher_id" => notification.publisher_id = tolerant::text(&value),
            "event_type" => notification.event_type = tolerant::text(&value),
            "priority" => notification.priority = text(&value),
            "payload" => notification.payload = value.into_owned(),
            "timestamp" => notification.timestamp = tolerant::text(&value),
            "_unique_id" => notification.unique_id = text(&value),
            name => {
                if let Some(name) = name.strip_prefix(PREFIX) {
                    context.push(name.to_owned(), value);
                }
            }
        }
    }
    notification.context = context.write().map_err(|_| NOT_A_NOTIFICATION)?;
    Ok(notification)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn encode(publisher_id: Option<&str>, has_envelope: bool) -> Vec<u8> {
        OutgoingNotification {
            message_id: "6e1a9c5e-8d4b-4c39-9d0f-0f6a5a2a3f11",
            publisher_id,
            event_type: "compute.instance.create.end",
            priority: "INFO",
            payload: serde_json::from_str(r#"{"id": 7, "big": 1e400}"#).unwrap(),
            timestamp: "2026-01-02 03:04:05.000600",
            unique_id: "u",
            context: &serde_json::from_str(r#"{"user": "alice"}"#).unwrap(),
        }
        .encode(has_envelope)
    }

    #[test]
    fn the_fields_are_those_of_python_in_its_order() {
        let inner = String::from_utf8(encode(Some("compute.host1"), false)).unwrap();
        assert_eq!(
            inner,
            r#"{"message_id":"6e1a9c5e-8d4b-4c39-9d0f-0f6a5a2a3f11","#.to_owned()
                + r#""publisher_id":"compute.host1","event_type":"compute.instance.create.end","#
                + r#""priority":"INFO","payload":{"id": 7, "big": 1e400},"#
                + r#""timestamp":"2026-01-02 03:04:05.000600","_unique_id":"u","#
                + r#""_context_user":"alice"}"#
        );
        let outer: Value = serde_json::from_slice(&encode(Some("compute.host1"), true)).unwrap();
        assert_eq!(outer, json!({"oslo.version": "2.0", "oslo.message": inner}));
    }

    #[test]
    fn what_is_written_is_read_with_and_without_envelope() {
        for has_envelope in [false, true] {
            let read = decode_notification(&encode(None, has_envelope)).unwrap();
            assert_eq!(read.publisher_id, None);
            assert_eq!(
                read.event_type.as_deref(),
                Some("compute.instance.create.end")
            );
            assert_eq!(read.priority.as_deref(), Some("INFO"));
            assert_eq!(read.payload.get(), r#"{"id": 7, "big": 1e400}"#);
            assert_eq!(read.context.get(), r#"{"user":"alice"}"#);
            assert_eq!(read.unique_id.as_deref(), Some("u"));
            assert_eq!(
                read.timestamp.as_deref(),
                Some("2026-01-02 03:04:05.000600")
            );
        }
    }

    #[test]
    fn deviating_notifications_are_read_as_a_python_listener_reads_them() {
        let read = |body: &str| decode_notification(body.as_bytes());
        let empty = read("{}").unwrap();
        assert_eq!((empty.payload.get(), empty.context.get()), ("null", "{}"));
        assert!(empty.priority.is_none() && empty.event_type.is_none());
        let odd = read(r#"{"event_type": 7, "payload": [NaN], "_context_a": null, "x": 1}"#);
        let odd = odd.unwrap();
        assert_eq!(odd.event_type, None);
        assert_eq!(odd.payload.get(), "[null]");
        assert_eq!(odd.context.get(), r#"{"a":null}"#);
        let half = read(r#"{"event_type": "a\ud800", "publisher_id": "\udc00"}"#).unwrap();
        assert_eq!(half.event_type.as_deref(), Some("a\u{fffd}"));
        assert_eq!(half.publisher_id.as_deref(), Some("\u{fffd}"));
        assert!(read("[]").is_err() && read("").is_err());
        assert!(read(r#"{"oslo.version": "3.0", "oslo.message": "{}"}"#).is_err());
    }
}
