use oslo_messaging_guest::{Client, Target, limits as host};
use serde_json::{Value, json};

use crate::outcome::nanoseconds;

/// What a client says of itself.
#[must_use]
pub fn client(client: &Client) -> Value {
    let Target {
        exchange,
        topic,
        namespace,
        version,
        server,
        fanout,
        ..
    } = client.target();
    json!({
        "transport": client.transport(),
        "target": {
            "exchange": exchange, "topic": topic, "namespace": namespace, "version": version,
            "server": server, "fanout": fanout,
        },
        "timeout": nanoseconds(client.timeout()),
        "version-cap": client.version_cap(),
        "retry": client.retry(),
        "call-monitor-timeout": client.call_monitor_timeout().map(nanoseconds),
        "mandatory": client.mandatory(),
        "reply-bytes": client.reply_bytes(),
    })
}

/// What the host allows.
#[must_use]
pub fn limits() -> Value {
    json!({
        "request-bytes": host::request_bytes(),
        "reply-bytes": host::reply_bytes(),
        "held-reply-bytes": host::held_reply_bytes(),
        "calls-in-flight": host::calls_in_flight(),
        "pending-calls": host::pending_calls(),
        "requests": host::requests(),
    })
}
