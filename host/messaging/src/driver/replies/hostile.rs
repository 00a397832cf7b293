//! What a hostile or broken peer may put into a reply queue: nobody hears of it but the call that
//! it names, and that one hears the truth.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use uuid::Uuid;

use super::{Event, Replies, Waiter};
use crate::wire::{CONTENT_TYPE, ReplyResult};

/// A call that waits, and what it hears after this came for it.
fn hear(messages: impl FnOnce(&str) -> Vec<Vec<u8>>) -> String {
    let replies = Arc::new(Replies::new(64 * 1024 * 1024));
    let waiter = replies.register();
    let bystander = replies.register();
    let id = waiter.call.simple().to_string();
    deliver(&replies, messages(&id));
    let heard = match next(&waiter) {
        Poll::Pending => "nothing".to_owned(),
        Poll::Ready(Event::Heartbeat) => "heartbeat".to_owned(),
        Poll::Ready(Event::Outcome(ReplyResult::Value(value))) => value.get().to_owned(),
        Poll::Ready(Event::Outcome(ReplyResult::Failure(error))) => error.to_string(),
        Poll::Ready(Event::Outcome(ReplyResult::Invalid(_))) => "invalid".to_owned(),
        Poll::Ready(Event::Closed) => "closed".to_owned(),
    };
    assert!(next(&bystander).is_pending());
    drop((waiter, bystander));
    assert_eq!(replies.waiting(), 0);
    heard
}

/// Returns when everything is read, also what is read by another thread.
fn deliver(replies: &Arc<Replies>, messages: Vec<Vec<u8>>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    for body in messages {
        let _entered = runtime.enter();
        replies.deliver(Some(CONTENT_TYPE), None, &body.into());
    }
}

fn next(waiter: &Waiter) -> Poll<Event> {
    waiter.poll_next(&Context::from_waker(Waker::noop()))
}

fn enveloped(version: &str, inner: &str) -> Vec<u8> {
    serde_json::json!({ "oslo.version": version, "oslo.message": inner })
        .to_string()
        .into_bytes()
}

fn reply(id: &str, fields: &str) -> Vec<u8> {
    enveloped("2.0", &format!("{{\"_msg_id\": \"{id}\", {fields}}}"))
}

