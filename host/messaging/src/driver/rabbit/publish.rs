//! Publishing: what may be sent again, and until when.

mod kept;
mod publisher;
mod sending;

pub(super) use self::publisher::{Publisher, Publishing};

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use oslo_amqp::protocol::{Ended, Outcome};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use self::publisher::Lane;
use self::sending::{Progress, Sending};
use super::Rabbit;
use super::connect::Line;
use super::errors::{NOT_FOUND, refused};
use super::topology::{Exchange, short};
use crate::config::Compression;
use crate::deadline::Deadline;
use crate::delivery::{Delivery, WaitingFor};
use crate::driver::replies::{Event, Waiter};
use crate::driver::{Destination, Limits, Message, SendError, TransportError, TransportErrorKind};
use crate::observe::Observer;
use crate::wire::{ReplyResult, compress};

impl Rabbit {
    /// Sends a message and waits for its confirmation or, with a waiter, for its reply.
    ///
    /// It is sent again only when it is certain that the broker does not have it.
    pub(super) async fn publish(
        &self,
        message: Message,
        limits: Limits,
        mut waiter: Option<&mut Waiter>,
    ) -> Result<Option<ReplyResult>, SendError> {
        let is_notification = matches!(message.destination, Destination::Notification { .. });
        let publisher = if is_notification {
            self.notifier()
        } else {
            self.publisher()
        };
        let publisher = publisher.map_err(SendError::not_sent)?;
        let (exchange, routing_key) = self.route(&message.destination);
        // That of a reply is what a peer says.
        short(routing_key).map_err(SendError::not_sent)?;
        let compression = self.settings.options.kombu_compression;
        let body = match compression {
            Some(compression) => {
                let compressed = compressed(compression, &message.body);
                match timeout_at(limits.deadline.instant(), compressed).await {
                    Ok(body) => body?,
                    Err(_) => return Err(Trouble::default().timed_out()),
                }
            }
            None => message.body,
        };
        let most = self.settings.max_message_size;
        if body.len() > most {
            let bytes = body.len();
            return Err(SendError::TooLarge { bytes, most });
        }
        Observer::add(&self.settings.observer.bytes_sent, body.len());
        let routing_key: Arc<str> = routing_key.into();
        let mut trouble = Trouble::default();
        loop {
            let session = publisher.session(limits).await?;
            let kept = is_notification.then_some(&*routing_key);
            let opened = self.lane(&session, exchange.as_ref(), kept);
            let lane = match timeout_at(limits.deadline.instant(), opened).await {
                Ok(Ok(Some(lane))) => lane,
                // It was deleted since it was declared.
                Ok(Ok(None)) if is_notification && trouble.misses_first() => {
                    session.forget_kept();
                    continue;
                }
                // Nobody has ever listened there: the broker would drop it.
                Ok(Ok(None)) if message.mandatory => return Err(SendError::Unroutable),
                Ok(Ok(None)) if waiter.is_none() => return Ok(None),
                Ok(Ok(None)) => return self.nobody(limits, waiter).await,
                Ok(Err(error)) => {
                    trouble.again(self, error, limits).await?;
                    continue;
                }
                Err(_) => return Err(trouble.timed_out_on(&session.line)),
            };
            let room = session.line.connection.room(body.len());
            let Ok(room) = timeout_at(limits.deadline.instant(), room).await else {
                return Err(trouble.timed_out_on(&session.line));
            };
            let sending = Sending {
                expires: message.expires,
                mandatory: message.mandatory,
                compression,
                routing_key: Arc::clone(&routing_key),
                tells_confirm: waiter.is_none() || limits.monitor.is_some(),
                ..Sending::new(&session, lane, body.clone(), room)
            };
            let error = match sending.wait(limits, waiter.as_deref_mut()).await {
                Settled::Reply(reply) => return Ok(Some(reply)),
                Settled::TimedOut(error) => return Err(error.told_by(&session.line)),
                Settled::Outcome(Outcome::Confirmed) => return Ok(None),
                Settled::Outcome(Outcome::Returned)
                    if is_notification && trouble.misses_first() =>
                {
                    session.forget_kept();
                    continue;
                }
                Settled::Outcome(Outcome::Returned) => return Err(SendError::Unroutable),
                Settled::Outcome(Outcome::Nacked) => {
                    return Err(SendError::maybe_delivered(TransportError::new(
                        TransportErrorKind::Nack,
                        format!(
                            "{} refused the message: a queue that it goes to is full, or failed",
                            session.line.peer
                        ),
                    )
                    .with_remedy(Some(FULL))));
                }
                Settled::Outcome(Outcome::Unknown(ended)) => {
                    let lost = refused(&session.line.peer, "publishing", &ended);
                    let error = if self.is_closing() {
                        TransportError::closed()
                    } else {
                        lost
                    };
                    return Err(SendError::maybe_delivered(error));
                }
                // The channel was closed for another message, and this one had not left: it goes by the
                // next channel, or finds that there is no exchange any more.
                Settled::Outcome(Outcome::NotSent(Ended::Channel(_) | Ended::ChannelByUs))
                    if trouble.channels < CHANNELS =>
                {
                    trouble.channels += 1;
                    continue;
                }
                Settled::Outcome(Outcome::NotSent(ended)) => {
                    refused(&session.line.peer, "publishing", &ended)
                }
                Settled::Outcome(Outcome::NotRouted(refusal)) => {
                    // The exchange was there a moment ago.
                    let is_missing = refusal.code == NOT_FOUND;
                    let ended = Ended::Channel(refusal);
                    let error = refused(&session.line.peer, "publishing", &ended);
                    if !is_missing || !trouble.misses_first() {
                        return Err(SendError::not_sent(error));
                    }
                    session.forget_kept();
                    continue;
                }
            };
            trouble.again(self, error, limits).await?;
        }
    }

