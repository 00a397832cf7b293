//! What a notification listener and its driver say to each other.

mod inbox;

use std::convert::Infallible;
use std::fmt;

use tokio::sync::oneshot;

#[cfg(feature = "rabbit")]
pub(crate) use self::inbox::Inbox;
pub(crate) use self::inbox::{Unhandled, inbox};

use super::Incoming;

/// What a notification listener listens to.
#[derive(Clone, Debug)]
pub(crate) struct NotificationSubscription {
    /// Exchanges and their routing keys, `<topic>.<priority>`. Each once.
    pub(crate) sources: Vec<Source>,
    /// The queue that all of them are bound to; without it each is bound to the queue of its name.
    pub(crate) pool: Option<String>,
}

/// Where notifications of one topic and priority come from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Source {
    pub(crate) exchange: String,
    pub(crate) routing_key: String,
}

impl NotificationSubscription {
    /// The queue of a source.
    pub(crate) fn queue<'a>(&'a self, source: &'a Source) -> &'a str {
        self.pool.as_deref().unwrap_or(&source.routing_key)
    }
}

/// A listener's notifications.
#[derive(Debug)]
pub(crate) struct NotificationListening {
    /// Dropping it ends the subscription, and gives back what is in it. No more messages are in it than
    /// are handed out without their being settled: over RabbitMQ and in memory a hundred for each queue,
    /// and over RabbitMQ 64 MiB and one more message.
    pub(crate) incoming: Unhandled,
    /// Fails when the subscription has ended.
    pub(crate) left: oneshot::Receiver<Infallible>,
}

/// A message that its queue keeps until it is settled.
#[derive(Debug)]
pub(crate) struct Unsettled {
    pub(crate) incoming: Incoming,
    /// It was handed out before, to somebody who did not settle it or gave it back.
    pub(crate) redelivered: bool,
    pub(crate) receipt: Box<dyn Receipt>,
}

/// What a message is settled with. Dropped, the message is given back, at the latest when the
/// subscription ends.
pub(crate) trait Receipt: fmt::Debug + Send {
    /// Whether settling it still means anything: not if the connection that it came on is lost, and the
    /// message comes again.
    fn is_valid(&self) -> bool;

    /// What becomes of the message. Does not wait for the broker.
    fn settle(self: Box<Self>, settlement: Settlement);
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settlement {
    /// Its queue forgets it.
    Handled,
    /// Its queue forgets it, or makes it a dead letter.
    Rejected,
    /// Its queue gives it to somebody again.
    Requeued,
}
