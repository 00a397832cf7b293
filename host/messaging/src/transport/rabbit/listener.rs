//! A server's queues and the connection that consumes them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use lapin::Consumer;
use lapin::message::Delivery;
use lapin::options::BasicAckOptions;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, timeout};

use super::backoff::{Backoff, chance, quick_losses};
use super::classify::lost;
use super::connect::Line;
use super::consume::{arguments, consume, header};
use super::exchange::Exchange;
use super::leave::leave;
use super::queue::Queue;
use super::stream::Position;
use super::supervisor::{OPEN_LIMIT, Settings, closed};
use crate::error::TransportError;
use crate::transport::driver::{Incoming, Subscription};

/// What a server listens to, beyond any one connection.
#[derive(Debug)]
pub(super) struct Listener {
    settings: Arc<Settings>,
    subscription: Subscription,
    /// Its name stays the same over all connections: what came while there was none is kept.
    fanout_queue: Queue,
    /// The broker may have it.
    fanout_declared: AtomicBool,
    /// If that is a stream: where in it.
    stream: Option<Position>,
    incoming: mpsc::Sender<Incoming>,
}

impl Listener {
    pub(super) fn new(
        settings: Arc<Settings>,
        subscription: Subscription,
    ) -> (Self, mpsc::Receiver<Incoming>) {
        let (incoming, receiver) = mpsc::channel(WAITING);
        let stream_fanout = settings.options.rabbit_stream_fanout;
        let fanout_queue = Queue::fanout(&subscription.topic, &settings.options);
        (
            Self {
                settings,
                subscription,
                fanout_queue,
                fanout_declared: AtomicBool::new(false),
                stream: stream_fanout.then(Position::default),
                incoming,
            },
            receiver,
        )
    }

    /// The first round. When it fails, or the transport is closed meanwhile, nothing is left behind.
    pub(super) async fn start(
        &self,
        closing: &mut watch::Receiver<bool>,
    ) -> Result<Subscribed, TransportError> {
        let first = tokio::select! {
            first = self.subscribe() => first,
            _ = closing.wait_for(|closing| *closing) => Err(closed()),
        };
        if first.is_err() {
            self.leave(None).await;
        }
        first
    }

    /// One round of hosts: connects, declares, consumes.
    async fn subscribe(&self) -> Result<Subscribed, TransportError> {
        let (position, line) = self.settings.connect(PURPOSE).await?;
        let consumed = line.unless_lost(self.consume_all(&line));
        let consumers = timeout(OPEN_LIMIT, consumed)
            .await
            .map_err(|_| lost(&line.peer, &"no answer to declarations"))??;
        Ok(Subscribed {
            position,
            line,
            consumers,
        })
    }

    async fn consume_all(&self, line: &Line) -> Result<Vec<Consumer>, TransportError> {
        let Subscription {
            exchange,
            topic,
            server,
        } = &self.subscription;
        let options = &self.settings.options;
        let topic_exchange = Exchange::topic(exchange, options);
        let fanout_exchange = Exchange::fanout(topic, options);
        let server_key = format!("{topic}.{server}");
        let topic_queue = Queue::shared(topic.clone(), options);
        let server_queue = Queue::shared(server_key.clone(), options);
        let prefetch = match options.rabbit_qos_prefetch_count {
            0 => PREFETCH,
            count => count,
        };
        self.fanout_declared.store(true, Ordering::Relaxed);
        topic_exchange.declare(line).await?;
        fanout_exchange.declare(line).await?;
        let mut consumers = Vec::with_capacity(3);
        for (queue, exchange, routing_key) in [
            (&topic_queue, &topic_exchange, topic),
            (&server_queue, &topic_exchange, &server_key),
            (&self.fanout_queue, &fanout_exchange, topic),
        ] {
            queue.declare(line).await?;
            queue.bind(line, exchange, routing_key).await?;
            let mut arguments = arguments(options);
            if let Some(stream) = self.stream_of(consumers.len()) {
                arguments.insert("x-stream-offset".into(), stream.subscribe());
            }
            consumers.push(consume(line, queue.name(), prefetch, arguments).await?);
        }
        Ok(consumers)
    }

    /// Where in the stream the consumer of this number is, if it consumes one.
    fn stream_of(&self, consumer: usize) -> Option<&Position> {
        self.stream.as_ref().filter(|_| consumer == FANOUT)
    }

