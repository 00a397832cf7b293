//! All that hostile plugins try.

use oslo_messaging_plugins::Statistics;
use serde_json::{Value, json};

use super::{Attack, Clock, Ends};
use crate::plugin::{Limits, Surface};

/// Each of them.
#[must_use]
pub fn attacks() -> Vec<Attack> {
    let mut attacks = computing();
    attacks.extend(taking());
    attacks.extend(saying());
    attacks.extend(reaching());
    attacks
}

/// They do not end, or not as methods do.
fn computing() -> Vec<Attack> {
    let out_of_time = |it: &Statistics| it.out_of_cpu + it.timed_out;
    vec![
        Attack {
            clock: Clock::Processor,
            limits: within(10_000, 200),
            counted: |it| it.out_of_cpu,
            ..attack(
                "spin",
                Ends::Raises("TimeoutError", "of processor time, its limit"),
            )
        },
        Attack {
            limits: within(500, 200),
            counted: |it| it.timed_out,
            ..attack(
                "sleep",
                Ends::Raises("TimeoutError", "after its time limit of"),
            )
        },
        Attack {
            name: "a wait for nothing",
            surfaces: &[Surface::Asynchronous],
            counted: |it| it.trapped,
            ..attack("wait", Ends::Raises("RuntimeError", "the plugin trapped"))
        },
        Attack {
            counted: |it| it.trapped,
            ..attack(
                "recursion",
                Ends::Raises("RuntimeError", "the plugin trapped"),
            )
        },
        Attack {
            counted: |it| it.trapped,
            ..attack("trap", Ends::Raises("RuntimeError", "the plugin trapped"))
        },
        Attack {
            name: "calls after its deadline",
            args: json!({"id": "persist"}),
            limits: within(500, 500),
            counted: out_of_time,
            ..attack(
                "persist",
                Ends::Raises("TimeoutError", "it was stopped after"),
            )
        },
    ]
}

/// They take what the host has.
fn taking() -> Vec<Attack> {
    let limited = |it: &Statistics| it.limited.values().sum();
    // What of it may run, and the rest refused by a limit of its own.
    let is_refused = |ended: &Value| {
        let count = |how: &str| ended[how].as_u64().unwrap_or_default();
        let (done, refused) = (count("done"), count("pending-calls") + count("requests"));
        done <= 1000 && done + refused == FLOOD
    };
    vec![
        Attack {
            name: "a memory bomb",
            limits: within(5000, 5000),
            counted: |it| it.memory_refused,
            ..attack(
                "memory",
                Ends::Returns(|mib| mib.as_u64().is_some_and(|mib| (4..16).contains(&mib))),
            )
        },
        Attack {
            name: "a table bomb",
            surfaces: &[Surface::Text],
            counted: |it| it.table_refused,
            ..attack("tables", Ends::Returns(|refused| *refused == 1))
        },
        Attack {
            name: "handles that leak",
            limits: within(5000, 5000),
            counted: limited,
            ..attack(
                "handles",
                Ends::Raises("RuntimeError", "clients and notifiers may be open"),
            )
        },
        Attack {
            name: "10,000 calls at once",
            args: json!({"count": FLOOD}),
            limits: within(10_000, 10_000),
            counted: limited,
            ..attack("flood", Ends::Returns(is_refused))
        },
        Attack {
            name: "a disk of output",
            args: json!({"bytes": 1 << 20}),
            limits: within(5000, 5000),
            counted: |it| it.output_cut,
            ..attack("output", Ends::Returns(|bytes| *bytes == 1 << 20))
        },
    ]
}

