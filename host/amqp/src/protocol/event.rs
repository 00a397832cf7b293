//! What a connection tells.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::error::{ConnectionError, Refusal};
use super::handshake::Agreed;
use super::method::Method;
use super::primitive::{LONGEST_SHORT, Short};
use super::properties::Properties;

/// What happened. `P` is who waits for a message's outcome, `R` who waits for an answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<P, R> {
    /// The answer to a request.
    Answered {
        /// The channel that it was asked on; the new one, if one was asked for.
        channel: u16,
        /// Who asked.
        request: R,
        /// What the broker said.
        answer: Result<Answer, Ended>,
    },
    /// The broker takes no messages on this connection for now, for this reason (an alarm).
    Blocked(String),
    /// The broker ended the consumer of this channel: its queue is gone.
    Cancelled {
        /// The channel.
        channel: u16,
    },
    /// A channel is no more. Everybody who waited on it has been told.
    ChannelEnded {
        /// Its number, which may be used again.
        channel: u16,
        /// Why.
        why: Ended,
    },
    /// A message for the consumer of this channel.
    Delivered {
        /// The channel.
        channel: u16,
        /// The message.
        delivery: Delivery,
    },
    /// The handshake is done.
    Opened(Agreed),
    /// What became of a message.
    Settled {
        /// Who waits.
        publish: P,
        /// What became of it.
        outcome: Outcome,
    },
    /// The broker takes messages again.
    Unblocked,
}

/// What the broker answered to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A consumer has this tag.
    Consumer(Vec<u8>),
    /// It is done.
    Done,
    /// A queue is there.
    Queue {
        /// Its name, which the broker may have made up.
        name: String,
        /// How many messages it holds.
        messages: u32,
        /// How many consumers it has.
        consumers: u32,
    },
}

/// Why something is no more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ended {
    /// The broker closed the channel.
    #[error(transparent)]
    Channel(Refusal),
    /// We closed the channel.
    #[error("the channel was closed by us")]
    ChannelByUs,
    /// The connection is no more.
    #[error(transparent)]
    Connection(Arc<ConnectionError>),
    /// AMQP cannot carry a name of what was asked, and nothing was sent.
    #[error("the {what} has {bytes} bytes, and AMQP carries {LONGEST_SHORT}")]
    LongName {
        /// What it names.
        what: &'static str,
        /// How many bytes it has.
        bytes: usize,
    },
    /// There are as many channels as the broker allows.
    #[error("the connection has as many channels as the broker allows")]
    NoChannel,
}

impl Ended {
    /// The broker's words, if it ended by them.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Channel(refusal) => Some(refusal),
            Self::ChannelByUs | Self::LongName { .. } | Self::NoChannel => None,
            Self::Connection(error) => match &**error {
                ConnectionError::Closed(refusal) => Some(refusal),
                _ => None,
            },
        }
    }
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The broker has it, and is responsible for it.
    Confirmed,
    /// A queue refused it; if it went to several, the others may have it.
    Nacked,
    /// The broker got it and certainly gave it to nobody: it refused it, or one before it.
    NotRouted(Refusal),
    /// Less than all of it was given to the socket before that was the end: the broker certainly does
    /// not have it.
    NotSent(Ended),
    /// It was mandatory, and no queue took it.
    Returned,
    /// All of it was given to the socket, and no confirmation came before that was the end.
    Unknown(Ended),
}

/// A message for a consumer. It borrows from the buffer that it was read into.
#[derive(Clone)]
pub struct Delivery {
    pub(crate) method: Bytes,
    /// Its number on its channel, for the acknowledgement.
    pub tag: u64,
    /// Its properties.
    pub properties: Properties,
    /// Its body.
    pub body: Bytes,
    /// The size of the body when it was sent.
    pub size: u64,
    pub(crate) is_cut: bool,
}

impl Delivery {
    /// Whether the body was larger than [`Config::message_max`](super::Config::message_max) and was
    /// thrown away but for its end: of its last two frames what is left is the body.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether the broker has delivered it before.
    #[must_use]
    pub fn redelivered(&self) -> bool {
        matches!(
            Method::decode(&self.method),
            Ok(Method::BasicDeliver {
                redelivered: true,
                ..
            })
        )
    }

    /// The exchange and the routing key it was published with.
    #[must_use]
    pub fn route(&self) -> (Short<'_>, Short<'_>) {
        match Method::decode(&self.method) {
            Ok(Method::BasicDeliver {
                exchange,
                routing_key,
                ..
            }) => (exchange, routing_key),
            _ => (Short::EMPTY, Short::EMPTY),
        }
    }
}

/// Not what the message says: that is nobody's but its reader's.
impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("tag", &self.tag)
            .field("bytes", &self.size)
            .finish_non_exhaustive()
    }
}
