//! Upstream's options that mean nothing here, and why.

use super::RabbitOptions;

impl RabbitOptions {
    /// The names of upstream's options that mean nothing here. They are accepted, so that an
    /// operator's existing configuration works, and whoever reads them is told.
    pub const WITHOUT_EFFECT: &'static [&'static str] = &[
        "conn_pool_min_size",
        "conn_pool_ttl",
        "heartbeat_rate",
        "kombu_reconnect_delay",
        "kombu_reconnect_splay",
        "rabbit_ha_queues",
        "rpc_conn_pool_size",
        "ssl_enforce_fips_mode",
        "ssl_enforce_hostname_verification",
        "ssl_version",
    ];

    /// Why an option means nothing here, if it is one of [`WITHOUT_EFFECT`](Self::WITHOUT_EFFECT).
    pub(crate) fn without_effect(name: &str) -> Option<&'static str> {
        match name {
            "conn_pool_min_size" | "conn_pool_ttl" | "rpc_conn_pool_size" => {
                Some("one connection carries all that is sent")
            }
            "heartbeat_rate" => Some("heartbeats are sent when they are due"),
            "kombu_reconnect_delay" | "kombu_reconnect_splay" => {
                Some("`rabbit_retry_interval` is the pause before connecting again")
            }
            "rabbit_ha_queues" => Some("brokers since RabbitMQ 3.0 pay no attention to it"),
            "ssl_enforce_fips_mode" => Some("nor has it any in oslo.messaging"),
            "ssl_enforce_hostname_verification" => Some("names are always verified"),
            "ssl_version" => Some("TLS is 1.2 or 1.3"),
            _ => None,
        }
    }
}
