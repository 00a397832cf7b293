mod parse;
#[cfg(test)]
mod tests;
mod without_effect;

use std::path::PathBuf;
use std::time::Duration;

pub(super) use self::parse::is_true;
use super::compression::Compression;

use super::nearest::nearest;
use super::option_error::OptionError;

/// The options of upstream's section `[oslo_messaging_rabbit]` that have an effect here, under
/// upstream's names and with its defaults.
///
/// Options that change exchanges and queues have to be the same on both ends of a fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RabbitOptions {
    /// Whether topic exchanges, topic queues and server queues survive a restart of the broker.
    pub amqp_durable_queues: bool,
    /// Whether they are deleted with their last user.
    pub amqp_auto_delete: bool,
    /// Whether a server asks the broker to tell when a reply's queue is missing, and then waits
    /// for the queue to come back.
    pub direct_mandatory_flag: bool,
    /// Whether consumers ask to be told when a mirrored queue moves to another node. Brokers from
    /// 4.0 on have no mirrored queues.
    pub enable_cancel_on_failover: bool,
    /// After how much silence the broker counts as lost is twice this; zero leaves the interval to
    /// the broker. TCP gives up unacknowledged data after this long.
    pub heartbeat_timeout_threshold: Duration,
    /// The host in the names of queues, with `use_queue_manager`; none is the machine's name.
    pub hostname: Option<String>,
    /// How the bodies of requests, and of our servers' replies, are compressed. What peers send is
    /// read whatever this says.
    pub kombu_compression: Option<Compression>,
    /// Which host comes next when the one in use breaks.
    pub kombu_failover_strategy: FailoverStrategy,
    /// How long a server tries to send a reply whose queue is missing.
    pub kombu_missing_consumer_retry_timeout: Duration,
    /// The program in the names of queues, with `use_queue_manager`; none is the file name of this
    /// program.
    pub processname: Option<String>,
    /// The longest pause between two rounds of connecting.
    pub rabbit_interval_max: Duration,
    /// How the user proves who it is.
    pub rabbit_login_method: LoginMethod,
    /// How many unacknowledged messages a consumer holds; zero is no limit for replies, and
    /// this crate's own limit for servers.
    pub rabbit_qos_prefetch_count: u16,
    /// How often a quorum queue delivers a message before it is dropped; zero is the broker's
    /// default.
    pub rabbit_quorum_delivery_limit: i64,
    /// How many bytes of messages a quorum queue keeps in memory; zero is the broker's default.
    pub rabbit_quorum_max_memory_bytes: i64,
    /// How many messages a quorum queue keeps in memory; zero is the broker's default.
    pub rabbit_quorum_max_memory_length: i64,
    /// Whether topic queues and server queues are quorum queues.
    pub rabbit_quorum_queue: bool,
    /// How much longer each pause between two rounds of connecting is than the one before.
    pub rabbit_retry_backoff: Duration,
    /// The first pause between two rounds of connecting.
    pub rabbit_retry_interval: Duration,
    /// Whether the servers of a topic read its fanouts from one stream, instead of a queue each.
    /// Needs `rabbit_qos_prefetch_count` and `rabbit_transient_quorum_queue`, as upstream.
    pub rabbit_stream_fanout: bool,
    /// How long the broker keeps an unused reply queue or fanout queue, and a message in a stream;
    /// zero is for ever.
    pub rabbit_transient_queues_ttl: Duration,
    /// Whether reply queues and fanout queues are quorum queues, and fanout exchanges durable.
    pub rabbit_transient_quorum_queue: bool,
    /// Whether connections use TLS. Each host is verified under its own name.
    pub ssl: bool,
    /// Certificates of the authorities to trust, PEM; none: those of the system.
    pub ssl_ca_file: Option<PathBuf>,
    /// Our certificate, PEM.
    pub ssl_cert_file: Option<PathBuf>,
    /// The key of our certificate, PEM.
    pub ssl_key_file: Option<PathBuf>,
    /// Whether reply queues and fanout queues are named after host and program, and found again by
    /// the next run, instead of having random names.
    pub use_queue_manager: bool,
}

