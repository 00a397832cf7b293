//! What both kinds of consumers share.

use std::sync::Arc;

use oslo_amqp::driver::{Acks, Consume};
use oslo_amqp::protocol::{Ended, PropertiesRead, Short, Table};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::connect::Line;
use super::topology::short;
use crate::config::RabbitOptions;
use crate::driver::TransportError;

/// Whether a consumer has ended, and what the broker said of it.
#[derive(Debug, Default)]
pub(super) struct Gone {
    told: Notify,
    why: Mutex<Option<Ended>>,
}

impl Gone {
    pub(super) fn tell(&self, why: Option<Ended>) {
        *self.why.lock() = why;
        self.told.notify_one();
    }

    /// Waits until one has.
    pub(super) async fn told(&self) -> Option<Ended> {
        self.told.notified().await;
        self.why.lock().take()
    }
}

/// Consumes a queue on a channel of its own, so that one acknowledgement can cover all that came
/// on it.
pub(super) async fn consume(
    line: &Line,
    queue: &str,
    prefetch: u16,
    arguments: Table,
    acks: Acks,
    sink: Arc<dyn Consume>,
) -> Result<(), TransportError> {
    let name = short(queue)?;
    let channel = line.channel().await?;
    let consumed = channel
        .consume(name, prefetch, &arguments, acks, sink)
        .await;
    consumed.map_err(|ended| line.refused(&format!("consuming queue `{queue}`"), &ended))
}

/// The arguments of a consumer of an ordinary queue.
pub(super) fn arguments(options: &RabbitOptions) -> Table {
    let mut arguments = Table::new();
    if options.enable_cancel_on_failover {
        arguments.insert("x-cancel-on-ha-failover", true);
    }
    arguments
}

/// A property that is a text.
pub(super) fn text(property: Option<Short<'_>>) -> Option<&str> {
    std::str::from_utf8(property?.as_bytes()).ok()
}

/// A header that is a text.
pub(super) fn header<'a>(properties: &PropertiesRead<'a>, name: &str) -> Option<&'a str> {
    properties.headers?.text(name)
}
