//! What a transport must do for the client and server above it. `rabbit` and `memory` implement
//! it; nothing above knows which one it has.

mod error;
pub(crate) mod memory;
mod notifications;
#[cfg(feature = "rabbit")]
pub(crate) mod rabbit;
pub(crate) mod replies;

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

pub use self::error::{TransportError, TransportErrorKind};
pub(crate) use self::notifications::{
    Inbox, NotificationListening, NotificationSubscription, Receipt, Settlement, Source, Unsettled,
    inbox,
};

use crate::deadline::Deadline;
use crate::delivery::{Delivery, WaitingFor};
use crate::wire::ReplyResult;

pub(crate) trait Driver: fmt::Debug + Send + Sync {
    /// Sends one message, and resolves when the broker has it: this message, by this deadline.
    ///
    /// The driver waits for a connection until the deadline, except that it gives up when
    /// `limits.retry` rounds of connecting have failed after the first, or at once on a failure that is
    /// not [temporary](TransportErrorKind::is_temporary). A message that may have left is never sent
    /// again, unless the broker has proved that it did not take it.
    ///
    /// Cancel safety: dropped, the message may have been sent, or may still be if it has a place in the
    /// stream already.
    fn cast<'a>(&'a self, message: Message, limits: Limits)
    -> BoxFuture<'a, Result<(), SendError>>;

    /// Sends one request, as [`cast`](Self::cast), and resolves with what came for it.
    ///
    /// What the broker answers ends the call only when it makes waiting futile: a reply is a better
    /// confirmation than the broker's.
    fn call<'a>(
        &'a self,
        request: Request<'a>,
        limits: Limits,
    ) -> BoxFuture<'a, Result<ReplyResult, SendError>>;

    /// Declares a server's three queues and consumes them until the receiver is
    /// closed or dropped. Every message is acknowledged before it is handed out, and what was
    /// acknowledged is handed out. The driver subscribes again after every loss of the connection.
    ///
    /// Fails at once when the broker cannot be reached; waits for nothing but one round of hosts.
    fn listen(
        &self,
        subscription: Subscription,
    ) -> BoxFuture<'_, Result<Listening, TransportError>>;

    /// Declares the queues of a notification listener, binds them, and consumes them until the receiver
    /// is dropped. Every message is its queue's until it is settled. The driver subscribes again after
    /// every loss of the connection, after which what was not settled comes again.
    ///
    /// Fails as [`listen`](Self::listen).
    fn listen_for_notifications(
        &self,
        subscription: NotificationSubscription,
    ) -> BoxFuture<'_, Result<NotificationListening, TransportError>>;

    /// Connects what calls and casts need, and resolves when it is up.
    ///
    /// Cancel safe.
    fn connect(&self, limits: Limits) -> BoxFuture<'_, Result<(), SendError>>;

    /// Resolves when everything that was handed over has been confirmed, or given up.
    ///
    /// Cancel safe.
    fn flush(&self) -> BoxFuture<'_, ()>;

    /// Begins to close: later calls fail with [`TransportErrorKind::Closed`]. The future resolves when
    /// every connection is closed in good order and every task has ended, which happens also if it is
    /// dropped. Idempotent.
    fn close(&self) -> BoxFuture<'static, ()>;
}

/// What one send may spend.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) deadline: Deadline,
    /// How many rounds of connecting may fail after the first; none means any number.
    #[cfg_attr(
        not(feature = "rabbit"),
        allow(dead_code, reason = "memory is always connected")
    )]
    pub(crate) retry: Option<u32>,
    /// How long a call may be without a sign of life once the broker has it.
    pub(crate) monitor: Option<Duration>,
}

/// One message on its way out.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) destination: Destination,
    pub(crate) body: Bytes,
    /// The broker drops the message when this has passed (a call nobody waits for any more); the
    /// AMQP `expiration` is what is left of it when the message leaves, in milliseconds, rounded up.
    pub(crate) expires: Option<Deadline>,
    /// Whether the broker must refuse the message when no queue takes it.
    pub(crate) mandatory: bool,
}

/// A message that is answered.
pub(crate) struct Request<'a> {
    pub(crate) destination: Destination,
    pub(crate) mandatory: bool,
    /// The body for a reply queue and a name of the call.
    pub(crate) body: &'a (dyn Fn(&str, Uuid) -> Bytes + Send + Sync),
}

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// To every server of the topic, by the exchange `<topic>_fanout`.
    Fanout { topic: String },
    /// To a topic exchange, with this routing key, `<topic>.<priority>`, by way of a queue of that name,
    /// so that the message is kept when nobody listens yet. Exchange and queue are made if they are
    /// not there.
    Notification {
        exchange: String,
        routing_key: String,
    },
    /// Straight to a reply queue.
    Reply { queue: String },
    /// To a topic exchange, with `topic` or `topic.server` as routing key.
    Topic {
        exchange: String,
        routing_key: String,
    },
}

/// What a server listens to.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) exchange: String,
    pub(crate) topic: String,
    pub(crate) server: String,
}

/// A server's messages.
#[derive(Debug)]
pub(crate) struct Listening {
    /// Closing it ends the subscription.
    pub(crate) incoming: mpsc::Receiver<Incoming>,
    /// Fails when the subscription has ended: what was not acknowledged is the broker's again.
    pub(crate) left: oneshot::Receiver<Infallible>,
}

/// One message that was received: acknowledged already if a server has it.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) content_type: Option<Cow<'static, str>>,
    /// The header `compression`.
    pub(crate) compression: Option<String>,
    pub(crate) body: Bytes,
}

/// Why a send did not end as it should.
#[derive(Debug)]
pub(crate) enum SendError {
    Failed {
        delivery: Delivery,
        source: TransportError,
    },
    /// Time was up.
    TimedOut {
        waiting_for: WaitingFor,
        delivery: Delivery,
        /// Why there was no connection, if it was waiting for that.
        trouble: Option<TransportError>,
    },
    /// It has more bytes than may be sent, and was not.
    #[cfg_attr(
        not(feature = "rabbit"),
        allow(dead_code, reason = "memory takes everything")
    )]
    TooLarge { bytes: usize, most: usize },
    /// Mandatory, and no queue takes it.
    Unroutable,
}

impl SendError {
    pub(crate) const fn not_sent(source: TransportError) -> Self {
        Self::Failed {
            delivery: Delivery::NotSent,
            source,
        }
    }

    pub(crate) const fn maybe_delivered(source: TransportError) -> Self {
        Self::Failed {
            delivery: Delivery::MaybeDelivered,
            source,
        }
    }
}

impl TransportError {
    /// The transport was closed by its owner.
    pub(crate) fn closed() -> Self {
        Self::new(TransportErrorKind::Closed, "the transport is closed")
    }
}
