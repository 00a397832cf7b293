//! A transport inside this process: exchanges, queues, round robin, fanout, mandatory, expiry. It
//! keeps what RabbitMQ does with oslo.messaging's default topology, so that code
//! tried here behaves the same there. It is not a broker: nothing outside the process reaches it.

mod notifications;
mod queues;

use std::borrow::Cow;
use std::future::poll_fn;
use std::sync::Arc;

use crate::mutex::Mutex;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, ready};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use self::queues::{Consumer, Key, Queues, Stored};
use super::replies::{Event, Replies, Waiter};
use super::{
    Destination, Driver, Incoming, Limits, Listening, Message, NotificationListening,
    NotificationSubscription, Request, SendError, Subscription, TransportError,
};
use crate::deadline::Deadline;
use crate::delivery::{Delivery, WaitingFor};
use crate::observe::Observer;
use crate::wire::{CONTENT_TYPE, ReplyResult};

#[derive(Debug)]
pub(crate) struct Memory {
    queues: Arc<Mutex<Queues>>,
    replies: Arc<Replies>,
    reply_queue: String,
}

impl Memory {
    pub(crate) fn new(replies: Arc<Replies>) -> Self {
        Self {
            queues: Arc::default(),
            replies,
            reply_queue: format!("reply_{}", crate::id::random().simple()),
        }
    }

    fn publish(&self, message: &Message) -> Result<(), SendError> {
        let incoming = Incoming {
            content_type: Some(Cow::Borrowed(CONTENT_TYPE)),
            compression: None,
            body: message.body.clone(),
        };
        let stored = Stored::new(incoming, message.expires);
        let now = Instant::now();
        let mut queues = self.queues.lock();
        queues.check_open().map_err(SendError::not_sent)?;
        Observer::add(&self.replies.observer.bytes_sent, message.body.len());
        let routed = match &message.destination {
            Destination::Reply { queue } => {
                let routed = *queue == self.reply_queue;
                drop(queues);
                if routed {
                    self.replies
                        .deliver(Some(CONTENT_TYPE), None, &message.body);
                }
                routed
            }
            Destination::Notification {
                exchange,
                routing_key,
            } => {
                queues.declare(routing_key);
                queues.bind(exchange, routing_key, routing_key);
                let keys = queues.bound(exchange, routing_key);
                queues.push(&keys, &stored, now)?
            }
            Destination::Topic {
                exchange,
                routing_key,
            } => {
                let keys = queues.bound(exchange, routing_key);
                queues.push(&keys, &stored, now)?
            }
            Destination::Fanout { topic } => {
                let keys = queues.fanouts(topic);
                queues.push(&keys, &stored, now)?
            }
        };
        if message.mandatory && !routed {
            return Err(SendError::Unroutable);
        }
        Ok(())
    }

    async fn request(
        &self,
        request: Request<'_>,
        limits: Limits,
    ) -> Result<ReplyResult, SendError> {
        let waiter = self.replies.register();
        let message = Message {
            body: (request.body)(&self.reply_queue, waiter.call),
            destination: request.destination,
            expires: Some(limits.deadline),
            mandatory: request.mandatory,
        };
        self.publish(&message)?;
        outcome(&waiter, limits).await
    }

    fn subscribe(&self, subscription: Subscription) -> Result<Listening, TransportError> {
        let id = crate::id::random();
        let Subscription {
            exchange,
            topic,
            server,
        } = subscription;
        let named = format!("{topic}.{server}");
        let keys = [
            Key::Topic(topic.clone()),
            Key::Topic(named.clone()),
            Key::Fanout {
                topic: topic.clone(),
                id,
            },
        ];
        let (inbox, queued) = mpsc::unbounded_channel();
        let now = Instant::now();
        {
            let mut queues = self.queues.lock();
            queues.check_open()?;
            queues.bind(&exchange, &topic, &topic);
            queues.bind(&exchange, &named, &named);
            for key in &keys {
                // Dealt in turn, however slow one is.
                let consumer = Consumer::new(id, inbox.clone(), usize::MAX);
                queues.subscribe(key, consumer, now);
            }
        }
        let (sender, receiver) = mpsc::channel(PREFETCH);
        let forward = forward(Arc::clone(&self.queues), keys, id, queued, sender);
        let (leaving, left) = oneshot::channel();
        tokio::spawn(async move {
            forward.await;
            drop(leaving);
        });
        Ok(Listening {
            incoming: receiver,
            left,
        })
    }
}

