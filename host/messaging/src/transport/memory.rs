//! A transport inside this process: exchanges, queues, round robin, fanout, mandatory, expiry. It
//! keeps what RabbitMQ does with oslo.messaging's default topology (dossier §4), so that code
//! tried here behaves the same there. It is not a broker: nothing outside the process reaches it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::time::Instant;
use uuid::Uuid;

use super::driver::{Attempt, Destination, Driver, Incoming, Message, PublishError, Subscription};
use super::replies::Replies;
use crate::deadline::Deadline;
use crate::error::{TransportError, TransportErrorKind};
use crate::wire::CONTENT_TYPE;

#[derive(Debug)]
pub(super) struct Memory {
    queues: Arc<Mutex<Queues>>,
    replies: Arc<Replies>,
    reply_queue: Arc<str>,
    closed: AtomicBool,
}

impl Memory {
    pub(super) fn new(replies: Arc<Replies>) -> Self {
        Self {
            queues: Arc::default(),
            replies,
            reply_queue: format!("reply_{}", Uuid::new_v4().simple()).into(),
            closed: AtomicBool::new(false),
        }
    }

    fn check_open(&self) -> Result<(), TransportError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(TransportError::new(
                TransportErrorKind::Closed,
                "the memory transport is closed",
            ));
        }
        Ok(())
    }

    fn publish_now(&self, message: &Message, attempt: &Attempt) -> Result<(), PublishError> {
        self.check_open().map_err(PublishError::not_sent)?;
        attempt.handed_over();
        let stored = || Stored {
            incoming: Incoming {
                content_type: Some(CONTENT_TYPE.to_owned()),
                compression: None,
                body: message.body.clone(),
            },
            expires: message.expires,
        };
        let now = Instant::now();
        let routed = match &message.destination {
            Destination::Reply { queue } => {
                let routed = **queue == *self.reply_queue;
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
                let mut queues = self.queues.lock();
                let bound = queues.is_bound(exchange, routing_key);
                let key = Key::Topic(routing_key.clone());
                bound && queues.push(&key, stored(), now)
            }
            Destination::Fanout { topic } => {
                let mut queues = self.queues.lock();
                let of_topic =
                    |key: &Key| matches!(key, Key::Fanout { topic: of, .. } if of == topic);
                let keys: Vec<_> = queues
                    .by_key
                    .keys()
                    .filter(|key| of_topic(key))
                    .cloned()
                    .collect();
                for key in &keys {
                    queues.push(key, stored(), now);
                }
                !keys.is_empty()
            }
        };
        if message.mandatory && !routed {
            return Err(PublishError::Unroutable);
        }
        Ok(())
    }

    fn listen_now(
        &self,
        subscription: Subscription,
    ) -> Result<mpsc::Receiver<Incoming>, TransportError> {
        self.check_open()?;
        let id = Uuid::new_v4();
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
        tokio::spawn(forward(Arc::clone(&self.queues), keys, id, queued, sender));
        Ok(receiver)
    }
}

impl Driver for Memory {
    fn publish<'a>(
        &'a self,
        message: &'a Message,
        attempt: &'a Attempt,
    ) -> BoxFuture<'a, Result<(), PublishError>> {
        async { self.publish_now(message, attempt) }.boxed()
    }

    fn reply_queue<'a>(
        &'a self,
        _attempt: &'a Attempt,
    ) -> BoxFuture<'a, Result<Arc<str>, PublishError>> {
        async {
            self.check_open().map_err(PublishError::not_sent)?;
            Ok(Arc::clone(&self.reply_queue))
        }
        .boxed()
    }

    fn listen(
        &self,
        subscription: Subscription,
    ) -> BoxFuture<'_, Result<mpsc::Receiver<Incoming>, TransportError>> {
        async { self.listen_now(subscription) }.boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        async {
            self.closed.store(true, Ordering::Release);
            // Ends the forwarders, whose inboxes live in the queues.
            self.queues.lock().by_key.clear();
        }
        .boxed()
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
        queues.push(&key, stored, now);
    }
}

#[derive(Debug, Default)]
struct Queues {
    by_key: HashMap<Key, Queue>,
    /// For each exchange, the routing keys that are bound in it to the queue of the same name.
    bindings: HashMap<String, HashSet<String>>,
}

impl Queues {
    fn bind(&mut self, exchange: &str, routing_key: String) {
        let bound = self.bindings.entry(exchange.to_owned()).or_default();
        bound.insert(routing_key);
    }

    fn is_bound(&self, exchange: &str, routing_key: &str) -> bool {
        let bound = self.bindings.get(exchange);
        bound.is_some_and(|bound| bound.contains(routing_key))
    }

    /// False when there is no such queue.
    fn push(&mut self, key: &Key, stored: Stored, now: Instant) -> bool {
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
