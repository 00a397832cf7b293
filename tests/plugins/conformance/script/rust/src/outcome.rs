use std::time::Duration;

use oslo_messaging_guest::{Error, Outcome as Executed, WaitingFor};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// What came of a step: a value, or an error's detail. Values are kept as the text they came in,
/// so that a test sees every digit.
#[derive(Debug)]
pub struct Outcome(String);

impl Outcome {
    /// Of a step that gives a result, whatever it is.
    #[must_use]
    pub fn of_reply(result: Result<Box<RawValue>, Error>) -> Self {
        match result {
            Ok(reply) => Self(format!(r#"{{"ok":{}}}"#, reply.get())),
            Err(error) => Self(json!({ "error": detail(error) }).to_string()),
        }
    }

    /// Of a step that gives something else.
    #[must_use]
    pub fn of<T: Into<Value>>(result: Result<T, Error>) -> Self {
        match result {
            Ok(value) => Self(json!({ "ok": value.into() }).to_string()),
            Err(error) => Self(json!({ "error": detail(error) }).to_string()),
        }
    }

    /// Of a step that gives outcomes.
    #[must_use]
    pub fn of_many(outcomes: &[Self]) -> Self {
        Self(format!(r#"{{"ok":{}}}"#, print(outcomes)))
    }
}

/// The outcome of a step that does not make sense.
#[must_use]
pub fn refuse(message: impl Into<String>) -> Outcome {
    Outcome(json!({ "error": { "case": "script", "message": message.into() } }).to_string())
}

/// The result of a script.
#[must_use]
pub fn print(outcomes: &[Outcome]) -> String {
    let outcomes: Vec<_> = outcomes.iter().map(|outcome| outcome.0.as_str()).collect();
    format!("[{}]", outcomes.join(","))
}

fn detail(error: Error) -> Value {
    let message = error.to_string();
    match error {
        Error::Timeout {
            waiting_for: thing,
            outcome,
            limit,
            ..
        } => json!({
            "case": "timeout",
            "waiting-for": waiting_for(thing),
            "outcome": executed(outcome),
            "limit": nanoseconds(limit),
            "message": message,
        }),
        Error::NoSuchTarget {
            exchange,
            routing_key,
            ..
        } => json!({
            "case": "no-such-target",
            "exchange": exchange,
            "routing-key": routing_key,
            "message": message,
        }),
        Error::DeliveryFailure { outcome, .. } => json!({
            "case": "delivery-failure", "outcome": executed(outcome), "message": message,
        }),
        Error::Remote(e) => json!({
            "case": "remote",
            "type-name": e.type_name,
            "type-module": e.type_module,
            "message": e.message,
            "args": value(&e.args_text),
            "kwargs": value(&e.kwargs_text),
            "traceback": e.traceback,
        }),
        Error::VersionCap {
            version,
            version_cap,
            ..
        } => json!({
            "case": "version-cap",
            "version": version,
            "version-cap": version_cap,
            "message": message,
        }),
        Error::InvalidTarget { .. } => json!({ "case": "invalid-target", "message": message }),
        Error::InvalidArgument { argument, .. } => json!({
            "case": "invalid-argument", "argument": argument, "message": message,
        }),
        Error::AccessDenied { rule, .. } => json!({
            "case": "access-denied", "rule": rule, "message": message,
        }),
        Error::LimitExceeded { limit, .. } => json!({
            "case": "limit-exceeded", "limit": limit, "message": message,
        }),
        Error::InvalidReply { .. } => json!({ "case": "invalid-reply", "message": message }),
        Error::Other { outcome, .. } => json!({
            "case": "other", "outcome": executed(outcome), "message": message,
        }),
        // What only this SDK says, in a form that no test expects.
        _ => json!({ "case": "of-the-sdk", "message": message }),
    }
}

/// The JSON in a text, or what is wrong with it in a form that no test expects.
fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| {
        Value::Object(Map::from_iter([
            ("not-json".to_owned(), text.into()),
            ("why".to_owned(), e.to_string().into()),
        ]))
    })
}

const fn executed(outcome: Executed) -> &'static str {
    match outcome {
        Executed::NotExecuted => "not-executed",
        Executed::Unknown => "unknown",
        Executed::Executed => "executed",
    }
}

const fn waiting_for(waiting_for: WaitingFor) -> &'static str {
    match waiting_for {
        WaitingFor::Admission => "admission",
        WaitingFor::Connection => "connection",
        WaitingFor::Confirm => "confirm",
        WaitingFor::Reply => "reply",
        WaitingFor::Heartbeat => "heartbeat",
        _ => "other",
    }
}

pub(crate) fn nanoseconds(length: Duration) -> u64 {
    u64::try_from(length.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_keep_their_text() {
        let digits = "123456789012345678901234567890.10";
        let reply = RawValue::from_string(digits.to_owned()).unwrap();
        assert_eq!(
            Outcome::of_reply(Ok(reply)).0,
            format!(r#"{{"ok":{digits}}}"#)
        );
        assert_eq!(Outcome::of(Ok(true)).0, r#"{"ok":true}"#);
        assert_eq!(Outcome::of(Ok(())).0, r#"{"ok":null}"#);
    }

    #[test]
    fn errors_have_all_their_fields() {
        let check = |error: Error, expected: Value| assert_eq!(detail(error), expected);
        check(
            Error::Timeout {
                waiting_for: WaitingFor::Heartbeat,
                outcome: Executed::Unknown,
                limit: Duration::from_nanos(7),
                message: "m".into(),
            },
            json!({
                "case": "timeout", "waiting-for": "heartbeat", "outcome": "unknown",
                "limit": 7, "message": "m",
            }),
        );
        check(
            Error::Other {
                outcome: Executed::Executed,
                message: "o".into(),
            },
            json!({ "case": "other", "outcome": "executed", "message": "o" }),
        );
    }

    #[test]
    fn outcomes_print_as_one_list() {
        let both = [Outcome::of(Ok(1)), refuse("no")];
        let text = print(&[Outcome::of_many(&both)]);
        assert_eq!(
            text,
            r#"[{"ok":[{"ok":1},{"error":{"case":"script","message":"no"}}]}]"#
        );
    }
}
