//! What became of the messages published on one channel. No I/O: the channel's task feeds it.

use std::collections::BTreeMap;

use crate::wire::unique_id;

/// The messages of one channel that wait for their confirmation. `T` is who waits.
///
/// All of them went to the same exchange: that is what makes [`closed`](Self::closed) able to say
/// something.
#[derive(Debug)]
pub(super) struct Confirms<T> {
    pending: BTreeMap<u64, Pending<T>>,
}

#[derive(Debug)]
struct Pending<T> {
    /// Of a mandatory message.
    unique_id: Option<Box<str>>,
    returned: bool,
    owner: T,
}

/// How the broker answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Ack,
    Nack,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Confirmed,
    /// The broker may have it.
    Maybe,
    Nacked,
    /// The broker certainly did not route it.
    NotRouted,
    /// Mandatory, and no queue took it.
    Returned,
}

/// Why the channel is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    /// The broker refused a publish: the exchange does not exist, or is not for us.
    PublishRefused,
    /// Anything else.
    Otherwise,
}

impl<T> Confirms<T> {
    pub(super) const fn new() -> Self {
        Self {
            pending: BTreeMap::new(),
        }
    }

    /// Message number `number` was handed over. Numbers only grow.
    pub(super) fn sent(&mut self, number: u64, unique_id: Option<Box<str>>, owner: T) {
        self.pending.insert(
            number,
            Pending {
                unique_id,
                returned: false,
                owner,
            },
        );
    }

    /// Whether anybody would care for a returned message.
    pub(super) fn expects_returns(&self) -> bool {
        self.pending
            .values()
            .any(|pending| pending.unique_id.is_some() && !pending.returned)
    }

    /// The broker returned a message.
    ///
    /// Which one is read out of its body: the AMQP crate pairs returned messages with the wrong
    /// publish when several are in flight.
    pub(super) fn returned(&mut self, body: &[u8]) {
        let Some(id) = unique_id(body) else { return };
        let pending = self.pending.values_mut().find(|pending| {
            pending
                .unique_id
                .as_deref()
                .is_some_and(|known| *known == *id)
        });
        if let Some(pending) = pending {
            pending.returned = true;
        }
    }

    /// The broker confirmed a message. All messages returned before that are known.
    pub(super) fn settled(&mut self, number: u64, answer: Answer) -> Option<(T, Fate)> {
        let Pending {
            returned, owner, ..
        } = self.pending.remove(&number)?;
        let fate = match answer {
            _ if returned => Fate::Returned,
            Answer::Ack => Fate::Confirmed,
            Answer::Nack => Fate::Nacked,
        };
        Some((owner, fate))
    }

    /// The channel is no more.
    ///
    /// The broker handles a channel's messages in order and stops at the first that it refuses.
    /// The one refused is among the pending, since all went to the one exchange that is refused;
    /// but earlier ones may have been routed and only lack their confirmation. The last one was
    /// either refused itself or came after the refused one: that it was not routed is certain.
    pub(super) fn closed(&mut self, why: Closed) -> Vec<(T, Fate)> {
        let last = self.pending.keys().next_back().copied();
        std::mem::take(&mut self.pending)
            .into_iter()
            .map(|(number, pending)| {
                let fate = if pending.returned {
                    Fate::Returned
                } else if why == Closed::PublishRefused && Some(number) == last {
                    Fate::NotRouted
                } else {
                    Fate::Maybe
                };
                (pending.owner, fate)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(mandatory: &[bool]) -> Confirms<u64> {
        let mut confirms = Confirms::new();
        for (number, mandatory) in (1..).zip(mandatory) {
            confirms.sent(
                number,
                mandatory.then(|| format!("id{number}").into()),
                number,
            );
        }
        confirms
    }

    fn body(id: &str) -> Vec<u8> {
        let inner = serde_json::json!({ "_unique_id": id, "x": "é\"" }).to_string();
        serde_json::to_vec(&serde_json::json!({ "oslo.version": "2.0", "oslo.message": inner }))
            .unwrap()
    }

    #[test]
    fn answers_go_to_their_own_message_whatever_the_order() {
        let mut confirms = sent(&[false, true, true]);
        confirms.returned(&body("id2"));
        assert_eq!(confirms.settled(3, Answer::Ack), Some((3, Fate::Confirmed)));
        assert_eq!(confirms.settled(1, Answer::Nack), Some((1, Fate::Nacked)));
        assert_eq!(confirms.settled(2, Answer::Ack), Some((2, Fate::Returned)));
        assert_eq!(confirms.settled(2, Answer::Ack), None);
    }

    #[test]
    fn returned_messages_that_nobody_knows_change_nothing() {
        let mut confirms = sent(&[true]);
        for unknown in [
            &body("id7")[..],
            b"",
            b"{}",
            b"not json",
            br#"{"oslo.message": 1}"#,
        ] {
            confirms.returned(unknown);
        }
        assert_eq!(confirms.settled(1, Answer::Ack), Some((1, Fate::Confirmed)));
    }

    #[test]
    fn a_message_without_envelope_is_known_too() {
        let mut confirms = sent(&[true]);
        assert!(confirms.expects_returns());
        confirms.returned(br#"{"_unique_id": "id1"}"#);
        assert!(!confirms.expects_returns());
        assert_eq!(confirms.closed(Closed::Otherwise), [(1, Fate::Returned)]);
    }

    #[test]
    fn a_refused_publish_proves_only_the_last_message_unrouted() {
        let check = |pending: &[bool], why, fates: &[Fate]| {
            let expected: Vec<_> = (1..).zip(fates.iter().copied()).collect();
            assert_eq!(sent(pending).closed(why), expected);
        };
        check(&[false], Closed::PublishRefused, &[Fate::NotRouted]);
        check(
            &[false, true, false],
            Closed::PublishRefused,
            &[Fate::Maybe, Fate::Maybe, Fate::NotRouted],
        );
        check(
            &[false, true],
            Closed::Otherwise,
            &[Fate::Maybe, Fate::Maybe],
        );
        check(&[], Closed::PublishRefused, &[]);
    }
}
