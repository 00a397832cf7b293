use std::time::Duration;

use crate::bindings::types::Setting;

/// What a client does differently from its defaults.
///
/// Each setting has three states, as a keyword argument of upstream's `prepare` has: not called
/// keeps what the client has, a value replaces it, and `None` goes back to what is said at each
/// method. Settings for one message are easier to give with
/// [`Client::prepare`](crate::Client::prepare), which has the same methods.
///
/// ```
/// use std::time::Duration;
/// use oslo_messaging_guest::Settings;
///
/// let settings = Settings::new()
///     .timeout(Duration::from_secs(5))
///     .version_cap("2.7")
///     .retry(3_u32)
///     .server(None);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "settings do nothing until a client is opened or prepared with them"]
pub struct Settings {
    list: Vec<Setting>,
}

impl Settings {
    /// No setting: everything stays as it is.
    pub const fn new() -> Self {
        Self { list: Vec::new() }
    }

    setters!();

    pub(crate) fn set(mut self, setting: Setting) -> Self {
        self.list.push(setting);
        self
    }

    pub(crate) fn into_list(self) -> Vec<Setting> {
        self.list
    }
}

pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    // 2^64 ns are 584 years.
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// The setters of a type that has `fn set(self, Setting) -> Self`; written once, because two types
/// have them: [`Settings`] and [`Prepare`](crate::Prepare).
macro_rules! setters {
    () => {
        /// The exchange of the target. `None`: the transport's default exchange.
        pub fn exchange<'a>(self, exchange: impl Into<Option<&'a str>>) -> Self {
            self.set($crate::bindings::types::Setting::Exchange(
                exchange.into().map(Into::into),
            ))
        }

        /// The topic of the target. `None`: no topic, so that sending is refused.
        pub fn topic<'a>(self, topic: impl Into<Option<&'a str>>) -> Self {
            self.set($crate::bindings::types::Setting::Topic(
                topic.into().map(Into::into),
            ))
        }

        /// The namespace of the target. `None`: no namespace.
        pub fn namespace<'a>(self, namespace: impl Into<Option<&'a str>>) -> Self {
            self.set($crate::bindings::types::Setting::Namespace(
                namespace.into().map(Into::into),
            ))
        }

        /// The version of the target, `major.minor` or `major.minor.revision`. `None`: no version.
        pub fn version<'a>(self, version: impl Into<Option<&'a str>>) -> Self {
            self.set($crate::bindings::types::Setting::Version(
                version.into().map(Into::into),
            ))
        }

        /// The server of the target. `None`: any server of the topic.
        pub fn server<'a>(self, server: impl Into<Option<&'a str>>) -> Self {
            self.set($crate::bindings::types::Setting::Server(
                server.into().map(Into::into),
            ))
        }

        /// Whether a cast goes to every server of the topic. `None`: it does not.
        pub fn fanout(self, fanout: impl Into<Option<bool>>) -> Self {
            self.set($crate::bindings::types::Setting::Fanout(fanout.into()))
        }

        /// How long a call or cast may take in all, counted from the moment it is made: admission,
        /// connecting, sending and, for a call, the reply. The host may make it shorter, never
        /// longer. `None`: the host's default (60 s unless the operator set another).
        pub fn timeout(self, timeout: impl Into<Option<Duration>>) -> Self {
            self.set($crate::bindings::types::Setting::Timeout(
                timeout.into().map($crate::settings::nanoseconds),
            ))
        }

        /// The highest version that may be sent; anything else is refused with
        /// [`Error::VersionCap`](crate::Error::VersionCap). `None`: no cap.
        pub fn version_cap<'a>(self, version_cap: impl Into<Option<&'a str>>) -> Self {
            self.set($crate::bindings::types::Setting::VersionCap(
                version_cap.into().map(Into::into),
            ))
        }

        /// How many times a failed attempt to connect may be repeated. Zero: not at all. `None`:
        /// until the timeout. What the broker may already have is never sent again.
        pub fn retry(self, retry: impl Into<Option<u32>>) -> Self {
            self.set($crate::bindings::types::Setting::Retry(retry.into()))
        }

        /// Ask the server for signs of life while a call runs, and give up when none came for this
        /// long, at least 2 s. The timeout still ends the call. `None`: no monitoring.
        pub fn call_monitor_timeout(self, timeout: impl Into<Option<Duration>>) -> Self {
            self.set($crate::bindings::types::Setting::CallMonitorTimeout(
                timeout.into().map($crate::settings::nanoseconds),
            ))
        }

        /// Whether to fail with [`Error::NoSuchTarget`](crate::Error::NoSuchTarget) at once when
        /// no server's queue exists to take the message. `None`: calls do, casts do not. A fanout
        /// cast never does.
        pub fn at_least_once(self, at_least_once: impl Into<Option<bool>>) -> Self {
            self.set($crate::bindings::types::Setting::AtLeastOnce(
                at_least_once.into(),
            ))
        }
    };
}
pub(crate) use setters;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_sets_none_clears_and_silence_inherits() {
        let check = |settings: Settings, list: &[Setting]| assert_eq!(settings.into_list(), list);
        check(Settings::new(), &[]);
        check(
            Settings::new().exchange("e"),
            &[Setting::Exchange(Some("e".into()))],
        );
        check(Settings::new().topic(None), &[Setting::Topic(None)]);
        check(
            Settings::new().namespace(Some("n")),
            &[Setting::Namespace(Some("n".into()))],
        );
        check(
            Settings::new().version("2.5"),
            &[Setting::Version(Some("2.5".into()))],
        );
        check(Settings::new().server(None), &[Setting::Server(None)]);
        check(Settings::new().fanout(true), &[Setting::Fanout(Some(true))]);
        check(Settings::new().timeout(None), &[Setting::Timeout(None)]);
        check(
            Settings::new().version_cap("1.0"),
            &[Setting::VersionCap(Some("1.0".into()))],
        );
        check(Settings::new().retry(0_u32), &[Setting::Retry(Some(0))]);
        check(
            Settings::new().call_monitor_timeout(Duration::from_secs(2)),
            &[Setting::CallMonitorTimeout(Some(2_000_000_000))],
        );
        check(
            Settings::new().at_least_once(false),
            &[Setting::AtLeastOnce(Some(false))],
        );
    }

    #[test]
    fn settings_keep_their_order_because_the_last_one_counts() {
        let list = Settings::new()
            .version("1.0")
            .timeout(None)
            .version(None)
            .into_list();
        assert_eq!(
            list,
            [
                Setting::Version(Some("1.0".into())),
                Setting::Timeout(None),
                Setting::Version(None)
            ]
        );
    }

    #[test]
    fn a_duration_beyond_the_wire_becomes_the_longest() {
        assert_eq!(nanoseconds(Duration::from_millis(1)), 1_000_000);
        assert_eq!(nanoseconds(Duration::MAX), u64::MAX);
    }
}
