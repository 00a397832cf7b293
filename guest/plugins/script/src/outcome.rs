use serde_json::{Map, Value, json, value::RawValue};

use crate::types::{Delivery, Error, WaitingFor};

/// What came of a step: a value, or an error's detail. Values are kept as the text they came in,
/// so that a test sees every digit.
#[derive(Debug)]
pub struct Outcome(String);

impl Outcome {
    /// Of a step that gives JSON text: a reply.
    #[must_use]
    pub fn of_reply(result: Result<String, Error>) -> Self {
        match result {
            Ok(reply) if serde_json::from_str::<&RawValue>(&reply).is_ok() => {
                Self(format!(r#"{{"ok":{reply}}}"#))
            }
            Ok(reply) => refuse(format!("the host gave what is not JSON: {reply:?}")),
            Err(error) => Self(json!({ "error": detail(error) }).to_string()),
        }
    }

    /// Of a step that gives something else.
    #[must_use]
    pub fn of<T: Into<Value>>(result: Result<T, Error>) -> Self {
        Self::of_reply(result.map(|value| value.into().to_string()))
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
    match error {
        Error::Timeout(e) => json!({
            "case": "timeout",
            "waiting-for": waiting_for(e.waiting_for),
            "delivery": delivery(e.delivery),
            "limit": e.limit,
            "message": e.message,
        }),
        Error::NoSuchTarget(e) => json!({
            "case": "no-such-target",
            "exchange": e.exchange,
            "routing-key": e.routing_key,
            "message": e.message,
        }),
        Error::DeliveryFailure(e) => json!({
            "case": "delivery-failure",
            "delivery": delivery(e.delivery),
            "message": e.message,
        }),
        Error::Remote(e) => json!({
            "case": "remote",
            "class": e.class,
            "module": e.module,
            "message": e.message,
            "args": value(&e.args),
            "kwargs": value(&e.kwargs),
            "traceback": e.traceback,
        }),
        Error::VersionCap(e) => json!({
            "case": "version-cap",
            "version": e.version,
            "version-cap": e.version_cap,
            "message": e.message,
        }),
        Error::InvalidTarget(message) => json!({ "case": "invalid-target", "message": message }),
        Error::InvalidArgument(e) => json!({
            "case": "invalid-argument",
            "argument": e.argument,
            "message": e.message,
        }),
        Error::AccessDenied(e) => json!({
            "case": "access-denied",
            "rule": e.rule,
            "message": e.message,
        }),
        Error::LimitExceeded(e) => json!({
            "case": "limit-exceeded",
            "limit": e.limit,
            "message": e.message,
        }),
        Error::InvalidReply(message) => json!({ "case": "invalid-reply", "message": message }),
        Error::Other(message) => json!({ "case": "other", "message": message }),
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

const fn delivery(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::NotSent => "not-sent",
        Delivery::MaybeDelivered => "maybe-delivered",
    }
}

const fn waiting_for(waiting_for: WaitingFor) -> &'static str {
    match waiting_for {
        WaitingFor::Admission => "admission",
        WaitingFor::Connection => "connection",
        WaitingFor::Confirm => "confirm",
        WaitingFor::Reply => "reply",
        WaitingFor::Heartbeat => "heartbeat",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{RemoteError, TimeoutError};

    #[test]
    fn replies_keep_their_text() {
        let digits = "123456789012345678901234567890.10";
        assert_eq!(
            Outcome::of_reply(Ok(digits.into())).0,
            format!(r#"{{"ok":{digits}}}"#)
        );
        assert_eq!(Outcome::of(Ok(true)).0, r#"{"ok":true}"#);
        assert_eq!(Outcome::of(Ok(())).0, r#"{"ok":null}"#);
        assert!(Outcome::of_reply(Ok("{".into())).0.contains("script"));
    }

    #[test]
    fn errors_have_all_their_fields() {
        let check = |error: Error, expected: Value| assert_eq!(detail(error), expected);
        check(
            Error::Timeout(TimeoutError {
                waiting_for: WaitingFor::Heartbeat,
                delivery: Delivery::MaybeDelivered,
                limit: 7,
                message: "m".into(),
            }),
            json!({
                "case": "timeout", "waiting-for": "heartbeat", "delivery": "maybe-delivered",
                "limit": 7, "message": "m",
            }),
        );
        check(
            Error::Remote(RemoteError {
                class: "C".into(),
                module: "m".into(),
                message: "x".into(),
                args: "[1]".into(),
                kwargs: "{}".into(),
                traceback: vec!["t".into()],
            }),
            json!({
                "case": "remote", "class": "C", "module": "m", "message": "x",
                "args": [1], "kwargs": {}, "traceback": ["t"],
            }),
        );
        check(
            Error::Other("o".into()),
            json!({ "case": "other", "message": "o" }),
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
