//! Exchanges and queues in memory.

use std::collections::{BTreeSet, HashMap, VecDeque};

use tokio::sync::mpsc;
use tokio::time::Instant;
use uuid::Uuid;

use crate::deadline::Deadline;
use crate::driver::{Incoming, SendError, TransportError, TransportErrorKind};

#[derive(Debug, Default)]
pub(super) struct Queues {
    pub(super) is_closed: bool,
    pub(super) by_key: HashMap<Key, Queue>,
    /// For each exchange and routing key, the queues that are bound there.
    bindings: HashMap<String, HashMap<String, BTreeSet<String>>>,
    /// How many messages were put into queues.
    count: u64,
}

impl Queues {
    pub(super) fn check_open(&self) -> Result<(), TransportError> {
        if self.is_closed {
            return Err(TransportError::closed());
        }
        Ok(())
    }

    pub(super) fn bind(&mut self, exchange: &str, routing_key: &str, queue: &str) {
        let exchange = self.bindings.entry(exchange.to_owned()).or_default();
        let bound = exchange.entry(routing_key.to_owned()).or_default();
        if !bound.contains(queue) {
            bound.insert(queue.to_owned());
        }
    }

    /// A queue that stays when nobody consumes it.
    pub(super) fn declare(&mut self, queue: &str) {
        self.by_key.entry(Key::Topic(queue.to_owned())).or_default();
    }

    /// The queues that a message goes to.
    pub(super) fn bound(&self, exchange: &str, routing_key: &str) -> Vec<Key> {
        let bound = self
            .bindings
            .get(exchange)
            .and_then(|keys| keys.get(routing_key));
        let queues = bound.into_iter().flatten();
        queues.map(|queue| Key::Topic(queue.clone())).collect()
    }

    pub(super) fn fanouts(&self, topic: &str) -> Vec<Key> {
        let of_topic = |key: &&Key| matches!(key, Key::Fanout { topic: of, .. } if of == topic);
        self.by_key.keys().filter(of_topic).cloned().collect()
    }

    /// Puts a message into each of these queues. False when none of them exists. What a queue
    /// holds is bounded, and when one is full, none gets the message.
    pub(super) fn push(
        &mut self,
        keys: &[Key],
        message: &Stored,
        now: Instant,
    ) -> Result<bool, SendError> {
        for key in keys {
            let waiting = self.by_key.get(key).map_or(0, |queue| queue.bytes);
            if waiting.saturating_add(message.bytes()) > MOST_BYTES {
                let message = format!("the queue holds {waiting} bytes that nobody takes");
                let error = TransportError::new(TransportErrorKind::Nack, message);
                return Err(SendError::not_sent(error));
            }
        }
        let mut routed = false;
        for key in keys {
            if let Some(queue) = self.by_key.get_mut(key) {
                self.count += 1;
                queue.bytes += message.bytes();
                queue.backlog.push_back(Stored {
                    number: self.count,
                    ..message.clone()
                });
                queue.deal(key, now);
                routed = true;
            }
        }
        Ok(routed)
    }

    /// A consumer has done with a message, which is put back to where it was in its queue or is not.
    pub(super) fn settle(
        &mut self,
        key: &Key,
        consumer: Uuid,
        message: Stored,
        comes_again: bool,
        now: Instant,
    ) {
        let Some(queue) = self.by_key.get_mut(key) else {
            return;
        };
        let mut consumers = queue.consumers.iter_mut();
        if let Some(consumer) = consumers.find(|known| known.id == consumer) {
            consumer.unsettled = consumer.unsettled.saturating_sub(1);
        }
        if comes_again {
            queue.put_back(message);
        } else {
            queue.bytes = queue.bytes.saturating_sub(message.bytes());
        }
        queue.deal(key, now);
    }

    pub(super) fn subscribe(&mut self, key: &Key, consumer: Consumer, now: Instant) {
        let queue = self.by_key.entry(key.clone()).or_default();
        queue.consumers.push_back(consumer);
        queue.deal(key, now);
    }

