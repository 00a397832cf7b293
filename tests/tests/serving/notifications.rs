//! Notifications for plugins, and what comes of them with a Python listener as well as with a plugin.

use serde_json::{Value, json};

/// A language that handles notifications and answers with some.
pub(crate) struct Language {
    pub(crate) name: &'static str,
    pub(crate) component: &'static str,
    /// What can be done wrong in it, with the argument that is told then. The rest its types prevent.
    wrong: &'static [(&'static str, &'static str)],
}

pub(crate) const LANGUAGES: [Language; 7] = [
    Language {
        name: "rust",
        component: "notified",
        wrong: RUST,
    },
    Language {
        name: "rust-async",
        component: "notified-async",
        wrong: RUST,
    },
    Language {
        name: "python",
        component: "notified-python",
        wrong: &[
            ("payload", "payload"),
            ("nan", "payload"),
            ("depth", "payload"),
            ("surrogate", "event_type"),
            ("event-type", "event_type"),
            ("priority", "priority"),
            ("topics", "topics"),
        ],
    },
    Language {
        name: "python-async",
        component: "notified-python-async",
        wrong: &[
            ("payload", "payload"),
            ("nan", "payload"),
            ("surrogate", "event_type"),
            ("event-type", "event_type"),
            ("priority", "priority"),
            ("topics", "topics"),
        ],
    },
    Language {
        name: "javascript",
        component: "notified-javascript",
        wrong: &[
            ("payload", "payload"),
            ("promise", "payload"),
            ("nan", "payload"),
            ("depth", "payload"),
            ("context", "context"),
            ("surrogate", "eventType"),
            ("priority", "priority"),
            ("topics", "topics"),
        ],
    },
    Language {
        name: "go",
        component: "notified-go",
        wrong: &[
            ("payload", "payload"),
            ("json", "payload"),
            ("nan", "payload"),
            ("context", "context"),
            ("surrogate", "event-type"),
            ("priority", "priority"),
            ("topics", "topics"),
        ],
    },
    Language {
        name: "c",
        component: "notified-c",
        wrong: &[
            ("payload", "payload"),
            ("nan", "payload"),
            ("context", "context"),
            ("surrogate", "event-type"),
            ("event-type", "event-type"),
            ("priority", "priority"),
            ("topics", "topics"),
        ],
    },
];

const RUST: &[(&str, &str)] = &[
    ("payload", "payload"),
    ("nan", "payload"),
    ("context", "context"),
    ("event-type", "event-type"),
    ("topics", "topics"),
];

pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// What is sent, one after the other.
    pub(crate) notifications: Vec<Notified>,
    /// Whether it is only for plugins, because a Python notifier tells nobody what is wrong.
    pub(crate) is_of_plugins: bool,
}

/// A notification, and the answer to it.
pub(crate) struct Notified {
    pub(crate) priority: &'static str,
    pub(crate) event_type: String,
    /// Beside the topic for the answer.
    pub(crate) payload: Value,
    /// The user in its context.
    pub(crate) user: &'static str,
    /// Its event type and payload; none when it is not for the endpoint.
    pub(crate) answer: Option<(&'static str, Value)>,
}

pub(crate) fn cases(language: &Language) -> Vec<Case> {
    let nested = json!({"a": [1, {"b": null}, "\u{e9}\u{2603}", 1.5, true], "": "x\u{1f600}"});
    let every = ["audit", "info", "warn", "error", "critical", "sample"];
    vec![
        case(
            "every priority is handled and answered",
            every.map(|it| shown(it, "show.it", json!({"nested": nested}), 1)),
        ),
        case(
            "what is not for the endpoint never gets to it",
            [
                shown("info", "show.first", json!({}), 1),
                dropped("debug", "show.no_method", json!({}), "alice"),
                dropped("info", "other.event", json!({}), "alice"),
                dropped("info", "not.show.first", json!({}), "alice"),
                dropped("info", "show.payload", json!({"answer": 7}), "alice"),
                dropped("info", "show.context", json!({}), "mallory"),
                shown("info", "show.second", json!({}), 1),
            ],
        ),
        case(
            "what is wanted again comes again",
            [
                shown("warn", "again.please", json!({"id": "one"}), 2),
                shown("warn", "fail.once", json!({"id": "two"}), 2),
                shown("warn", "show.now", json!({}), 1),
            ],
        ),
        Case {
            is_of_plugins: true,
            ..case(
                "what is wrong is told and ends no instance",
                language
                    .wrong
                    .iter()
                    .map(|(kind, argument)| Notified {
                        priority: "info",
                        event_type: format!("wrong.{kind}"),
                        payload: json!({}),
                        user: "alice",
                        answer: Some((
                            "refused",
                            json!({"argument": argument, "outcome": "not-executed", "count": 1}),
                        )),
                    })
                    .chain([shown("info", "show.after", json!({}), 1)]),
            )
        },
    ]
}

/// The answers count what the endpoint was given so far.
fn case(name: &'static str, notified: impl IntoIterator<Item = Notified>) -> Case {
    let mut counted = 0;
    let mut notifications: Vec<Notified> = notified.into_iter().collect();
    for it in &mut notifications {
        if let Some((_, answer)) = &mut it.answer {
            counted += answer["count"].as_u64().unwrap_or_default();
            answer["count"] = counted.into();
        }
    }
    Case {
        name,
        notifications,
        is_of_plugins: false,
    }
}

/// One that is answered when it was given to the endpoint so often.
fn shown(priority: &'static str, event_type: &str, payload: Value, times: u64) -> Notified {
    let answer = json!({
        "priority": priority, "publisher_id": "tester", "event_type": event_type, "user": "alice",
        "payload": payload, "message_id": 36, "timestamp": 26, "count": times,
    });
    Notified {
        priority,
        event_type: event_type.to_owned(),
        payload,
        user: "alice",
        answer: Some(("shown", answer)),
    }
}

fn dropped(
    priority: &'static str,
    event_type: &str,
    payload: Value,
    user: &'static str,
) -> Notified {
    Notified {
        priority,
        event_type: event_type.to_owned(),
        payload,
        user,
        answer: None,
    }
}
