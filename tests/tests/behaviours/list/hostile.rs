//! What a caller says that cannot be sent, and what a server answers that cannot be read (§1.8,
//! §3.2).

use serde_json::json;

use super::{call, ok};
use crate::case::{Case, case, error};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "malformed JSON is refused by name",
            json!([
                {"op": "call", "method": "none", "args-text": "{\"a\": "},
                {"op": "call", "method": "none", "args-text": "[1]"},
                {"op": "call", "method": "none", "args-text": "{} {}"},
                {"op": "call", "method": "none", "context-text": "nonsense"},
                {"op": "cast", "method": "none", "context-text": "1"},
                {"op": "call", "method": "none"},
            ]),
            json!([
                error("invalid-argument", json!({"argument": "args"})),
                error("invalid-argument", json!({"argument": "args"})),
                error("invalid-argument", json!({"argument": "args"})),
                error("invalid-argument", json!({"argument": "context"})),
                error("invalid-argument", json!({"argument": "context"})),
                ok(json!(null)),
            ]),
        ),
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
