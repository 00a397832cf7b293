use std::fmt;
use std::time::Duration;

use crate::bindings::client::Options;

/// Settings of a client, for [`Client::open_with`](crate::Client::open_with) and
/// [`Prepare::settings`](crate::Prepare::settings). Settings for one message are easier to give with
/// [`Client::prepare`](crate::Client::prepare), which has the same methods.
///
/// Each setting has three states, as a keyword argument of upstream's `prepare` has: not called
/// keeps what the client has, a value replaces it, and the method named `default_…` goes back to
/// what is said there. When one is called twice, the last one counts.
///
/// ```
/// use std::time::Duration;
/// use oslo_messaging_guest::Settings;
///
/// let host = String::from("host-1");
/// let settings = Settings::new()
///     .timeout(Duration::from_secs(5))
///     .version_cap("2.7")
///     .retry(3)
///     .server(host)
///     .default_topic();
/// ```
#[derive(Clone, Debug, Default)]
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

    /// These, and others after them, which win.
    pub fn and(mut self, others: &Self) -> Self {
        self.list.extend(others.list.iter().cloned());
        self
    }

    pub(crate) fn set(mut self, setting: Setting) -> Self {
        self.list.push(setting);
        self
    }

    /// What the host gets; none if there is nothing to say.
    pub(crate) fn options(&self) -> Option<Options> {
        if self.list.is_empty() {
            return None;
        }
        let options = Options::new();
        for Setting { value, apply, .. } in &self.list {
            apply(&options, value);
        }
        Some(options)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

/// One setting: a value, and the host's function that takes it.
///
/// The function is a part of the value so that a plugin imports the setters that it calls, and a
/// host that does not have the newest one yet runs it.
#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) value: Value,
    pub(crate) apply: fn(&Options, &Value),
}

/// None: back to the default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Flag(Option<bool>),
    Number(Option<u64>),
    Text(Option<String>),
}

impl Value {
    pub(crate) const fn flag(&self) -> Option<bool> {
        match self {
            Self::Flag(flag) => *flag,
            _ => None,
        }
    }

    pub(crate) const fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => *number,
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => text.as_deref(),
            _ => None,
        }
    }
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.name, self.value)
    }
}

pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    // 2^64 ns are 584 years.
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A setting of text, its methods, and the host's function.
macro_rules! text {
    ($name:ident, $default:ident, $set:ident, $doc:literal, $default_doc:literal) => {
        #[doc = $doc]
        pub fn $name(self, $name: impl Into<String>) -> Self {
            let value = $crate::settings::Value::Text(Some($name.into()));
            self.set($crate::settings::Setting {
                name: stringify!($name),
                value,
                apply: |options, value| options.$set(value.text()),
            })
        }

        #[doc = $default_doc]
        pub fn $default(self) -> Self {
            self.set($crate::settings::Setting {
                name: stringify!($name),
                value: $crate::settings::Value::Text(None),
                apply: |options, value| options.$set(value.text()),
            })
        }
    };
}

/// A setting that is on or off.
macro_rules! flag {
    ($name:ident, $default:ident, $set:ident, $doc:literal, $default_doc:literal) => {
        #[doc = $doc]
        pub fn $name(self, $name: bool) -> Self {
            self.set($crate::settings::Setting {
                name: stringify!($name),
                value: $crate::settings::Value::Flag(Some($name)),
                apply: |options, value| options.$set(value.flag()),
            })
        }

        #[doc = $default_doc]
        pub fn $default(self) -> Self {
            self.set($crate::settings::Setting {
                name: stringify!($name),
                value: $crate::settings::Value::Flag(None),
                apply: |options, value| options.$set(value.flag()),
            })
        }
    };
}

/// A setting that is a length of time.
macro_rules! length {
    ($name:ident, $default:ident, $set:ident, $doc:literal, $default_doc:literal) => {
        #[doc = $doc]
        pub fn $name(self, $name: std::time::Duration) -> Self {
            let value = $crate::settings::Value::Number(Some($crate::settings::nanoseconds($name)));
            self.set($crate::settings::Setting {
                name: stringify!($name),
                value,
                apply: |options, value| options.$set(value.number()),
            })
        }

        #[doc = $default_doc]
        pub fn $default(self) -> Self {
            self.set($crate::settings::Setting {
                name: stringify!($name),
                value: $crate::settings::Value::Number(None),
                apply: |options, value| options.$set(value.number()),
            })
        }
    };
}

