//! What holds for every message, not only for those that somebody thought of.

use proptest::prelude::*;
use serde_json::Value;

use super::envelope::{unwrap, wrap};
use super::tolerant::repair;
use super::*;
use crate::raw::Entries;
use crate::remote_error::RemoteError;

/// JSON as deep and wide as messages are.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            object(inner),
        ]
    })
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::collection::btree_map(any::<String>(), value, 0..6)
        .prop_map(|entries| entries.into_iter().collect())
}

fn raw(value: &Value) -> Box<serde_json::value::RawValue> {
    serde_json::value::to_raw_value(value).unwrap()
}

/// Texts that are nearly JSON, with much of what Python's differs in.
fn nearly_json() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("NaN".to_owned()),
        Just("-Infinity".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        Just("\\ud83d\\ude00".to_owned()),
        Just("\\u".to_owned()),
        Just("\\\\".to_owned()),
        Just("\"".to_owned()),
        Just("{\"a\":".to_owned()),
        Just("[".to_owned()),
        Just("]".to_owned()),
        Just("}".to_owned()),
        Just(",".to_owned()),
        any::<String>(),
        json().prop_map(|value| value.to_string()),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// A value in which Python's `json` would write what JSON lacks, and what it is repaired to.
fn of_python() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            Just("NaN".to_owned()),
            Just("Infinity".to_owned()),
            Just("-Infinity".to_owned()),
            Just("\"\\udfff NaN\"".to_owned()),
            Just("\"\\ud800\\ud800\"".to_owned()),
            json().prop_map(|value| value.to_string()),
        ],
        0..6,
    )
    .prop_map(|values| format!("[{}]", values.join(", ")))
}

proptest! {
    #[test]
    fn what_is_wrapped_is_unwrapped(inner in any::<String>()) {
        let body = wrap(&inner);
        prop_assert_eq!(unwrap(&body).unwrap(), inner);
    }

    #[test]
    fn requests_survive(
        method in any::<String>(),
        args in object(json()),
        namespace in any::<Option<String>>(),
        version in any::<Option<String>>(),
        call in any::<Option<(String, String, Option<u32>)>>(),
        context in object(json()),
    ) {
        let (args, context) = (raw(&args), raw(&context));
        let entries: Entries<'_> = serde_json::from_str(context.get()).unwrap();
        let monitor = |millis: Option<u32>| {
            millis.map(|millis| std::time::Duration::from_millis(millis.into()))
        };
        let body = OutgoingRequest {
            method: &method,
            args: &args,
            namespace: namespace.as_deref(),
            version: version.as_deref(),
            unique_id: "u",
            call: call.as_ref().map(|(msg_id, reply_q, millis)| CallFields {
                msg_id,
                reply_q,
                monitor: monitor(*millis),
            }),
            context: &ContextFields::from(&entries),
        }
        .encode();
        let request = decode_request(&body).unwrap();
        prop_assert_eq!(request.method, method);
        prop_assert_eq!(request.args.get(), args.get());
        prop_assert_eq!(request.namespace, namespace);
        prop_assert_eq!(request.version, version);
        let expected = call.as_ref().map(|(msg_id, queue, _)| ReplyTo {
            queue: queue.clone(),
            msg_id: msg_id.clone(),
        });
        prop_assert_eq!(request.reply_to, expected);
        prop_assert_eq!(request.monitor, monitor(call.and_then(|call| call.2)));
        let found: Vec<_> = request
            .context
            .iter()
            .map(|(name, value)| (name.as_str(), value.get()))
            .collect();
        let expected: Vec<_> = entries
            .0
            .iter()
            .map(|(name, value)| (name.as_ref(), value.get()))
            .collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn replies_survive(id in any::<u128>(), result in json()) {
        let id = uuid::Uuid::from_u128(id);
        let value = raw(&result);
        let body = encode_reply(&id.simple().to_string(), "u", Some(Ok(&value)));
        let reply = decode_reply(&body).unwrap();
        prop_assert_eq!((reply.msg_id, reply.ending), (id, true));
        let Some(ReplyResult::Value(found)) = reply.result else {
            return Err(TestCaseError::fail("no value"));
        };
        prop_assert_eq!(found.get(), value.get());
    }

    #[test]
    fn failures_survive(module in any::<String>(), class in any::<String>(), text in any::<String>()) {
        // Python 2's name for the same module.
        prop_assume!(module != "exceptions");
        let error = RemoteError::new(module, class, text);
        let id = uuid::Uuid::nil();
        let body = encode_reply(&id.simple().to_string(), "u", Some(Err(&error)));
        let Some(ReplyResult::Failure(found)) = decode_reply(&body).unwrap().result else {
            return Err(TestCaseError::fail("no failure"));
        };
        prop_assert_eq!(&found.module, &error.module);
        prop_assert_eq!(&found.class, &error.class);
        prop_assert_eq!(&found.message, &error.message);
        prop_assert_eq!(found.args.get(), error.args.get());
    }

    #[test]
    fn whatever_comes_is_read_or_refused(body in any::<Vec<u8>>(), text in nearly_json()) {
        for body in [&body[..], text.as_bytes(), &wrap(&text)] {
            drop((decode_request(body), decode_reply(body)));
            for method in ["application/x-gzip", "application/x-bz2", "x"] {
                drop(decompress(Some(method), body, 1024 * 1024));
            }
        }
    }

    #[test]
    fn a_repair_needs_no_repair(text in nearly_json()) {
        if let Some(fixed) = repair(&text) {
            prop_assert!(fixed.text.len() <= 2 * text.len(), "{}", fixed.text);
            prop_assert!(repair(&fixed.text).is_none(), "{}", fixed.text);
        }
    }

    #[test]
    fn what_python_writes_is_json_when_it_is_repaired(text in of_python()) {
        let fixed = repair(&text).map_or(text, |fixed| fixed.text);
        serde_json::from_str::<Value>(&fixed).unwrap();
    }

    #[test]
    fn what_is_json_needs_no_repair(value in json()) {
        prop_assert_eq!(repair(&value.to_string()), None);
    }
}
