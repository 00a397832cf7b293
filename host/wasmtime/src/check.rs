//! What a guest says, checked before anything is made of it. A guest is not to be trusted: not
//! with lengths, not with numbers, not with text.

use oslo_messaging::{Setting as NativeSetting, Target as NativeTarget};
use serde_json::value::RawValue;

use crate::bindings::types::{Error, Setting, Target};
use crate::error::{invalid_argument, limit_exceeded};
use crate::{Limits, time};

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

    pub(crate) fn check_settings(
        &self,
        settings: Vec<Setting>,
    ) -> Result<Vec<NativeSetting>, Error> {
        if settings.len() > self.settings {
            return Err(invalid_argument(
                "settings",
                format!(
                    "there are {}, and at most {} are allowed",
                    settings.len(),
                    self.settings
                ),
            ));
        }
        settings
            .into_iter()
            .map(|setting| self.check_setting(setting))
            .collect()
    }

    fn check_setting(&self, setting: Setting) -> Result<NativeSetting, Error> {
        let named = |argument, name: Option<String>, make: fn(Option<String>) -> NativeSetting| {
            self.check_names(&[(argument, &name)]).map(|()| make(name))
        };
        match setting {
            Setting::Exchange(name) => named("exchange", name, NativeSetting::Exchange),
            Setting::Topic(name) => named("topic", name, NativeSetting::Topic),
            Setting::Namespace(name) => named("namespace", name, NativeSetting::Namespace),
            Setting::Version(name) => named("version", name, NativeSetting::Version),
            Setting::Server(name) => named("server", name, NativeSetting::Server),
            Setting::VersionCap(name) => named("version-cap", name, NativeSetting::VersionCap),
            Setting::Fanout(on) => Ok(NativeSetting::Fanout(on)),
            Setting::Timeout(length) => Ok(NativeSetting::Timeout(length.map(time::from_guest))),
            Setting::Retry(times) => Ok(NativeSetting::Retry(times)),
            Setting::CallMonitorTimeout(length) => Ok(NativeSetting::CallMonitorTimeout(
                length.map(time::from_guest),
            )),
            Setting::AtLeastOnce(on) => Ok(NativeSetting::AtLeastOnce(on)),
        }
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

/// The text of one JSON object. It is read once from end to end, without building anything of it,
/// so that neither depth nor size costs more than the text itself.
pub(crate) fn json_object(argument: &str, text: String) -> Result<Box<RawValue>, Error> {
    let value = RawValue::from_string(text)
        .map_err(|error| invalid_argument(argument, format!("it is not JSON: {error}")))?;
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
    use std::time::Duration;

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
        for (argument, target, setting) in [
            (
                "exchange",
                Target {
                    exchange: long(),
                    ..target()
                },
                Setting::Exchange(long()),
            ),
            (
                "topic",
                Target {
                    topic: long(),
                    ..target()
                },
                Setting::Topic(long()),
            ),
            (
                "namespace",
                Target {
                    namespace: long(),
                    ..target()
                },
                Setting::Namespace(long()),
            ),
            (
                "version",
                Target {
                    version: long(),
                    ..target()
                },
                Setting::Version(long()),
            ),
            (
                "server",
                Target {
                    server: long(),
                    ..target()
                },
                Setting::Server(long()),
            ),
            (
                "version-cap",
                Target {
                    version: long(),
                    ..target()
                },
                Setting::VersionCap(long()),
            ),
        ] {
            assert_eq!(refused(limits.check_settings(vec![setting])), argument);
            let argument = argument.trim_end_matches("-cap");
            assert_eq!(refused(limits.check_target(target)), argument);
        }
        assert_eq!(
            refused(limits.check_name("method", &"x".repeat(256))),
            "method"
        );
        assert!(limits.check_name("method", &"x".repeat(255)).is_ok());
    }

    #[test]
    fn a_target_and_settings_arrive_whole() {
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

        let settings = vec![
            Setting::Timeout(Some(u64::MAX)),
            Setting::CallMonitorTimeout(Some(2_000_000_000)),
            Setting::Retry(Some(3)),
            Setting::AtLeastOnce(Some(true)),
            Setting::Fanout(None),
            Setting::Topic(some("t")),
        ];
        let expected = [
            NativeSetting::Timeout(Some(Duration::from_nanos(u64::MAX))),
            NativeSetting::CallMonitorTimeout(Some(Duration::from_secs(2))),
            NativeSetting::Retry(Some(3)),
            NativeSetting::AtLeastOnce(Some(true)),
            NativeSetting::Fanout(None),
            NativeSetting::Topic(some("t")),
        ];
        assert_eq!(
            Limits::default().check_settings(settings).unwrap(),
            expected
        );
    }

    #[test]
    fn lists_have_a_longest_length() {
        let limits = Limits::default();
        assert_eq!(
            refused(limits.check_settings(vec![Setting::Fanout(None); 65])),
            "settings"
        );
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