impl RabbitOptions {
    /// The names of all options that have an effect.
    pub const NAMES: &'static [&'static str] = &[
        "amqp_auto_delete",
        "amqp_durable_queues",
        "direct_mandatory_flag",
        "enable_cancel_on_failover",
        "heartbeat_timeout_threshold",
        "hostname",
        "kombu_compression",
        "kombu_failover_strategy",
        "kombu_missing_consumer_retry_timeout",
        "processname",
        "rabbit_interval_max",
        "rabbit_login_method",
        "rabbit_qos_prefetch_count",
        "rabbit_quorum_delivery_limit",
        "rabbit_quorum_max_memory_bytes",
        "rabbit_quorum_max_memory_length",
        "rabbit_quorum_queue",
        "rabbit_retry_backoff",
        "rabbit_retry_interval",
        "rabbit_stream_fanout",
        "rabbit_transient_queues_ttl",
        "rabbit_transient_quorum_queue",
        "ssl",
        "ssl_ca_file",
        "ssl_cert_file",
        "ssl_key_file",
        "use_queue_manager",
    ];

    /// The defaults, overridden by these.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set) and [`check`](Self::check).
    pub fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, OptionError> {
        let mut options = Self::default();
        for (name, value) in pairs {
            options.set(name, value)?;
        }
        options.check()?;
        Ok(options)
    }

    /// Whether the options fit together.
    ///
    /// # Errors
    ///
    /// [`OptionError::BadValue`] names the option that lacks another one.
    pub fn check(&self) -> Result<(), OptionError> {
        let lacks = |name: &str, value: String, expected| {
            Err(OptionError::BadValue {
                name: name.to_owned(),
                value,
                expected,
            })
        };
        match (&self.ssl_cert_file, &self.ssl_key_file) {
            (Some(cert), None) => {
                let cert = cert.display().to_string();
                return lacks("ssl_cert_file", cert, "`ssl_key_file` beside it");
            }
            (None, Some(key)) => {
                let key = key.display().to_string();
                return lacks("ssl_key_file", key, "`ssl_cert_file` beside it");
            }
            _ => {}
        }
        if self.rabbit_stream_fanout
            && (self.rabbit_qos_prefetch_count == 0 || !self.rabbit_transient_quorum_queue)
        {
            let expected = "`rabbit_transient_quorum_queue` beside it, and a \
                            `rabbit_qos_prefetch_count` above 0";
            return lacks("rabbit_stream_fanout", "true".to_owned(), expected);
        }
        Ok(())
    }

    fn unknown(name: &str) -> OptionError {
        OptionError::Unknown {
            name: name.to_owned(),
            nearest: Self::nearest(name),
        }
    }

    /// The option that a wrong name was probably meant to be.
    pub(super) fn nearest(name: &str) -> Option<&'static str> {
        let known = Self::NAMES.iter().chain(Self::WITHOUT_EFFECT).copied();
        nearest(name, known)
    }

    /// All names of the option that is called so, its present one first; none if there is no such
    /// option with an effect.
    pub(super) fn names_of(name: &str) -> Option<&'static [&'static str]> {
        if RENAMED.contains(&name) {
            return Some(&RENAMED);
        }
        let place = Self::NAMES.binary_search(&name).ok()?;
        Self::NAMES.get(place..=place)
    }
}

impl Default for RabbitOptions {
    fn default() -> Self {
        Self {
            amqp_auto_delete: false,
            amqp_durable_queues: false,
            direct_mandatory_flag: true,
            enable_cancel_on_failover: false,
            heartbeat_timeout_threshold: Duration::from_secs(60),
            hostname: None,
            kombu_compression: None,
            kombu_failover_strategy: FailoverStrategy::RoundRobin,
            kombu_missing_consumer_retry_timeout: Duration::from_secs(60),
            processname: None,
            rabbit_interval_max: Duration::from_secs(30),
            rabbit_login_method: LoginMethod::AmqPlain,
            rabbit_qos_prefetch_count: 0,
            rabbit_quorum_delivery_limit: 0,
            rabbit_quorum_max_memory_bytes: 0,
            rabbit_quorum_max_memory_length: 0,
            rabbit_quorum_queue: false,
            rabbit_retry_backoff: Duration::from_secs(2),
            rabbit_retry_interval: Duration::from_secs(1),
            rabbit_stream_fanout: false,
            rabbit_transient_queues_ttl: Duration::from_secs(1800),
            rabbit_transient_quorum_queue: false,
            ssl: false,
            ssl_ca_file: None,
            ssl_cert_file: None,
            ssl_key_file: None,
            use_queue_manager: false,
        }
    }
}

/// The one option that upstream reads by its name of old as well.
const RENAMED: [&str; 2] = [
    "kombu_missing_consumer_retry_timeout",
    "kombu_reconnect_timeout",
];

/// Which host comes next when the one in use breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailoverStrategy {
    /// The next in the order of the URL.
    RoundRobin,
    /// Any other one.
    Shuffle,
}

/// A SASL mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginMethod {
    /// User name and password in a table, as Python's oslo.messaging does.
    AmqPlain,
    /// The broker takes the user from the client's certificate.
    External,
    /// User name and password.
    Plain,
}