    /// Topic and server queues stay when their last server goes, a fanout queue goes with it.
    pub(super) fn unsubscribe(&mut self, key: &Key, id: Uuid) {
        if matches!(key, Key::Fanout { .. }) {
            self.by_key.remove(key);
        } else if let Some(queue) = self.by_key.get_mut(key) {
            queue.consumers.retain(|consumer| consumer.id != id);
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    backlog: VecDeque<Stored>,
    /// Of what is in the backlog, or handed out and not settled.
    bytes: usize,
    /// Taken from the front and put back at the end: round robin.
    consumers: VecDeque<Consumer>,
}

impl Queue {
    fn put_back(&mut self, message: Stored) {
        let place = self
            .backlog
            .partition_point(|stored| stored.number < message.number);
        self.backlog.insert(place, message);
    }

    fn deal(&mut self, key: &Key, now: Instant) {
        while let Some(stored) = self.backlog.pop_front() {
            if stored
                .expires
                .is_some_and(|expires| expires.remaining(now).is_zero())
            {
                self.bytes = self.bytes.saturating_sub(stored.bytes());
                continue;
            }
            let has_room = |consumer: &Consumer| consumer.unsettled < consumer.most;
            let Some(next) = self.consumers.iter().position(has_room) else {
                self.backlog.push_front(stored);
                return;
            };
            let Some(mut consumer) = self.consumers.remove(next) else {
                return;
            };
            match consumer.inbox.send((key.clone(), stored)) {
                Ok(()) => {
                    consumer.unsettled += 1;
                    self.consumers.push_back(consumer);
                }
                Err(mpsc::error::SendError((_, stored))) => self.backlog.push_front(stored),
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Fanout {
        topic: String,
        id: Uuid,
    },
    /// By its name. An exchange is no part of it: servers of one topic in two exchanges share the
    /// topic's queue, as they do on RabbitMQ.
    Topic(String),
}

#[derive(Debug)]
pub(super) struct Consumer {
    id: Uuid,
    inbox: mpsc::UnboundedSender<(Key, Stored)>,
    /// How many it has that it has not done with, and may have.
    unsettled: usize,
    most: usize,
}

impl Consumer {
    /// One that [settles](Queues::settle) what it gets, and gets so many before it does.
    pub(super) const fn new(
        id: Uuid,
        inbox: mpsc::UnboundedSender<(Key, Stored)>,
        most: usize,
    ) -> Self {
        Self {
            id,
            inbox,
            unsettled: 0,
            most,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) incoming: Incoming,
    pub(super) expires: Option<Deadline>,
    /// Whether a consumer gave it back.
    pub(super) redelivered: bool,
    /// Its place in its queue.
    number: u64,
}

impl Stored {
    pub(super) const fn new(incoming: Incoming, expires: Option<Deadline>) -> Self {
        Self {
            incoming,
            expires,
            redelivered: false,
            number: 0,
        }
    }

    const fn bytes(&self) -> usize {
        self.incoming.body.len()
    }
}

/// How many bytes of messages a queue keeps that nobody has done with.
const MOST_BYTES: usize = 256 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_bounded_by_what_nobody_has_done_with() {
        let (mut queues, now) = (Queues::default(), Instant::now());
        let (key, id) = (Key::Topic("t".to_owned()), crate::id::random());
        let (inbox, mut dealt) = mpsc::unbounded_channel();
        queues.subscribe(&key, Consumer::new(id, inbox, usize::MAX), now);
        let incoming = Incoming {
            content_type: None,
            compression: None,
            body: vec![0_u8; MOST_BYTES / 2].into(),
        };
        let message = Stored::new(incoming, None);
        let push = |queues: &mut Queues| queues.push(std::slice::from_ref(&key), &message, now);
        assert!(push(&mut queues).unwrap() && push(&mut queues).unwrap());
        push(&mut queues).unwrap_err();
        // What is put back is there as before.
        for comes_again in [true, false] {
            let (key, stored) = dealt.try_recv().unwrap();
            queues.settle(&key, id, stored, comes_again, now);
        }
        assert!(push(&mut queues).unwrap());
        push(&mut queues).unwrap_err();
    }
}
