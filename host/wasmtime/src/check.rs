//! What a guest says, checked before anything is made of it. A guest is not to be trusted: not
//! with lengths, not with numbers, not with text.

use oslo_messaging::Target as NativeTarget;
use serde_json::value::RawValue;

use crate::Limits;
use crate::bindings::types::{DeliveryError, Error, Outcome, Target};
use crate::error::{invalid_argument, limit_exceeded};

impl Limits {
    /// A name that is not too long.
    pub(crate) fn check_name(&self, argument: &str, name: &str) -> Result<(), Error> {
        if name.len() <= self.name_bytes {
            return Ok(());
        }
        Err(invalid_argument(
            argument,
            format!(
                "it has {} bytes, and at most {} are allowed",
                name.len(),
                self.name_bytes
            ),
        ))
    }

    fn check_names(&self, names: &[(&str, &Option<String>)]) -> Result<(), Error> {
        names.iter().try_for_each(|(argument, name)| match name {
            Some(name) => self.check_name(argument, name),
            None => Ok(()),
        })
    }

    pub(crate) fn check_target(&self, target: Target) -> Result<NativeTarget, Error> {
        let Target {
            exchange,
            topic,
            namespace,
            version,
            server,
            fanout,
        } = target;
        self.check_names(&[
            ("exchange", &exchange),
            ("topic", &topic),
            ("namespace", &namespace),
            ("version", &version),
            ("server", &server),
        ])?;
        let mut target = NativeTarget::new().fanout(fanout);
        target.exchange = exchange;
        target.topic = topic;
        target.namespace = namespace;
        target.version = version;
        target.server = server;
        Ok(target)
    }

    pub(crate) fn check_request_bytes(&self, bytes: usize) -> Result<(), Error> {
        if bytes <= self.request_bytes {
            return Ok(());
        }
        Err(limit_exceeded(
            "request-bytes",
            format!(
                "context, method and args have {bytes} bytes, and at most {} are allowed",
                self.request_bytes
            ),
        ))
    }

    pub(crate) fn check_requests(&self, requests: usize) -> Result<(), Error> {
        if requests <= self.requests {
            return Ok(());
        }
        Err(limit_exceeded(
            "requests",
            format!(
                "there are {requests}, and at most {} go into one call-all",
                self.requests
            ),
        ))
    }
}

/// Exchanges that are somebody else's: the broker's own, and those of fanouts, which a target with
/// `fanout` reaches, so that nobody gets around a rule about fanouts by another name.
pub(crate) fn check_exchange(exchange: &str) -> Result<(), Error> {
    let why = if exchange.starts_with("amq.") {
        "the broker's own exchanges cannot be used"
    } else if exchange.ends_with("_fanout") {
        "the exchange of a topic's fanouts cannot be named: set `fanout` and the topic"
    } else {
        return Ok(());
    };
    // As a broker says it, which refuses to have them declared.
    Err(Error::DeliveryFailure(DeliveryError {
        outcome: Outcome::NotExecuted,
        message: format!("exchange `{exchange}`: {why}"),
    }))
}

/// The text of one JSON value. It is read once from end to end, without building anything of it,
/// so that neither depth nor size costs more than the text itself.
pub(crate) fn json(argument: &str, text: String) -> Result<Box<RawValue>, Error> {
    RawValue::from_string(text)
        .map_err(|error| invalid_argument(argument, format!("it is not JSON: {error}")))
}

/// The text of one JSON object, read as [`json`].
pub(crate) fn json_object(argument: &str, text: String) -> Result<Box<RawValue>, Error> {
    let value = json(argument, text)?;
    if value.get().starts_with('{') {
        Ok(value)
    } else {
        Err(invalid_argument(
            argument,
            "it must be a JSON object, such as {}",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
        match result {
            Err(Error::InvalidArgument(error)) => error.argument,
            Err(Error::LimitExceeded(error)) => error.limit,
            other => panic!("{other:?}"),
        }
    }

    fn target() -> Target {
        Target {
            exchange: None,
            topic: None,
            namespace: None,
            version: None,
            server: None,
            fanout: false,
        }
    }

    fn long() -> Option<String> {
        Some("x".repeat(256))
    }

    #[test]
    fn every_name_has_a_longest_length() {
        let limits = Limits::default();
        let with = |set: fn(&mut Target)| {
            let mut target = target();
            set(&mut target);
            target
        };
        for (argument, target) in [
            ("exchange", with(|target| target.exchange = long())),
            ("topic", with(|target| target.topic = long())),
            ("namespace", with(|target| target.namespace = long())),
            ("version", with(|target| target.version = long())),
            ("server", with(|target| target.server = long())),
        ] {
            assert_eq!(refused(limits.check_target(target)), argument);
        }
        assert_eq!(
            refused(limits.check_name("method", &"x".repeat(256))),
            "method"
        );
        assert!(limits.check_name("method", &"x".repeat(255)).is_ok());
    }

    #[test]
    fn a_target_arrives_whole() {
        let some = |text: &str| Some(text.to_owned());
        let target = Target {
            exchange: some("e"),
            topic: some("t"),
            namespace: some("n"),
            version: some("1.0"),
            server: some("s"),
            fanout: true,
        };
        let expected = NativeTarget::topic("t")
            .exchange("e")
            .namespace("n")
            .version("1.0")
            .server("s")
            .fanout(true);
        assert_eq!(Limits::default().check_target(target).unwrap(), expected);
    }

    #[test]
    fn lists_have_a_longest_length() {
        let limits = Limits::default();
        assert_eq!(refused(limits.check_requests(1025)), "requests");
        assert!(limits.check_requests(1024).is_ok());
    }

    #[test]
    fn requests_have_a_largest_size() {
        let limits = Limits {
            request_bytes: 10,
            ..Limits::default()
        };
        assert!(limits.check_request_bytes(10).is_ok());
        assert_eq!(refused(limits.check_request_bytes(11)), "request-bytes");
    }

    #[test]
    fn json_is_one_object() {
        let check = |text: &str, kept: Option<&str>| {
            let value = json_object("args", text.to_owned());
            assert_eq!(
                value.ok().map(|value| value.get().to_owned()).as_deref(),
                kept,
                "{text}"
            );
        };
        check("{}", Some("{}"));
        check(
            " {\"a\": [1e400, \"\\ud800\"]}\n",
            Some("{\"a\": [1e400, \"\\ud800\"]}"),
        );
        check("", None);
        check("{} {}", None);
        check("{\"a\": NaN}", None);
        check("{\"a\": 1,}", None);
        check("[]", None);
        check("null", None);
        check("\u{feff}{}", None);
    }

    #[test]
    fn the_depth_of_json_costs_no_stack() {
        let deep = 4_000_000;
        let text = format!("{{\"a\":{}{}}}", "[".repeat(deep), "]".repeat(deep));
        assert!(json_object("args", text).is_ok());
        assert_eq!(refused(json_object("args", "[".repeat(deep))), "args");
    }
}
