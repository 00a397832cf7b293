//! Which reply is for which call.

mod decode;

use std::collections::HashMap;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::mutex::Mutex;
use bytes::Bytes;
use tokio::time::Instant;
use uuid::Uuid;

use self::decode::Backlog;
use crate::observe::Observer;
use crate::wire::{Reply, ReplyResult};

/// Shared by a transport's driver, which puts in whatever arrives on a reply queue, and by the
/// calls that wait.
#[derive(Debug)]
pub(crate) struct Replies {
    waiting: Mutex<HashMap<Uuid, Slot>>,
    /// The most that a caller is given.
    most_bytes: usize,
    backlog: Arc<Backlog>,
    pub(crate) observer: Arc<Observer>,
}

impl Replies {
    pub(crate) fn new(most_bytes: usize) -> Self {
        Self {
            waiting: Mutex::default(),
            most_bytes,
            backlog: Arc::default(),
            observer: Arc::new(Observer::new()),
        }
    }

    /// Takes one message of a reply queue. Never fails: what cannot be read and what nobody waits
    /// for is dropped, as upstream does. What would take long to read is read elsewhere: this
    /// returns at once.
    pub(crate) fn deliver(
        self: &Arc<Self>,
        content_type: Option<&str>,
        compression: Option<&str>,
        body: &Bytes,
    ) {
        Observer::add(&self.observer.bytes_received, body.len());
        decode::deliver(self, content_type, compression, body);
    }

    /// Takes the end of a message of a reply queue that is too large to be kept. That is where peers
    /// write whose it is.
    #[cfg_attr(
        not(feature = "rabbit"),
        expect(dead_code, reason = "memory keeps everything")
    )]
    pub(crate) fn deliver_end(&self, end: &[u8], bytes: u64) {
        Observer::add(&self.observer.bytes_received, end.len());
        decode::too_large(self, end, bytes);
    }

    fn waits_for_any(&self, mut calls: impl Iterator<Item = Uuid>) -> bool {
        let waiting = self.waiting.lock();
        calls.any(|call| waiting.contains_key(&call))
    }

    fn take(&self, mut reply: Reply) {
        if let Some(result) = &mut reply.result
            && result.bytes() > self.most_bytes
        {
            *result = ReplyResult::Invalid(format!(
                "the result has {} bytes, and at most {} are allowed",
                result.bytes(),
                self.most_bytes
            ));
        }
        let waker = {
            let mut waiting = self.waiting.lock();
            let Some(slot) = waiting.get_mut(&reply.msg_id) else {
                drop(waiting);
                tracing::debug!(msg_id = %reply.msg_id.simple(), "dropped a reply nobody waits for");
                return;
            };
            if reply.ending {
                slot.finish(reply.result);
            } else {
                match reply.result {
                    Some(result) => {
                        slot.keep(result);
                        return;
                    }
                    None => slot.has_beaten = true,
                }
            }
            slot.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Starts waiting for the reply to one call.
    pub(crate) fn register(self: &Arc<Self>) -> Waiter {
        let call = crate::id::random();
        self.waiting.lock().insert(call, Slot::new());
        Waiter {
            call,
            replies: Arc::clone(self),
        }
    }

    /// Ends every wait: no reply can come any more.
    pub(crate) fn close(&self) {
        let wakers: Vec<_> = self
            .waiting
            .lock()
            .values_mut()
            .filter_map(|slot| {
                slot.is_closed = true;
                slot.waker.take()
            })
            .collect();
        for waker in wakers {
            waker.wake();
        }
    }

    /// How many calls wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.lock().len()
    }

    /// Since when the call waits that has waited longest.
    #[cfg_attr(
        not(feature = "rabbit"),
        expect(
            dead_code,
            reason = "only RabbitMQ has reply queues that go out of use"
        )
    )]
    pub(crate) fn oldest(&self) -> Option<Instant> {
        let waiting = self.waiting.lock();
        waiting.values().map(|slot| slot.since).min()
    }
}

/// One call's place among the waiting ones; dropping it gives the place up.
#[derive(Debug)]
pub(crate) struct Waiter {
    /// The name of the call, its `_msg_id`.
    pub(crate) call: Uuid,
    replies: Arc<Replies>,
}

impl Waiter {
    /// What comes next.
    pub(crate) fn poll_next(&self, cx: &Context<'_>) -> Poll<Event> {
        let mut waiting = self.replies.waiting.lock();
        let Some(slot) = waiting.get_mut(&self.call) else {
            return Poll::Pending;
        };
        if let Some(outcome) = slot.outcome.take() {
            return Poll::Ready(Event::Outcome(outcome));
        }
        if slot.is_closed {
            return Poll::Ready(Event::Closed);
        }
        if std::mem::take(&mut slot.has_beaten) {
            return Poll::Ready(Event::Heartbeat);
        }
        match &mut slot.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}

/// What a waiting call hears.
#[derive(Debug)]
pub(crate) enum Event {
    /// No reply can come any more.
    Closed,
    /// The server's sign of life.
    Heartbeat,
    /// What the method returned or raised: the last event.
    Outcome(ReplyResult),
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let slot = self.replies.waiting.lock().remove(&self.call);
        // A large result is freed without the lock.
        drop(slot);
    }
}

