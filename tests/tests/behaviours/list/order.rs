//! What is in order: calls of one caller always, casts as far as their server takes one at a time
//! (§1.10, §7.1 test_specific_server, test_server_in_group, test_fanout, §7.7 test_cast).

use serde_json::{Value, json};

use super::ok;
use crate::case::{Case, case};

pub(super) fn cases() -> Vec<Case> {
    // Appends to the server's text of this name, and gives what it is then.
    let append = |op: &str, text: &str, settings: Value| {
        json!({"op": op, "method": "append", "args": {"name": "{word}", "text": text},
            "settings": settings})
    };
    let on = |server: &str| json!({"server": server});
    // The server's text of this name, as soon as this is in it.
    let text = |until: &str, settings: Value| {
        json!({"op": "call", "method": "append", "settings": settings,
            "args": {"name": "{word}", "text": "", "until": until}})
    };
    let numbers: Vec<String> = (0..30).map(|number| format!("{number},")).collect();
    let in_order = json!({"topic": "{topic}-ordered"});
    vec![
        case(
            "calls of one caller are executed in order",
            json!([
                append("call", "open", on("s1")),
                append("call", "stack", on("s1")),
                append("call", "stack", on("s2")),
                append("call", "!", on("s1")),
            ]),
            json!([
                ok(json!("open")),
                ok(json!("openstack")),
                ok(json!("stack")),
                ok(json!("openstack!")),
            ]),
        ),
        case(
            "casts arrive in the order they were sent",
            numbers
                .iter()
                .map(|number| append("cast", number, in_order.clone()))
                .chain([append("call", "end", in_order.clone())])
                .collect(),
            numbers
                .iter()
                .map(|_| ok(json!(null)))
                .chain([ok(json!(numbers.concat() + "end"))])
                .collect(),
        ),
        case(
            "every server executes a fanout cast once",
            json!([
                append("cast", "x", json!({"fanout": true})),
                text("x", on("s1")),
                text("x", on("s2")),
                text(
                    "x",
                    json!({"exchange": "{exchange}", "server": "elsewhere"})
                ),
            ]),
            json!([
                ok(json!(null)),
                ok(json!("x")),
                ok(json!("x")),
                ok(json!("x")),
            ]),
        )
        .executes(3 + 3),
        case(
            "casts to a topic are spread over its servers",
            (0..24)
                .map(|_| append("cast", "x", json!({})))
                .chain([text("x", on("s1")), text("x", on("s2"))])
                .collect(),
            (0..24)
                .map(|_| ok(json!(null)))
                .chain([
                    json!({"ok": {"$contains": "x"}}),
                    json!({"ok": {"$contains": "x"}}),
                ])
                .collect(),
        ),
    ]
}
