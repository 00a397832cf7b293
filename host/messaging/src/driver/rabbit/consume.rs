//! What all kinds of consumers share.

use std::borrow::Cow;
use std::sync::Arc;

use crate::mutex::Mutex;
use oslo_amqp::driver::{Acks, Channel, Consume};
use oslo_amqp::protocol::{Delivery, Ended, PropertiesRead, Short, Table};
use tokio::sync::Notify;

use super::connect::Line;
use super::topology::short;
use crate::config::RabbitOptions;
use crate::driver::{Incoming, TransportError};
use crate::wire::CONTENT_TYPE;

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
    let channel = line.channel().await?;
    consume_on(line, &channel, queue, prefetch, arguments, acks, sink).await
}

/// As [`consume`], on a channel that the sink knows.
pub(super) async fn consume_on(
    line: &Line,
    channel: &Channel,
    queue: &str,
    prefetch: u16,
    arguments: Table,
    acks: Acks,
    sink: Arc<dyn Consume>,
) -> Result<(), TransportError> {
    let name = short(queue)?;
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

/// How many messages of a queue may be under way to its consumer.
pub(super) const fn prefetch(options: &RabbitOptions) -> u16 {
    match options.rabbit_qos_prefetch_count {
        0 => PREFETCH,
        count => count,
    }
}

/// A request or a notification as it came.
pub(super) fn incoming(delivery: Delivery) -> Incoming {
    let properties = delivery.properties.read();
    Incoming {
        content_type: properties.content_type.map(|given| {
            if given.as_bytes() == CONTENT_TYPE.as_bytes() {
                Cow::Borrowed(CONTENT_TYPE)
            } else {
                Cow::Owned(text(Some(given)).unwrap_or_default().to_owned())
            }
        }),
        compression: header(&properties, "compression").map(ToOwned::to_owned),
        body: delivery.body,
    }
}

/// A property that is a text.
pub(super) fn text(property: Option<Short<'_>>) -> Option<&str> {
    std::str::from_utf8(property?.as_bytes()).ok()
}

/// A header that is a text.
pub(super) fn header<'a>(properties: &PropertiesRead<'a>, name: &str) -> Option<&'a str> {
    properties.headers?.text(name)
}

/// Unacknowledged messages per queue, unless set: a slow server must not collect what others could
/// do. Upstream has no limit.
const PREFETCH: u16 = 100;