/// The methods of a type that has `fn set(self, Setting) -> Self`; written once, because two types
/// have them: [`Settings`] and [`Prepare`](crate::Prepare).
macro_rules! setters {
    () => {
        $crate::settings::text!(
            exchange,
            default_exchange,
            set_exchange,
            "The exchange of the target.",
            "The transport's default exchange."
        );
        $crate::settings::text!(
            topic,
            default_topic,
            set_topic,
            "The topic of the target.",
            "No topic, so that sending is refused."
        );
        $crate::settings::text!(
            namespace,
            default_namespace,
            set_namespace,
            "The namespace of the methods.",
            "The servers' unnamed namespace."
        );
        $crate::settings::text!(
            version,
            default_version,
            set_version,
            "The version of the target, `major.minor` or `major.minor.revision`.",
            "No version, which servers take for `1.0`."
        );
        $crate::settings::text!(
            server,
            default_server,
            set_server,
            "One server of the topic.",
            "Any server of the topic, one of them."
        );
        $crate::settings::flag!(
            fanout,
            default_fanout,
            set_fanout,
            "Whether a cast goes to every server of the topic.",
            "It does not."
        );
        $crate::settings::length!(
            timeout,
            default_timeout,
            set_timeout,
            "How long a call or cast may take in all, counted from the moment it is made: admission, \
             connecting, sending and, for a call, the reply. The host may make it shorter, never \
             longer. Zero times out at once.",
            "The transport's timeout, 60 s unless the operator set another."
        );
        $crate::settings::text!(
            version_cap,
            default_version_cap,
            set_version_cap,
            "The highest version that may be sent; anything else is refused with \
             [`Error::VersionCap`](crate::Error::VersionCap).",
            "No cap."
        );

        /// How many times a failed attempt to connect may be repeated. Zero: not at all. What the
        /// broker may already have is never sent again.
        pub fn retry(self, retry: u32) -> Self {
            self.set($crate::settings::Setting {
                name: "retry",
                value: $crate::settings::Value::Number(Some(u64::from(retry))),
                apply: $crate::settings::set_retry,
            })
        }

        /// Attempts to connect are repeated until the timeout.
        pub fn default_retry(self) -> Self {
            self.set($crate::settings::Setting {
                name: "retry",
                value: $crate::settings::Value::Number(None),
                apply: $crate::settings::set_retry,
            })
        }

        $crate::settings::length!(
            call_monitor_timeout,
            default_call_monitor_timeout,
            set_call_monitor_timeout,
            "Asks the server for signs of life while a call runs, and gives up when none came for \
             this long, at least 2 s. The timeout still ends the call.",
            "No monitoring."
        );
        $crate::settings::flag!(
            mandatory,
            default_mandatory,
            set_mandatory,
            "Whether to fail with [`Error::NoSuchTarget`](crate::Error::NoSuchTarget) at once when \
             no server's queue exists to take the message. A fanout cast never does. Upstream calls \
             it `at_least_once`.",
            "Calls do, casts do not."
        );

        /// The largest reply to take, in bytes of JSON text; a larger one is
        /// [`Error::InvalidReply`](crate::Error::InvalidReply), and its method was executed. The
        /// host may make it smaller, never larger.
        pub fn reply_bytes(self, reply_bytes: u64) -> Self {
            self.set($crate::settings::Setting {
                name: "reply_bytes",
                value: $crate::settings::Value::Number(Some(reply_bytes)),
                apply: |options, value| options.set_reply_bytes(value.number()),
            })
        }

        /// The host's limit ([`limits::reply_bytes`](crate::limits::reply_bytes)).
        pub fn default_reply_bytes(self) -> Self {
            self.set($crate::settings::Setting {
                name: "reply_bytes",
                value: $crate::settings::Value::Number(None),
                apply: |options, value| options.set_reply_bytes(value.number()),
            })
        }
    };
}
pub(crate) use {flag, length, setters, text};

pub(crate) fn set_retry(options: &Options, value: &Value) {
    let times = value.number();
    options.set_retry(times.map(|times| u32::try_from(times).unwrap_or(u32::MAX)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(settings: &Settings) -> Vec<(&'static str, Value)> {
        let list = settings.list.iter();
        list.map(|it| (it.name, it.value.clone())).collect()
    }

    #[test]
    fn a_value_sets_default_clears_and_silence_inherits() {
        let check = |settings: Settings, name: &'static str, value: Value| {
            assert_eq!(list(&settings), [(name, value)]);
        };
        let text = |text: &str| Value::Text(Some(text.to_owned()));
        let new = Settings::new;
        assert_eq!(list(&new()), []);
        check(new().exchange("e"), "exchange", text("e"));
        check(new().default_topic(), "topic", Value::Text(None));
        check(new().namespace("n"), "namespace", text("n"));
        check(new().version(String::from("2.5")), "version", text("2.5"));
        check(new().server("s"), "server", text("s"));
        check(new().fanout(true), "fanout", Value::Flag(Some(true)));
        check(new().default_timeout(), "timeout", Value::Number(None));
        check(new().version_cap("1.0"), "version_cap", text("1.0"));
        check(new().retry(3), "retry", Value::Number(Some(3)));
        check(
            new().call_monitor_timeout(Duration::from_secs(2)),
            "call_monitor_timeout",
            Value::Number(Some(2_000_000_000)),
        );
        check(new().default_mandatory(), "mandatory", Value::Flag(None));
        check(new().reply_bytes(9), "reply_bytes", Value::Number(Some(9)));
    }

    #[test]
    fn what_was_set_before_is_kept_and_what_comes_later_counts() {
        let settings = Settings::new().version("1.0").retry(1);
        let both = settings.and(&Settings::new().default_version());
        assert_eq!(
            list(&both),
            [
                ("version", Value::Text(Some("1.0".into()))),
                ("retry", Value::Number(Some(1))),
                ("version", Value::Text(None)),
            ]
        );
    }

    #[test]
    fn a_duration_beyond_the_wire_becomes_the_longest() {
        assert_eq!(nanoseconds(Duration::from_millis(1)), 1_000_000);
        assert_eq!(nanoseconds(Duration::MAX), u64::MAX);
    }
}
