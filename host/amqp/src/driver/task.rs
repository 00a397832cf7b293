//! The task of a connection: it alone has the socket and the protocol's state.

mod commands;
mod events;

use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep, sleep_until};

use super::State;
use super::consumer::Consumer;
use super::inbox::{Asked, ChannelState, Command, Shared};
use super::publish::Publishing;
use crate::protocol::{Connection, ConnectionError, Ended};

/// A stream that a connection runs on.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

pub(super) type Protocol = Connection<Arc<dyn Publishing>, Asked>;

/// Runs as long as the connection does.
pub(super) struct Task<S> {
    shared: Arc<Shared>,
    stream: S,
    protocol: Protocol,
    buffer: BytesMut,
    commands: VecDeque<Command>,
    /// Messages that wait for their turn.
    publishes: VecDeque<(Arc<ChannelState>, Arc<dyn Publishing>)>,
    /// When there are so many, those that were withdrawn are sorted out.
    sort_out_at: usize,
    channels: BTreeMap<u16, Arc<ChannelState>>,
    consumers: BTreeMap<u16, Consumer>,
    /// Who waits until what is in the stream up to this place has left.
    flushes: Vec<(u64, oneshot::Sender<()>)>,
    is_blocked: bool,
    /// Consumers are so far behind that nothing is read. What is answered is.
    is_behind: bool,
    close_by: Option<Instant>,
    /// When messages are acknowledged that are handed out already.
    lazy_at: Option<Instant>,
    timer: Pin<Box<Sleep>>,
    /// What came woke several at once, who may all have something to send.
    expects_more: bool,
    /// It has let others go first.
    has_yielded: bool,
}

impl<S: Stream> Task<S> {
    /// Of a connection whose handshake is done. The buffer has the beginning of what came after it, and
    /// the protocol the rest.
    pub(super) fn new(
        shared: Arc<Shared>,
        stream: S,
        protocol: Protocol,
        buffer: BytesMut,
    ) -> Self {
        let mut task = Self {
            shared,
            stream,
            protocol,
            buffer,
            commands: VecDeque::new(),
            publishes: VecDeque::new(),
            sort_out_at: SORT_OUT,
            channels: BTreeMap::new(),
            consumers: BTreeMap::new(),
            flushes: Vec::new(),
            is_blocked: false,
            is_behind: false,
            close_by: None,
            lazy_at: None,
            timer: Box::pin(sleep_until(Instant::now() + FAR)),
            expects_more: false,
            has_yielded: false,
        };
        task.events();
        task
    }

    pub(super) async fn run(mut self) {
        let why = poll_fn(|cx| self.step(cx)).await;
        self.end(&why);
        // The last words, as far as the socket takes them; of a connection that broke there are none.
        let farewell = async {
            poll_fn(|cx| match self.write(cx) {
                Ok(_) if !self.protocol.outgoing().is_empty() => Poll::Pending,
                _ => Pin::new(&mut self.stream).poll_shutdown(cx),
            })
            .await?;
            // Closing a socket with something unread would take back what the broker has not read.
            if why.is_told_to_the_broker() {
                while self.stream.read_buf(&mut self.buffer).await? > 0 {
                    self.buffer.clear();
                }
            }
            Ok::<(), io::Error>(())
        };
        drop(tokio::time::timeout(FAREWELL, farewell).await);
    }

    fn step(&mut self, cx: &mut Context<'_>) -> Poll<Arc<ConnectionError>> {
        loop {
            self.shared.take(&mut self.commands, cx);
            if self.yields() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            while let Some(command) = self.commands.pop_front() {
                self.command(command);
            }
            let more = self.publish();
            self.acknowledge();
            match self.write(cx) {
                Ok(false) => {}
                Ok(true) => {
                    self.has_written();
                    if more {
                        continue;
                    }
                }
                Err(error) => return Poll::Ready(self.protocol.lost(broken(&error))),
            }
            match self.read(cx) {
                Ok(false) => {}
                Ok(true) => continue,
                Err(why) => return Poll::Ready(why),
            }
            match self.time(cx) {
                Ok(false) => return Poll::Pending,
                Ok(true) => {}
                Err(why) => return Poll::Ready(why),
            }
        }
    }

    /// Whether others go first. On a runtime of several threads a task runs as soon as it is woken: the
    /// first of many messages would leave alone, and each of the others with a write of its own. A
    /// message that is alone does not wait, which would wake a thread for nothing.
    fn yields(&mut self) -> bool {
        if self.commands.is_empty() {
            return false;
        }
        if self.has_yielded {
            self.has_yielded = false;
            self.expects_more = self.commands.len() > 1;
            return false;
        }
        self.has_yielded = self.expects_more || self.commands.len() > 1;
        self.has_yielded
    }

