//! One message on its way, and whoever waits for it.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::mutex::Mutex;
use bytes::Bytes;
use oslo_amqp::driver::{Depart, Room};
use oslo_amqp::protocol::{Outcome, Properties, PropertiesBuilder, Publish, Short, Table};
use tokio::time::Instant;

use super::publisher::{Lane, Publisher, Tally};
use crate::config::Compression;
use crate::deadline::Deadline;
use crate::delivery::Delivery;
use crate::wire::{CONTENT_TYPE, compression_header};

/// A message that waits for its turn, or for the broker's word.
pub(super) struct Sending {
    pub(super) expires: Option<Deadline>,
    pub(super) mandatory: bool,
    pub(super) compression: Option<Compression>,
    pub(super) routing_key: Arc<str>,
    /// Whether whoever waits wants to know of the confirmation; a call is woken by its reply.
    pub(super) tells_confirm: bool,
    pub(super) lane: Arc<Lane>,
    pub(super) tally: Arc<Tally>,
    pub(super) stage: Mutex<Stage>,
}

pub(super) enum Stage {
    Queued {
        body: Bytes,
        room: Room,
        waker: Option<Waker>,
    },
    Sent {
        /// Held until the broker has the message, whoever waits.
        room: Room,
        waker: Option<Waker>,
    },
    Settled(Outcome),
    /// It was withdrawn, or everybody knows.
    Over,
}

/// How far a message got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Confirmed,
    NotSent,
    Sent,
}

impl Progress {
    pub(super) const fn delivery(self) -> Delivery {
        match self {
            Self::NotSent => Delivery::NotSent,
            Self::Confirmed | Self::Sent => Delivery::MaybeDelivered,
        }
    }
}

impl Sending {
    pub(super) fn new(publisher: &Publisher, lane: Arc<Lane>, body: Bytes, room: Room) -> Self {
        Self {
            expires: None,
            mandatory: false,
            compression: None,
            routing_key: "".into(),
            tells_confirm: true,
            lane,
            tally: Arc::clone(&publisher.tally),
            stage: Mutex::new(Stage::Queued {
                body,
                room,
                waker: None,
            }),
        }
    }

    pub(super) fn hand_over(self) -> HandedOver {
        let sending = Arc::new(self);
        sending.tally.add();
        sending.lane.channel.send(Arc::clone(&sending) as _);
        HandedOver(sending)
    }
}

impl oslo_amqp::driver::Publishing for Sending {
    fn depart(&self, depart: Depart<'_>) {
        let mut stage = self.stage.lock();
        let (body, room, waker) = match std::mem::replace(&mut *stage, Stage::Over) {
            Stage::Queued { body, room, waker } => (body, room, waker),
            other => {
                *stage = other;
                return;
            }
        };
        let mut headers = Table::new();
        if let Some(compression) = self.compression {
            headers.insert("compression", compression_header(compression));
        }
        // The broker takes no more than 32 bits of milliseconds.
        let expiration = self.expires.map(|expires| {
            let millis = expires.remaining_millis(Instant::now());
            millis.min(u32::MAX.into()).to_string()
        });
        *stage = Stage::Sent { room, waker };
        drop(stage);
        depart.send(Publish {
            exchange: short(&self.lane.exchange),
            routing_key: short(&self.routing_key),
            mandatory: self.mandatory,
            properties: properties(&headers, expiration.as_deref()),
            body,
        });
    }

    fn is_withdrawn(&self) -> bool {
        matches!(&*self.stage.lock(), Stage::Over)
    }

    fn settled(&self, outcome: Outcome) {
        let tells = self.tells_confirm || !matches!(outcome, Outcome::Confirmed);
        let before = {
            let mut stage = self.stage.lock();
            match &mut *stage {
                Stage::Over | Stage::Settled(_) => None,
                stage => Some(std::mem::replace(stage, Stage::Settled(outcome))),
            }
        };
        if let Some(Stage::Queued { waker, room, .. } | Stage::Sent { waker, room }) = before {
            self.tally.remove();
            drop(room);
            if let Some(waker) = waker.filter(|_| tells) {
                waker.wake();
            }
        }
    }
}

/// What was handed over. Dropping it withdraws it, if it was not sent.
pub(super) struct HandedOver(Arc<Sending>);

impl HandedOver {
    /// What became of it.
    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<Outcome> {
        let mut stage = self.0.stage.lock();
        match &mut *stage {
            Stage::Queued { waker, .. } | Stage::Sent { waker, .. } => {
                match waker {
                    Some(waker) => waker.clone_from(cx.waker()),
                    none => *none = Some(cx.waker().clone()),
                }
                Poll::Pending
            }
            Stage::Over => Poll::Pending,
            stage => match std::mem::replace(stage, Stage::Over) {
                Stage::Settled(outcome) => Poll::Ready(outcome),
                _ => Poll::Pending,
            },
        }
    }

    /// Nobody waits any more: what was not sent will not be. Says how far it got.
    pub(super) fn withdraw(&self) -> Progress {
        let mut stage = self.0.stage.lock();
        match &mut *stage {
            Stage::Sent { waker, .. } => {
                *waker = None;
                Progress::Sent
            }
            Stage::Settled(Outcome::NotSent(_) | Outcome::NotRouted(_)) => Progress::NotSent,
            Stage::Settled(Outcome::Confirmed) => Progress::Confirmed,
            Stage::Settled(_) => Progress::Sent,
            Stage::Over => Progress::NotSent,
            stage @ Stage::Queued { .. } => {
                *stage = Stage::Over;
                self.0.tally.remove();
                Progress::NotSent
            }
        }
    }
}

impl Drop for HandedOver {
    fn drop(&mut self) {
        self.withdraw();
    }
}

/// What Python's oslo.messaging sets, and nothing else.
fn properties<'a>(headers: &'a Table, expiration: Option<&'a str>) -> PropertiesBuilder<'a> {
    let properties = Properties::builder()
        .content_type(short(CONTENT_TYPE))
        .content_encoding(short("utf-8"))
        .headers(headers)
        .delivery_mode(2)
        .priority(0);
    match expiration {
        Some(millis) => properties.expiration(short(millis)),
        None => properties,
    }
}

/// Names that are too long were refused before.
fn short(text: &str) -> Short<'_> {
    Short::new(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_those_of_python() {
        let expected = [
            (None, "application/json utf-8 2 0 None"),
            (Some("60000"), "application/json utf-8 2 0 Some(\"60000\")"),
        ];
        for (expiration, printed) in expected {
            let headers = Table::new();
            let properties = properties(&headers, expiration).build();
            let read = properties.read();
            let found = format!(
                "{} {} {} {} {:?}",
                read.content_type.unwrap(),
                read.content_encoding.unwrap(),
                read.delivery_mode.unwrap(),
                read.priority.unwrap(),
                read.expiration,
            );
            assert_eq!(found, printed);
            assert!(read.correlation_id.is_none() && read.reply_to.is_none());
            assert_eq!(read.headers.unwrap().iter().count(), 0);
        }
    }
}
