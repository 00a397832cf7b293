//! A connection on tokio: one task, which alone has the socket, and handles that ask it.
//!
//! What is asked is put into one queue; the task writes all of it at once. Nothing is locked while
//! bytes are read or written.

mod consumer;
mod dial;
mod inbox;
mod publish;
mod room;
mod task;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::BytesMut;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

pub use self::consumer::{Acks, Consume, LAZY, Resume};
pub use self::dial::{Dial, DialError, Step};
use self::inbox::{ChannelState, Command, Shared};
use self::publish::Awaited;
pub use self::publish::{Depart, Message, Publishing};
pub use self::room::Room;
pub use self::task::Stream;
use crate::protocol::{
    Agreed, Answer, ConnectionError, Ended, Method, Never, Outcome, RawTable, Reserved, Short,
    Table,
};

/// An open connection. Cloning it is cheap; when the last clone is dropped it is closed, in good order,
/// by its task.
#[derive(Clone, Debug)]
pub struct Connection {
    owner: Arc<Owner>,
}

#[derive(Debug)]
struct Owner {
    shared: Arc<Shared>,
    room: usize,
    agreed: Agreed,
}

impl Drop for Owner {
    fn drop(&mut self) {
        let by = Instant::now() + DROP_LIMIT;
        // It may be closed already.
        let _ = self.shared.push(Command::Close { by });
    }
}

/// How a connection is.
#[derive(Clone, Debug)]
pub enum State {
    /// The broker takes no messages for now, for this reason.
    Blocked(String),
    /// It is no more.
    Ended(Arc<ConnectionError>),
    /// All is well.
    Open,
}

impl Connection {
    /// Opens a channel.
    ///
    /// # Errors
    ///
    /// [`Ended::NoChannel`] when there are as many as the broker allows; [`Ended::Connection`].
    ///
    /// # Cancel safety
    ///
    /// Dropped, the channel is closed again.
    pub async fn channel(&self) -> Result<Channel, Ended> {
        let (asked, answer) = oneshot::channel();
        self.push(Command::OpenChannel(asked))?;
        let state = answer.await.unwrap_or_else(|_| Err(self.gone()))?;
        Ok(Channel {
            shared: Arc::clone(&self.owner.shared),
            state,
        })
    }

    /// What was agreed on with the broker.
    #[must_use]
    pub fn agreed(&self) -> Agreed {
        self.owner.agreed
    }

    /// Waits until a message of so many bytes may be on its way as well. A larger one than may be on
    /// their way altogether waits until it is the only one.
    ///
    /// Cancel safe.
    pub async fn room(&self, bytes: usize) -> Room {
        Room::wait(&self.owner.shared, bytes, self.owner.room).await
    }

    /// Waits until everything that was asked before has been given to the socket, or the connection is
    /// no more.
    ///
    /// Cancel safe.
    pub async fn flush(&self) {
        let (done, left) = oneshot::channel();
        if self.owner.shared.push(Command::Flush(done)).is_ok() {
            // No answer: the connection has ended.
            let _ = left.await;
        }
    }

    /// Closes the connection in good order: after what was asked before has left. Ends by then, whatever
    /// the broker does.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it is closed all the same.
    pub async fn close(&self, limit: Duration) {
        let by = Instant::now() + limit.min(LONGEST_CLOSE);
        if self.owner.shared.push(Command::Close { by }).is_ok() {
            self.ended().await;
        }
    }

    /// How it is, and will be.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<State> {
        self.owner.shared.state.subscribe()
    }

    /// Whether it works, as far as anybody knows.
    #[must_use]
    pub fn works(&self) -> bool {
        !matches!(&*self.owner.shared.state.borrow(), State::Ended(_))
    }

    /// Waits until it is no more, and says why.
    ///
    /// Cancel safe.
    pub async fn ended(&self) -> Arc<ConnectionError> {
        let mut state = self.state();
        let is_ended = |state: &State| matches!(state, State::Ended(_));
        match state.wait_for(is_ended).await.as_deref() {
            Ok(State::Ended(why)) => Arc::clone(why),
            _ => Arc::new(ConnectionError::ClosedByUs),
        }
    }

    /// How many bytes were read and written.
    #[must_use]
    pub fn bytes(&self) -> (u64, u64) {
        let Shared { read, written, .. } = &*self.owner.shared;
        (
            read.load(Ordering::Relaxed),
            written.load(Ordering::Relaxed),
        )
    }

    fn push(&self, command: Command) -> Result<(), Ended> {
        let refused = self.owner.shared.push(command);
        refused.map_err(|(_, why)| Ended::Connection(why))
    }

    fn gone(&self) -> Ended {
        gone(&self.owner.shared)
    }
}

/// A channel. Cloning it is cheap. It stays open as long as its connection, or until it is
/// [closed](Self::close) or the broker closes it.
#[derive(Clone, Debug)]
pub struct Channel {
    shared: Arc<Shared>,
    state: Arc<ChannelState>,
}

impl Channel {
    /// Why it is no more, if so.
    #[must_use]
    pub fn ended(&self) -> Option<Ended> {
        let ended = self.state.ended.get().cloned();
        ended.or_else(|| self.shared.ended().map(Ended::Connection))
    }

