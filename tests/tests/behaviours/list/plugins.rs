//! What only a plugin can ask or do, and upstream has nothing of.

use std::time::Duration;

use serde_json::json;

use super::{call, ok};
use crate::case::{Case, case, error};
use crate::surface::World;

pub(super) fn cases() -> Vec<Case> {
    let target = |more: serde_json::Value| {
        let mut target = json!({
            "exchange": null, "topic": "{topic}", "namespace": null, "version": "2.5",
            "server": null, "fanout": false,
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            target[name] = value.clone();
        }
        target
    };
    let host = json!({"$has": {"request-bytes": 16 << 20, "reply-bytes": 64 << 20,
        "held-reply-bytes": 128 << 20, "calls-in-flight": 128, "pending-calls": 1024,
        "requests": 1024}});
    vec![
        case(
            "a client says what it is",
            json!([
                {"op": "describe"},
                {"op": "prepare", "settings": {
                    "server": "s1", "namespace": "n", "timeout": 5_000_000_000_u64,
                    "version-cap": "2.9", "retry": 3, "call-monitor-timeout": 4_000_000_000_u64,
                    "mandatory": true, "reply-bytes": 1000}},
                {"op": "describe"},
                {"op": "prepare", "settings": {
                    "server": null, "timeout": null, "version-cap": null, "retry": null,
                    "call-monitor-timeout": null, "mandatory": null, "reply-bytes": null}},
                {"op": "describe"},
            ]),
            json!([
                ok(json!({
                    "transport": "default", "target": target(json!({})),
                    "timeout": 20_000_000_000_u64, "version-cap": null, "retry": null,
                    "call-monitor-timeout": null, "mandatory": null, "reply-bytes": 64 << 20,
                })),
                ok(json!(null)),
                ok(json!({
                    "transport": "default",
                    "target": target(json!({"server": "s1", "namespace": "n"})),
                    "timeout": 5_000_000_000_u64, "version-cap": "2.9", "retry": 3,
                    "call-monitor-timeout": 4_000_000_000_u64, "mandatory": true,
                    "reply-bytes": 1000,
                })),
                ok(json!(null)),
                ok(json!({"$has": {
                    "target": target(json!({"namespace": "n"})), "version-cap": null,
                    "retry": null, "call-monitor-timeout": null, "mandatory": null,
                    "timeout": 60_000_000_000_u64, "reply-bytes": 64 << 20}})),
            ]),
        )
        .of_plugins(),
        case(
            "a plugin is told what it has and may",
            json!([{"op": "transports"}, {"op": "limits"}, {"op": "remaining"}]),
            json!([ok(json!(["default"])), ok(host), ok(json!(null))]),
        )
        .of_plugins(),
        case(
            "a plugin is told what is left of its invocation",
            json!([{"op": "remaining"}]),
            json!([ok(
                json!({"$between": [40_000_000_000_u64, 60_000_000_000_u64]})
            )]),
        )
        .invocation(Duration::from_secs(60))
        .of_plugins(),
        case(
            "a reply that the caller has no room for is refused",
            json!([
                call(
                    "echo",
                    json!({"value": "x".repeat(200)}),
                    json!({"reply-bytes": 100})
                ),
                call("fail_value", json!({}), json!({"reply-bytes": 10})),
                call("echo", json!({"value": 7}), json!({"reply-bytes": 100})),
            ]),
            json!([
                error("invalid-reply", json!({})),
                error("invalid-reply", json!({})),
                ok(json!(7)),
            ]),
        )
        .of_plugins(),
        case(
            "clients are dropped in any order",
            json!([
                {"op": "prepare", "settings": {"server": "s1"}},
                {"op": "drop", "client": 0},
                {"op": "call", "method": "whoami"},
                {"op": "prepare", "settings": {"server": "s2"}},
                {"op": "drop"},
                {"op": "call", "method": "whoami"},
                {"op": "call", "method": "whoami", "client": 2},
            ]),
            json!([
                ok(json!(null)),
                ok(json!(null)),
                ok(json!("s1")),
                ok(json!(null)),
                ok(json!(null)),
                ok(json!("s1")),
                {"error": {"$has": {"case": "script"}}},
            ]),
        )
        .of_plugins(),
        case(
            "each request of call-all goes where its own client sends",
            json!([
                {"op": "prepare", "settings": {"server": "s1"}},
                {"op": "prepare", "settings": {"server": "s2"}},
                {"op": "call-all", "requests": [
                    {"method": "whoami"},
                    {"method": "whoami", "client": 1},
                    {"method": "whoami", "client": 1, "settings": {"server": "s2"}},
                ]},
            ]),
            json!([
                ok(json!(null)),
                ok(json!(null)),
                ok(json!([ok(json!("s2")), ok(json!("s1")), ok(json!("s2"))])),
            ]),
        )
        .of_world(World::Conformance),
        case(
            "a cancelled call holds nothing up",
            json!([
                {"op": "cancel", "step": call("sleep", json!({"seconds": 30}), json!({}))},
                {"op": "cancel", "step": {"op": "cast", "method": "remember",
                    "args": {"word": "{word}"}}},
                call("echo", json!({"value": 1}), json!({})),
            ]),
            json!([ok(json!(null)), ok(json!(null)), ok(json!(1))]),
        )
        // Both may be on their way already.
        .executes_any(1..=3)
        .takes(0, 5000)
        .of_world(World::ConformancePoll),
    ]
}
