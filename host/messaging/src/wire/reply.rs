//! Replies and heartbeats.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::envelope::{self, Malformed};
use super::failure::{decode_failure, encode_failure};
use super::repeated::{Fields, present, read_last, text};
use super::tolerant;
use crate::raw;
use crate::remote_error::RemoteError;

/// A message from a reply queue.
#[derive(Debug)]
pub(crate) struct Reply {
    /// Which call it is for.
    pub(crate) msg_id: Uuid,
    /// What it says; none for a heartbeat.
    pub(crate) result: Option<ReplyResult>,
    /// Whether it is the last one.
    pub(crate) ending: bool,
}

/// What a reply says.
#[derive(Debug)]
pub(crate) enum ReplyResult {
    Failure(Box<RemoteError>),
    /// It cannot be read, or cannot be passed on.
    Invalid(String),
    Value(Box<RawValue>),
}

impl ReplyResult {
    /// What keeping it costs.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Failure(error) => {
                let traceback: usize = error.traceback.iter().map(String::len).sum();
                let texts = [&error.class, &error.module, &error.message];
                texts.into_iter().map(String::len).sum::<usize>()
                    + error.args.get().len()
                    + error.kwargs.get().len()
                    + traceback
            }
            Self::Invalid(reason) => reason.len(),
            Self::Value(value) => value.get().len(),
        }
    }
}

pub(crate) fn decode_reply(body: &[u8]) -> Result<Reply, Malformed> {
    let inner = envelope::unwrap(body)?;
    match read_last::<ReplyFields<'_>>(&inner) {
        Ok(fields) => fields.into_reply(None),
        Err(_) => {
            let fixed = tolerant::repair(&inner).ok_or(NOT_A_REPLY)?;
            let fields: ReplyFields<'_> = read_last(&fixed.text).map_err(|_| NOT_A_REPLY)?;
            fields.into_reply(fixed.not_a_number)
        }
    }
}

/// The body of a server's reply, or of a heartbeat when there is no result.
pub(crate) fn encode_reply(
    msg_id: &str,
    unique_id: &str,
    result: Option<Result<&RawValue, &RemoteError>>,
) -> Vec<u8> {
    let reply = OutgoingReply {
        result: match result {
            Some(Ok(value)) => value,
            Some(Err(_)) | None => RawValue::NULL,
        },
        failure: match result {
            Some(Err(error)) => Some(encode_failure(error)),
            Some(Ok(_)) | None => None,
        },
        ending: result.is_some(),
        msg_id,
        unique_id,
    };
    // Strings and raw JSON always serialize.
    envelope::wrap(&serde_json::to_string(&reply).unwrap_or_default())
}

/// The calls that a body may be the reply to, without reading it: whatever stands behind the name of
/// `_msg_id` in it, once escaped or not.
pub(crate) fn named_calls(body: &[u8]) -> impl Iterator<Item = Uuid> {
    memchr::memmem::find_iter(body, MSG_ID).filter_map(|begin| {
        let rest = body.get(begin + MSG_ID.len()..)?;
        let rest = rest.get(..rest.len().min(64))?;
        let begin = rest.iter().position(u8::is_ascii_hexdigit)?;
        let rest = rest.get(begin..)?;
        let is_of_id = |octet: &u8| octet.is_ascii_hexdigit() || *octet == b'-';
        let length = rest.iter().take_while(|octet| is_of_id(octet)).count();
        Uuid::try_parse_ascii(rest.get(..length)?).ok()
    })
}

const MSG_ID: &[u8] = b"_msg_id";
const NOT_A_REPLY: Malformed = Malformed("the message is not a reply object");

#[derive(Serialize)]
struct OutgoingReply<'a> {
    result: &'a RawValue,
    failure: Option<String>,
    ending: bool,
    #[serde(rename = "_msg_id")]
    msg_id: &'a str,
    #[serde(rename = "_unique_id")]
    unique_id: &'a str,
}

#[derive(Default, Deserialize)]
struct ReplyFields<'a> {
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    failure: Option<&'a RawValue>,
    #[serde(borrow)]
    ending: Option<&'a RawValue>,
    #[serde(rename = "_msg_id", borrow)]
    msg_id: Option<Cow<'a, str>>,
}

impl<'a> Fields<'a> for ReplyFields<'a> {
    fn set(&mut self, name: &str, value: &'a RawValue) -> serde_json::Result<()> {
        match name {
            "result" => self.result = present(value),
            "failure" => self.failure = present(value),
            "ending" => self.ending = present(value),
            "_msg_id" => self.msg_id = text(value)?,
            _ => {}
        }
        Ok(())
    }
}

