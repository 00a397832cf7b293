//! What came back (§7.7 test_call, test_context, §7.8 TestSendReceive).

use serde_json::json;

use super::{call, ok};
use crate::case::{Case, case, error};

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
        case(
            "a result that JSON cannot carry is an error",
            json!([
                call("nan", json!({}), json!({})),
                call("infinity", json!({}), json!({})),
                call("none", json!({}), json!({})),
            ]),
            json!([
                error("invalid-reply", json!({"message": {"$contains": "NaN"}})),
                error(
                    "invalid-reply",
                    json!({"message": {"$contains": "Infinity"}})
                ),
                ok(json!(null)),
            ]),
        )
        .needs_python(),
    ]
}
