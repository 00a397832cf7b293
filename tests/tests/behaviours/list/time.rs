//! Time (§1.5, §7.1 test_monitor_long_call, §7.3 TestCallTimeout, §7.7 test_client_call_timeout).

use serde_json::json;

use super::{call, cast, ok, recall, with, without};
use crate::case::{Case, case, error};

pub(super) fn cases() -> Vec<Case> {
    let sleep = |seconds: f64, settings| call("sleep", json!({"seconds": seconds}), settings);
    // Goes on for seconds, because nobody appends this.
    let endless = |text: &str, settings| {
        json!({"op": "cast", "method": "append", "settings": settings,
            "args": {"name": "{word}", "text": text, "until": "never"}})
    };
    let text = |until: &str| {
        let args = json!({"name": "{word}", "text": "", "until": until});
        call("append", args, json!({"server": "s1"}))
    };
    vec![
        case(
            "a timeout ends a call and names itself",
            json!([sleep(2.5, json!({"timeout": 600_000_000}))]),
            json!([error(
                "timeout",
                json!({"waiting-for": "reply",
                "outcome": "unknown", "limit": 600_000_000})
            )]),
        )
        .executes(1)
        .takes(600, 3300),
        case(
            "a zero timeout times out at once and sends nothing",
            json!([
                {"op": "prepare", "settings": {"timeout": 0, "server": "s1"}},
                cast("{word}", json!({})),
                call("none", json!({}), json!({})),
                cast(
                    "{word} later",
                    json!({"timeout": 20_000_000_000_u64})
                ),
                {"op": "prepare", "settings": {"timeout": 20_000_000_000_u64}},
                recall("s1", "{word} later"),
            ]),
            json!([
                ok(json!(null)),
                error("timeout", json!({"outcome": "not-executed", "limit": 0})),
                error("timeout", json!({"outcome": "not-executed", "limit": 0})),
                ok(json!(null)),
                ok(json!(null)),
                without("{word}", "{word} later"),
            ]),
        )
        .takes(0, 3000),
        case(
            "a monitored call lives as long as its server beats",
            json!([sleep(
                2.8,
                json!({"call-monitor-timeout": 2_000_000_000_u64})
            )]),
            json!([ok(json!(2.8))]),
        )
        .takes(2800, 15_000),
        case(
            "the timeout ends a monitored call",
            json!([sleep(
                5.0,
                json!({"call-monitor-timeout": 2_000_000_000_u64,
                "timeout": 2_600_000_000_u64})
            )]),
            json!([error("timeout", json!({"waiting-for": "reply"}))]),
        )
        .executes(1)
        .takes(2600, 10_500),
        case(
            "a monitored call without a sign of life ends",
            json!([call(
                "none",
                json!({}),
                json!({"topic": "{word}", "mandatory": false,
                    "call-monitor-timeout": 2_000_000_000_u64})
            )]),
            json!([error(
                "timeout",
                json!({"waiting-for": "heartbeat", "outcome": "unknown",
                    "limit": 2_000_000_000_u64})
            )]),
        )
        .takes(2000, 10_500),
        case(
            "a part of a second of a monitor timeout is kept",
            json!([sleep(
                3.2,
                json!({"call-monitor-timeout": 2_900_000_000_u64})
            )]),
            json!([ok(json!(3.2))]),
        )
        .takes(3200, 15_000),
        case(
            "a timeout of a part of a second is kept",
            json!([
                sleep(0.3, json!({"timeout": 1_900_000_000})),
                sleep(2.0, json!({"timeout": 250_000_000})),
            ]),
            json!([
                ok(json!(0.3)),
                error("timeout", json!({"limit": 250_000_000}))
            ]),
        )
        .executes(2)
        .takes(550, 6600),
        case(
            "a cast does not wait for its method",
            json!([
                endless("a", json!({"server": "s1"})),
                endless("b", json!({"server": "s1", "timeout": 900_000_000})),
                text("a"),
                text("b"),
            ]),
            json!([
                ok(json!(null)),
                ok(json!(null)),
                {"ok": {"$contains": "a"}},
                {"ok": {"$one-of": ["ab", "ba"]}},
            ]),
        )
        // Each of the two would wait for two seconds.
        .takes(0, 3600),
        case(
            "a cast has no monitor",
            json!([
                cast(
                    "{word}",
                    json!({"server": "s1", "call-monitor-timeout": 6_000_000_000_u64})
                ),
                recall("s1", "{word}"),
            ]),
            json!([ok(json!(null)), with("{word}")]),
        )
        .takes(0, 5400),
        case(
            "a monitor timeout that servers cannot keep is refused",
            [0, 1_000_000_000, 1_999_999_999]
                .into_iter()
                .flat_map(|length: u64| {
                    let settings = json!({"call-monitor-timeout": length});
                    [
                        json!({"op": "prepare", "settings": settings}),
                        call("none", json!({}), settings),
                    ]
                })
                .collect(),
            json!({
                "$all": error("invalid-argument", json!({"argument": "call-monitor-timeout"})),
                "$count": 6,
            }),
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
