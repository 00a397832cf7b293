//! Messages on their way out.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use bytes::Bytes;

use super::room::Room;
use crate::protocol::{Ended, Outcome, Properties, Publish};

/// A message that waits for its turn, and whoever wants to know what became of it.
///
/// A call of a remote method, for example, implements it to be woken by its reply alone, and by its
/// outcome only when that makes waiting futile.
pub trait Publishing: Send + Sync + 'static {
    /// It is this message's turn: hands it to [`Depart::send`], or does not, if it was withdrawn. Comes
    /// at most once, and never while the broker takes no messages.
    fn depart(&self, depart: Depart<'_>);

    /// Whether it will not be handed in when its turn comes, so that its place can be given up.
    fn is_withdrawn(&self) -> bool {
        false
    }

    /// What became of it. Comes at most once, and only after it was sent.
    fn settled(&self, outcome: Outcome);

    /// It was not sent, and will not be: comes instead of `depart`.
    fn refused(&self, why: Ended) {
        self.settled(Outcome::NotSent(why));
    }
}

/// The place in the stream that a message has got.
pub struct Depart<'a> {
    pub(super) send: &'a mut dyn FnMut(Publish<'_>),
}

impl Depart<'_> {
    /// Puts the message into the stream.
    pub fn send(self, message: Publish<'_>) {
        (self.send)(message);
    }
}

impl std::fmt::Debug for Depart<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Depart")
    }
}

/// A message that is sent by [`Channel::publish`](super::Channel::publish). Each of its names has at
/// most 255 bytes.
#[derive(Clone, Debug)]
pub struct Message {
    /// Where it goes; empty for the default exchange.
    pub exchange: Arc<str>,
    /// The routing key.
    pub routing_key: Arc<str>,
    /// Whether it is returned when no queue takes it.
    pub mandatory: bool,
    /// Its `content-type`.
    pub content_type: Option<Arc<str>>,
    /// Its body.
    pub body: Bytes,
}

impl Message {
    /// Whether AMQP can carry its names.
    pub(super) fn check(&self) -> Result<(), Ended> {
        let names = [
            ("exchange", Some(&self.exchange)),
            ("routing key", Some(&self.routing_key)),
            ("content type", self.content_type.as_ref()),
        ];
        for (what, name) in names {
            if let Some(name) = name
                && super::short(name).is_none()
            {
                let bytes = name.len();
                return Err(Ended::LongName { what, bytes });
            }
        }
        Ok(())
    }
}

/// A message of which one future waits for the outcome.
#[derive(Debug)]
pub(super) struct Awaited(Mutex<Stage>);

#[derive(Debug)]
enum Stage {
    Queued {
        message: Message,
        room: Room,
        waker: Option<Waker>,
    },
    Sent {
        /// Held until the broker has the message.
        _room: Room,
        waker: Option<Waker>,
    },
    Settled(Outcome),
    /// Nobody wants to know, or everybody knows.
    Over,
}

impl Awaited {
    pub(super) fn new(message: Message, room: Room) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Stage::Queued {
            message,
            room,
            waker: None,
        })))
    }

    /// What becomes of it. Dropped early, it is withdrawn if it was not sent.
    pub(super) async fn outcome(self: Arc<Self>) -> Outcome {
        let withdraw = Withdraw(&self);
        poll_fn(|cx| {
            let mut stage = withdraw.0.stage();
            match std::mem::replace(&mut *stage, Stage::Over) {
                Stage::Settled(outcome) => Poll::Ready(outcome),
                Stage::Queued { message, room, .. } => {
                    let waker = Some(cx.waker().clone());
                    *stage = Stage::Queued {
                        message,
                        room,
                        waker,
                    };
                    Poll::Pending
                }
                Stage::Sent { _room, .. } => {
                    let waker = Some(cx.waker().clone());
                    *stage = Stage::Sent { _room, waker };
                    Poll::Pending
                }
                Stage::Over => Poll::Pending,
            }
        })
        .await
    }

    fn stage(&self) -> std::sync::MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Withdraw<'a>(&'a Awaited);

impl Drop for Withdraw<'_> {
    fn drop(&mut self) {
        let mut stage = self.0.stage();
        match &mut *stage {
            // What was sent keeps its room until the broker has it.
            Stage::Sent { waker, .. } => *waker = None,
            _ => *stage = Stage::Over,
        }
    }
}

impl Publishing for Awaited {
    fn depart(&self, depart: Depart<'_>) {
        let mut stage = self.stage();
        let Stage::Queued {
            message,
            room,
            waker,
        } = std::mem::replace(&mut *stage, Stage::Over)
        else {
            return;
        };
        // They were checked.
        let short = |text| super::short(text).unwrap_or_default();
        let mut properties = Properties::builder();
        if let Some(content_type) = &message.content_type {
            properties = properties.content_type(short(content_type));
        }
        depart.send(Publish {
            exchange: short(&message.exchange),
            routing_key: short(&message.routing_key),
            mandatory: message.mandatory,
            properties,
            body: message.body,
        });
        *stage = Stage::Sent { _room: room, waker };
    }

    fn is_withdrawn(&self) -> bool {
        matches!(&*self.stage(), Stage::Over)
    }

    fn settled(&self, outcome: Outcome) {
        let before = std::mem::replace(&mut *self.stage(), Stage::Settled(outcome));
        if let Stage::Queued {
            waker: Some(waker), ..
        }
        | Stage::Sent {
            waker: Some(waker), ..
        } = before
        {
            waker.wake();
        }
    }
}
