//! What the handles of a connection ask of its task.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Waker};

use bytes::BytesMut;
use tokio::sync::{Notify, Semaphore, oneshot, watch};
use tokio::time::Instant;

use super::State;
use super::consumer::{Acks, Consume};
use super::publish::Publishing;
use crate::protocol::{Answer, ConnectionError, Ended};

/// What a connection's handles and its task share.
#[derive(Debug)]
pub(super) struct Shared {
    inbox: Mutex<Inbox>,
    /// The bytes of messages that may be on their way at the same time.
    pub(super) room: Semaphore,
    pub(super) state: watch::Sender<State>,
    pub(super) read: AtomicU64,
    pub(super) written: AtomicU64,
}

#[derive(Debug, Default)]
struct Inbox {
    commands: VecDeque<Command>,
    waker: Option<Waker>,
    ended: Option<Arc<ConnectionError>>,
}

/// One thing asked.
pub(super) enum Command {
    Ack {
        channel: Arc<ChannelState>,
        tag: u64,
        multiple: bool,
    },
    Close {
        by: Instant,
    },
    CloseChannel(Arc<ChannelState>),
    Consume {
        channel: Arc<ChannelState>,
        method: BytesMut,
        acks: Acks,
        sink: Arc<dyn Consume>,
        answer: oneshot::Sender<Result<Answer, Ended>>,
    },
    Flush(oneshot::Sender<()>),
    Nack {
        channel: Arc<ChannelState>,
        tag: u64,
        requeue: bool,
    },
    OpenChannel(oneshot::Sender<Result<Arc<ChannelState>, Ended>>),
    Publish {
        channel: Arc<ChannelState>,
        publishing: Arc<dyn Publishing>,
    },
    Request {
        channel: Arc<ChannelState>,
        method: BytesMut,
        answer: oneshot::Sender<Result<Answer, Ended>>,
    },
    Resume,
}

/// Where an answer goes.
#[derive(Debug)]
pub(super) enum Asked {
    Answer(oneshot::Sender<Result<Answer, Ended>>),
    Channel(oneshot::Sender<Result<Arc<ChannelState>, Ended>>),
}

impl Asked {
    /// There will be no answer. Who asked may have gone.
    pub(super) fn refuse(self, why: Ended) {
        match self {
            Self::Answer(answer) => drop(answer.send(Err(why))),
            Self::Channel(answer) => drop(answer.send(Err(why))),
        }
    }
}

/// What is known of one opening of a channel; its number may have another one later.
#[derive(Debug)]
pub(super) struct ChannelState {
    pub(super) number: u16,
    pub(super) ended: OnceLock<Ended>,
    pub(super) has_ended: Notify,
}

impl Shared {
    pub(super) fn new(room: usize) -> Self {
        Self {
            inbox: Mutex::default(),
            room: Semaphore::new(room),
            state: watch::Sender::new(State::Open),
            read: AtomicU64::new(0),
            written: AtomicU64::new(0),
        }
    }

    /// Asks the task, and gives the command back if there is none any more.
    pub(super) fn push(&self, command: Command) -> Result<(), (Command, Arc<ConnectionError>)> {
        let waker = {
            let mut inbox = self.inbox();
            if let Some(ended) = &inbox.ended {
                return Err((command, Arc::clone(ended)));
            }
            inbox.commands.push_back(command);
            inbox.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    /// Takes what was asked; the task is woken by what is asked next.
    pub(super) fn take(&self, into: &mut VecDeque<Command>, cx: &Context<'_>) {
        let mut inbox = self.inbox();
        if into.is_empty() {
            std::mem::swap(&mut inbox.commands, into);
        } else {
            into.append(&mut inbox.commands);
        }
        match &mut inbox.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
    }

    /// The task ends: nothing is taken any more. Returns what nobody has taken.
    pub(super) fn end(&self, why: &Arc<ConnectionError>) -> VecDeque<Command> {
        let mut inbox = self.inbox();
        inbox.ended = Some(Arc::clone(why));
        inbox.waker = None;
        std::mem::take(&mut inbox.commands)
    }

    pub(super) fn ended(&self) -> Option<Arc<ConnectionError>> {
        self.inbox().ended.clone()
    }

    pub(super) fn count(counter: &AtomicU64, bytes: usize) {
        counter.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// No code that holds the lock can panic half-way.
    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Command {
    /// It will not be done, because the connection is no more.
    pub(super) fn refuse(self, why: &Ended) {
        match self {
            Self::Consume { answer, .. } | Self::Request { answer, .. } => {
                Asked::Answer(answer).refuse(why.clone());
            }
            Self::OpenChannel(answer) => Asked::Channel(answer).refuse(why.clone()),
            Self::Publish { publishing, .. } => publishing.refused(why.clone()),
            Self::Ack { .. }
            | Self::Close { .. }
            | Self::CloseChannel(_)
            | Self::Flush(_)
            | Self::Nack { .. }
            | Self::Resume => {}
        }
    }
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Ack { .. } => "Ack",
            Self::Close { .. } => "Close",
            Self::CloseChannel(_) => "CloseChannel",
            Self::Consume { .. } => "Consume",
            Self::Flush(_) => "Flush",
            Self::OpenChannel(_) => "OpenChannel",
            Self::Publish { .. } => "Publish",
            Self::Request { .. } => "Request",
            Self::Nack { .. } => "Nack",
            Self::Resume => "Resume",
        })
    }
}
