use std::path::PathBuf;
use std::time::Duration;

use crate::transport::UrlError;
use crate::transport::url::nearest;

/// The options of upstream's section `[oslo_messaging_rabbit]` that have an effect here, under
/// upstream's names and with its defaults (dossier §4.5).
///
/// Options that change exchanges and queues have to be the same on both ends of a fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RabbitOptions {
    /// Whether topic exchanges, topic queues and server queues survive a restart of the broker.
    pub amqp_durable_queues: bool,
    /// Whether they are deleted with their last user.
    pub amqp_auto_delete: bool,
    /// After how much silence the broker counts as lost is twice this; zero leaves the interval to
    /// the broker. TCP gives up unacknowledged data after this long.
    pub heartbeat_timeout_threshold: Duration,
    /// The longest pause between two rounds of connecting.
    pub rabbit_interval_max: Duration,
    /// How the user proves who it is.
    pub rabbit_login_method: LoginMethod,
    /// How many unacknowledged messages a consumer holds; zero is no limit for replies, and
    /// this crate's own limit for servers.
    pub rabbit_qos_prefetch_count: u16,
    /// Whether topic queues and server queues are quorum queues.
    pub rabbit_quorum_queue: bool,
    /// How much longer each pause between two rounds of connecting is than the one before.
    pub rabbit_retry_backoff: Duration,
    /// The first pause between two rounds of connecting.
    pub rabbit_retry_interval: Duration,
    /// How long the broker keeps an unused reply queue or fanout queue; zero is for ever.
    pub rabbit_transient_queues_ttl: Duration,
    /// Whether reply queues and fanout queues are quorum queues.
    pub rabbit_transient_quorum_queue: bool,
    /// Whether connections use TLS. Each host is verified under its own name.
    pub ssl: bool,
    /// Certificates of the authorities to trust, PEM; none: those of the system.
    pub ssl_ca_file: Option<PathBuf>,
    /// Our certificate, PEM.
    pub ssl_cert_file: Option<PathBuf>,
    /// The key of our certificate, PEM.
    pub ssl_key_file: Option<PathBuf>,
}

impl RabbitOptions {
    /// The names of all options.
    pub const NAMES: &'static [&'static str] = &[
        "amqp_auto_delete",
        "amqp_durable_queues",
        "heartbeat_timeout_threshold",
        "rabbit_interval_max",
        "rabbit_login_method",
        "rabbit_qos_prefetch_count",
        "rabbit_quorum_queue",
        "rabbit_retry_backoff",
        "rabbit_retry_interval",
        "rabbit_transient_queues_ttl",
        "rabbit_transient_quorum_queue",
        "ssl",
        "ssl_ca_file",
        "ssl_cert_file",
        "ssl_key_file",
    ];

    /// The defaults, overridden by these.
    ///
    /// # Errors
    ///
    /// [`UrlError::UnknownOption`] and [`UrlError::BadOptionValue`].
    pub fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, UrlError> {
        let mut options = Self::default();
        for (name, value) in pairs {
            options.set(name, value)?;
        }
        match (&options.ssl_cert_file, &options.ssl_key_file) {
            (Some(cert), None) => Err(UrlError::BadOptionValue {
                name: "ssl_cert_file".to_owned(),
                value: cert.display().to_string(),
                expected: "`ssl_key_file` beside it",
            }),
            (None, Some(key)) => Err(UrlError::BadOptionValue {
                name: "ssl_key_file".to_owned(),
                value: key.display().to_string(),
                expected: "`ssl_cert_file` beside it",
            }),
            _ => Ok(options),
        }
    }

    /// Overrides one option.
    ///
    /// # Errors
    ///
    /// [`UrlError::UnknownOption`] and [`UrlError::BadOptionValue`].
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), UrlError> {
        let bad = |expected| UrlError::BadOptionValue {
            name: name.to_owned(),
            value: value.to_owned(),
            expected,
        };
        let flag = || parse_flag(value).ok_or_else(|| bad("true or false"));
        let seconds = |expected| {
            value
                .parse()
                .map(Duration::from_secs)
                .map_err(|_| bad(expected))
        };
        match name {
            "amqp_auto_delete" => self.amqp_auto_delete = flag()?,
            "amqp_durable_queues" => self.amqp_durable_queues = flag()?,
            "heartbeat_timeout_threshold" => {
                let expected = "a number of seconds from 0 to 65535";
                let seconds: u16 = value.parse().map_err(|_| bad(expected))?;
                self.heartbeat_timeout_threshold = Duration::from_secs(seconds.into());
            }
            "rabbit_interval_max" => {
                self.rabbit_interval_max = seconds(PAUSE).and_then(|pause| {
                    if pause.is_zero() {
                        Err(bad(PAUSE))
                    } else {
                        Ok(pause)
                    }
                })?;
            }
            "rabbit_login_method" => {
                self.rabbit_login_method =
                    LoginMethod::parse(value).ok_or_else(|| bad("AMQPLAIN, PLAIN or EXTERNAL"))?;
            }
            "rabbit_qos_prefetch_count" => {
                self.rabbit_qos_prefetch_count =
                    value.parse().map_err(|_| bad("a number from 0 to 65535"))?;
            }
            "rabbit_quorum_queue" => self.rabbit_quorum_queue = flag()?,
            "rabbit_retry_backoff" => {
                self.rabbit_retry_backoff = seconds("a number of seconds")?;
            }
            "rabbit_retry_interval" => {
                self.rabbit_retry_interval = seconds(PAUSE).and_then(|pause| {
                    if pause.is_zero() {
                        Err(bad(PAUSE))
                    } else {
                        Ok(pause)
                    }
                })?;
            }
            "rabbit_transient_queues_ttl" => {
                // The argument `x-expires` is a signed 32-bit number of milliseconds.
                let expected = "a number of seconds from 0 to 2147483";
                self.rabbit_transient_queues_ttl = seconds(expected)?;
                if self.rabbit_transient_queues_ttl.as_millis() > i32::MAX as u128 {
                    return Err(bad(expected));
                }
            }
            "rabbit_transient_quorum_queue" => self.rabbit_transient_quorum_queue = flag()?,
            "ssl" => self.ssl = flag()?,
            "ssl_ca_file" => self.ssl_ca_file = Some(value.into()),
            "ssl_cert_file" => self.ssl_cert_file = Some(value.into()),
            "ssl_key_file" => self.ssl_key_file = Some(value.into()),
            _ => {
                return Err(UrlError::UnknownOption {
                    name: name.to_owned(),
                    nearest: nearest(name, Self::NAMES.iter().copied()),
                });
            }
        }
        Ok(())
    }
}

