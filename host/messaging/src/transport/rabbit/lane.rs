//! One channel for publishing to one exchange, with as many messages in flight as come.
//!
//! A channel for each exchange, because a refused publish kills its channel and every
//! confirmation on it: it must not be somebody else's.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use lapin::message::Delivery;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::ShortString;
use lapin::{Channel, Confirmation, ErrorKind};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};

use super::classify::{operation_error, reply_code};
use super::confirms::{Answer, Closed, Confirms, Fate};
use super::connect::Line;
use super::consume::header;
use super::properties::properties;
use crate::deadline::Deadline;
use crate::error::{TransportError, TransportErrorKind};
use crate::wire::{Compression, decompress};

/// A way into the channel's task. The task ends when the last way is dropped and nothing is
/// pending any more, or with the channel.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    parcels: mpsc::UnboundedSender<Parcel>,
}

/// One message on its way.
#[derive(Debug)]
pub(super) struct Parcel {
    pub(super) routing_key: ShortString,
    pub(super) body: Bytes,
    /// How the body is compressed.
    pub(super) compression: Option<Compression>,
    pub(super) expires: Option<Deadline>,
    /// Of a mandatory message: its `_unique_id`.
    pub(super) mandatory: Option<Box<str>>,
    pub(super) outcome: oneshot::Sender<Outcome>,
}

/// What became of a parcel.
#[derive(Debug)]
pub(super) enum Outcome {
    Confirmed,
    /// The broker may have it.
    Maybe(TransportError),
    Nacked,
    /// Nothing left: the channel was closed before.
    NotSent(TransportError),
    /// It left, but the broker certainly did not route it.
    NotRouted {
        error: TransportError,
        exchange_is_missing: bool,
    },
    Returned,
}

impl Lane {
    /// Opens a channel. The exchange has to be declared.
    pub(super) async fn open(line: &Line, exchange: ShortString) -> Result<Self, lapin::Error> {
        let channel = line.channel().await?;
        channel
            .confirm_select(ConfirmSelectOptions::default())
            .await?;
        let (parcels, received) = mpsc::unbounded_channel();
        let task = Task {
            channel,
            exchange,
            peer: line.peer.clone(),
            received,
            in_flight: FuturesUnordered::new(),
            confirms: Confirms::new(),
            number: 0,
        };
        tokio::spawn(task.run());
        Ok(Self { parcels })
    }

    /// Whether the channel works, as far as anybody knows.
    pub(super) fn is_open(&self) -> bool {
        !self.parcels.is_closed()
    }

    /// Hands a message over. Its outcome comes by its own channel; if that ends without one, the
    /// message may have been sent.
    pub(super) fn send(&self, parcel: Parcel) -> Result<(), Parcel> {
        self.parcels.send(parcel).map_err(|error| error.0)
    }
}

type InFlight = Pin<Box<dyn Future<Output = (u64, lapin::Result<Confirmation>)> + Send>>;

struct Task {
    channel: Channel,
    exchange: ShortString,
    peer: String,
    received: mpsc::UnboundedReceiver<Parcel>,
    in_flight: FuturesUnordered<InFlight>,
    confirms: Confirms<oneshot::Sender<Outcome>>,
    number: u64,
}

impl Task {
    async fn run(mut self) {
        let error = loop {
            let step = tokio::select! {
                parcel = self.received.recv() => match parcel {
                    Some(parcel) => self.publish(parcel),
                    None if self.in_flight.is_empty() => return,
                    None => match self.in_flight.next().await {
                        Some(first) => self.collect(first),
                        None => return,
                    },
                },
                Some(first) = self.in_flight.next() => self.collect(first),
            };
            if let Err(error) = step {
                break error;
            }
        };
        self.end(&error).await;
    }

    /// The first poll hands the message to the AMQP crate, whole and in its place. Several tasks
    /// that publish on one channel would number their messages in one order and send them in
    /// another.
    fn publish(&mut self, parcel: Parcel) -> lapin::Result<()> {
        let Parcel {
            routing_key,
            body,
            compression,
            expires,
            mandatory,
            outcome,
        } = parcel;
        // Nobody waits any more, and nothing was sent yet.
        if outcome.is_closed() {
            return Ok(());
        }
        self.number += 1;
        let number = self.number;
        let options = BasicPublishOptions {
            mandatory: mandatory.is_some(),
            ..BasicPublishOptions::default()
        };
        let expiration = expires.map(|expires| expires.remaining_millis(Instant::now()));
        let properties = properties(expiration, compression);
        let channel = self.channel.clone();
        let exchange = self.exchange.clone();
        let mut publish: InFlight = Box::pin(async move {
            let published = channel
                .basic_publish(exchange, routing_key, options, &body, properties)
                .await;
            let confirmation = match published {
                Ok(confirm) => confirm.await,
                Err(error) => Err(error),
            };
            (number, confirmation)
        });
        match publish.as_mut().now_or_never() {
            Some((_, Err(error))) if was_closed_before(&error) => {
                let lost = operation_error(&self.peer, "publishing", &error);
                drop(outcome.send(Outcome::NotSent(lost)));
                Err(error)
            }
            Some(finished) => {
                self.confirms.sent(number, mandatory, outcome);
                self.collect(finished)
            }
            None => {
                self.confirms.sent(number, mandatory, outcome);
                self.in_flight.push(publish);
                Ok(())
            }
        }
    }

