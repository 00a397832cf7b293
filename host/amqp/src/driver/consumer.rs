//! Messages on their way in.

use std::collections::VecDeque;
use std::sync::Arc;

use super::inbox::{Command, Shared};
use crate::protocol::{Delivery, Ended};

/// Whoever gets the messages of one queue. Its functions run on the connection's task, and must be
/// quick.
pub trait Consume: Send + Sync + 'static {
    /// The consumer begins. Whoever [reserves](Self::reserve) less than was wanted says
    /// [`Resume::resume`] when there is room again.
    fn started(&self, resume: Resume) {
        drop(resume);
    }

    /// Reserves places for at most so many messages that are acknowledged [before](Acks::Before) they
    /// are handed out, and says how many. Those beyond stay the broker's.
    fn reserve(&self, wanted: usize) -> usize {
        wanted
    }

    /// The next message.
    fn deliver(&self, delivery: Delivery);

    /// How many bytes of messages it has that it was handed and has not done with. While consumers have
    /// too many, their connection reads nothing unless it waits for an answer: whoever is done with one
    /// without acknowledging it says [`Resume::resume`].
    fn held(&self) -> usize {
        0
    }

    /// No more come: the queue is gone (none), or the channel or the connection.
    fn ended(&self, why: Option<Ended>);
}

/// When the messages of a consumer are acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Acks {
    /// Before a message is handed out: what is handed out was acknowledged, and the acknowledgement was
    /// given to the socket, so that nobody else gets it.
    Before,
    /// After messages were handed out, many at once: after this many, or when no more came for
    /// [`LAZY`]. For messages that may come again. The prefetch has to be larger.
    Lazily(u16),
    /// By [`Channel::ack`](super::Channel::ack).
    Manually,
}

/// Wakes a consumer that had no room.
#[derive(Clone, Debug)]
pub struct Resume(pub(super) Arc<Shared>);

impl Resume {
    /// There is room again.
    pub fn resume(&self) {
        // Without a connection there is nothing to resume.
        let _ = self.0.push(Command::Resume);
    }
}

/// A consumer, and what waits for it.
pub(super) struct Consumer {
    pub(super) sink: Arc<dyn Consume>,
    acks: Acks,
    /// Not acknowledged, because there was no room.
    waiting: VecDeque<Delivery>,
    /// Acknowledged by bytes that end at this place in the stream.
    acknowledged: VecDeque<(u64, Delivery)>,
    /// Handed out and not acknowledged.
    unacknowledged: u16,
    last: u64,
}

impl Consumer {
    pub(super) fn new(sink: Arc<dyn Consume>, acks: Acks) -> Self {
        Self {
            sink,
            acks,
            waiting: VecDeque::new(),
            acknowledged: VecDeque::new(),
            unacknowledged: 0,
            last: 0,
        }
    }

    pub(super) fn take(&mut self, delivery: Delivery) {
        self.last = delivery.tag;
        match self.acks {
            Acks::Before => self.waiting.push_back(delivery),
            Acks::Lazily(_) => {
                self.unacknowledged = self.unacknowledged.saturating_add(1);
                self.sink.deliver(delivery);
            }
            Acks::Manually => self.sink.deliver(delivery),
        }
    }

    /// The messages that there is room for, to be acknowledged now: the tag of the last, if there is
    /// one. They will be [handed out](Self::hand_out) when the acknowledgement, which ends at the place
    /// that `sent` returns, has left.
    pub(super) fn acknowledge(&mut self, send: impl FnOnce(u64) -> u64) {
        if self.waiting.is_empty() {
            return;
        }
        let taken = self
            .sink
            .reserve(self.waiting.len())
            .min(self.waiting.len());
        let Some(last) = taken.checked_sub(1).and_then(|last| self.waiting.get(last)) else {
            return;
        };
        let place = send(last.tag);
        let taken = self
            .waiting
            .drain(..taken)
            .map(|delivery| (place, delivery));
        self.acknowledged.extend(taken);
    }

    /// So many bytes have left.
    pub(super) fn hand_out(&mut self, written: u64) {
        while let Some((_, delivery)) = self
            .acknowledged
            .pop_front_if(|(place, _)| *place <= written)
        {
            self.sink.deliver(delivery);
        }
    }

    /// Whether enough was handed out to be acknowledged; the tag of the last.
    pub(super) fn lazy_ack(&mut self, is_quiet: bool) -> Option<u64> {
        let Acks::Lazily(many) = self.acks else {
            return None;
        };
        let due = self.unacknowledged >= many || (is_quiet && self.unacknowledged > 0);
        due.then(|| {
            self.unacknowledged = 0;
            self.last
        })
    }

    pub(super) const fn owes_ack(&self) -> bool {
        self.unacknowledged > 0
    }

    /// How many bytes wait here and behind it.
    pub(super) fn held(&self) -> usize {
        let waiting = self.waiting.iter();
        let acknowledged = self.acknowledged.iter().map(|(_, delivery)| delivery);
        waiting
            .chain(acknowledged)
            .map(|delivery| delivery.body.len())
            .sum::<usize>()
            .saturating_add(self.sink.held())
    }
}

/// How long messages that are acknowledged lazily wait for it.
pub const LAZY: std::time::Duration = std::time::Duration::from_millis(20);
