//! The behaviours, a file for each theme. `docs/behaviours.md` has them beside upstream's own tests.

#[path = "list/at_once.rs"]
mod at_once;
#[path = "list/delivery.rs"]
mod delivery;
#[path = "list/errors.rs"]
mod errors;
#[path = "list/hostile.rs"]
mod hostile;
#[path = "list/order.rs"]
mod order;
#[path = "list/plugins.rs"]
mod plugins;
#[path = "list/results.rs"]
mod results;
#[path = "list/settings.rs"]
mod settings;
#[path = "list/targets.rs"]
mod targets;
#[path = "list/time.rs"]
mod time;
#[path = "list/versions.rs"]
mod versions;

use serde_json::{Value, json};

use crate::case::Case;

pub(crate) fn cases() -> Vec<Case> {
    [
        results::cases(),
        targets::cases(),
        settings::cases(),
        errors::cases(),
        delivery::cases(),
        versions::cases(),
        time::cases(),
        order::cases(),
        at_once::cases(),
        hostile::cases(),
        plugins::cases(),
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

/// The words of a server, as soon as this one is among them.
fn recall(server: &str, until: &str) -> Value {
    call(
        "recall",
        json!({"until": until}),
        json!({"server": server, "version": "2.0"}),
    )
}

/// A server's words, which have this one.
fn with(word: &str) -> Value {
    json!({"ok": {"$includes": [word]}})
}

/// A server's words, which have one that was sent later, and this one not.
fn without(word: &str, later: &str) -> Value {
    json!({"ok": {"$includes": [later], "$excludes": [word]}})
}

/// Any of the servers of the topic. Those of two exchanges share its queue.
fn anyone() -> Value {
    json!({"ok": {"$one-of": ["s1", "s2", "elsewhere"]}})
}

fn ok(value: Value) -> Value {
    json!({"ok": value})
}
