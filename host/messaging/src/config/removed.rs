//! Options that oslo.messaging once had. Its releases since do not know them, and ignore them in a
//! file; what an operator has to know is what there is now, and whether it makes a difference.

use super::rabbit::{RabbitOptions, is_true};
use super::unread::Unread;

/// An option that was removed.
#[derive(Debug)]
pub(super) struct Removed {
    pub(super) name: &'static str,
    sections: Sections,
    /// The first release without it.
    pub(super) since: &'static str,
    pub(super) became: &'static str,
    /// What differs because it is not read, if anything does.
    changes: fn(&Given<'_>) -> Option<&'static str>,
}

/// Where it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sections {
    Both,
    Default,
    Rabbit,
}

/// What a file says of a removed option, and beside it.
#[derive(Debug)]
pub(super) struct Given<'a> {
    pub(super) value: &'a str,
    /// With those of the URL.
    pub(super) options: &'a RabbitOptions,
    pub(super) has_url: bool,
}

impl Removed {
    /// The option that a section once had by this name.
    pub(super) fn find(name: &str, in_default: bool) -> Option<&'static Self> {
        REMOVED.iter().find(|removed| {
            let was_here = match removed.sections {
                Sections::Both => true,
                Sections::Default => in_default,
                Sections::Rabbit => !in_default,
            };
            removed.name == name && was_here
        })
    }

    pub(super) fn unread(&self, given: &Given<'_>) -> Unread {
        Unread::Removed {
            since: self.since,
            became: self.became,
            changes: (self.changes)(given),
        }
    }
}

