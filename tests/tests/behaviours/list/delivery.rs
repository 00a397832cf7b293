//! Whether anybody gets it: nobody there, no broker there (§1.6, §1.7, §7.1 test_mandatory_call,
//! §7.3 TestCallRetry, §7.8 RpcKombuHATestCase).

use serde_json::{Value, json};

use super::{call, cast, ok, recall, with};
use crate::case::{Case, case, error};

pub(super) fn cases() -> Vec<Case> {
    [nobody(), no_broker()].into_iter().flatten().collect()
}

fn nobody() -> Vec<Case> {
    let none = |settings| call("none", json!({}), settings);
    let nobody = json!({"topic": "{word}"});
    vec![
        case(
            "a call to nobody fails at once",
            json!([none(nobody.clone()), none(json!({"server": "nobody"}))]),
            json!([
                error(
                    "no-such-target",
                    json!({"exchange": "openstack", "routing-key": "{word}"})
                ),
                error("no-such-target", json!({"routing-key": "{topic}.nobody"})),
            ]),
        )
        .takes(0, 9000),
        case(
            "a call to nobody times out if it does not ask for anybody",
            json!([none(json!({"topic": "{word}", "mandatory": false,
                "timeout": 500_000_000}))]),
            json!([error(
                "timeout",
                json!({"waiting-for": "reply",
                "outcome": "unknown", "limit": 500_000_000})
            )]),
        )
        .takes(500, 7500),
        case(
            "a cast to nobody is lost unless it asks for somebody",
            json!([
                cast("x", nobody),
                cast("x", json!({"topic": "{word}", "mandatory": true})),
                cast("x", json!({"topic": "{word}", "mandatory": null})),
            ]),
            json!([
                ok(json!(null)),
                error("no-such-target", json!({})),
                ok(json!(null))
            ]),
        )
        .executes(0),
        case(
            "a fanout cast to nobody succeeds",
            json!([cast("x", json!({"topic": "{word}", "fanout": true}))]),
            json!([ok(json!(null))]),
        )
        .executes(0),
        case(
            "somebody is there as long as there is a queue",
            json!([
                none(json!({"mandatory": true})),
                none(json!({"mandatory": false})),
                none(json!({"mandatory": true, "server": "s1"})),
                cast("{word}", json!({"mandatory": true, "server": "s1"})),
                recall("s1", "{word}"),
            ]),
            json!([
                ok(json!(null)),
                ok(json!(null)),
                ok(json!(null)),
                ok(json!(null)),
                with("{word}"),
            ]),
        ),
    ]
}

/// With a transport whose broker is not there, and a second between two attempts. They are the
/// transport's, so that cases that run at the same time join each other's.
fn no_broker() -> Vec<Case> {
    let not_sent = || error("delivery-failure", json!({"outcome": "not-executed"}));
    let trying = |settings: Value| {
        json!([
            call("none", json!({}), settings.clone()),
            cast("x", settings)
        ])
    };
    let both = || json!([not_sent(), not_sent()]);
    vec![
        case("retry 0 tries once", trying(json!({"retry": 0})), both())
            .unreachable()
            .takes(0, 7500),
        case(
            "retry 1 tries once more",
            trying(json!({"retry": 1})),
            both(),
        )
        .unreachable()
        // A round that failed for somebody else a moment ago counts as the first.
        .takes(0, 15_000),
        case(
            "retry none tries until the timeout",
            trying(json!({"retry": null, "timeout": 700_000_000})),
            both(),
        )
        .unreachable()
        .takes(1400, 7800),
        case(
            "the timeout outranks retry",
            trying(json!({"retry": 50, "timeout": 700_000_000})),
            both(),
        )
        .unreachable()
        .takes(1400, 7800),
        case(
            "retry is inherited, replaced and taken away",
            json!([
                {"op": "prepare", "settings": {"retry": 0}},
                {"op": "prepare"},
                {"op": "call", "method": "none"},
                {"op": "prepare", "settings": {"retry": null, "timeout": 700_000_000}},
                {"op": "call", "method": "none"},
                {"op": "prepare", "settings": {"retry": 0}},
                {"op": "call", "method": "none"},
                {"op": "call", "client": 1, "method": "none"},
            ]),
            json!([
                ok(json!(null)),
                ok(json!(null)),
                not_sent(),
                ok(json!(null)),
                not_sent(),
                ok(json!(null)),
                not_sent(),
                not_sent(),
            ]),
        )
        .unreachable()
        .takes(700, 13_500),
        case(
            "a client's own retry holds until it is replaced",
            json!([
                {"op": "call", "method": "none"},
                {"op": "call", "method": "none",
                    "settings": {"retry": null, "timeout": 700_000_000}},
            ]),
            both(),
        )
        .open(json!({"target": {"topic": "{topic}"}, "settings": {"retry": 0}}))
        .unreachable()
        .takes(700, 13_500),
        case(
            "what cannot be sent is refused without a broker",
            json!([
                call("none", json!({}), json!({"topic": null})),
                call("none", json!({}), json!({"fanout": true})),
                call("none", json!({}), json!({"version-cap": "1.0"})),
                call("none", json!({}), json!({"version": "5"})),
                call("none", json!({}), json!({"timeout": 0})),
                {"op": "can-send-version", "version": "2.0"},
            ]),
            json!([
                error("invalid-target", json!({})),
                error("invalid-target", json!({})),
                error("version-cap", json!({})),
                error("invalid-argument", json!({"argument": "version"})),
                error("timeout", json!({"outcome": "not-executed"})),
                ok(json!(true)),
            ]),
        )
        .unreachable()
        .takes(0, 1500),
    ]
}
