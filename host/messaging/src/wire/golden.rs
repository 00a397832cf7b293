//! The codec against messages of real Python peers (`tests/golden/README.md` says how they were
//! captured): each is read, written again from what was read, and compared field by field.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use serde_json::{Value, json};

use super::envelope::unwrap;
use super::*;
use crate::raw::Entries;

#[test]
fn requests_are_read_and_written_as_python_writes_them() {
    let golden = golden("client");
    assert!(golden.len() >= 12, "{:?}", golden.keys());
    for (name, message) in &golden {
        let body = message.body();
        let request = decode_request(&body).unwrap();
        let context = Entries(
            request
                .context
                .iter()
                .map(|(name, value)| (name.into(), Cow::Borrowed(&**value)))
                .collect(),
        );
        let written = OutgoingRequest {
            method: &request.method,
            args: &request.args,
            namespace: request.namespace.as_deref(),
            version: request.version.as_deref(),
            unique_id: request.unique_id.as_deref().unwrap(),
            call: request.reply_to.as_ref().map(|reply_to| CallFields {
                msg_id: &reply_to.msg_id,
                reply_q: &reply_to.queue,
                monitor: request.monitor,
            }),
            context: &ContextFields::from(&context),
        }
        .encode();
        assert_eq!(fields(&written), fields(&body), "{name}");
        assert_eq!(
            request.reply_to.is_some(),
            name.starts_with("call"),
            "{name}"
        );
    }
}

#[test]
fn replies_are_read_and_written_as_python_writes_them() {
    let golden = golden("server");
    assert!(golden.len() >= 15, "{:?}", golden.keys());
    for (name, message) in &golden {
        let body = message.body();
        let reply = decode_reply(&body).unwrap();
        let msg_id = reply.msg_id.simple().to_string();
        let result = match &reply.result {
            // What JSON cannot carry is never written.
            Some(ReplyResult::Invalid(reason)) => {
                assert!(
                    ["reply-nan", "reply-infinity"].contains(&name.as_str()),
                    "{name}"
                );
                assert!(reason.contains("which JSON cannot carry"), "{reason}");
                continue;
            }
            Some(ReplyResult::Failure(error)) => Some(Err(&**error)),
            Some(ReplyResult::Value(value)) => Some(Ok(&**value)),
            None => None,
        };
        assert_eq!(result.is_none(), name == "heartbeat", "{name}");
        let unique_id = fields(&body)["_unique_id"].as_str().unwrap().to_owned();
        assert_eq!(
            fields(&encode_reply(&msg_id, &unique_id, result)),
            fields(&body),
            "{name}"
        );
    }
}

#[test]
fn a_custom_exception_is_data() {
    let golden = golden("server");
    let reply = decode_reply(&golden["reply-failure-custom"].body()).unwrap();
    let Some(ReplyResult::Failure(error)) = reply.result else {
        panic!()
    };
    assert!(error.is("peer_errors", "QuotaExceeded"));
    assert_eq!(error.message, "('quota exceeded', 'cores')");
    assert_eq!(error.args.get(), r#"["quota exceeded", "cores"]"#);
    assert_eq!(error.kwargs.get(), r#"{"limit": 20}"#);
    assert!(
        error
            .traceback
            .last()
            .unwrap()
            .starts_with("peer_errors.QuotaExceeded")
    );
}

struct Golden(Value);

impl Golden {
    /// The body, decompressed.
    fn body(&self) -> Vec<u8> {
        let body = match (&self.0["body"], &self.0["body_base64"]) {
            (Value::String(body), _) => body.clone().into_bytes(),
            (_, Value::String(body)) => base64::engine::general_purpose::STANDARD
                .decode(body)
                .unwrap(),
            _ => panic!("no body"),
        };
        let compression = self.0["properties"]["headers"]["compression"].as_str();
        decompress(compression, &body, usize::MAX / 2)
            .unwrap()
            .into_owned()
    }
}

fn golden(sender: &str) -> BTreeMap<String, Golden> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut found = BTreeMap::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let message: Value =
                serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            if message["sender"] == sender {
                let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
                found.insert(name, Golden(message));
            }
        }
    }
    found
}

/// The inner object, with a failure's JSON text as an object too. Texts that a tree cannot hold
/// (big integers, lone surrogates) are compared as text, blanks aside.
fn fields(body: &[u8]) -> Value {
    let inner: Cow<'_, str> = unwrap(body).unwrap();
    let Entries(entries) = serde_json::from_str(&inner).unwrap();
    let mut object = serde_json::Map::new();
    for (name, value) in entries {
        let text = value.get();
        let mut value = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
        if value.is_f64() && !text.contains('.') {
            value = json!(text);
        }
        if let ("failure", Value::String(failure)) = (name.as_ref(), &value) {
            value = serde_json::from_str(failure).unwrap();
        }
        object.insert(name.into_owned(), value);
    }
    Value::Object(object)
}
