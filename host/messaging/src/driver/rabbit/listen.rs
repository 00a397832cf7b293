//! A server's queues and the connection that consumes them.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::mutex::Mutex;
use futures_util::future::BoxFuture;
use oslo_amqp::driver::{Acks, Consume, Resume};
use oslo_amqp::protocol::{Delivery, Ended, Table};
use tokio::sync::mpsc::{self, OwnedPermit};
use tokio::sync::{Notify, oneshot};
use tokio::time::sleep;

use super::connect::{Line, Settings, SharedLine};
use super::consume::{Gone, arguments, consume, incoming, prefetch};
use super::errors::{consumer_lost, lost_as};
use super::shutdown::leave;
use super::stream::Position;
use super::supervise::{Lost, OPEN_LIMIT, User};
use super::topology::{Exchange, Queue};
use crate::config::RabbitOptions;
use crate::driver::{Incoming, Listening, Subscription, TransportError};
use crate::observe::Purpose;

/// What a server listens to, beyond any one connection.
#[derive(Debug)]
pub(super) struct Listener {
    subscription: Subscription,
    /// Its name stays the same over all connections: what came while there was none is kept.
    fanout_queue: Queue,
    /// The broker may have it.
    fanout_declared: bool,
    /// Another process has one of the same name, as has just been found out.
    knows_better: bool,
    /// If that is a stream: where in it.
    stream: Option<Arc<Position>>,
    incoming: mpsc::Sender<Incoming>,
    /// Of the current connection.
    consumers: Consumers,
    /// Those of the current connection that are not consumed before the server has room.
    unconsumed: Vec<Declared>,
    /// Dropped when it has left.
    leaving: oneshot::Sender<Infallible>,
}

#[derive(Clone, Debug, Default)]
struct Consumers {
    /// One has ended.
    gone: Arc<Gone>,
    /// That of the stream is the one.
    stream_is_gone: Arc<AtomicBool>,
    /// One had to wait for the server.
    starved: Arc<Notify>,
    resume: Arc<Mutex<Option<Resume>>>,
}

impl Listener {
    pub(super) fn new(options: &RabbitOptions, subscription: Subscription) -> (Self, Listening) {
        let (incoming, receiver) = mpsc::channel(WAITING);
        let (leaving, left) = oneshot::channel();
        let fanout_queue = Queue::fanout(&subscription.topic, options);
        let listener = Self {
            subscription,
            fanout_queue,
            fanout_declared: false,
            knows_better: false,
            stream: options.rabbit_stream_fanout.then(Arc::default),
            incoming,
            consumers: Consumers::default(),
            unconsumed: Vec::new(),
            leaving,
        };
        let listening = Listening {
            incoming: receiver,
            left,
        };
        (listener, listening)
    }
}

/// A queue that is declared.
#[derive(Debug)]
struct Declared {
    queue: String,
    prefetch: u16,
    arguments: Table,
    stream: Option<Arc<Position>>,
}

impl Listener {
    async fn consume(&self, line: &Line, declared: Declared) -> Result<(), TransportError> {
        let Declared {
            queue,
            prefetch,
            mut arguments,
            stream,
        } = declared;
        if let Some(stream) = &stream {
            arguments.insert("x-stream-offset", stream.subscribe());
        }
        let sink = Arc::new(Sink {
            incoming: self.incoming.clone(),
            reserved: Mutex::default(),
            stream,
            consumers: self.consumers.clone(),
        });
        consume(line, &queue, prefetch, arguments, Acks::Before, sink).await
    }

    async fn consume_all(
        &self,
        line: &Line,
        unconsumed: Vec<Declared>,
    ) -> Result<(), TransportError> {
        for declared in unconsumed {
            self.consume(line, declared).await?;
        }
        Ok(())
    }

    /// Waits until the server has room for some. What is free meanwhile is for fanouts.
    async fn has_room(&self) {
        while self.incoming.capacity() < ENOUGH {
            sleep(LOOK).await;
        }
    }
}

impl User for Listener {
    type Session = ();

    const PURPOSE: Purpose = Purpose::Listen;

    async fn open(&mut self, settings: &Settings, line: &SharedLine) -> Result<(), TransportError> {
        let Subscription {
            exchange,
            topic,
            server,
        } = &self.subscription;
        let options = &settings.options;
        let topic_exchange = Exchange::topic(exchange, options);
        let fanout_exchange = Exchange::fanout(topic, options);
        let server_key = format!("{topic}.{server}");
        let topic_queue = Queue::shared(topic.clone(), options);
        let server_queue = Queue::shared(server_key.clone(), options);
        self.consumers = Consumers::default();
        topic_exchange.declare(line).await?;
        fanout_exchange.declare(line).await?;
        let is_first = !std::mem::replace(&mut self.fanout_declared, true);
        if is_first && self.fanout_queue.is_kept() {
            self.fanout_queue.declare(line).await?;
            self.fanout_queue.evade(line, 0).await?;
        }
        // What the broker sends to a server that is full comes back when the connection is lost, and a
        // quorum queue lets a message come back some times only. Its own queue is consumed all the same,
        // because it expires when it is not.
        let is_full = self.incoming.capacity() < ENOUGH;
        self.unconsumed.clear();
        let fanout_queue = self.fanout_queue.clone();
        let mut queues = [
            (&topic_queue, &topic_exchange, topic, false),
            (&server_queue, &topic_exchange, &server_key, false),
            (&fanout_queue, &fanout_exchange, topic, true),
        ];
        if is_first && self.fanout_queue.is_kept() {
            // It may turn out to be another's: first, because nothing has been taken by then that would
            // have to be handed out.
            queues.rotate_right(1);
        }
        for (queue, exchange, routing_key, is_own) in queues {
            queue.declare(line).await?;
            queue.bind(line, exchange, routing_key).await?;
            let declared = Declared {
                queue: queue.name().to_owned(),
                prefetch: prefetch(options),
                arguments: arguments(options),
                stream: self.stream.clone().filter(|_| is_own),
            };
            if is_full && !is_own {
                self.unconsumed.push(declared);
            } else {
                self.consume(line, declared).await?;
            }
            if is_own && is_first && self.fanout_queue.evade(line, 1).await? {
                self.knows_better = true;
                return Err(lost_as(&line.peer, "the fanout queue is another's"));
            }
        }
        Ok(())
    }