impl Default for RabbitOptions {
    fn default() -> Self {
        Self {
            amqp_auto_delete: false,
            amqp_durable_queues: false,
            heartbeat_timeout_threshold: Duration::from_secs(60),
            rabbit_interval_max: Duration::from_secs(30),
            rabbit_login_method: LoginMethod::AmqPlain,
            rabbit_qos_prefetch_count: 0,
            rabbit_quorum_queue: false,
            rabbit_retry_backoff: Duration::from_secs(2),
            rabbit_retry_interval: Duration::from_secs(1),
            rabbit_transient_queues_ttl: Duration::from_secs(1800),
            rabbit_transient_quorum_queue: false,
            ssl: false,
            ssl_ca_file: None,
            ssl_cert_file: None,
            ssl_key_file: None,
        }
    }
}

/// A SASL mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginMethod {
    /// User name and password in a table, as Python's oslo.messaging does.
    AmqPlain,
    /// The broker takes the user from the client's certificate.
    External,
    /// User name and password.
    Plain,
}

impl LoginMethod {
    fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_uppercase().as_str() {
            "AMQPLAIN" => Some(Self::AmqPlain),
            "EXTERNAL" => Some(Self::External),
            "PLAIN" => Some(Self::Plain),
            _ => None,
        }
    }
}

/// What upstream's configuration takes for a boolean.
fn parse_flag(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" | "on" | "yes" => Some(true),
        "false" | "0" | "off" | "no" => Some(false),
        _ => None,
    }
}

const PAUSE: &str = "a number of seconds, at least 1";

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, value: &str) -> Result<RabbitOptions, UrlError> {
        RabbitOptions::from_pairs([(name, value)])
    }

    #[test]
    fn every_option_has_an_effect_on_its_field_alone() {
        for &name in RabbitOptions::NAMES {
            let value = match name {
                "rabbit_login_method" => "plain",
                name if name.starts_with("ssl_") => "/a/file",
                name if name.contains("queue") && !name.contains("ttl") => "yes",
                "amqp_auto_delete" | "ssl" => "1",
                _ => "7",
            };
            let mut changed = RabbitOptions::default();
            changed.set(name, value).unwrap();
            assert_ne!(changed, RabbitOptions::default(), "{name}");
        }
    }

    #[test]
    fn converts_as_upstream() {
        for (value, flag) in [("True", true), ("ON", true), ("1", true), ("no", false)] {
            assert_eq!(set("ssl", value).unwrap().ssl, flag);
        }
        assert_eq!(
            set("rabbit_transient_queues_ttl", "0")
                .unwrap()
                .rabbit_transient_queues_ttl,
            Duration::ZERO
        );
        assert_eq!(
            set("rabbit_login_method", "external")
                .unwrap()
                .rabbit_login_method,
            LoginMethod::External
        );
    }

    #[test]
    fn refuses_by_name() {
        for (name, value) in [
            ("ssl", "maybe"),
            ("rabbit_retry_interval", "0"),
            ("rabbit_interval_max", "0"),
            ("rabbit_transient_queues_ttl", "2147484"),
            ("rabbit_transient_queues_ttl", "-1"),
            ("heartbeat_timeout_threshold", "65536"),
            ("rabbit_qos_prefetch_count", "x"),
            ("rabbit_login_method", "RABBIT-CR-DEMO"),
            ("ssl_cert_file", "/cert.pem"),
            ("ssl_key_file", "/key.pem"),
        ] {
            match set(name, value) {
                Err(UrlError::BadOptionValue {
                    name: named,
                    value: shown,
                    ..
                }) => {
                    assert_eq!((named.as_str(), shown.as_str()), (name, value));
                }
                other => panic!("{name}={value}: {other:?}"),
            }
        }
        let unknown = |name: &str, nearest| {
            assert_eq!(
                set(name, "1"),
                Err(UrlError::UnknownOption {
                    name: name.to_owned(),
                    nearest
                })
            );
        };
        unknown("ssl_cafile", Some("ssl_ca_file"));
        unknown("rabbit_quorum_queues", Some("rabbit_quorum_queue"));
        unknown("x", None);
    }
}