    /// Consumes, and subscribes again after every loss, until the receiver is dropped or the
    /// transport is closed.
    pub(super) async fn run(self, first: Subscribed, mut closing: watch::Receiver<bool>) {
        let backoff = Backoff::new(&self.settings.options);
        let mut subscribed = Ok(first);
        let mut failed_rounds = 0;
        loop {
            let pause = match subscribed {
                Ok(subscribed) => {
                    let begin = Instant::now();
                    let Some(error) = self.forward(subscribed, &mut closing).await else {
                        return;
                    };
                    tracing::warn!(%error, "subscribing again");
                    failed_rounds = quick_losses(failed_rounds, begin.elapsed());
                    backoff.pause_after_loss(failed_rounds, chance())
                }
                Err(error) => {
                    failed_rounds += 1;
                    tracing::warn!(%error, failed_rounds, "no subscription");
                    backoff.pause(failed_rounds, chance())
                }
            };
            let again = tokio::select! {
                again = async { sleep(pause).await; self.subscribe().await } => Some(again),
                () = self.incoming.closed() => None,
                _ = closing.wait_for(|closing| *closing) => None,
            };
            match again {
                Some(again) => subscribed = again,
                None => return self.leave(None).await,
            }
        }
    }

    /// Ends in good order.
    async fn leave(&self, line: Option<&Line>) {
        let is_left = self.fanout_declared.load(Ordering::Relaxed) && !self.fanout_queue.is_kept();
        let leftovers = is_left.then(|| self.fanout_queue.clone());
        let leftovers = leftovers.into_iter().collect();
        leave(&self.settings, PURPOSE, line, leftovers).await;
    }

    /// Forwards what comes. Returns why that ended, or nothing if it was to end.
    async fn forward(
        &self,
        subscribed: Subscribed,
        closing: &mut watch::Receiver<bool>,
    ) -> Option<TransportError> {
        let Subscribed {
            position,
            line,
            consumers,
        } = subscribed;
        let mut forwarding: FuturesUnordered<_> = consumers
            .into_iter()
            .enumerate()
            .map(|(number, consumer)| async move {
                forward_all(consumer, &self.incoming, self.stream_of(number)).await;
                number
            })
            .collect();
        let lost = tokio::select! {
            lost = line.lost() => Some(lost),
            Some(number) = forwarding.next() => {
                if let Some(stream) = self.stream_of(number) && line.works() {
                    stream.forget();
                }
                Some(lost(&line.peer, &"a consumer is gone"))
            }
            () = self.incoming.closed() => None,
            _ = closing.wait_for(|closing| *closing) => None,
        };
        match lost {
            Some(_) => {
                self.settings.addresses.broke(position);
                line.close().await;
            }
            None => self.leave(Some(&line)).await,
        }
        // What is acknowledged already has to be handed out. What waits for room is not.
        let rest = async { while forwarding.next().await.is_some() {} };
        drop(timeout(REST_LIMIT, rest).await);
        lost
    }
}

/// A connection that consumes a server's queues.
#[derive(Debug)]
pub(super) struct Subscribed {
    position: usize,
    line: Line,
    consumers: Vec<Consumer>,
}

/// Hands out what comes, acknowledged first: a message whose acknowledgement failed comes again,
/// here or elsewhere, and must not be handed out twice.
async fn forward_all(
    mut consumer: Consumer,
    incoming: &mpsc::Sender<Incoming>,
    stream: Option<&Position>,
) {
    while let Some(Ok(first)) = consumer.next().await {
        let mut batch = vec![first];
        while batch.len() < WAITING
            && let Some(Some(Ok(next))) = consumer.next().now_or_never()
        {
            batch.push(next);
        }
        // Room before the acknowledgement: what the server does not take stays the broker's.
        let Ok(room) = incoming.reserve_many(batch.len()).await else {
            return;
        };
        let Some(last) = batch.last() else { return };
        if !matches!(
            last.acker.ack(BasicAckOptions { multiple: true }).await,
            Ok(true)
        ) {
            return;
        }
        for (place, delivery) in room.zip(batch) {
            if let Some(stream) = stream {
                stream.handed_out(&delivery.properties);
            }
            place.send(convert(delivery));
        }
    }
}

fn convert(delivery: Delivery) -> Incoming {
    Incoming {
        content_type: delivery
            .properties
            .content_type()
            .as_ref()
            .map(ToString::to_string),
        compression: header(&delivery.properties, "compression"),
        body: Bytes::from(delivery.data),
    }
}

const PURPOSE: &str = "listen";
/// The third of a server's consumers is that of its fanouts.
const FANOUT: usize = 2;
const REST_LIMIT: Duration = Duration::from_secs(1);
/// Acknowledged messages that wait for the server.
const WAITING: usize = 64;
/// Unacknowledged messages per queue, unless set: a slow server must not collect what others could
/// do. Upstream has no limit.
const PREFETCH: u16 = 100;
