//! What came back (§7.7 test_call, test_context, §7.8 TestSendReceive).

use serde_json::json;

use super::{call, ok};
use crate::case::{Case, case};

pub(super) fn cases() -> Vec<Case> {
    let falsy = [
        json!(null),
        json!(0),
        json!(false),
        json!([]),
        json!({}),
        json!(""),
    ];
    let nested = json!({"a": 1, "b": "\u{e9}\u{2603}\u{1f600}", "n": null, "d": {"x": [1.5, -2]}});
    // Names that the message itself has, and names like those the context gets there.
    let odd = json!({"method": 1, "args": {}, "version": "9.9", "namespace": "x", "_msg_id": "y",
        "_context_": [], "_context_user": 2, "trace.parent": "1", "\u{fc} \u{2603}": null});
    vec![
        case(
            "a call returns its result",
            json!([call("add", json!({"a": 40, "b": 2}), json!({}))]),
            json!([ok(json!(42))]),
        ),
        case(
            "a nested result survives",
            json!([call("echo", json!({"value": nested}), json!({}))]),
            json!([ok(nested)]),
        ),
        case(
            "falsy results survive",
            falsy
                .iter()
                .map(|value| call("echo", json!({"value": value}), json!({})))
                .collect(),
            falsy.iter().cloned().map(ok).collect(),
        ),
        case(
            "a method without result gives null",
            json!([call("none", json!({}), json!({}))]),
            json!([ok(json!(null))]),
        ),
        case(
            "the context reaches the method",
            json!([{"op": "call", "method": "context",
                "context": {"user": "alice", "roles": ["a", {"b": null}], "\u{2603}": 1.5}}]),
            json!([ok(
                json!({"user": "alice", "roles": ["a", {"b": null}], "\u{2603}": 1.5,
                "client_timeout": null})
            )]),
        ),
        case(
            "falsy results of one server survive",
            falsy
                .iter()
                .map(|value| call("echo", json!({"value": value}), json!({"server": "s1"})))
                .collect(),
            falsy.iter().cloned().map(ok).collect(),
        ),
        case(
            "a context may have any names",
            json!([{"op": "call", "method": "context", "context": odd}]),
            json!([{"ok": {"$has": odd}}]),
        ),
        case(
            "a context cannot say how a call is monitored",
            json!([{"op": "call", "method": "context", "context": {"client_timeout": 7}}]),
            json!([ok(json!({"client_timeout": null}))]),
        ),
        case(
            "every call has its own context",
            json!([
                {"op": "call", "method": "context", "context": {"user": "a", "tenant": {"id": 1}}},
                {"op": "call", "method": "context", "context": {}},
                {"op": "call", "method": "context", "context": {"user": null}},
            ]),
            json!([
                ok(json!({"user": "a", "tenant": {"id": 1}, "client_timeout": null})),
                ok(json!({"client_timeout": null})),
                ok(json!({"user": null, "client_timeout": null})),
            ]),
        ),
        case(
            "a context goes with a cast",
            json!([
                {"op": "cast", "method": "remember", "context": {"user": "a", "args": {"x": 1}},
                    "args": {"word": "{word}"}, "settings": {"server": "s1"}},
                super::recall("s1", "{word}"),
            ]),
            json!([ok(json!(null)), super::with("{word}")]),
        ),
        case(
            "the context tells how a call is monitored",
            json!([{"op": "call", "method": "context",
                "settings": {"call-monitor-timeout": 3_000_000_000_u64}}]),
            json!([ok(json!({"client_timeout": 3}))]),
        ),
        case(
            "a large result arrives",
            json!([call("large", json!({"n": 300}), json!({}))]),
            json!([ok(json!("x".repeat(300)))]),
        )
        .needs_python(),
    ]
}