impl ReplyFields<'_> {
    fn into_reply(self, not_a_number: Option<&'static str>) -> Result<Reply, Malformed> {
        let msg_id = self
            .msg_id
            .and_then(|id| Uuid::try_parse(&id).ok())
            .ok_or(Malformed("the reply has no usable _msg_id"))?;
        let ending = self.ending.is_some_and(is_true);
        // An empty failure counts as none, and a failure outranks a result, as upstream has it.
        let failure = self.failure.filter(|failure| is_true(failure));
        let result = match (failure, self.result) {
            (Some(failure), _) => Some(read_failure(failure)),
            // A bare word alone has become `null`, which reads as no result.
            (None, _) if not_a_number.is_some() => Some(ReplyResult::Invalid(format!(
                "the result holds {}, which JSON cannot carry",
                not_a_number.unwrap_or_default()
            ))),
            (None, Some(value)) if value.get() != "null" => {
                Some(ReplyResult::Value(value.to_owned()))
            }
            (None, _) => ending.then(|| ReplyResult::Value(raw::null())),
        };
        Ok(Reply {
            msg_id,
            result,
            ending,
        })
    }
}

fn read_failure(failure: &RawValue) -> ReplyResult {
    let decoded =
        serde_json::from_str::<Cow<'_, str>>(failure.get()).and_then(|text| decode_failure(&text));
    match decoded {
        Ok(error) => ReplyResult::Failure(Box::new(error)),
        Err(error) => ReplyResult::Invalid(format!("the failure cannot be read: {error}")),
    }
}

/// Python's idea of truth.
fn is_true(value: &RawValue) -> bool {
    !matches!(
        value.get(),
        "false" | "null" | "0" | "0.0" | "\"\"" | "[]" | "{}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "f0204eb2f727496a98a84cf77744c635";

    #[test]
    fn deviating_replies_are_read_as_far_as_they_make_sense() {
        // What is expected: value, failure's class, or why it is invalid; and whether it ends.
        let check = |fields: &str, expected: &str| {
            let inner = format!("{{{fields}, \"_msg_id\": \"{ID}\"}}");
            let reply = decode_reply(inner.as_bytes()).unwrap();
            let said = match reply.result {
                None => "nothing".to_owned(),
                Some(ReplyResult::Value(value)) => format!("value {}", value.get()),
                Some(ReplyResult::Failure(error)) => format!("failure {}", error.class),
                Some(ReplyResult::Invalid(reason)) => format!("invalid: {reason}"),
            };
            let ending = if reply.ending { "end" } else { "more" };
            assert_eq!(format!("{said}; {ending}"), expected, "{fields}");
        };
        check(
            r#""result": {"a": 1}, "failure": null, "ending": true"#,
            r#"value {"a": 1}; end"#,
        );
        check(
            r#""result": null, "failure": null, "ending": true"#,
            "value null; end",
        );
        check(r#""ending": true"#, "value null; end");
        check(r#""result": 0, "ending": true"#, "value 0; end");
        check(
            r#""result": false, "failure": "", "ending": true"#,
            "value false; end",
        );
        check(r#""result": 5"#, "value 5; more");
        check(
            r#""result": null, "failure": null, "ending": false"#,
            "nothing; more",
        );
        check(
            r#""result": 5, "failure": "{\"class\": \"E\"}", "ending": true"#,
            "failure E; end",
        );
        check(
            r#""result": 123456789012345678901234567890, "ending": true"#,
            "value 123456789012345678901234567890; end",
        );
        check(
            r#""result": "\ud800", "ending": true"#,
            r#"value "\ud800"; end"#,
        );
        check(
            r#""result": [NaN], "ending": true"#,
            "invalid: the result holds NaN, which JSON cannot carry; end",
        );
        check(
            r#""result": -Infinity, "ending": true"#,
            "invalid: the result holds -Infinity, which JSON cannot carry; end",
        );
        check(
            r#""failure": {"class": "E"}, "ending": true"#,
            "invalid: the failure cannot be read: \
             invalid type: map, expected a string at line 1 column 0; end",
        );
        check(
            r#""failure": "boom", "ending": true"#,
            "invalid: the failure cannot be read: expected value at line 1 column 1; end",
        );
    }

    #[test]
    fn calls_are_found_without_reading_the_body() {
        let value =
            RawValue::from_string(r#"{"_msg_id": "none", "_msg_id": 7}"#.to_owned()).unwrap();
        let body = encode_reply(ID, "u", Some(Ok(&value)));
        let found: Vec<_> = named_calls(&body)
            .map(|id| id.simple().to_string())
            .collect();
        assert_eq!(found, [ID]);
        assert_eq!(named_calls(b"_msg_id").count(), 0);
        assert_eq!(named_calls(b"").count(), 0);
    }

    #[test]
    fn what_is_no_reply_is_refused() {
        for body in [
            r#"{"result": 1}"#,
            r#"{"_msg_id": "x"}"#,
            r#"{"_msg_id": 5}"#,
            "[]",
            "{",
        ] {
            decode_reply(body.as_bytes()).unwrap_err();
        }
    }

    #[test]
    fn replies_and_heartbeats_survive_both_ways() {
        let value = RawValue::from_string("[1, 2]".to_owned()).unwrap();
        let reply = decode_reply(&encode_reply(ID, "u", Some(Ok(&value)))).unwrap();
        assert!(reply.ending && reply.msg_id.simple().to_string() == ID);
        assert!(matches!(reply.result, Some(ReplyResult::Value(found)) if found.get() == "[1, 2]"));

        let heartbeat = decode_reply(&encode_reply(ID, "u", None)).unwrap();
        assert!(!heartbeat.ending && heartbeat.result.is_none());
    }
}
