//! A transport inside this process: exchanges, queues, round robin, fanout, mandatory, expiry. It
//! keeps what RabbitMQ does with oslo.messaging's default topology (dossier §4), so that code
//! tried here behaves the same there. It is not a broker: nothing outside the process reaches it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};
use std::future::poll_fn;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, ready};
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::replies::{Event, Replies, Waiter};
use super::{
    Destination, Driver, Incoming, Limits, Listening, Message, Request, SendError, Subscription,
    TransportError, TransportErrorKind,
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
        let stored = || Stored {
            incoming: Incoming {
                content_type: Some(Cow::Borrowed(CONTENT_TYPE)),
                compression: None,
                body: message.body.clone(),
            },
            expires: message.expires,
        };
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
            Destination::Topic {
                exchange,
                routing_key,
            } => {
                let bound = queues.is_bound(exchange, routing_key);
                let key = Key::Topic(routing_key.clone());
                bound && queues.push(&key, stored(), now)?
            }
            Destination::Fanout { topic } => {
                let of_topic =
                    |key: &Key| matches!(key, Key::Fanout { topic: of, .. } if of == topic);
                let keys: Vec<_> = queues
                    .by_key
                    .keys()
                    .filter(|key| of_topic(key))
                    .cloned()
                    .collect();
                for key in &keys {
                    queues.push(key, stored(), now)?;
                }
                !keys.is_empty()
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
            queues.bind(&exchange, topic);
            queues.bind(&exchange, named);
            for key in &keys {
                queues.subscribe(
                    key,
                    Consumer {
                        id,
                        inbox: inbox.clone(),
                    },
                    now,
                );
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
                permit.send(stored.incoming);
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
        queues.put(&key, stored, now);
    }
}

#[derive(Debug, Default)]
struct Queues {
    is_closed: bool,
    by_key: HashMap<Key, Queue>,
    /// For each exchange, the routing keys that are bound in it to the queue of the same name.
    bindings: HashMap<String, HashSet<String>>,
}

impl Queues {
    fn check_open(&self) -> Result<(), TransportError> {
        if self.is_closed {
            return Err(TransportError::closed());
        }
        Ok(())
    }

    fn bind(&mut self, exchange: &str, routing_key: String) {
        let bound = self.bindings.entry(exchange.to_owned()).or_default();
        bound.insert(routing_key);
    }

    fn is_bound(&self, exchange: &str, routing_key: &str) -> bool {
        let bound = self.bindings.get(exchange);
        bound.is_some_and(|bound| bound.contains(routing_key))
    }

    /// False when there is no such queue. A queue that nobody consumes is bounded.
    fn push(&mut self, key: &Key, stored: Stored, now: Instant) -> Result<bool, SendError> {
        let waiting = self.by_key.get(key).map_or(0, Queue::waiting_bytes);
        if waiting.saturating_add(stored.incoming.body.len()) > MOST_BYTES {
            let message = format!("the queue holds {waiting} bytes that no server takes");
            let error = TransportError::new(TransportErrorKind::Nack, message);
            return Err(SendError::not_sent(error));
        }
        Ok(self.put(key, stored, now))
    }

    fn put(&mut self, key: &Key, stored: Stored, now: Instant) -> bool {
        let Some(queue) = self.by_key.get_mut(key) else {
            return false;
        };
        queue.backlog.push_back(stored);
        queue.deal(key, now);
        true
    }

    fn subscribe(&mut self, key: &Key, consumer: Consumer, now: Instant) {
        let queue = self.by_key.entry(key.clone()).or_default();
        queue.consumers.push_back(consumer);
        queue.deal(key, now);
    }

    /// Topic and server queues stay when their last server goes, a fanout queue goes with it.
    fn unsubscribe(&mut self, key: &Key, id: Uuid) {
        if matches!(key, Key::Fanout { .. }) {
            self.by_key.remove(key);
        } else if let Some(queue) = self.by_key.get_mut(key) {
            queue.consumers.retain(|consumer| consumer.id != id);
        }
    }
}

#[derive(Debug, Default)]
struct Queue {
    backlog: VecDeque<Stored>,
    /// Taken from the front and put back at the end: round robin.
    consumers: VecDeque<Consumer>,
}

impl Queue {
    fn waiting_bytes(&self) -> usize {
        self.backlog
            .iter()
            .map(|stored| stored.incoming.body.len())
            .sum()
    }

    fn deal(&mut self, key: &Key, now: Instant) {
        while let Some(stored) = self.backlog.pop_front() {
            if stored
                .expires
                .is_some_and(|expires| expires.remaining(now).is_zero())
            {
                continue;
            }
            let Some(consumer) = self.consumers.pop_front() else {
                self.backlog.push_front(stored);
                return;
            };
            match consumer.inbox.send((key.clone(), stored)) {
                Ok(()) => self.consumers.push_back(consumer),
                Err(mpsc::error::SendError((_, stored))) => self.backlog.push_front(stored),
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Fanout {
        topic: String,
        id: Uuid,
    },
    /// By its name. An exchange is no part of it: servers of one topic in two exchanges share the
    /// topic's queue, as they do on RabbitMQ.
    Topic(String),
}

#[derive(Debug)]
struct Consumer {
    id: Uuid,
    inbox: mpsc::UnboundedSender<(Key, Stored)>,
}

#[derive(Debug)]
struct Stored {
    incoming: Incoming,
    expires: Option<Deadline>,
}

/// How many messages lie ready for a server beside those it works on.
const PREFETCH: usize = 64;
/// How many bytes of messages a queue keeps for servers that do not come.
const MOST_BYTES: usize = 256 * 1024 * 1024;