/// They say what is too much, or not theirs to say.
fn saying() -> Vec<Attack> {
    let large = |place: &str| json!({"bytes": 2 << 20, "place": place});
    let limits = within(5000, 5000);
    vec![
        Attack {
            name: "giant arguments",
            args: large("args"),
            limits,
            counted: |it| it.limited.values().sum(),
            ..attack(
                "strings",
                Ends::Raises("RuntimeError", "bytes, and at most 65536 are allowed"),
            )
        },
        Attack {
            name: "the name of a giant method",
            args: large("method"),
            limits,
            ..attack(
                "strings",
                Ends::Raises("RuntimeError", "bytes, and at most 255 are allowed"),
            )
        },
        Attack {
            name: "the name of a giant topic",
            args: large("topic"),
            limits,
            ..attack(
                "strings",
                Ends::Raises("RuntimeError", "bytes, and at most 255 are allowed"),
            )
        },
        Attack {
            name: "a giant result",
            args: json!({"bytes": 2 << 20}),
            limits,
            ..attack(
                "result",
                Ends::Raises("ValueError", "bytes, and at most 65536 are sent"),
            )
        },
        Attack {
            name: "a giant exception",
            args: json!({"bytes": 1 << 20}),
            limits,
            ..attack(
                "exception",
                Ends::Raises("ValueError", "bytes, and at most 65536 are sent"),
            )
        },
        Attack {
            name: "a context of somebody else",
            args: json!({
                "is_admin": true, "plugin": "another", "project_id": "theirs", "request_id": "req-1",
                "user": "me",
            }),
            ..attack("forge", Ends::Returns(is_its_own))
        },
    ]
}

/// They reach for what is not theirs.
fn reaching() -> Vec<Attack> {
    let to = |name: &'static str, args: Value| Attack {
        name,
        args,
        counted: |it| it.denied.values().sum(),
        ..attack(
            "reach",
            Ends::Raises("RuntimeError", "is denied: no rule allows it"),
        )
    };
    vec![
        to(
            "an exchange",
            json!({"topic": "elsewhere", "exchange": "other", "method": "echo"}),
        ),
        to("a topic", json!({"topic": "identity", "method": "echo"})),
        to(
            "a server",
            json!({"topic": "storage", "server": "host-2", "method": "echo"}),
        ),
        to(
            "a server spelt as a topic",
            json!({"topic": "storage.host-2", "method": "echo"}),
        ),
        to("a method", json!({"topic": "compute", "method": "reboot"})),
        to(
            "a version",
            json!({"topic": "compute", "version": "2.0", "method": "echo"}),
        ),
        to(
            "a namespace",
            json!({"topic": "compute", "namespace": "admin", "method": "echo"}),
        ),
        to(
            "a cast",
            json!({"topic": "compute", "cast": true, "method": "echo"}),
        ),
        to(
            "a fanout",
            json!({"topic": "compute", "cast": true, "fanout": true, "method": "echo"}),
        ),
        Attack {
            ends: Ends::Raises("RuntimeError", "no transport `other` is granted"),
            ..to(
                "a transport",
                json!({"transport": "other", "topic": "compute", "method": "echo"}),
            )
        },
        Attack {
            name: "files, sockets, environment",
            ..attack("surroundings", Ends::Returns(|found| *found == json!([])))
        },
    ]
}

/// One that a plugin of either surface tries with the usual limits, and that returns.
fn attack(method: &'static str, ends: Ends) -> Attack {
    Attack {
        name: method,
        method,
        args: json!({}),
        surfaces: &[Surface::Asynchronous, Surface::Plain],
        limits: Limits::default(),
        clock: Clock::Wall,
        ends,
        counted: |it| it.returned,
    }
}

/// With room for a host that is not optimised where the clocks are not what it is about.
const fn within(time_ms: u64, cpu_ms: u64) -> Limits {
    Limits {
        time_ms,
        cpu_ms,
        calls_in_flight: 4,
    }
}

fn is_its_own(seen: &Value) -> bool {
    let request_id = seen["request_id"].as_str().unwrap_or_default();
    seen["is_admin"] == false
        && seen["plugin"].as_str().is_some_and(|it| it != "another")
        && seen["project_id"] == "ops"
        && request_id.starts_with("req-")
        && request_id != "req-1"
        && seen["user"] == "me"
}

const FLOOD: u64 = 10_000;