/// What comes for a call whose request is there.
async fn outcome(waiter: &Waiter, limits: Limits) -> Result<ReplyResult, SendError> {
    let next_heartbeat = |limits: Limits| {
        let monitor = limits.monitor?;
        Some(Deadline::after(Instant::now(), monitor))
    };
    let mut heartbeat = next_heartbeat(limits);
    loop {
        let until = heartbeat.map_or(limits.deadline, |next| next.min(limits.deadline));
        let waiting_for = if until < limits.deadline {
            WaitingFor::Heartbeat
        } else {
            WaitingFor::Reply
        };
        let next = poll_fn(|cx| waiter.poll_next(cx));
        match timeout_at(until.instant(), next).await {
            Ok(Event::Outcome(result)) => return Ok(result),
            Ok(Event::Heartbeat) => heartbeat = next_heartbeat(limits),
            Ok(Event::Closed) => return Err(SendError::maybe_delivered(TransportError::closed())),
            Err(_) => {
                return Err(SendError::TimedOut {
                    waiting_for,
                    delivery: Delivery::MaybeDelivered,
                    trouble: None,
                });
            }
        }
    }
}

impl Driver for Memory {
    fn cast<'a>(
        &'a self,
        message: Message,
        _limits: Limits,
    ) -> BoxFuture<'a, Result<(), SendError>> {
        ready(self.publish(&message)).boxed()
    }

    fn call<'a>(
        &'a self,
        request: Request<'a>,
        limits: Limits,
    ) -> BoxFuture<'a, Result<ReplyResult, SendError>> {
        self.request(request, limits).boxed()
    }

    fn listen(
        &self,
        subscription: Subscription,
    ) -> BoxFuture<'_, Result<Listening, TransportError>> {
        async { self.subscribe(subscription) }.boxed()
    }

    fn listen_for_notifications(
        &self,
        subscription: NotificationSubscription,
    ) -> BoxFuture<'_, Result<NotificationListening, TransportError>> {
        async move { self.subscribe_to_notifications(&subscription) }.boxed()
    }

    fn connect(&self, _: Limits) -> BoxFuture<'_, Result<(), SendError>> {
        let open = self.queues.lock().check_open();
        ready(open.map_err(SendError::not_sent)).boxed()
    }

    fn flush(&self) -> BoxFuture<'_, ()> {
        ready(()).boxed()
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        {
            let mut queues = self.queues.lock();
            queues.is_closed = true;
            // Ends the forwarders, whose inboxes live in the queues.
            queues.by_key.clear();
        }
        self.replies.close();
        self.replies.observer.closed();
        ready(()).boxed()
    }
}

/// Hands a server its messages until it goes, then gives back what it has not had.
async fn forward(
    queues: Arc<Mutex<Queues>>,
    keys: [Key; 3],
    id: Uuid,
    mut queued: mpsc::UnboundedReceiver<(Key, Stored)>,
    sender: mpsc::Sender<Incoming>,
) {
    loop {
        tokio::select! {
            next = queued.recv() => {
                let Some((key, stored)) = next else { return };
                let Ok(permit) = sender.reserve().await else {
                    requeue(&queues, &keys, id, queued, Some((key, stored)));
                    return;
                };
                permit.send(stored.incoming.clone());
                let now = Instant::now();
                queues.lock().settle(&key, id, stored, false, now);
            }
            () = sender.closed() => {
                requeue(&queues, &keys, id, queued, None);
                return;
            }
        }
    }
}

fn requeue(
    queues: &Mutex<Queues>,
    keys: &[Key; 3],
    id: Uuid,
    mut queued: mpsc::UnboundedReceiver<(Key, Stored)>,
    first: Option<(Key, Stored)>,
) {
    let now = Instant::now();
    let mut queues = queues.lock();
    for key in keys {
        queues.unsubscribe(key, id);
    }
    for (key, stored) in first
        .into_iter()
        .chain(std::iter::from_fn(|| queued.try_recv().ok()))
    {
        queues.settle(&key, id, stored, true, now);
    }
}

/// How many messages lie ready for a server beside those it works on.
const PREFETCH: usize = 64;