#[test]
fn what_is_no_reply_is_heard_by_nobody() {
    let check = |name: &str, body: &dyn Fn(&str) -> Vec<u8>| {
        assert_eq!(hear(|id| vec![body(id)]), "nothing", "{name}");
    };
    let good = r#""result": 1, "ending": true"#;
    check("empty", &|_| Vec::new());
    check("not JSON", &|id| id.as_bytes().to_vec());
    check("not UTF-8", &|id| [reply(id, good), vec![0xff]].concat());
    check("cut off", &|id| {
        let whole = reply(id, good);
        whole[..whole.len() - 1].to_vec()
    });
    check("cut off inside", &|id| {
        enveloped("2.0", &format!("{{\"_msg_id\": \"{id}\", \"result\":"))
    });
    check("two at once", &|id| {
        [reply(id, good), reply(id, good)].concat()
    });
    check("another envelope", &|id| {
        enveloped("3.0", &format!("{{\"_msg_id\": \"{id}\", {good}}}"))
    });
    check("a later envelope", &|id| {
        enveloped("2.1", &format!("{{\"_msg_id\": \"{id}\", {good}}}"))
    });
    check("no version", &|id| {
        enveloped("", &format!("{{\"_msg_id\": \"{id}\", {good}}}"))
    });
    check("an envelope in an envelope", &|id| {
        let inner = String::from_utf8(reply(id, good)).unwrap();
        enveloped("2.0", &inner)
    });
    check("a list", &|id| format!("[\"{id}\"]").into_bytes());
    check("nothing but depth", &|_| vec![b'['; 1_000_000]);
    check("objects without end", &|_| b"{\"a\":".repeat(200_000));
    check("an unknown call", &|_| {
        reply(&crate::id::random().simple().to_string(), good)
    });
    check("a number for an id", &|_| {
        enveloped("2.0", r#"{"_msg_id": 7, "ending": true}"#)
    });
    check("a list for an id", &|id| {
        enveloped(
            "2.0",
            &format!(r#"{{"_msg_id": ["{id}"], "ending": true}}"#),
        )
    });
    check("an id and more", &|id| reply(&format!("{id}0"), good));
    check("two ids", &|id| {
        let twice = format!("\"_msg_id\": \"{}\", {good}", crate::id::random());
        reply(id, &twice)
    });
}

#[test]
fn what_makes_no_sense_is_told() {
    let check = |fields: &str, heard: &str| {
        assert_eq!(hear(|id| vec![reply(id, fields)]), heard, "{fields}");
    };
    check(r#""failure": 7, "ending": true"#, "invalid");
    check(r#""failure": "{", "ending": true"#, "invalid");
    check(r#""failure": "[[[[", "ending": true"#, "invalid");
    check(r#""result": NaN, "ending": true"#, "invalid");
    check(r#""failure": "{}", "ending": true"#, "remote error:  ");
    check(r#""result": 1, "ending": "false""#, "1");
}

/// As in Python, the last one counts.
#[test]
fn what_stands_twice_is_read() {
    let check = |body: &dyn Fn(&str) -> Vec<u8>, heard: &str| {
        assert_eq!(hear(|id| vec![body(id)]), heard);
    };
    check(
        &|id| {
            reply(
                id,
                r#""ending": false, "result": 1, "ending": true, "result": 2"#,
            )
        },
        "2",
    );
    check(
        &|id| reply(id, r#""result": NaN, "ending": true, "result": 2"#),
        "invalid",
    );
    check(
        &|id| {
            reply(
                &Uuid::nil().to_string(),
                &format!(r#""_msg_id": "{id}", "ending": true"#),
            )
        },
        "null",
    );
    check(
        &|id| {
            let inner = format!(r#"{{"_msg_id": "{id}", "result": 2, "ending": true}}"#);
            let message = serde_json::json!(inner);
            format!(r#"{{"oslo.version": "1", "oslo.message": "{{}}", "oslo.version": "2.0", "oslo.message": {message}}}"#)
                .into_bytes()
        },
        "2",
    );
    check(
        &|id| {
            let failure = serde_json::json!(r#"{"class": "A", "class": "E", "message": "m"}"#);
            reply(id, &format!(r#""failure": {failure}, "ending": true"#))
        },
        "remote error: E m",
    );
}

#[test]
fn depth_and_size_pass_through() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let fields = format!("\"result\": {deep}, \"ending\": true");
    assert_eq!(hear(|id| vec![reply(id, &fields)]), deep);
    let large = format!("\"{}\"", "x".repeat(16 * 1024 * 1024));
    let fields = format!("\"result\": {large}, \"ending\": true");
    assert!(hear(|id| vec![reply(id, &fields)]) == large);
}

#[test]
fn order_and_repetition_change_nothing() {
    let one = r#""result": 1, "ending": true"#;
    let two = r#""result": 2, "ending": true"#;
    let beat = r#""result": null, "failure": null, "ending": false"#;
    let check = |fields: &[&str], heard: &str| {
        let found = hear(|id| fields.iter().map(|fields| reply(id, fields)).collect());
        assert_eq!(found, heard, "{fields:?}");
    };
    check(&[one, one, one], "1");
    check(&[one, two], "1");
    check(&[beat, one, beat], "1");
    check(&[beat, beat], "heartbeat");
    // After nonsense the real reply still counts.
    assert_eq!(
        hear(|id| vec![
            b"{".to_vec(),
            reply(&Uuid::nil().to_string(), two),
            reply(id, one)
        ]),
        "1"
    );
}

#[test]
fn what_is_too_large_is_told_and_not_kept() {
    let check = |fields: &dyn Fn(usize) -> String, fits: usize| {
        for (bytes, told) in [(fits, false), (fits + 1, true)] {
            let replies = Arc::new(Replies::new(1000));
            let waiter = replies.register();
            let body = reply(&waiter.call.simple().to_string(), &fields(bytes));
            deliver(&replies, vec![body]);
            let Poll::Ready(Event::Outcome(outcome)) = next(&waiter) else {
                panic!("nothing is heard of {bytes} bytes")
            };
            let found = matches!(&outcome, ReplyResult::Invalid(reason)
                if reason == "the result has 1001 bytes, and at most 1000 are allowed");
            assert_eq!(found, told, "{bytes}: {outcome:?}");
        }
    };
    let value = |bytes| format!("\"result\": \"{}\", \"ending\": true", "x".repeat(bytes));
    check(&value, 998);
    let failure = |bytes| {
        let failure = serde_json::json!({"class": "E", "message": "x".repeat(bytes)}).to_string();
        format!(
            "\"failure\": {}, \"ending\": true",
            serde_json::json!(failure)
        )
    };
    // Besides the message there are the class, `[]` and `{}`.
    check(&failure, 995);
}
