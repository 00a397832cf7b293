//! The three states of each setting, of a client and of one prepared from it once or twice
//! (§1.3, §7.3 TestCastToTarget, TestCallTimeout, TestCallFanout).

use serde_json::{Value, json};

use super::{call, cast, ok};
use crate::case::{Case, case, error};

/// One setting with two values, and what tells them and none of them apart.
struct States {
    /// The behaviour of a client that was opened with the first value.
    given: &'static str,
    /// The behaviour of a client that was opened without it.
    unset: &'static str,
    name: &'static str,
    values: [Value; 2],
    /// What the client's target has besides.
    target: Value,
    step: Value,
    /// What the step gives with each value, and with none.
    outcomes: [Value; 3],
}

pub(super) fn cases() -> Vec<Case> {
    let both = [of_the_target(), of_the_sending()];
    both.into_iter()
        .flatten()
        .flat_map(|states| [states.case(true), states.case(false)])
        .collect()
}

impl States {
    fn case(&self, given: bool) -> Case {
        const UNTOUCHED: Option<Option<usize>> = None;
        const NONE: Option<Option<usize>> = Some(None);
        const FIRST: Option<Option<usize>> = Some(Some(0));
        const SECOND: Option<Option<usize>> = Some(Some(1));
        // Each client: which one it is prepared from, how, and which outcome it has then.
        let opened = if given { 0 } else { 2 };
        let prepared = [
            (0, UNTOUCHED, opened),
            (0, SECOND, 1),
            (2, UNTOUCHED, 1),
            (0, NONE, 2),
            (4, UNTOUCHED, 2),
            (2, NONE, 2),
            (4, SECOND, 1),
            (2, FIRST, 0),
            (8, NONE, 2),
        ];
        let on = |client: usize| {
            let mut step = self.step.clone();
            step["client"] = client.into();
            step
        };
        let mut steps = vec![on(0)];
        let mut expected = vec![self.outcomes[opened].clone()];
        for (client, (from, change, outcome)) in (1..).zip(prepared) {
            let settings = match change {
                None => json!({}),
                Some(value) => {
                    json!({self.name: value.map_or(Value::Null, |value| self.values[value].clone())})
                }
            };
            steps.push(json!({"op": "prepare", "client": from, "settings": settings}));
            steps.push(on(client));
            expected.extend([ok(json!(null)), self.outcomes[outcome].clone()]);
        }
        // What is prepared from a client leaves it as it is.
        steps.push(on(0));
        expected.push(self.outcomes[opened].clone());

        let mut target = self.target.clone();
        let mut settings = json!({"timeout": 20_000_000_000_u64});
        let place = if IN_TARGET.contains(&self.name) {
            &mut target
        } else {
            &mut settings
        };
        if let Some(place) = place.as_object_mut() {
            place.remove(self.name);
            if given {
                place.insert(self.name.to_owned(), self.values[0].clone());
            }
        }
        let name = if given { self.given } else { self.unset };
        let case = case(name, steps.into(), expected.into())
            .open(json!({"target": target, "settings": settings}));
        match self.name {
            // Nobody has the topic of these casts.
            "mandatory" => case.executes(0),
            _ => case,
        }
    }
}

