//! What a notification asks for, and what is answered.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use oslo_messaging_guest::notifications::{Filter, Notification};
use oslo_messaging_guest::{Error, Notifier, Outcome, Priority, Result};
use serde_json::{Value, json};

/// The filter of the endpoint.
pub(crate) fn filter() -> Filter {
    let wanted = Priority::ALL.into_iter();
    let wanted = wanted.filter(|&priority| priority != Priority::Debug);
    wanted
        .fold(Filter::new(), Filter::priority)
        .publisher_id("^tester$")
        .event_type(r"^(show|again|fail|wrong)\.")
        .payload("answer", ".")
        .context("user", "^alice$")
}

/// What is to be done.
pub(crate) enum Wanted {
    /// Nothing, until it comes again.
    Again,
    /// To answer with this notification.
    Answer {
        topic: String,
        priority: Priority,
        context: Value,
        event_type: &'static str,
        payload: Value,
    },
}

pub(crate) fn read(told: &Notification) -> Wanted {
    thread_local! {
        static COUNTED: Cell<u64> = const { Cell::new(0) };
        static SEEN: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
    }
    let count = COUNTED.get() + 1;
    COUNTED.set(count);
    let payload = told.payload::<Value>().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let topic = text(&payload["answer"]);
    let event_type = told.event_type.as_deref().unwrap_or_default();
    if let Some(kind) = event_type.strip_prefix("wrong.") {
        let Err(error) = wrong(kind, &topic) else {
            return Wanted::Again;
        };
        let is_safe = error.outcome() == Outcome::NotExecuted;
        let outcome = if is_safe { "not-executed" } else { "unknown" };
        let argument = match error {
            Error::InvalidArgument { argument, .. } | Error::Serialize { argument, .. } => argument,
            other => other.to_string(),
        };
        return Wanted::Answer {
            topic,
            priority: Priority::Info,
            context: json!({}),
            event_type: "refused",
            payload: json!({
                "argument": argument, "count": count, "outcome": outcome,
            }),
        };
    }
    let is_new = || SEEN.with_borrow_mut(|seen| seen.insert(text(&payload["id"])));
    if !event_type.starts_with("show.") && is_new() {
        return Wanted::Again;
    }
    let priority = Priority::ALL
        .into_iter()
        .find(|it| it.as_str() == told.priority);
    let context = told.context::<Value>().unwrap_or_default();
    let length = |text: &Option<String>| text.as_ref().map(String::len);
    Wanted::Answer {
        topic,
        priority: priority.unwrap_or(Priority::Critical),
        context: json!({"user": "bob"}),
        event_type: "shown",
        payload: json!({
            "priority": told.priority, "publisher_id": told.publisher_id, "event_type": event_type,
            "user": context["user"], "payload": payload, "message_id": length(&told.message_id),
            "timestamp": length(&told.timestamp), "count": count,
        }),
    }
}

/// A notifier for answers.
pub(crate) fn notifier(topic: &str) -> Result<Notifier> {
    Notifier::open("default", "notified.host-1")?.topics(&[topic])
}

/// Does what is wrong.
fn wrong(kind: &str, topic: &str) -> Result<()> {
    let nothing = json!({});
    match kind {
        // JSON has names that are text.
        "payload" => {
            let payload = BTreeMap::from([((1, 2), 3)]);
            notifier(topic)?.info(&nothing, "e", &payload)
        }
        "nan" => notifier(topic)?.info(&nothing, "e", &[1.0, f64::NAN]),
        "context" => notifier(topic)?.info(&json!([]), "e", &nothing),
        "event-type" => notifier(topic)?.info(&nothing, &"e".repeat(300), &nothing),
        "topics" => Notifier::open("default", None)?.topics(&[]).map(drop),
        _ => Ok(()),
    }
}
