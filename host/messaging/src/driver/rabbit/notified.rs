//! A notification listener's queues and the connection that consumes them (upstream
//! `AMQPDriverBase.listen_for_notifications`).

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::mutex::Mutex;
use futures_util::future::BoxFuture;
use oslo_amqp::driver::{Acks, Channel, Consume, Resume};
use oslo_amqp::protocol::{Delivery, Ended, Table};
use tokio::sync::oneshot;

use super::connect::{Line, Settings, SharedLine};
use super::consume::{Gone, arguments, consume_on, incoming, prefetch};
use super::errors::consumer_lost;
use super::shutdown::leave;
use super::supervise::{Lost, OPEN_LIMIT, User};
use super::topology::{Exchange, Queue};
use crate::driver::{
    Inbox, NotificationListening, NotificationSubscription, Receipt, Settlement, TransportError,
    Unsettled, inbox,
};
use crate::observe::Purpose;

/// What a notification listener listens to, beyond any one connection.
#[derive(Debug)]
pub(super) struct Notified {
    subscription: NotificationSubscription,
    inbox: Inbox,
    /// It has had a connection.
    was_open: bool,
    /// Those of the current connection that are not consumed before an endpoint is free.
    unconsumed: Vec<Declared>,
    /// A consumer of the current connection has ended.
    gone: Arc<Gone>,
    /// Dropped when it has left.
    leaving: oneshot::Sender<Infallible>,
}

impl Notified {
    pub(super) fn new(subscription: NotificationSubscription) -> (Self, NotificationListening) {
        let (inbox, incoming) = inbox();
        let (leaving, left) = oneshot::channel();
        let notified = Self {
            subscription,
            inbox,
            was_open: false,
            unconsumed: Vec::new(),
            gone: Arc::default(),
            leaving,
        };
        (notified, NotificationListening { incoming, left })
    }
}

/// A queue that is declared.
#[derive(Debug)]
struct Declared {
    queue: String,
    prefetch: u16,
    arguments: Table,
}

impl Notified {
    async fn consume(&mut self, line: &Line) -> Result<(), TransportError> {
        for declared in std::mem::take(&mut self.unconsumed) {
            let Declared {
                queue,
                prefetch,
                arguments,
            } = declared;
            let channel = line.channel().await?;
            let sink = Arc::new(Sink {
                channel: channel.clone(),
                inbox: self.inbox.clone(),
                gone: Arc::clone(&self.gone),
                held: Arc::default(),
            });
            let acks = Acks::Manually;
            consume_on(line, &channel, &queue, prefetch, arguments, acks, sink).await?;
        }
        Ok(())
    }
}

impl User for Notified {
    type Session = ();

    const PURPOSE: Purpose = Purpose::Listen;

    async fn open(&mut self, settings: &Settings, line: &SharedLine) -> Result<(), TransportError> {
        let options = &settings.options;
        self.gone = Arc::default();
        // It comes again on this connection.
        self.inbox.clear();
        let mut queues: Vec<Queue> = Vec::new();
        for source in &self.subscription.sources {
            let exchange = Exchange::topic(&source.exchange, options);
            exchange.declare(line).await?;
            let name = self.subscription.queue(source);
            if !queues.iter().any(|known| known.name() == name) {
                let queue = Queue::shared(name.to_owned(), options);
                queue.declare(line).await?;
                queues.push(queue);
            }
            if let Some(queue) = queues.iter().find(|known| known.name() == name) {
                queue.bind(line, &exchange, &source.routing_key).await?;
            }
        }
        let declared = queues.iter().map(|queue| Declared {
            queue: queue.name().to_owned(),
            prefetch: prefetch(options),
            arguments: arguments(options),
        });
        self.unconsumed = declared.collect();
        // What the broker sends while every endpoint is busy comes back when the connection is lost once
        // more, and a quorum queue lets a message come back some times only.
        let is_busy = std::mem::replace(&mut self.was_open, true) && !self.inbox.is_wanted();
        if is_busy {
            return Ok(());
        }
        // What comes to a pool begins to come when all that it wants is bound.
        self.consume(line).await
    }

    fn unwanted(&self) -> Option<BoxFuture<'static, ()>> {
        let inbox = self.inbox.clone();
        Some(Box::pin(async move { inbox.closed().await }))
    }

    async fn hold(&mut self, line: &Line) -> Lost {
        let (gone, inbox) = (Arc::clone(&self.gone), self.inbox.clone());
        let consume = async {
            if !self.unconsumed.is_empty() {
                self.inbox.wanted().await;
                if let Err(error) = line.within(OPEN_LIMIT, self.consume(line)).await {
                    return Lost::Broken(error);
                }
            }
            pending().await
        };
        tokio::select! {
            biased;
            error = line.lost() => Lost::Broken(error),
            why = gone.told() => {
                Lost::Broken(consumer_lost(&line.peer, "a consumer", why.as_ref()))
            }
            () = inbox.closed() => Lost::Unwanted,
            lost = consume => lost,
        }
    }

    /// What was not settled is given back by the end of the connection.
    async fn leave(self, settings: &Settings, line: Option<&Line>) {
        leave(settings, Self::PURPOSE, line, Vec::new()).await;
        drop(self.leaving);
    }
}

struct Sink {
    channel: Channel,
    inbox: Inbox,
    gone: Arc<Gone>,
    held: Arc<Held>,
}

impl Consume for Sink {
    fn started(&self, resume: Resume) {
        *self.held.resume.lock() = Some(resume);
    }

    fn deliver(&self, delivery: Delivery) {
        let bytes = delivery.body.len();
        self.held.bytes.fetch_add(bytes, Ordering::Relaxed);
        let receipt = Box::new(Tag {
            channel: self.channel.clone(),
            tag: delivery.tag,
            bytes,
            held: Arc::clone(&self.held),
            is_settled: false,
        });
        if delivery.is_cut() {
            tracing::warn!(
                bytes = delivery.size,
                "dropped a notification that is too large"
            );
            receipt.settle(Settlement::Rejected);
            return;
        }
        // If nobody takes it any more, the end of the connection gives it back.
        self.inbox.put(Unsettled {
            redelivered: delivery.redelivered(),
            incoming: incoming(delivery),
            receipt,
        });
    }

    fn held(&self) -> usize {
        self.held.bytes.load(Ordering::Relaxed)
    }

    fn ended(&self, why: Option<Ended>) {
        self.gone.tell(why);
    }
}

/// What was handed out and is not settled. Prefetching bounds its number, and this its bytes.
#[derive(Debug, Default)]
struct Held {
    bytes: AtomicUsize,
    resume: Mutex<Option<Resume>>,
}

/// A message by its number on the channel that it came on.
#[derive(Debug)]
struct Tag {
    channel: Channel,
    tag: u64,
    bytes: usize,
    held: Arc<Held>,
    is_settled: bool,
}

impl Receipt for Tag {
    fn is_valid(&self) -> bool {
        self.channel.ended().is_none()
    }

    fn settle(mut self: Box<Self>, settlement: Settlement) {
        self.is_settled = true;
        // First, because what is asked of the connection is what makes it look.
        self.held.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        match settlement {
            Settlement::Handled => self.channel.ack(self.tag, false),
            Settlement::Rejected => self.channel.nack(self.tag, false),
            Settlement::Requeued => self.channel.nack(self.tag, true),
        }
    }
}

impl Drop for Tag {
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        self.held.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        if let Some(resume) = &*self.held.resume.lock() {
            resume.resume();
        }
    }
}