    /// The lane to an exchange; before it, the queue that keeps a notification is made.
    async fn lane(
        &self,
        session: &Publisher,
        exchange: Option<&Exchange>,
        kept: Option<&str>,
    ) -> Result<Option<Arc<Lane>>, TransportError> {
        if let (Some(exchange), Some(queue)) = (exchange, kept) {
            session
                .keep(exchange, queue, &self.settings.options)
                .await?;
        }
        session.lane(exchange).await
    }

    /// A call that does not ask whether anybody is there, and nobody is.
    async fn nobody(
        &self,
        limits: Limits,
        waiter: Option<&mut Waiter>,
    ) -> Result<Option<ReplyResult>, SendError> {
        let closed = async {
            if let Some(waiter) = waiter {
                poll_fn(|cx| waiter.poll_next(cx)).await;
            }
        };
        match timeout_at(limits.deadline.instant(), closed).await {
            Ok(()) => Err(SendError::not_sent(TransportError::closed())),
            Err(_) => Err(SendError::TimedOut {
                waiting_for: WaitingFor::Reply,
                delivery: Delivery::NotSent,
                trouble: None,
            }),
        }
    }

    /// No exchange is the default exchange, which is never declared.
    fn route<'a>(&self, destination: &'a Destination) -> (Option<Exchange>, &'a str) {
        let options = &self.settings.options;
        match destination {
            Destination::Fanout { topic } => (Some(Exchange::fanout(topic, options)), ""),
            Destination::Reply { queue } => (None, queue),
            Destination::Notification {
                exchange,
                routing_key,
            }
            | Destination::Topic {
                exchange,
                routing_key,
            } => (Some(Exchange::topic(exchange, options)), routing_key),
        }
    }
}

/// What went wrong before the message was sent.
#[derive(Debug, Default)]
struct Trouble {
    times: u32,
    last: Option<TransportError>,
    /// An exchange, or the queue of a notification, was not there any more.
    missed: bool,
    /// How many channels were closed under it.
    channels: u32,
}

impl Trouble {
    /// What was there a moment ago is missing: whether that happens for the first time.
    const fn misses_first(&mut self) -> bool {
        !std::mem::replace(&mut self.missed, true)
    }

    /// Nothing was sent. Fails if trying again is no use; else waits until it may be.
    async fn again(
        &mut self,
        rabbit: &Rabbit,
        error: TransportError,
        limits: Limits,
    ) -> Result<(), SendError> {
        if rabbit.is_closing() {
            return Err(SendError::not_sent(TransportError::closed()));
        }
        self.times += 1;
        // The first trouble is how a connection that broke long ago is found out.
        let enough = limits
            .retry
            .is_some_and(|retry| self.times > retry.saturating_add(1));
        if enough || !error.kind().is_temporary() {
            return Err(SendError::not_sent(error));
        }
        self.last = Some(error);
        // The supervisor may notice a moment later than we do.
        let pause = Duration::from_millis(10).saturating_mul(self.times.min(100));
        let pause = sleep(pause);
        if timeout_at(limits.deadline.instant(), pause).await.is_err() {
            return Err(self.timed_out());
        }
        Ok(())
    }