    /// Writes as much as the socket takes; returns whether that was anything.
    fn write(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        let mut wrote = false;
        while !self.protocol.outgoing().is_empty() {
            let outgoing = self.protocol.outgoing();
            let mut slices = [IoSlice::new(&[]); SLICES];
            let filled = outgoing.slices(&mut slices);
            let slices = slices.get(..filled).unwrap_or_default();
            match Pin::new(&mut self.stream).poll_write_vectored(cx, slices) {
                Poll::Pending => break,
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(bytes)) => {
                    self.protocol.outgoing().advance(bytes);
                    Shared::count(&self.shared.written, bytes);
                    wrote = true;
                }
                Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Poll::Ready(Err(error)) => return Err(error),
            }
        }
        // What a TLS session has put aside.
        match Pin::new(&mut self.stream).poll_flush(cx) {
            Poll::Ready(Err(error)) => Err(error),
            _ => Ok(wrote),
        }
    }

    /// Reads once; returns whether anything came.
    fn read(&mut self, cx: &mut Context<'_>) -> Result<bool, Arc<ConnectionError>> {
        // Consumers that are far behind stop their connection. An answer is behind what was sent before
        // it, and those who wait for it may be those who make room.
        let held = self.consumers.values().map(Consumer::held).sum::<usize>();
        let is_behind = held > READ_AHEAD && !self.protocol.is_asked();
        if is_behind != self.is_behind {
            self.is_behind = is_behind;
            let now = Instant::now().into_std();
            self.protocol.set_reading(now, !is_behind);
        }
        if is_behind {
            return Ok(false);
        }
        if self.buffer.is_empty() && self.buffer.capacity() > KEPT {
            self.buffer = BytesMut::new();
        }
        self.buffer.reserve(READ);
        let read = pin!(self.stream.read_buf(&mut self.buffer)).poll(cx);
        let error = match read {
            Poll::Pending => return Ok(false),
            Poll::Ready(Ok(0)) => io::ErrorKind::UnexpectedEof.into(),
            Poll::Ready(Ok(bytes)) => {
                Shared::count(&self.shared.read, bytes);
                let received = self
                    .protocol
                    .receive(Instant::now().into_std(), &mut self.buffer);
                self.events();
                return received.map(|()| true);
            }
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {
                return Ok(true);
            }
            Poll::Ready(Err(error)) => error,
        };
        Err(self.protocol.lost(broken(&error)))
    }

    /// Looks after what is to be done at some time; returns whether that has come.
    fn time(&mut self, cx: &mut Context<'_>) -> Result<bool, Arc<ConnectionError>> {
        let heartbeat = self.protocol.next_timeout().map(Instant::from_std);
        let next = [heartbeat, self.lazy_at, self.close_by]
            .into_iter()
            .flatten()
            .min();
        // The timer may be set to an earlier time, because setting it costs more than a look at it.
        if let Some(next) = next
            && next < self.timer.deadline()
        {
            self.timer.as_mut().reset(next);
        }
        if self.timer.as_mut().poll(cx).is_pending() {
            return Ok(false);
        }
        let now = Instant::now();
        self.timer.as_mut().reset(now + FAR);
        if self.close_by.is_some_and(|by| by <= now) {
            return Err(self.protocol.lost(ConnectionError::ClosedByUs));
        }
        self.protocol.handle_timeout(now.into_std()).map(|()| true)
    }

    /// Tells everybody that the connection is no more.
    fn end(&mut self, why: &Arc<ConnectionError>) {
        self.events();
        let ended = Ended::Connection(Arc::clone(why));
        for (_, publishing) in std::mem::take(&mut self.publishes) {
            publishing.refused(ended.clone());
        }
        let unseen = self.shared.end(why);
        for command in std::mem::take(&mut self.commands).into_iter().chain(unseen) {
            command.refuse(&ended);
        }
        self.shared
            .state
            .send_replace(State::Ended(Arc::clone(why)));
        match &**why {
            ConnectionError::ClosedByUs => tracing::debug!("the connection was closed"),
            why => tracing::debug!(%why, "the connection was lost"),
        }
    }
}

pub(super) fn broken(error: &io::Error) -> ConnectionError {
    ConnectionError::Broken {
        kind: error.kind(),
        text: match error.kind() {
            io::ErrorKind::UnexpectedEof => "the broker hung up".to_owned(),
            _ => error.to_string(),
        },
    }
}

/// A time that does not come.
const FAR: Duration = Duration::from_secs(24 * 60 * 60);
const FAREWELL: Duration = Duration::from_secs(1);
/// Frames are made of messages as long as less than this waits for the socket: what is further behind
/// can still be withdrawn.
const WRITE_AHEAD: usize = 256 * 1024;
/// Messages that wait for their consumer beyond so many bytes stay in the socket.
const READ_AHEAD: usize = 64 * 1024 * 1024;
/// What is read at once.
const READ: usize = 16 * 1024;
/// A read buffer that has grown larger is not kept when it is empty.
const KEPT: usize = 160 * 1024;
const SLICES: usize = 32;
const SORT_OUT: usize = 256;