#[derive(Debug)]
struct Slot {
    /// What an earlier message said that was not the last (the old two-message style).
    kept: Option<ReplyResult>,
    outcome: Option<ReplyResult>,
    has_beaten: bool,
    is_closed: bool,
    is_finished: bool,
    since: Instant,
    waker: Option<Waker>,
}

impl Slot {
    fn new() -> Self {
        Self {
            kept: None,
            outcome: None,
            has_beaten: false,
            is_closed: false,
            is_finished: false,
            since: Instant::now(),
            waker: None,
        }
    }

    /// A failure stays whatever comes after it; otherwise the newest value counts.
    fn keep(&mut self, result: ReplyResult) {
        if !self.is_finished && !matches!(self.kept, Some(ReplyResult::Failure(_))) {
            self.kept = Some(result);
        }
    }

    /// The first last message counts.
    fn finish(&mut self, last: Option<ReplyResult>) {
        if std::mem::replace(&mut self.is_finished, true) {
            return;
        }
        let kept_outranks = match (&self.kept, &last) {
            (Some(ReplyResult::Failure(_)), _) | (Some(_), None) => true,
            (Some(_), Some(ReplyResult::Value(value))) => value.get() == "null",
            _ => false,
        };
        let kept = self.kept.take();
        let result = if kept_outranks { kept } else { last.or(kept) };
        self.outcome = Some(result.unwrap_or_else(|| ReplyResult::Value(crate::raw::null())));
    }
}

#[cfg(test)]
mod hostile;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::CONTENT_TYPE;

    /// What a call hears first after these messages.
    fn next(messages: &[&str]) -> String {
        let replies = Arc::new(Replies::new(1024));
        let waiter = replies.register();
        for fields in messages {
            let body = format!("{{\"_msg_id\": \"{}\", {fields}}}", waiter.call.simple());
            replies.deliver(Some(CONTENT_TYPE), None, &body.into());
        }
        let said = match waiter.poll_next(&Context::from_waker(Waker::noop())) {
            Poll::Pending => "nothing".to_owned(),
            Poll::Ready(Event::Heartbeat) => "heartbeat".to_owned(),
            Poll::Ready(Event::Outcome(ReplyResult::Value(value))) => value.get().to_owned(),
            Poll::Ready(Event::Outcome(ReplyResult::Failure(error))) => error.to_string(),
            Poll::Ready(other) => format!("{other:?}"),
        };
        drop(waiter);
        assert_eq!(replies.waiting(), 0);
        said
    }

    #[test]
    fn one_or_several_messages_make_one_outcome() {
        let check = |messages: &[&str], said: &str| {
            assert_eq!(next(messages), said, "{messages:?}");
        };
        let end = r#""ending": true, "result": null"#;
        check(&[r#""ending": true, "result": 1"#], "1");
        check(&[r#""result": 1"#], "nothing");
        check(&[r#""result": 1"#, end], "1");
        check(&[r#""result": 1"#, r#""ending": true, "result": 2"#], "2");
        check(
            &[
                r#""failure": "{\"class\": \"E\", \"message\": \"m\"}""#,
                end,
            ],
            "remote error: E m",
        );
        check(
            &[
                r#""ending": true, "result": 1"#,
                r#""ending": true, "result": 2"#,
            ],
            "1",
        );
    }

    #[test]
    fn heartbeats_are_noticed_and_do_not_end_a_call() {
        let beat = r#""ending": false, "result": null, "failure": null"#;
        assert_eq!(next(&[beat, beat]), "heartbeat");
    }

    #[test]
    fn strangers_and_nonsense_are_dropped() {
        let replies = Arc::new(Replies::new(1024));
        let waiter = replies.register();
        let stranger = format!(
            r#"{{"_msg_id": "{}", "ending": true}}"#,
            crate::id::random().simple()
        );
        replies.deliver(Some(CONTENT_TYPE), None, &stranger.into());
        replies.deliver(Some(CONTENT_TYPE), None, &Bytes::from_static(b"\xff"));
        replies.deliver(None, None, &Bytes::from_static(b"{}"));
        let cx = Context::from_waker(Waker::noop());
        assert!(waiter.poll_next(&cx).is_pending());
        replies.close();
        assert!(matches!(waiter.poll_next(&cx), Poll::Ready(Event::Closed)));
    }
}