const fn nothing(_: &Given<'_>) -> Option<&'static str> {
    None
}

fn broker(given: &Given<'_>) -> Option<&'static str> {
    (!given.has_url).then_some(
        "without a `transport_url` the broker is `rabbit://`, this machine's, as the service's own is",
    )
}

fn quorum_bytes(given: &Given<'_>) -> Option<&'static str> {
    quorum(given, given.options.rabbit_quorum_max_memory_bytes)
}

fn quorum_length(given: &Given<'_>) -> Option<&'static str> {
    quorum(given, given.options.rabbit_quorum_max_memory_length)
}

fn quorum(given: &Given<'_>, now: i64) -> Option<&'static str> {
    let differs = given.options.rabbit_quorum_queue && now == 0 && given.value.trim() != "0";
    differs.then_some("queues are declared without the limit, as the service's own are")
}

const fn removed(
    name: &'static str,
    sections: Sections,
    since: &'static str,
    became: &'static str,
    changes: fn(&Given<'_>) -> Option<&'static str>,
) -> Removed {
    Removed {
        name,
        sections,
        since,
        became,
        changes,
    }
}

const fn of_pika(name: &'static str) -> Removed {
    let became = "it was one of the driver `pika`, which is gone";
    removed(name, Sections::Rabbit, "6.0.0", became, nothing)
}

const fn of_url(name: &'static str) -> Removed {
    let became = "`transport_url` of `[DEFAULT]` names the broker";
    removed(name, Sections::Both, "9.0.0", became, broker)
}

/// In the order of their names.
pub(super) const REMOVED: &[Removed] = &[
    of_pika("channel_max"),
    of_pika("connection_factory"),
    of_pika("default_notification_exchange"),
    of_pika("default_notification_retry_attempts"),
    of_pika("default_rpc_exchange"),
    of_pika("default_rpc_retry_attempts"),
    of_pika("default_serializer_type"),
    removed(
        "fake_rabbit",
        Sections::Both,
        "7.0.0",
        "`memory://` as `transport_url` is the transport without a broker",
        |given| is_true(given.value).then_some("the broker is a real one"),
    ),
    of_pika("frame_max"),
    removed(
        "heartbeat_in_pthread",
        Sections::Rabbit,
        "18.0.0",
        "it was for services under eventlet, and nothing holds heartbeats up here",
        nothing,
    ),
    of_pika("heartbeat_interval"),
    of_pika("host_connection_reconnect_delay"),
    removed(
        "kombu_ssl_ca_certs",
        Sections::Both,
        "16.0.0",
        "it is `ssl_ca_file` now",
        |given| {
            let differs = given.options.ssl && given.options.ssl_ca_file.is_none();
            differs.then_some(
                "without `ssl_ca_file` the authorities of this machine are trusted, by the service too",
            )
        },
    ),
    removed(
        "kombu_ssl_certfile",
        Sections::Both,
        "16.0.0",
        "it is `ssl_cert_file` now",
        |given| {
            let differs = given.options.ssl && given.options.ssl_cert_file.is_none();
            differs.then_some(
                "without `ssl_cert_file` no certificate is shown to the broker, by the service neither",
            )
        },
    ),
    removed(
        "kombu_ssl_keyfile",
        Sections::Both,
        "16.0.0",
        "it is `ssl_key_file` now",
        |given| {
            let differs = given.options.ssl && given.options.ssl_key_file.is_none();
            differs.then_some(
                "without `ssl_key_file` no certificate is shown to the broker, by the service neither",
            )
        },
    ),
    removed(
        "kombu_ssl_version",
        Sections::Both,
        "16.0.0",
        "it became `ssl_version`, and TLS is 1.2 or 1.3 here",
        nothing,
    ),
    of_pika("notification_listener_prefetch_count"),
    of_pika("notification_persistence"),
    of_pika("notification_retry_delay"),
    of_pika("pool_max_overflow"),
    of_pika("pool_max_size"),
    of_pika("pool_recycle"),
    of_pika("pool_stale"),
    of_pika("pool_timeout"),
    removed(
        "rabbit_durable_queues",
        Sections::Both,
        "9.0.0",
        "it is `amqp_durable_queues` now",
        |given| {
            let options = given.options;
            let is_durable = options.amqp_durable_queues || options.rabbit_quorum_queue;
            (is_true(given.value) && !is_durable).then_some(
                "without `amqp_durable_queues` exchanges and queues are not durable, as the service's \
                 own are not",
            )
        },
    ),
    of_url("rabbit_host"),
    of_url("rabbit_hosts"),
    removed(
        "rabbit_max_retries",
        Sections::Both,
        "9.0.0",
        "connecting is repeated until time is up, or as often as `retry` says",
        nothing,
    ),
    of_url("rabbit_password"),
    of_url("rabbit_port"),
    removed(
        "rabbit_quroum_max_memory_bytes",
        Sections::Rabbit,
        "17.0.0",
        "it is spelt `rabbit_quorum_max_memory_bytes`",
        quorum_bytes,
    ),
    removed(
        "rabbit_quroum_max_memory_length",
        Sections::Rabbit,
        "17.0.0",
        "it is spelt `rabbit_quorum_max_memory_length`",
        quorum_length,
    ),
    removed(
        "rabbit_use_ssl",
        Sections::Both,
        "16.0.0",
        "it is `ssl` now",
        |given| {
            (is_true(given.value) && !given.options.ssl)
                .then_some("without `ssl` the connection is plain, as the service's own is")
        },
    ),
    of_url("rabbit_userid"),
    of_url("rabbit_virtual_host"),
    removed(
        "rpc_backend",
        Sections::Default,
        "9.0.0",
        "the scheme of `transport_url` names the driver",
        |given| {
            // It could be the path of a class, too.
            let is_rabbit = ["kombu", "rabbit"]
                .iter()
                .any(|driver| given.value.contains(driver));
            (!is_rabbit).then_some("the driver is `rabbit`, or what `transport_url` says")
        },
    ),
    of_pika("rpc_listener_prefetch_count"),
    of_pika("rpc_queue_expiration"),
    of_pika("rpc_reply_exchange"),
    of_pika("rpc_reply_listener_prefetch_count"),
    of_pika("rpc_reply_retry_attempts"),
    of_pika("rpc_reply_retry_delay"),
    of_pika("rpc_retry_delay"),
    removed(
        "send_single_reply",
        Sections::Rabbit,
        "4.0.0",
        "a reply is one message now",
        nothing,
    ),
    of_pika("socket_timeout"),
    of_pika("ssl_options"),
    of_pika("tcp_user_timeout"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_one_is_there_once_and_nobody_reads_it() {
        let names: Vec<_> = REMOVED.iter().map(|removed| removed.name).collect();
        assert!(names.is_sorted_by(|one, other| one < other), "{names:?}");
        for name in names {
            RabbitOptions::default().set(name, "1").unwrap_err();
        }
    }
}
