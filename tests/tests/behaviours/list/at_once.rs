//! Several at once (§7.1 test_server_in_group, test_timeout_with_concurrently_queues).

use serde_json::json;

use super::{anyone, call, ok};
use crate::case::{Case, at_once, case, error};

pub(super) fn cases() -> Vec<Case> {
    let sleep = |seconds: f64| json!({"method": "sleep", "args": {"seconds": seconds}});
    let echo = |value: u32| json!({"method": "echo", "args": {"value": value}});
    vec![
        case(
            "replies find their own calls",
            json!([at_once((0..50).map(echo))]),
            json!([ok((0..50).map(|value| ok(json!(value))).collect())]),
        ),
        case(
            "a hundred calls take the time of one",
            json!([at_once((0..100).map(|_| sleep(0.8)))]),
            json!([ok(json!({"$all": ok(json!(0.8)), "$count": 100}))]),
        )
        .takes(800, 7200),
        case(
            "replies out of order find their own calls",
            json!([at_once([sleep(0.6), echo(1), sleep(0.3), echo(2)])]),
            json!([ok(json!([
                ok(json!(0.6)),
                ok(json!(1)),
                ok(json!(0.3)),
                ok(json!(2))
            ]))]),
        )
        .takes(600, 7500),
        case(
            "a slow call times out alone",
            json!([at_once([
                json!({"method": "sleep", "args": {"seconds": 2.0},
                    "settings": {"timeout": 500_000_000}}),
                echo(1),
                sleep(0.9),
                json!({"method": "fail_value"}),
            ])]),
            json!([ok(json!([
                error("timeout", json!({})),
                ok(json!(1)),
                ok(json!(0.9)),
                error("remote", json!({"type-name": "ValueError"})),
            ]))]),
        )
        .executes(4)
        .takes(900, 9000),
        case(
            "calls to a topic are spread over its servers",
            json!([at_once((0..20).map(|_| json!({"method": "whoami"})))]),
            json!([ok(json!({
                "$count": 20, "$all": anyone(), "$includes": [ok(json!("s1")), ok(json!("s2"))],
            }))]),
        ),
        // Enough for a collector of garbage to start while the host hands over a reply. How long that takes is of no
        // interest: machines do other things.
        case(
            "thousands of calls in a row",
            (0..5000)
                .map(|value| {
                    call(
                        "echo",
                        json!({"value": [value, "x".repeat(200)]}),
                        json!({}),
                    )
                })
                .collect(),
            (0..5000)
                .map(|value| ok(json!([value, "x".repeat(200)])))
                .collect(),
        )
        .takes(0, 60_000)
        .in_memory(),
    ]
}