    /// Takes the confirmation `first` and all others that are there.
    fn collect(&mut self, first: (u64, lapin::Result<Confirmation>)) -> lapin::Result<()> {
        let mut ready = vec![first];
        self.drain(&mut ready);
        while !ready.is_empty() {
            let mut later = Vec::new();
            if self.confirms.expects_returns() {
                // The broker returns a message before it confirms it, but the crate attaches it to
                // whichever message is confirmed next. While it goes through a multiple
                // confirmation it holds a lock that this call takes as well: afterwards, every
                // message returned before those in `ready` were confirmed is attached to
                // something in `ready` or in `later`.
                drop(self.channel.wait_for_confirms().now_or_never());
                self.drain(&mut later);
            }
            let mut failed = None;
            for confirmation in ready.iter_mut().chain(&mut later) {
                let message = match &mut confirmation.1 {
                    Ok(Confirmation::Ack(message) | Confirmation::Nack(message)) => message.take(),
                    _ => None,
                };
                if let Some(message) = message {
                    note_return(&mut self.confirms, &message.delivery);
                }
            }
            for (number, result) in ready {
                // It stays pending: what a closed channel proves depends on all of them.
                if let Err(error) = self.settle(number, result) {
                    failed = Some(error);
                }
            }
            if let Some(error) = failed {
                // What the crate did not attach yet is attached by nobody any more.
                for (number, result) in later {
                    drop(self.settle(number, result));
                }
                return Err(error);
            }
            ready = later;
        }
        Ok(())
    }

    fn drain(&mut self, into: &mut Vec<(u64, lapin::Result<Confirmation>)>) {
        while let Some(Some(next)) = self.in_flight.next().now_or_never() {
            into.push(next);
        }
    }

    /// Tells the message's owner what the broker answered, if it did.
    fn settle(&mut self, number: u64, result: lapin::Result<Confirmation>) -> lapin::Result<()> {
        let answer = match result? {
            Confirmation::Nack(_) => Answer::Nack,
            _ => Answer::Ack,
        };
        if let Some((owner, fate)) = self.confirms.settled(number, answer) {
            drop(owner.send(match fate {
                Fate::Returned => Outcome::Returned,
                Fate::Nacked => Outcome::Nacked,
                _ => Outcome::Confirmed,
            }));
        }
        Ok(())
    }

    /// The channel is no more. Everybody who waits hears what is known.
    async fn end(mut self, error: &lapin::Error) {
        self.received.close();
        let mut error = error.clone();
        let rest = async {
            while let Some((number, result)) = self.in_flight.next().await {
                // Those that were on their way know better why the channel was closed.
                if let Err(reason) = &result
                    && was_closed_before(&error)
                {
                    error = reason.clone();
                }
                if let Ok(Confirmation::Ack(Some(message)) | Confirmation::Nack(Some(message))) =
                    &result
                {
                    note_return(&mut self.confirms, &message.delivery);
                }
                drop(self.settle(number, result));
            }
        };
        drop(timeout(REST_LIMIT, rest).await);
        let what = format!("publishing to exchange `{}`", self.exchange);
        let reason = operation_error(&self.peer, &what, &error);
        let code = reply_code(&error);
        let why = match code {
            Some(NOT_FOUND | ACCESS_REFUSED) => Closed::PublishRefused,
            _ => Closed::Otherwise,
        };
        for (owner, fate) in self.confirms.closed(why) {
            drop(owner.send(match fate {
                Fate::NotRouted => Outcome::NotRouted {
                    error: reason.clone(),
                    exchange_is_missing: code == Some(NOT_FOUND),
                },
                Fate::Returned => Outcome::Returned,
                _ => Outcome::Maybe(reason.clone()),
            }));
        }
        while let Ok(parcel) = self.received.try_recv() {
            let closed = TransportError::new(
                TransportErrorKind::ConnectionLost,
                format!("the channel was closed: {reason}"),
            );
            drop(parcel.outcome.send(Outcome::NotSent(closed)));
        }
    }
}

/// The body tells which message was returned.
fn note_return<T>(confirms: &mut Confirms<T>, message: &Delivery) {
    let compression = header(&message.properties, "compression");
    if let Ok(body) = decompress(compression.as_deref(), &message.data) {
        confirms.returned(&body);
    }
}

/// The crate looked at the channel's state before it did anything with the message.
fn was_closed_before(error: &lapin::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidChannelState(..) | ErrorKind::InvalidConnectionState(_)
    )
}

const ACCESS_REFUSED: u16 = 403;
const NOT_FOUND: u16 = 404;
/// The crate fails all confirmations of a closed channel together.
const REST_LIMIT: Duration = Duration::from_secs(1);
