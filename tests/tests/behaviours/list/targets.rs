//! Who gets it (§7.1 test_specific_server, test_different_exchanges, Cast.*, §7.3 TestCastToTarget).

use serde_json::json;

use super::{anyone, call, cast, ok, recall, with, without};
use crate::case::{Case, case, error};

pub(super) fn cases() -> Vec<Case> {
    let whoami = |settings| call("whoami", json!({}), settings);
    vec![
        case(
            "a call to one server reaches only that one",
            ["s1", "s2", "s1", "s1"]
                .iter()
                .map(|server| whoami(json!({"server": server})))
                .collect(),
            json!([
                ok(json!("s1")),
                ok(json!("s2")),
                ok(json!("s1")),
                ok(json!("s1"))
            ]),
        ),
        // Not of the queue: servers of one topic in two exchanges share the topic's queue.
        case(
            "the exchange is a part of the address",
            json!([
                whoami(json!({"exchange": "{exchange}", "server": "elsewhere"})),
                whoami(json!({"exchange": "{exchange}", "server": "s1"})),
                whoami(json!({"server": "elsewhere"})),
                whoami(json!({"server": "s1"})),
            ]),
            json!([
                ok(json!("elsewhere")),
                error("no-such-target", json!({"exchange": "{exchange}"})),
                error("no-such-target", json!({"exchange": "openstack"})),
                ok(json!("s1")),
            ]),
        ),
        case(
            "none goes back to the default exchange",
            json!([
                {"op": "prepare", "settings": {"exchange": "{exchange}"}},
                {"op": "prepare", "settings": {"exchange": null, "server": "s2"}},
                {"op": "call", "method": "whoami"},
            ]),
            json!([ok(json!(null)), ok(json!(null)), ok(json!("s2"))]),
        ),
        case(
            "preparing twice builds on the first",
            json!([
                {"op": "prepare", "settings": {"server": "s2"}},
                {"op": "prepare", "settings": {"version": "2.0"}},
                {"op": "call", "method": "whoami"},
                {"op": "call", "method": "whoami", "client": 1},
                {"op": "call", "method": "whoami", "settings": {"server": "s1"}},
                {"op": "call", "method": "whoami"},
            ]),
            json!([
                ok(json!(null)),
                ok(json!(null)),
                ok(json!("s2")),
                ok(json!("s2")),
                ok(json!("s1")),
                ok(json!("s2")),
            ]),
        ),
        case(
            "a namespace selects its endpoint",
            json!([call(
                "hello",
                json!({"who": "bob"}),
                json!({"namespace": "ns", "version": "1.0"})
            )]),
            json!([ok(json!("hello bob"))]),
        ),
        case(
            "a cast to one server is executed there",
            json!([
                cast("{word}", json!({"server": "s2"})),
                recall("s2", "{word}"),
                cast("{word} later", json!({"server": "s1"})),
                recall("s1", "{word} later"),
            ]),
            json!([
                ok(json!(null)),
                with("{word}"),
                ok(json!(null)),
                without("{word}", "{word} later"),
            ]),
        ),
        case(
            "a fanout cast reaches every server of every exchange",
            json!([
                cast("{word}", json!({"fanout": true})),
                recall("s1", "{word}"),
                recall("s2", "{word}"),
                call(
                    "recall",
                    json!({"until": "{word}"}),
                    json!({"exchange": "{exchange}", "server": "elsewhere"})
                ),
            ]),
            json!([
                ok(json!(null)),
                with("{word}"),
                with("{word}"),
                with("{word}")
            ]),
        )
        .executes(3 + 3),
        case(
            "fanout ignores the server and asking for one",
            json!([
                cast(
                    "{word}",
                    json!({"fanout": true, "server": "nobody", "mandatory": true})
                ),
                recall("s1", "{word}"),
            ]),
            json!([ok(json!(null)), with("{word}")]),
        )
        .executes(3 + 1),
        case(
            "a fanout cast is the topic's, from whatever exchange",
            json!([
                cast("{word}", json!({"fanout": true, "exchange": "{word}"})),
                cast("{word}-2", json!({"fanout": true, "topic": "{word}"})),
                recall("s1", "{word}"),
                recall("s2", "{word}"),
            ]),
            json!([
                ok(json!(null)),
                ok(json!(null)),
                with("{word}"),
                with("{word}"),
            ]),
        )
        .executes(3 + 2),
        case(
            "an empty name is none",
            json!([
                whoami(json!({"server": ""})),
                whoami(json!({"exchange": "", "server": "s1"})),
                call("none", json!({}), json!({"topic": ""})),
            ]),
            json!([
                anyone(),
                ok(json!("s1")),
                error("invalid-target", json!({})),
            ]),
        ),
        case(
            "a name that AMQP cannot carry is refused",
            json!([
                whoami(json!({"topic": "t".repeat(256)})),
                whoami(json!({"exchange": "e".repeat(256)})),
                whoami(json!({"topic": "t".repeat(200), "server": "s".repeat(60)})),
                cast("x", json!({"topic": "t".repeat(250), "fanout": true})),
            ]),
            json!([
                error("invalid-argument", json!({"argument": "topic"})),
                error("invalid-argument", json!({"argument": "exchange"})),
                error("invalid-argument", json!({"argument": "server"})),
                error("invalid-argument", json!({"argument": "topic"})),
            ]),
        ),
        case(
            "a client is opened with a whole target",
            json!([call("hello", json!({"who": "bob"}), json!({}))]),
            json!([ok(json!("hello bob"))]),
        )
        .open(json!({
            "target": {"exchange": "{exchange}", "topic": "{topic}", "server": "elsewhere",
                "namespace": "ns", "version": "1.0", "fanout": false},
        })),
        case(
            "a server answers a ping without version",
            json!([call(
                "oslo_rpc_server_ping",
                json!({}),
                json!({"version": null})
            )]),
            json!([ok(json!("pong"))]),
        ),
    ]
}