    /// Sends a method and waits for its answer. The names in it have to be short enough: see [`short`].
    ///
    /// # Errors
    ///
    /// [`Ended`], with the broker's words if it refused.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it may have been done.
    pub async fn ask(&self, method: &Method<'_>) -> Result<Answer, Ended> {
        let (answer, answered) = oneshot::channel();
        let channel = Arc::clone(&self.state);
        let method = encoded(method);
        self.push(Command::Request {
            channel,
            method,
            answer,
        })?;
        answered.await.unwrap_or_else(|_| Err(gone(&self.shared)))
    }

    /// Makes it a channel on which every message is confirmed.
    ///
    /// # Errors
    ///
    /// As [`ask`](Self::ask).
    ///
    /// # Cancel safety
    ///
    /// As `ask`.
    pub async fn confirm(&self) -> Result<(), Ended> {
        self.ask(&Method::ConfirmSelect { no_wait: Never })
            .await
            .map(drop)
    }

    /// Consumes a queue. A channel has one consumer at most.
    ///
    /// # Errors
    ///
    /// As [`ask`](Self::ask).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it may consume all the same: close the channel.
    pub async fn consume(
        &self,
        queue: Short<'_>,
        prefetch: u16,
        arguments: &Table,
        acks: Acks,
        sink: Arc<dyn Consume>,
    ) -> Result<(), Ended> {
        if prefetch > 0 {
            let qos = Method::BasicQos {
                prefetch_size: 0,
                prefetch_count: prefetch,
                global: false,
            };
            self.ask(&qos).await?;
        }
        let arguments = arguments.encode();
        let method = encoded(&Method::BasicConsume {
            reserved: Reserved,
            queue,
            consumer_tag: Short::EMPTY,
            no_local: false,
            no_ack: false,
            exclusive: false,
            no_wait: Never,
            arguments: RawTable::new(&arguments),
        });
        let (answer, answered) = oneshot::channel();
        let channel = Arc::clone(&self.state);
        self.push(Command::Consume {
            channel,
            method,
            acks,
            sink,
            answer,
        })?;
        let answer = answered.await.unwrap_or_else(|_| Err(gone(&self.shared)));
        answer.map(drop)
    }

    /// Acknowledges a message, or it and all before it.
    pub fn ack(&self, tag: u64, multiple: bool) {
        let channel = Arc::clone(&self.state);
        // Without a connection the broker gives the message to somebody else.
        let _ = self.shared.push(Command::Ack {
            channel,
            tag,
            multiple,
        });
    }

    /// Gives a message back to its queue, from where it comes again, here or elsewhere; or else to nobody,
    /// which is to the queue's dead letters if it has any.
    pub fn nack(&self, tag: u64, requeue: bool) {
        let channel = Arc::clone(&self.state);
        // Without a connection the broker gives the message to somebody else.
        let _ = self.shared.push(Command::Nack {
            channel,
            tag,
            requeue,
        });
    }

    /// Sends a message, when there is [room](Connection::room) for it, and waits for its outcome. The
    /// channel has to [confirm](Self::confirm). A name of more than 255 bytes is not sent:
    /// [`Ended::LongName`].
    ///
    /// # Cancel safety
    ///
    /// Dropped before the message was put into the stream, it is not sent; dropped later, nobody will
    /// know.
    pub async fn publish(&self, message: Message, room: Room) -> Outcome {
        if let Err(why) = message.check() {
            return Outcome::NotSent(why);
        }
        let awaited = Awaited::new(message, room);
        self.send(Arc::clone(&awaited) as Arc<dyn Publishing>);
        awaited.outcome().await
    }

    /// Puts a message into the queue of those that are sent.
    pub fn send(&self, publishing: Arc<dyn Publishing>) {
        let channel = Arc::clone(&self.state);
        if let Err((command, why)) = self.shared.push(Command::Publish {
            channel,
            publishing,
        }) {
            command.refuse(&Ended::Connection(why));
        }
    }

    /// Waits until it is no more: until then its number cannot be used again.
    ///
    /// Cancel safe.
    pub async fn has_ended(&self) {
        let mut has_ended = std::pin::pin!(self.state.has_ended.notified());
        has_ended.as_mut().enable();
        if self.ended().is_none() {
            has_ended.await;
        }
    }

    /// Closes it, after what was sent on it.
    pub fn close(&self) {
        let channel = Arc::clone(&self.state);
        // Without a connection there is nothing to close.
        let _ = self.shared.push(Command::CloseChannel(channel));
    }

    fn push(&self, command: Command) -> Result<(), Ended> {
        let refused = self.shared.push(command);
        refused.map_err(|(_, why)| Ended::Connection(why))
    }
}

/// A name as AMQP carries it; none if it has more than 255 bytes.
#[must_use]
pub const fn short(name: &str) -> Option<Short<'_>> {
    Short::new(name)
}

fn encoded(method: &Method<'_>) -> BytesMut {
    let mut out = BytesMut::new();
    method.encode(&mut out);
    out
}

fn gone(shared: &Shared) -> Ended {
    let why = shared.ended();
    Ended::Connection(why.unwrap_or_else(|| Arc::new(ConnectionError::ClosedByUs)))
}

/// A broker that does not answer does not keep a dropped connection open for longer.
const DROP_LIMIT: Duration = Duration::from_secs(3);
const LONGEST_CLOSE: Duration = Duration::from_secs(60 * 60);