    fn timed_out_on(&mut self, line: &Line) -> SendError {
        self.timed_out().told_by(line)
    }

    fn timed_out(&mut self) -> SendError {
        SendError::TimedOut {
            waiting_for: WaitingFor::Connection,
            delivery: Delivery::NotSent,
            trouble: self.last.take(),
        }
    }
}

impl SendError {
    /// A broker that takes no messages is why time was up before it had this one.
    fn told_by(self, line: &Line) -> Self {
        match self {
            Self::TimedOut {
                waiting_for: waiting_for @ (WaitingFor::Connection | WaitingFor::Confirm),
                delivery,
                trouble: None,
            } => Self::TimedOut {
                waiting_for,
                delivery,
                trouble: line.blocked(),
            },
            other => other,
        }
    }
}

/// How waiting for one sending ended.
enum Settled {
    Outcome(Outcome),
    Reply(ReplyResult),
    TimedOut(SendError),
}

impl Sending {
    /// Hands it over and waits. A reply is a better confirmation than the broker's: while it may come,
    /// only what makes waiting futile ends it.
    async fn wait(self, limits: Limits, mut waiter: Option<&mut Waiter>) -> Settled {
        let sending = self.hand_over();
        let mut timer = std::pin::pin!(sleep_until(limits.deadline.instant()));
        // The server cannot give a sign of life before it has the message.
        let mut heartbeat: Option<Deadline> = None;
        let mut is_published = false;
        poll_fn(|cx| {
            let mut has_beaten = false;
            if let Some(waiter) = &mut waiter {
                while let Poll::Ready(event) = waiter.poll_next(cx) {
                    match event {
                        Event::Outcome(reply) => return Poll::Ready(Settled::Reply(reply)),
                        Event::Heartbeat => has_beaten = true,
                        Event::Closed => {
                            let delivery = sending.withdraw().delivery();
                            let source = TransportError::closed();
                            let closed = SendError::Failed { delivery, source };
                            return Poll::Ready(Settled::TimedOut(closed));
                        }
                    }
                }
            }
            if !is_published && let Poll::Ready(outcome) = sending.poll(cx) {
                let may_come = matches!(
                    outcome,
                    Outcome::Confirmed | Outcome::Nacked | Outcome::Unknown(_)
                );
                if waiter.is_none() || !may_come {
                    return Poll::Ready(Settled::Outcome(outcome));
                }
                is_published = true;
                has_beaten = true;
            }
            if let Some(monitor) = limits.monitor.filter(|_| has_beaten && is_published) {
                let next = Deadline::after(Instant::now(), monitor);
                heartbeat = Some(next);
                timer.as_mut().reset(next.min(limits.deadline).instant());
            }
            std::task::ready!(timer.as_mut().poll(cx));
            let progress = if is_published {
                Progress::Confirmed
            } else {
                sending.withdraw()
            };
            let waiting_for = match progress {
                Progress::NotSent => WaitingFor::Connection,
                Progress::Sent => WaitingFor::Confirm,
                Progress::Confirmed if heartbeat.is_some_and(|next| next < limits.deadline) => {
                    WaitingFor::Heartbeat
                }
                Progress::Confirmed => WaitingFor::Reply,
            };
            Poll::Ready(Settled::TimedOut(SendError::TimedOut {
                waiting_for,
                delivery: progress.delivery(),
                trouble: None,
            }))
        })
        .await
    }
}

/// Megabytes take seconds, and nobody's deadline waits for that: neither the caller's own nor those
/// of the tasks beside it.
async fn compressed(compression: Compression, body: &Bytes) -> Result<Bytes, SendError> {
    if body.len() < LONG_TO_COMPRESS {
        return Ok(compress(compression, body).into());
    }
    let body = body.clone();
    tokio::task::spawn_blocking(move || compress(compression, &body).into())
        .await
        // The runtime is shutting down.
        .map_err(|_| SendError::not_sent(TransportError::closed()))
}

const FULL: &str = "see the `x-max-length` and `x-overflow` of the queue and its policies, and whether \
                    its servers keep up";
/// A channel that is closed for other messages again and again is not one to wait for.
const CHANNELS: u32 = 5;
/// Less takes less than a millisecond or two.
const LONG_TO_COMPRESS: usize = 16 * 1024;
