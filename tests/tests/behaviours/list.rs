//! The behaviours, in the order of the dossier's catalogue of upstream's own tests (§7).

use serde_json::{Value, json};

use crate::case::{Case, at_once, case, error};

pub(crate) fn cases() -> Vec<Case> {
    [
        results(),
        addressing(),
        errors(),
        versions(),
        timing(),
        at_the_same_time(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn call(method: &str, args: Value, settings: Value) -> Value {
    json!({"op": "call", "method": method, "args": args, "settings": settings})
}

fn cast(word: &str, settings: Value) -> Value {
    json!({"op": "cast", "method": "remember", "args": {"word": word}, "settings": settings})
}

fn recall(server: &str) -> Value {
    call("recall", json!({}), json!({"server": server}))
}

/// Long enough for casts that were confirmed to be executed.
fn pause() -> Value {
    call("sleep", json!({"seconds": 0.7}), json!({}))
}

fn ok(value: Value) -> Value {
    json!({"ok": value})
}

/// What came back (§7.7 test_call, test_context, §7.8 TestSendReceive).
fn results() -> Vec<Case> {
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

/// Who gets it (§7.1 test_specific_server, test_different_exchanges, Cast.*, §7.3 TestCastToTarget).
fn addressing() -> Vec<Case> {
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
                pause(),
                recall("s2"),
                recall("s1")
            ]),
            json!([
                ok(json!(null)),
                ok(json!(0.7)),
                {"ok": {"$includes": ["{word}"]}},
                {"ok": {"$any": null}},
            ]),
        ),
        case(
            "a fanout cast reaches every server of every exchange",
            json!([
                cast("{word}", json!({"fanout": true})),
                pause(),
                recall("s1"),
                recall("s2"),
                call("recall", json!({}), json!({"exchange": "{exchange}"})),
            ]),
            json!([
                ok(json!(null)),
                ok(json!(0.7)),
                {"ok": {"$includes": ["{word}"]}},
                {"ok": {"$includes": ["{word}"]}},
                {"ok": {"$includes": ["{word}"]}},
            ]),
        ),
        case(
            "fanout ignores the server and asking for one",
            json!([
                cast(
                    "{word}",
                    json!({"fanout": true, "server": "nobody", "at-least-once": true})
                ),
                pause(),
                recall("s1"),
            ]),
            json!([ok(json!(null)), ok(json!(0.7)), {"ok": {"$includes": ["{word}"]}}]),
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

/// What went wrong (§7.1 test_exception, test_mandatory_call, §7.3 TestCallFanout, §7.7).
fn errors() -> Vec<Case> {
    let none = |settings| call("none", json!({}), settings);
    let nobody = json!({"topic": "{word}"});
    let dispatcher = "oslo_messaging.rpc.dispatcher";
    vec![
        case(
            "a builtin exception is data",
            json!([call("fail_value", json!({}), json!({}))]),
            json!([error(
                "remote",
                json!({"module": "builtins", "class": "ValueError",
                "message": "('boom', 42)", "args": ["boom", 42], "kwargs": {}})
            )]),
        ),
        case(
            "a custom exception is data",
            json!([call("boom", json!({}), json!({}))]),
            json!([error(
                "remote",
                json!({"module": "peer_errors", "class": "QuotaExceeded",
                "args": ["quota exceeded", "cores"], "kwargs": {"limit": 20}})
            )]),
        ),
        case(
            "an unknown method is an exception of the server",
            json!([call("no_such_method", json!({}), json!({}))]),
            json!([error(
                "remote",
                json!({"module": dispatcher, "class": "NoSuchMethod",
                "message": "Endpoint does not support RPC method no_such_method"})
            )]),
        ),
        case(
            "an unsupported version or namespace is an exception of the server",
            json!([
                none(json!({"version": "2.9"})),
                none(json!({"version": "3.0"})),
                none(json!({"namespace": "other", "version": "1.0"})),
                none(json!({"version": null})),
            ]),
            json!([
                error(
                    "remote",
                    json!({"module": dispatcher, "class": "UnsupportedVersion",
                    "message": "Endpoint does not support RPC version 2.9. Attempted method: none"})
                ),
                error("remote", json!({"class": "UnsupportedVersion"})),
                error("remote", json!({"class": "UnsupportedVersion"})),
                // None is taken for 1.0, which the ping's endpoint serves.
                error("remote", json!({"class": "NoSuchMethod"})),
            ]),
        ),
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
        .takes(0, 3000),
        case(
            "a call to nobody times out if it does not ask for anybody",
            json!([none(json!({"topic": "{word}", "at-least-once": false,
                "timeout": 500_000_000}))]),
            json!([error(
                "timeout",
                json!({"waiting-for": "reply",
                "delivery": "maybe-delivered", "limit": 500_000_000})
            )]),
        )
        .takes(500, 2500),
        case(
            "a cast to nobody is lost unless it asks for somebody",
            json!([
                cast("x", nobody),
                cast("x", json!({"topic": "{word}", "at-least-once": true})),
                cast("x", json!({"topic": "{word}", "at-least-once": null})),
            ]),
            json!([
                ok(json!(null)),
                error("no-such-target", json!({})),
                ok(json!(null))
            ]),
        ),
        case(
            "a fanout cast to nobody succeeds",
            json!([cast("x", json!({"topic": "{word}", "fanout": true}))]),
            json!([ok(json!(null))]),
        ),
        case(
            "a call with fanout is refused",
            json!([none(json!({"fanout": true})), none(json!({"fanout": null}))]),
            json!([error("invalid-target", json!({})), ok(json!(null))]),
        ),
        case(
            "a target without topic is refused",
            json!([
                none(json!({"topic": null})),
                cast("x", json!({"topic": ""})),
                none(json!({})),
            ]),
            json!([
                error("invalid-target", json!({})),
                error("invalid-target", json!({})),
                ok(json!(null)),
            ]),
        ),
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
    ]
}

/// Versions and caps (§1.4, §7.3 TestVersionCap, TestCanSendVersion).
fn versions() -> Vec<Case> {
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
                pause_below_cap(),
                {"op": "call", "client": 0, "method": "recall", "settings": {"server": "s1"}},
            ]),
            json!([
                ok(json!(null)),
                error("version-cap", json!({"version": "2.5", "version-cap": "2.0"})),
                error("version-cap", json!({"version": "2.5"})),
                error("version-cap", json!({"version": null})),
                ok(json!(null)),
                ok(json!(null)),
                ok(json!(0.1)),
                {"ok": {"$any": null}},
            ]),
        ),
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

fn pause_below_cap() -> Value {
    call("sleep", json!({"seconds": 0.1}), json!({"version": "2.0"}))
}

/// Time (§1.5, §7.1 test_monitor_long_call, §7.3 TestCallTimeout, §7.7 test_client_call_timeout).
fn timing() -> Vec<Case> {
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

/// Several at once (§7.1 test_server_in_group, test_timeout_with_concurrently_queues).
fn at_the_same_time() -> Vec<Case> {
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
        .takes(800, 2400),
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
                error("remote", json!({"class": "ValueError"})),
            ]))]),
        )
        .takes(900, 3000),
        case(
            "calls to a topic are spread over its servers",
            json!([at_once((0..20).map(|_| json!({"method": "whoami"})))]),
            json!([ok(json!({"$includes": [ok(json!("s1")), ok(json!("s2"))]}))]),
        ),
        // Enough for a collector of garbage to start while the host hands over a reply.
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
            json!({"$count": 5000, "$all": {"$has": {"ok": {"$any": true}}}}),
        )
        .in_memory(),
    ]
}
