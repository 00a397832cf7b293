//! From upstream's names and texts to values.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::{FailoverStrategy, LoginMethod, RabbitOptions};
use crate::config::compression::Compression;
use crate::config::option_error::OptionError;

impl RabbitOptions {
    /// Overrides one option. One of [`WITHOUT_EFFECT`](Self::WITHOUT_EFFECT) is accepted with
    /// whatever value. An empty value is the default.
    ///
    /// # Errors
    ///
    /// [`OptionError`]: there is no such option, or not with such a value.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), OptionError> {
        let option = Given { name, value };
        if value.is_empty() {
            return self.reset(name);
        }
        match name {
            "amqp_auto_delete" => self.amqp_auto_delete = option.flag()?,
            "amqp_durable_queues" => self.amqp_durable_queues = option.flag()?,
            "direct_mandatory_flag" => self.direct_mandatory_flag = option.flag()?,
            "enable_cancel_on_failover" => self.enable_cancel_on_failover = option.flag()?,
            "heartbeat_timeout_threshold" => {
                let seconds: u16 = option.number("a number of seconds from 0 to 65535")?;
                self.heartbeat_timeout_threshold = Duration::from_secs(seconds.into());
            }
            "hostname" => self.hostname = Some(option.name_of_queue()?),
            "kombu_compression" => self.kombu_compression = Some(option.compression()?),
            "kombu_failover_strategy" => self.kombu_failover_strategy = option.strategy()?,
            // The second is its name of old.
            "kombu_missing_consumer_retry_timeout" | "kombu_reconnect_timeout" => {
                self.kombu_missing_consumer_retry_timeout =
                    option.seconds("a number of seconds")?;
            }
            "processname" => self.processname = Some(option.name_of_queue()?),
            "rabbit_interval_max" => self.rabbit_interval_max = option.pause()?,
            "rabbit_login_method" => self.rabbit_login_method = option.login_method()?,
            "rabbit_qos_prefetch_count" => {
                self.rabbit_qos_prefetch_count = option.number("a number from 0 to 65535")?;
            }
            "rabbit_quorum_delivery_limit" => {
                self.rabbit_quorum_delivery_limit = option.number(LIMIT)?;
            }
            "rabbit_quorum_max_memory_bytes" => {
                self.rabbit_quorum_max_memory_bytes = option.number(LIMIT)?;
            }
            "rabbit_quorum_max_memory_length" => {
                self.rabbit_quorum_max_memory_length = option.number(LIMIT)?;
            }
            "rabbit_quorum_queue" => self.rabbit_quorum_queue = option.flag()?,
            "rabbit_retry_backoff" => {
                self.rabbit_retry_backoff = option.seconds("a number of seconds")?;
            }
            "rabbit_retry_interval" => self.rabbit_retry_interval = option.pause()?,
            "rabbit_stream_fanout" => self.rabbit_stream_fanout = option.flag()?,
            "rabbit_transient_queues_ttl" => {
                // The argument `x-expires` is a signed 32-bit number of milliseconds.
                let expected = "a number of seconds from 0 to 2147483";
                let ttl = option.seconds(expected)?;
                if ttl.as_millis() > i32::MAX as u128 {
                    return Err(option.bad(expected));
                }
                self.rabbit_transient_queues_ttl = ttl;
            }
            "rabbit_transient_quorum_queue" => {
                self.rabbit_transient_quorum_queue = option.flag()?
            }
            "ssl" => self.ssl = option.flag()?,
            "ssl_ca_file" => self.ssl_ca_file = Some(PathBuf::from(value)),
            "ssl_cert_file" => self.ssl_cert_file = Some(PathBuf::from(value)),
            "ssl_key_file" => self.ssl_key_file = Some(PathBuf::from(value)),
            "use_queue_manager" => self.use_queue_manager = option.flag()?,
            name if Self::without_effect(name).is_some() => {}
            _ => return Err(Self::unknown(name)),
        }
        Ok(())
    }

    /// Back to the default. Upstream drops empty values, and its own default of a file is the
    /// empty text.
    fn reset(&mut self, name: &str) -> Result<(), OptionError> {
        match name {
            "hostname" => self.hostname = None,
            "kombu_compression" => self.kombu_compression = None,
            "processname" => self.processname = None,
            "ssl_ca_file" => self.ssl_ca_file = None,
            "ssl_cert_file" => self.ssl_cert_file = None,
            "ssl_key_file" => self.ssl_key_file = None,
            name if Self::names_of(name).is_some() || Self::without_effect(name).is_some() => {}
            _ => return Err(Self::unknown(name)),
        }
        Ok(())
    }
}

/// Whether upstream's configuration takes this for true.
pub(in crate::config) fn is_true(value: &str) -> bool {
    let name = "";
    Given { name, value }.flag() == Ok(true)
}

/// An option as it is written.
#[derive(Clone, Copy)]
struct Given<'a> {
    name: &'a str,
    value: &'a str,
}

impl Given<'_> {
    fn bad(self, expected: &'static str) -> OptionError {
        OptionError::BadValue {
            name: self.name.to_owned(),
            value: self.value.to_owned(),
            expected,
        }
    }

    /// What upstream's configuration takes for a boolean.
    fn flag(self) -> Result<bool, OptionError> {
        match self.value.to_ascii_lowercase().as_str() {
            "true" | "1" | "on" | "yes" => Ok(true),
            "false" | "0" | "off" | "no" => Ok(false),
            _ => Err(self.bad("true or false")),
        }
    }

    fn number<T: FromStr>(self, expected: &'static str) -> Result<T, OptionError> {
        self.value.parse().map_err(|_| self.bad(expected))
    }

    fn seconds(self, expected: &'static str) -> Result<Duration, OptionError> {
        self.number(expected).map(Duration::from_secs)
    }

    fn pause(self) -> Result<Duration, OptionError> {
        let expected = "a number of seconds, at least 1";
        match self.seconds(expected)? {
            Duration::ZERO => Err(self.bad(expected)),
            pause => Ok(pause),
        }
    }

    /// What becomes a part of a queue's name, of which AMQP allows 255 bytes in all.
    fn name_of_queue(self) -> Result<String, OptionError> {
        if self.value.len() > 80 || self.value.contains(char::is_control) {
            return Err(self.bad("a name of at most 80 bytes"));
        }
        Ok(self.value.to_owned())
    }

    /// By upstream's names, and by the one that its help text gives and that fails there.
    fn compression(self) -> Result<Compression, OptionError> {
        match self.value {
            "gzip" | "zlib" | "application/x-gzip" => Ok(Compression::Gzip),
            "bz2" | "bzip" | "bzip2" | "application/x-bz2" => Ok(Compression::Bzip2),
            _ => Err(self.bad("gzip or bzip2")),
        }
    }

    fn strategy(self) -> Result<FailoverStrategy, OptionError> {
        match self.value {
            "round-robin" => Ok(FailoverStrategy::RoundRobin),
            "shuffle" => Ok(FailoverStrategy::Shuffle),
            _ => Err(self.bad("round-robin or shuffle")),
        }
    }

    fn login_method(self) -> Result<LoginMethod, OptionError> {
        match self.value.to_ascii_uppercase().as_str() {
            "AMQPLAIN" => Ok(LoginMethod::AmqPlain),
            "EXTERNAL" => Ok(LoginMethod::External),
            "PLAIN" => Ok(LoginMethod::Plain),
            _ => Err(self.bad("AMQPLAIN, PLAIN or EXTERNAL")),
        }
    }
}

/// Brokers from 4.0 on take a negative delivery limit for none.
const LIMIT: &str = "a whole number, 0 for the broker's default";
