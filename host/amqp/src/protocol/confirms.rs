//! What became of the messages published on one channel.

use std::collections::VecDeque;

use super::event::{Ended, Outcome};

/// The messages of one channel that wait for their confirmation, in the order they were sent. `P` is
/// who waits.
#[derive(Debug)]
pub(crate) struct Confirms<P> {
    /// The number of the first of them.
    first: u64,
    pending: VecDeque<Option<Pending<P>>>,
    waiting: usize,
}

#[derive(Debug)]
struct Pending<P> {
    owner: P,
    begins_at: u64,
    /// Where in the stream to the broker it ends.
    ends_at: u64,
    returned: bool,
}

impl<P> Confirms<P> {
    pub(crate) const fn new() -> Self {
        Self {
            first: 1,
            pending: VecDeque::new(),
            waiting: 0,
        }
    }

    /// The number that the broker will give to the next message.
    pub(crate) fn next(&self) -> u64 {
        self.first + self.pending.len() as u64
    }

    /// How many wait.
    pub(crate) const fn waiting(&self) -> usize {
        self.waiting
    }

    /// The next message was put into the stream, between these bytes.
    pub(crate) fn sent(&mut self, owner: P, begins_at: u64, ends_at: u64) {
        self.waiting += 1;
        self.pending.push_back(Some(Pending {
            owner,
            begins_at,
            ends_at,
            returned: false,
        }));
    }

    /// The broker returned a message.
    pub(crate) fn returned(&mut self, number: u64) {
        if let Some(Some(pending)) = self
            .place(number)
            .and_then(|place| self.pending.get_mut(place))
        {
            pending.returned = true;
        }
    }

    /// The broker confirmed a message, or it and all before it.
    pub(crate) fn settled(
        &mut self,
        number: u64,
        multiple: bool,
        nacked: bool,
        mut settle: impl FnMut(P, Outcome),
    ) {
        let outcome = |returned| match (returned, nacked) {
            (true, _) => Outcome::Returned,
            (false, true) => Outcome::Nacked,
            (false, false) => Outcome::Confirmed,
        };
        // The broker's word for all there are is zero.
        let number = if number == 0 && multiple {
            self.next() - 1
        } else {
            number
        };
        let Some(place) = self.place(number) else {
            return;
        };
        let begin = if multiple { 0 } else { place };
        for place in begin..=place {
            if let Some(pending) = self.pending.get_mut(place).and_then(Option::take) {
                self.waiting -= 1;
                settle(pending.owner, outcome(pending.returned));
            }
        }
        while let Some(None) = self.pending.front() {
            self.pending.pop_front();
            self.first += 1;
        }
    }

    /// The channel is no more; so many bytes had been given to the socket by then.
    ///
    /// The broker handles a channel's messages in order and stops at the first that it refuses. If it
    /// was a publish that was refused, that one is among those that wait, but earlier ones may have
    /// been routed and only lack their confirmation. The last one that was sent was either refused
    /// itself or came after the refused one: that it was not routed is certain, unless the next had
    /// begun, which may have been refused by its beginning.
    pub(crate) fn ended(&mut self, why: &Ended, written: u64, mut settle: impl FnMut(P, Outcome)) {
        self.first = self.next();
        self.waiting = 0;
        let refused = match why {
            Ended::Channel(refusal) if refusal.is_of_publish() => Some(refusal),
            _ => None,
        };
        let mut pending = std::mem::take(&mut self.pending).into_iter().peekable();
        while let Some(next) = pending.next() {
            let Some(Pending {
                owner,
                ends_at,
                returned,
                ..
            }) = next
            else {
                continue;
            };
            let is_last_sent = pending
                .peek()
                .is_none_or(|next| next.as_ref().is_some_and(|next| next.begins_at >= written));
            let outcome = if ends_at > written {
                Outcome::NotSent(why.clone())
            } else if returned {
                Outcome::Returned
            } else if let Some(refusal) = refused.filter(|_| is_last_sent) {
                Outcome::NotRouted(refusal.clone())
            } else {
                Outcome::Unknown(why.clone())
            };
            settle(owner, outcome);
        }
    }

    fn place(&self, number: u64) -> Option<usize> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        (number < self.next()).then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::Refusal;
    use super::*;

    fn confirms(count: u64) -> Confirms<u64> {
        let mut confirms = Confirms::new();
        for number in 1..=count {
            assert_eq!(confirms.next(), number);
            confirms.sent(number, number * 10 - 10, number * 10);
        }
        confirms
    }

    fn said(what: impl FnOnce(&mut dyn FnMut(u64, Outcome))) -> Vec<String> {
        let mut said = Vec::new();
        what(&mut |owner, outcome| {
            let outcome = format!("{outcome:?}");
            let name = outcome.split('(').next().unwrap_or_default().to_owned();
            said.push(format!("{owner} {name}"));
        });
        said
    }

    #[test]
    fn confirmations_come_one_by_one_and_many_at_once() {
        let mut confirms = confirms(5);
        confirms.returned(2);
        let mut settle = |number, multiple, nacked| {
            said(|settle| confirms.settled(number, multiple, nacked, settle))
        };
        assert_eq!(settle(3, false, true), ["3 Nacked"]);
        assert_eq!(settle(3, false, false), [""; 0]);
        assert_eq!(
            settle(4, true, false),
            ["1 Confirmed", "2 Returned", "4 Confirmed"]
        );
        assert_eq!(settle(9, true, false), [""; 0]);
        assert_eq!(settle(1, false, false), [""; 0]);
        assert_eq!(settle(0, false, false), [""; 0]);
        assert_eq!(settle(0, true, false), ["5 Confirmed"]);
        assert_eq!((confirms.waiting(), confirms.next()), (0, 6));
    }

    #[test]
    fn what_a_closed_channel_proves() {
        let refusal = |method| Refusal {
            code: 404,
            text: String::new(),
            method,
        };
        let check = |method, written, expected: &[&str]| {
            let mut confirms = confirms(4);
            confirms.returned(1);
            let ended = Ended::Channel(refusal(method));
            let said = said(|settle| confirms.ended(&ended, written, settle));
            assert_eq!(said, expected, "{method:?} {written}");
            assert_eq!(confirms.waiting(), 0);
        };
        let publish = (60, 40);
        check(
            publish,
            40,
            &["1 Returned", "2 Unknown", "3 Unknown", "4 NotRouted"],
        );
        check(
            publish,
            30,
            &["1 Returned", "2 Unknown", "3 NotRouted", "4 NotSent"],
        );
        // The fourth may have been refused by its beginning.
        check(
            publish,
            35,
            &["1 Returned", "2 Unknown", "3 Unknown", "4 NotSent"],
        );
        check(
            publish,
            0,
            &["1 NotSent", "2 NotSent", "3 NotSent", "4 NotSent"],
        );
        check(
            (50, 10),
            40,
            &["1 Returned", "2 Unknown", "3 Unknown", "4 Unknown"],
        );
    }
}
