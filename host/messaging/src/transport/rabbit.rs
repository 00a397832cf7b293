//! RabbitMQ: AMQP 0-9-1 on the `lapin` crate, whose own recovery is off. Supervision, resend rules
//! and the pairing of confirmations are ours.
//!
//! | file | what |
//! |---|---|
//! | `connect`, `socket`, `tls` | one connection: socket, TLS, handshake, deadline |
//! | `classify` | from the crate's errors to ours |
//! | `declare`, `exchange`, `queue`, `queue_names` | exchanges and queues |
//! | `supervisor`, `backoff`, `address` | staying connected |
//! | `leave` | ending in good order |
//! | `publisher`, `lane`, `properties`, `confirms` | publishing |
//! | `replies_consumer`, `listener`, `consume`, `stream` | consuming |

mod address;
mod backoff;
mod classify;
mod confirms;
mod connect;
mod consume;
mod declare;
mod exchange;
mod lane;
mod leave;
mod listener;
mod options;
mod properties;
mod publisher;
mod queue;
mod queue_names;
mod replies_consumer;
mod socket;
mod stream;
mod supervisor;
#[cfg(all(test, feature = "broker-tests"))]
mod tests;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use self::address::Addresses;
use self::connect::short;
use self::exchange::Exchange;
use self::lane::{Outcome, Parcel};
use self::listener::Listener;
pub use self::options::{FailoverStrategy, LoginMethod, RabbitOptions};
use self::publisher::Publisher;
use self::replies_consumer::{ReplyConsumer, ReplyQueues};
use self::supervisor::{Settings, Supervised, closed};
use crate::error::{TransportError, TransportErrorKind};
use crate::transport::TransportUrl;
use crate::transport::driver::{
    Attempt, Destination, Driver, Incoming, Message, PublishError, Subscription,
};
use crate::transport::replies::Replies;
use crate::wire::Compression;

/// The RabbitMQ transport. Does nothing until it is used.
///
/// Its tasks run on the tokio runtime of their first use, and end when it is closed or dropped.
#[derive(Debug)]
pub(crate) struct Rabbit {
    settings: Arc<Settings>,
    replies: Arc<Replies>,
    closing: watch::Sender<bool>,
    parts: Mutex<Parts>,
}

#[derive(Debug, Default)]
struct Parts {
    publisher: Option<Arc<Supervised<Publisher>>>,
    reply_consumer: Option<Arc<Supervised<ReplyConsumer>>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Rabbit {
    /// Without I/O.
    pub(crate) fn new(url: &TransportUrl, options: RabbitOptions, replies: Arc<Replies>) -> Self {
        let settings = Settings {
            addresses: Addresses::new(url, &options),
            virtual_host: url.virtual_host().to_owned(),
            options,
        };
        Self {
            settings: Arc::new(settings),
            replies,
            closing: watch::Sender::new(false),
            parts: Mutex::new(Parts::default()),
        }
    }

    fn publisher(&self) -> Result<Arc<Supervised<Publisher>>, TransportError> {
        let mut parts = self.open_parts()?;
        if let Some(publisher) = &parts.publisher {
            return Ok(Arc::clone(publisher));
        }
        let (started, task) =
            Supervised::start(Arc::clone(&self.settings), (), self.closing.subscribe());
        parts.tasks.push(task);
        Ok(Arc::clone(parts.publisher.insert(Arc::new(started))))
    }

    fn reply_consumer(&self) -> Result<Arc<Supervised<ReplyConsumer>>, TransportError> {
        let mut parts = self.open_parts()?;
        if let Some(reply_consumer) = &parts.reply_consumer {
            return Ok(Arc::clone(reply_consumer));
        }
        let memory = ReplyQueues::new(Arc::clone(&self.replies));
        let (started, task) =
            Supervised::start(Arc::clone(&self.settings), memory, self.closing.subscribe());
        parts.tasks.push(task);
        Ok(Arc::clone(parts.reply_consumer.insert(Arc::new(started))))
    }

    /// The lock keeps `close` from missing a task.
    fn open_parts(&self) -> Result<parking_lot::MutexGuard<'_, Parts>, TransportError> {
        let parts = self.parts.lock();
        if *self.closing.borrow() {
            Err(closed())
        } else {
            Ok(parts)
        }
    }

    fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    async fn publish(&self, message: &Message, attempt: &Attempt) -> Result<(), PublishError> {
        let publisher = self.publisher().map_err(PublishError::not_sent)?;
        let (exchange, routing_key) = self.route(&message.destination);
        let routing_key = short(routing_key).map_err(PublishError::not_sent)?;
        let compression = self.settings.options.kombu_compression;
        let body = match compression {
            Some(compression) => compressed(compression, &message.body).await?,
            None => message.body.clone(),
        };
        let mut missed_exchange = false;
        let mut troubles = 0;
        loop {
            let session = publisher.session(attempt).await?;
            let lane = match session.lane(exchange.as_ref()).await {
                Ok(lane) => lane,
                Err(error) => {
                    troubles += 1;
                    self.after_trouble(troubles, error, attempt).await?;
                    continue;
                }
            };
            let (outcome, received) = oneshot::channel();
            let parcel = Parcel {
                routing_key: routing_key.clone(),
                body: body.clone(),
                compression,
                expires: message.expires,
                mandatory: message.mandatory.then(|| message.unique_id.clone()),
                outcome,
            };
            attempt.handed_over();
            let outcome = match lane.send(parcel) {
                Ok(()) => received.await.unwrap_or_else(|_| {
                    Outcome::Maybe(TransportError::new(
                        TransportErrorKind::ConnectionLost,
                        "the connection was given up before the confirmation came",
                    ))
                }),
                Err(_) => Outcome::NotSent(TransportError::new(
                    TransportErrorKind::ConnectionLost,
                    "the channel was closed before the message was sent",
                )),
            };
            let error = match outcome {
                Outcome::Confirmed => {
                    attempt.confirmed();
                    return Ok(());
                }
                Outcome::Returned => return Err(PublishError::Unroutable),
                Outcome::Maybe(_) if self.is_closing() => {
                    return Err(PublishError::maybe_delivered(closed()));
                }
                Outcome::Maybe(error) => return Err(PublishError::maybe_delivered(error)),
                Outcome::Nacked => {
                    return Err(PublishError::not_sent(TransportError::new(
                        TransportErrorKind::Nack,
                        "the broker refused the message (negative confirmation)",
                    )));
                }
                // An exchange that went away with its last queue is declared again, once.
                Outcome::NotRouted {
                    error,
                    exchange_is_missing,
                } => {
                    if !exchange_is_missing || missed_exchange {
                        return Err(PublishError::not_sent(error));
                    }
                    missed_exchange = true;
                    attempt.taken_back();
                    continue;
                }
                Outcome::NotSent(error) => error,
            };
            attempt.taken_back();
            troubles += 1;
            self.after_trouble(troubles, error, attempt).await?;
        }
    }

    /// Nothing was sent. Fails if trying again is no use; else waits until it may be.
    async fn after_trouble(
        &self,
        troubles: u32,
        error: TransportError,
        attempt: &Attempt,
    ) -> Result<(), PublishError> {
        if self.is_closing() {
            return Err(PublishError::not_sent(closed()));
        }
        // The first trouble is how a connection that broke long ago is found out.
        let enough = attempt
            .retry
            .is_some_and(|retry| troubles > retry.saturating_add(1));
        if enough || !error.kind().is_temporary() {
            return Err(PublishError::not_sent(error));
        }
        attempt.note_trouble(error);
        // The supervisor notices a moment later than we do.
        tokio::time::sleep(Duration::from_millis(10).saturating_mul(troubles.min(100))).await;
        Ok(())
    }

    /// Dossier §4.2. No exchange is the default exchange, which is never declared.
    fn route<'a>(&self, destination: &'a Destination) -> (Option<Exchange>, &'a str) {
        let options = &self.settings.options;
        match destination {
            Destination::Fanout { topic } => (Some(Exchange::fanout(topic, options)), ""),
            Destination::Reply { queue } => (None, queue),
            Destination::Topic {
                exchange,
                routing_key,
            } => (Some(Exchange::topic(exchange, options)), routing_key),
        }
    }

    async fn start_listening(
        &self,
        subscription: Subscription,
    ) -> Result<mpsc::Receiver<Incoming>, TransportError> {
        drop(self.open_parts()?);
        let (listener, receiver) = Listener::new(Arc::clone(&self.settings), subscription);
        let mut closing = self.closing.subscribe();
        let first = listener.start(&mut closing).await?;
        let task = tokio::spawn(listener.run(first, closing));
        let missed = match self.open_parts() {
            Ok(mut parts) => {
                parts.tasks.retain(|task| !task.is_finished());
                parts.tasks.push(task);
                return Ok(receiver);
            }
            Err(error) => error,
        };
        // `close` does not wait for it.
        drop(task.await);
        Err(missed)
    }
}

/// Megabytes take seconds, and nobody's deadline waits for that: neither the caller's own nor those
/// of the tasks beside it.
async fn compressed(compression: Compression, body: &Bytes) -> Result<Bytes, PublishError> {
    if body.len() < LONG_TO_COMPRESS {
        return Ok(compression.compress(body).into());
    }
    let body = body.clone();
    tokio::task::spawn_blocking(move || compression.compress(&body).into())
        .await
        // The runtime is shutting down.
        .map_err(|_| PublishError::not_sent(closed()))
}

impl Driver for Rabbit {
    fn publish<'a>(
        &'a self,
        message: &'a Message,
        attempt: &'a Attempt,
    ) -> BoxFuture<'a, Result<(), PublishError>> {
        self.publish(message, attempt).boxed()
    }

    fn reply_queue<'a>(
        &'a self,
        attempt: &'a Attempt,
    ) -> BoxFuture<'a, Result<Arc<str>, PublishError>> {
        async {
            let reply_consumer = self.reply_consumer().map_err(PublishError::not_sent)?;
            Ok(Arc::clone(&reply_consumer.session(attempt).await?.queue))
        }
        .boxed()
    }

    fn listen(
        &self,
        subscription: Subscription,
    ) -> BoxFuture<'_, Result<mpsc::Receiver<Incoming>, TransportError>> {
        self.start_listening(subscription).boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        async {
            let tasks = {
                let mut parts = self.parts.lock();
                self.closing.send_replace(true);
                std::mem::take(&mut parts.tasks)
            };
            for task in tasks {
                // A task that panicked has nothing left to close.
                drop(task.await);
            }
        }
        .boxed()
    }
}

impl Drop for Rabbit {
    fn drop(&mut self) {
        self.closing.send_replace(true);
    }
}

/// Less takes less than a millisecond or two.
const LONG_TO_COMPRESS: usize = 16 * 1024;