fn of_the_target() -> Vec<States> {
    let topic = json!({"topic": "{topic}", "version": "2.5"});
    let with = |name: &str, value: &str| {
        let mut target = topic.clone();
        target[name] = value.into();
        target
    };
    let nobody = |exchange: &str| error("no-such-target", json!({"exchange": exchange}));
    let no_server = |server: &str| {
        let key = format!("{{topic}}.{server}");
        error("no-such-target", json!({"routing-key": key}))
    };
    let remote = |class: &str| error("remote", json!({"type-name": class}));
    let none = call("none", json!({}), json!({}));
    vec![
        States {
            given: "an exchange is inherited, replaced and taken away",
            unset: "an exchange is given when preparing",
            name: "exchange",
            values: [json!("{exchange}"), json!("{word}")],
            target: with("server", "elsewhere"),
            step: call("whoami", json!({}), json!({})),
            outcomes: [
                ok(json!("elsewhere")),
                nobody("{word}"),
                nobody("openstack"),
            ],
        },
        States {
            given: "a topic is inherited, replaced and taken away",
            unset: "a topic is given when preparing",
            name: "topic",
            values: [json!("{topic}"), json!("{word}")],
            target: topic.clone(),
            step: none.clone(),
            outcomes: [
                ok(json!(null)),
                error("no-such-target", json!({"routing-key": "{word}"})),
                error("invalid-target", json!({})),
            ],
        },
        States {
            given: "a namespace is inherited, replaced and taken away",
            unset: "a namespace is given when preparing",
            name: "namespace",
            values: [json!("ns"), json!("other")],
            target: with("version", "1.0"),
            step: call("hello", json!({"who": "bob"}), json!({})),
            // Without namespace there is the ping's endpoint, and it has no such method.
            outcomes: [
                ok(json!("hello bob")),
                remote("UnsupportedVersion"),
                remote("NoSuchMethod"),
            ],
        },
        States {
            given: "a version is inherited, replaced and taken away",
            unset: "a version is given when preparing",
            name: "version",
            values: [json!("2.5"), json!("2.9")],
            target: topic.clone(),
            step: none.clone(),
            outcomes: [
                ok(json!(null)),
                remote("UnsupportedVersion"),
                remote("NoSuchMethod"),
            ],
        },
        States {
            given: "a server is inherited, replaced and taken away",
            unset: "a server is given when preparing",
            name: "server",
            values: [json!("nobody"), json!("none-other")],
            target: topic.clone(),
            step: none.clone(),
            outcomes: [
                no_server("nobody"),
                no_server("none-other"),
                ok(json!(null)),
            ],
        },
        States {
            given: "fanout is inherited, replaced and taken away",
            unset: "fanout is given when preparing",
            name: "fanout",
            values: [json!(true), json!(false)],
            target: topic,
            step: none,
            outcomes: [
                error("invalid-target", json!({})),
                ok(json!(null)),
                ok(json!(null)),
            ],
        },
    ]
}

/// But for `retry`, which needs a broker that is not there.
fn of_the_sending() -> Vec<States> {
    let topic = json!({"topic": "{topic}", "version": "2.5"});
    let none = call("none", json!({}), json!({}));
    let timeout = |limit: u64| error("timeout", json!({"limit": limit}));
    let cap = |cap: &str| error("version-cap", json!({"version": "2.5", "version-cap": cap}));
    let monitored = |seconds: Option<u64>| ok(json!({"client_timeout": seconds}));
    vec![
        States {
            given: "a timeout is inherited, replaced and taken away",
            unset: "a timeout is given when preparing",
            name: "timeout",
            // Far below what the method takes.
            values: [json!(1), json!(2)],
            target: topic.clone(),
            step: call("sleep", json!({"seconds": 0.1}), json!({})),
            outcomes: [timeout(1), timeout(2), ok(json!(0.1))],
        },
        States {
            given: "a version cap is inherited, replaced and taken away",
            unset: "a version cap is given when preparing",
            name: "version-cap",
            values: [json!("2.0"), json!("2.4")],
            target: topic.clone(),
            step: none,
            outcomes: [cap("2.0"), cap("2.4"), ok(json!(null))],
        },
        States {
            given: "a monitor timeout is inherited, replaced and taken away",
            unset: "a monitor timeout is given when preparing",
            name: "call-monitor-timeout",
            values: [json!(3_000_000_000_u64), json!(4_000_000_000_u64)],
            target: topic,
            step: call("context", json!({}), json!({})),
            outcomes: [monitored(Some(3)), monitored(Some(4)), monitored(None)],
        },
        States {
            given: "asking for somebody is inherited, replaced and taken away",
            unset: "asking for somebody is said when preparing",
            name: "mandatory",
            values: [json!(true), json!(false)],
            target: json!({"topic": "{word}"}),
            step: cast("x", json!({})),
            outcomes: [
                error("no-such-target", json!({})),
                ok(json!(null)),
                ok(json!(null)),
            ],
        },
    ]
}

const IN_TARGET: [&str; 6] = [
    "exchange",
    "topic",
    "namespace",
    "version",
    "server",
    "fanout",
];
