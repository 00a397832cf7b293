//! Time (§1.5, §7.1 test_monitor_long_call, §7.3 TestCallTimeout, §7.7 test_client_call_timeout).

use serde_json::json;

use super::{call, cast, ok};
use crate::case::{Case, case, error};

pub(super) fn cases() -> Vec<Case> {
    let sleep = |seconds: f64, settings| call("sleep", json!({"seconds": seconds}), settings);
    vec![
        case(
            "a timeout ends a call and names itself",
            json!([sleep(2.5, json!({"timeout": 600_000_000}))]),
            json!([error(
                "timeout",
                json!({"waiting-for": "reply",
                "delivery": "maybe-delivered", "limit": 600_000_000})
            )]),
        )
        .takes(600, 1100),
        case(
            "a zero timeout times out at once and sends nothing",
            json!([
                {"op": "prepare", "settings": {"timeout": 0, "server": "s1"}},
                cast("{word}", json!({})),
                call("none", json!({}), json!({})),
            ]),
            json!([
                ok(json!(null)),
                error("timeout", json!({"delivery": "not-sent", "limit": 0})),
                error("timeout", json!({"delivery": "not-sent", "limit": 0})),
            ]),
        )
        .takes(0, 1000),
        case(
            "a monitored call lives as long as its server beats",
            json!([sleep(
                3.5,
                json!({"call-monitor-timeout": 2_000_000_000_u64})
            )]),
            json!([ok(json!(3.5))]),
        )
        .takes(3500, 6000),
        case(
            "the timeout ends a monitored call",
            json!([sleep(
                5.0,
                json!({"call-monitor-timeout": 2_000_000_000_u64,
                "timeout": 2_600_000_000_u64})
            )]),
            json!([error("timeout", json!({"waiting-for": "reply"}))]),
        )
        .takes(2600, 3500),
        case(
            "a monitor timeout that servers cannot keep is refused",
            json!([call(
                "none",
                json!({}),
                json!({"call-monitor-timeout": 1_000_000_000})
            )]),
            json!([error(
                "invalid-argument",
                json!({"argument": "call-monitor-timeout"})
            )]),
        ),
        case(
            "a call whose result cannot be sent times out",
            json!([call(
                "unserialisable",
                json!({}),
                json!({"timeout": 700_000_000})
            )]),
            json!([error("timeout", json!({"waiting-for": "reply"}))]),
        )
        .needs_python(),
    ]
}