    fn knows_better(&mut self) -> bool {
        std::mem::take(&mut self.knows_better)
    }

    fn unwanted(&self) -> Option<BoxFuture<'static, ()>> {
        let incoming = self.incoming.clone();
        Some(Box::pin(async move { incoming.closed().await }))
    }

    async fn hold(&mut self, line: &Line) -> Lost {
        let consumers = self.consumers.clone();
        let (incoming, stream) = (self.incoming.clone(), self.stream.clone());
        let mut unconsumed = std::mem::take(&mut self.unconsumed);
        let feed = async {
            // How often a full server has taken one. If fanouts come all the time, it never has much room,
            // but it gets on.
            let mut taken = 0;
            loop {
                tokio::select! {
                    () = consumers.starved.notified() => {
                        // Room for one is a sign of room for more.
                        if self.incoming.reserve().await.is_ok()
                            && let Some(resume) = &*consumers.resume.lock()
                        {
                            resume.resume();
                        }
                        taken += 1;
                    }
                    () = self.has_room(), if !unconsumed.is_empty() && taken < ENOUGH => taken = ENOUGH,
                }
                if taken >= ENOUGH && !unconsumed.is_empty() {
                    let consuming = self.consume_all(line, std::mem::take(&mut unconsumed));
                    if let Err(error) = line.within(OPEN_LIMIT, consuming).await {
                        return Lost::Broken(error);
                    }
                }
            }
        };
        tokio::select! {
            biased;
            error = line.lost() => Lost::Broken(error),
            why = consumers.gone.told() => {
                if consumers.stream_is_gone.load(Ordering::Relaxed)
                    && let Some(stream) = stream
                {
                    stream.forget();
                }
                Lost::Broken(consumer_lost(&line.peer, "a consumer", why.as_ref()))
            }
            () = incoming.closed() => Lost::Unwanted,
            lost = feed => lost,
        }
    }

    async fn leave(self, settings: &Settings, line: Option<&Line>) {
        let is_left = self.fanout_declared && !self.fanout_queue.is_kept();
        let leftovers = is_left.then_some(self.fanout_queue).into_iter().collect();
        leave(settings, Self::PURPOSE, line, leftovers).await;
        drop(self.leaving);
    }
}

/// Hands what comes to the server, acknowledged first: a message whose acknowledgement failed comes
/// again, here or elsewhere, and must not be handed out twice.
struct Sink {
    incoming: mpsc::Sender<Incoming>,
    /// Places for what is acknowledged and not handed out.
    reserved: Mutex<VecDeque<OwnedPermit<Incoming>>>,
    stream: Option<Arc<Position>>,
    consumers: Consumers,
}

impl Consume for Sink {
    fn started(&self, resume: Resume) {
        *self.consumers.resume.lock() = Some(resume);
    }

    fn reserve(&self, wanted: usize) -> usize {
        let mut reserved = self.reserved.lock();
        let places = std::iter::repeat_with(|| self.incoming.clone().try_reserve_owned().ok());
        let before = reserved.len();
        reserved.extend(places.take(wanted).map_while(|place| place));
        let got = reserved.len() - before;
        if got < wanted {
            self.consumers.starved.notify_one();
        }
        got
    }

    fn deliver(&self, delivery: Delivery) {
        if let Some(stream) = &self.stream {
            stream.handed_out(&delivery.properties);
        }
        let place = self.reserved.lock().pop_front();
        if delivery.is_cut() {
            tracing::warn!(bytes = delivery.size, "dropped a request that is too large");
        } else if let Some(place) = place {
            place.send(incoming(delivery));
        }
    }

    fn ended(&self, why: Option<Ended>) {
        // Their acknowledgement has not left: the broker has them.
        self.reserved.lock().clear();
        if self.stream.is_some() && !matches!(why, Some(Ended::Connection(_))) {
            self.consumers.stream_is_gone.store(true, Ordering::Relaxed);
        }
        self.consumers.gone.tell(why);
    }
}

/// Acknowledged messages that wait for the server.
const WAITING: usize = 64;
/// A server that has so many places left is not full.
const ENOUGH: usize = WAITING / 2;
/// So often it is looked whether a full server has room again, after a connection was lost.
const LOOK: Duration = Duration::from_millis(50);
