//! What a transport must do for the client and server above it. `rabbit` and `memory` implement
//! it; nothing above knows which one it has.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::deadline::Deadline;
use crate::error::{Delivery, TransportError, WaitingFor};

pub(crate) trait Driver: fmt::Debug + Send + Sync {
    /// Hands one message to the broker and resolves when the broker has confirmed it.
    ///
    /// The driver waits for a connection as long as it is polled, except that it gives up with
    /// [`PublishError::Failed`] when `attempt.retry` repetitions of connecting have failed, or at
    /// once on a failure that is not [temporary](crate::TransportErrorKind::is_temporary). It
    /// calls [`Attempt::handed_over`] before the first byte may leave, and after that never sends
    /// the message again.
    ///
    /// Cancel safety: dropped before `handed_over`, nothing is sent; dropped after it, the message
    /// may have been.
    fn publish<'a>(
        &'a self,
        message: &'a Message,
        attempt: &'a Attempt,
    ) -> BoxFuture<'a, Result<(), PublishError>>;

    /// The name of the queue to be put into a request as `_reply_q`, existing and consumed. What
    /// arrives there goes to the `Replies` the driver was made with.
    ///
    /// Waits for a connection, and fails, as `publish` does. Cancel safe.
    fn reply_queue<'a>(
        &'a self,
        attempt: &'a Attempt,
    ) -> BoxFuture<'a, Result<Arc<str>, PublishError>>;

    /// Declares a server's three queues (dossier §4.1) and consumes them until the receiver is
    /// dropped. Every message is acknowledged before it is handed out. The driver subscribes
    /// again after every loss of the connection.
    ///
    /// Fails at once when the broker cannot be reached; waits for nothing but one round of hosts.
    fn listen(
        &self,
        subscription: Subscription,
    ) -> BoxFuture<'_, Result<mpsc::Receiver<Incoming>, TransportError>>;

    /// Closes every connection in good order and ends every task. Later calls fail with
    /// `TransportErrorKind::Closed`. Idempotent.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// One message on its way out.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) destination: Destination,
    pub(crate) body: Bytes,
    /// The broker drops the message when this has passed (a call nobody waits for any more); the
    /// AMQP `expiration` is what is left of it when the message is handed over, in milliseconds,
    /// rounded up.
    pub(crate) expires: Option<Deadline>,
    /// Whether the broker must refuse the message when no queue takes it.
    pub(crate) mandatory: bool,
    /// The `_unique_id` inside the body.
    #[cfg_attr(
        not(feature = "rabbit"),
        allow(dead_code, reason = "only a broker returns messages")
    )]
    pub(crate) unique_id: Box<str>,
}

/// Where a message goes (dossier §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// To every server of the topic, by the exchange `<topic>_fanout`.
    Fanout { topic: String },
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

/// One message that a server received, acknowledged already.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) content_type: Option<String>,
    /// The header `compression` (dossier §3.2).
    pub(crate) compression: Option<String>,
    pub(crate) body: Bytes,
}

/// Why a publish did not end in a confirmation.
#[derive(Debug)]
pub(crate) enum PublishError {
    Failed {
        delivery: Delivery,
        source: TransportError,
    },
    /// The broker returned a mandatory message: no queue would have taken it.
    Unroutable,
}

impl PublishError {
    pub(crate) const fn not_sent(source: TransportError) -> Self {
        Self::Failed {
            delivery: Delivery::NotSent,
            source,
        }
    }

    #[cfg(feature = "rabbit")]
    pub(crate) const fn maybe_delivered(source: TransportError) -> Self {
        Self::Failed {
            delivery: Delivery::MaybeDelivered,
            source,
        }
    }
}

/// What one send may spend, and how far it got. The caller keeps it, so that it knows how far a
/// send got that it gave up waiting for.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// How many times a failed attempt to connect may be repeated; none means for ever.
    #[cfg_attr(
        not(feature = "rabbit"),
        allow(dead_code, reason = "memory is always connected")
    )]
    pub(crate) retry: Option<u32>,
    stage: AtomicU8,
    trouble: Mutex<Option<TransportError>>,
}

impl Attempt {
    pub(crate) const fn new(retry: Option<u32>) -> Self {
        Self {
            retry,
            stage: AtomicU8::new(CONNECTING),
            trouble: Mutex::new(None),
        }
    }

    /// The message may leave from now on.
    pub(crate) fn handed_over(&self) {
        self.stage.store(HANDED_OVER, Ordering::Release);
    }

    /// The message that was handed over certainly did not get anywhere; it may be handed over
    /// again.
    #[cfg(feature = "rabbit")]
    pub(crate) fn taken_back(&self) {
        self.stage.store(CONNECTING, Ordering::Release);
    }

    /// The broker has the message.
    pub(crate) fn confirmed(&self) {
        self.stage.store(CONFIRMED, Ordering::Release);
    }

    pub(crate) fn delivery(&self) -> Delivery {
        match self.stage.load(Ordering::Acquire) {
            CONNECTING => Delivery::NotSent,
            _ => Delivery::MaybeDelivered,
        }
    }

    pub(crate) fn waiting_for(&self) -> WaitingFor {
        match self.stage.load(Ordering::Acquire) {
            CONNECTING => WaitingFor::Connection,
            HANDED_OVER => WaitingFor::Confirm,
            _ => WaitingFor::Reply,
        }
    }

    /// Remembers why the last attempt to connect failed, for the error at the deadline.
    #[cfg(feature = "rabbit")]
    pub(crate) fn note_trouble(&self, error: TransportError) {
        *self.trouble.lock() = Some(error);
    }

    pub(crate) fn take_trouble(&self) -> Option<TransportError> {
        self.trouble.lock().take()
    }
}

const CONNECTING: u8 = 0;
const HANDED_OVER: u8 = 1;
const CONFIRMED: u8 = 2;
