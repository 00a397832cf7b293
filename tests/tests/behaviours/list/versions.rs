//! Versions and caps (§1.4, §7.3 TestVersionCap, TestCanSendVersion).

use serde_json::{Value, json};

use super::{anyone, call, cast, ok, recall, without};
use crate::case::{Case, case, error};

pub(super) fn cases() -> Vec<Case> {
    // cap, version of the target, whether it may be sent.
    let table = [
        (None, Some("1.0"), true),
        (None, None, true),
        (Some("2.5"), None, false),
        (Some("1.0"), Some("1.0"), true),
        (Some("1.1"), Some("1.0"), true),
        (Some("1.0"), Some("1.1"), false),
        (Some("2.0"), Some("1.0"), false),
        (Some("1.0"), Some("2.0"), false),
        (Some("1.10"), Some("1.9"), true),
        (Some("1.9"), Some("1.10"), false),
        (Some("1.23"), Some("1.23.1"), false),
        (Some("1.23.2"), Some("1.23.1"), true),
        (Some("1.23.0"), Some("1.23"), true),
    ];
    let can_send = |(cap, version, _): &(Option<&str>, Option<&str>, bool)| {
        [
            json!({"op": "prepare", "settings": {"version-cap": cap, "version": version}}),
            json!({"op": "can-send-version"}),
        ]
    };
    let answers = |(_, _, fits): &(_, _, bool)| [ok(json!(null)), ok(json!(fits))];
    let none = |settings| call("none", json!({}), settings);
    // Upstream's eight: the client's cap and version, what is prepared, whether it is sent.
    let scenarios = [
        (json!({}), json!({}), true),
        (
            json!({"version-cap": "1.1", "version": "1.0"}),
            json!({}),
            true,
        ),
        (
            json!({"version-cap": "2.0", "version": "1.0"}),
            json!({"version-cap": "1.1"}),
            true,
        ),
        (
            json!({"version-cap": "1.1", "version": "1.2"}),
            json!({"version-cap": null}),
            true,
        ),
        (
            json!({"version": "1.0"}),
            json!({"version-cap": "1.0"}),
            true,
        ),
        (
            json!({"version-cap": "1.0", "version": "1.1"}),
            json!({}),
            false,
        ),
        (
            json!({"version-cap": "2.0", "version": "2.0"}),
            json!({"version": "1.0"}),
            false,
        ),
        (
            json!({"version-cap": "1.0", "version": "1.0"}),
            json!({"version": null}),
            false,
        ),
    ];
    let send = |(opened, prepared, _): &(Value, Value, bool)| {
        [
            json!({"op": "prepare", "client": 0, "settings": opened}),
            json!({"op": "prepare", "settings": prepared}),
            call("whoami", json!({}), json!({})),
            cast("x", json!({})),
        ]
    };
    // That the server has no such method says that it was sent.
    let sent = |(opened, _, sent): &(Value, Value, bool)| {
        let refused = || error("version-cap", json!({}));
        let answered = match opened.as_object().is_some_and(serde_json::Map::is_empty) {
            true => anyone(),
            false => error("remote", json!({})),
        };
        let (called, cast) = if *sent {
            (answered, ok(json!(null)))
        } else {
            (refused(), refused())
        };
        [ok(json!(null)), ok(json!(null)), called, cast]
    };
    vec![
        case(
            "a client knows what fits its cap",
            table.iter().flat_map(can_send).collect(),
            table.iter().flat_map(answers).collect(),
        ),
        case(
            "a version may be asked about that is not the target's",
            json!([
                {"op": "prepare", "settings": {"version-cap": "2.4"}},
                {"op": "can-send-version"},
                {"op": "can-send-version", "version": "2.4"},
                {"op": "can-send-version", "version": "5"},
            ]),
            json!([
                ok(json!(null)),
                ok(json!(false)),
                ok(json!(true)),
                error("invalid-argument", json!({"argument": "version"})),
            ]),
        ),
        case(
            "a cap refuses calls and casts before they are sent",
            json!([
                {"op": "prepare", "settings": {"version-cap": "2.0"}},
                none(json!({})),
                cast("{word}", json!({"server": "s1"})),
                none(json!({"version": null})),
                none(json!({"version": "2.0"})),
                none(json!({"version-cap": null})),
                cast("{word} later", json!({"server": "s1", "version": "2.0"})),
                recall("s1", "{word} later"),
            ]),
            json!([
                ok(json!(null)),
                error(
                    "version-cap",
                    json!({"version": "2.5", "version-cap": "2.0"})
                ),
                error("version-cap", json!({"version": "2.5"})),
                error("version-cap", json!({"version": null})),
                ok(json!(null)),
                ok(json!(null)),
                ok(json!(null)),
                without("{word}", "{word} later"),
            ]),
        ),
        case(
            "calls and casts of a version go as far as the cap lets them",
            scenarios.iter().flat_map(send).collect(),
            scenarios.iter().flat_map(sent).collect(),
        )
        // The servers have their methods in none of the other versions.
        .executes(2),
        case(
            "what is not a version cannot be prepared",
            json!([
                {"op": "prepare", "settings": {"version": "5"}},
                {"op": "prepare", "settings": {"version": "5.a"}},
                {"op": "prepare", "settings": {"version": "5.5.a"}},
                {"op": "prepare", "settings": {"version-cap": "5"}},
                none(json!({})),
            ]),
            json!([
                error("invalid-argument", json!({"argument": "version"})),
                error("invalid-argument", json!({"argument": "version"})),
                error("invalid-argument", json!({"argument": "version"})),
                error("invalid-argument", json!({"argument": "version-cap"})),
                ok(json!(null)),
            ]),
        ),
        case(
            "a client cannot be opened with what is not a version",
            json!([none(json!({}))]),
            json!([error("invalid-argument", json!({"argument": "version"}))]),
        )
        .open(json!({"target": {"topic": "{topic}", "version": "5.a"}})),
        case(
            "what is not a version is refused",
            ["5", "5.a", "5.5.a", "1.2.", ""]
                .iter()
                .map(|version| none(json!({"version": version})))
                .collect(),
            json!({"$all": error("invalid-argument", json!({"argument": "version"})), "$count": 5}),
        ),
    ]
}
