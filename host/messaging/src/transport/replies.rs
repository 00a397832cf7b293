//! The calls that wait for a reply, and the way a reply finds its caller.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::value::RawValue;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;
use uuid::Uuid;

use crate::error::{Delivery, Error, Result, TransportError, TransportErrorKind};
use crate::wire::{CONTENT_TYPE, ReplyResult, decode_reply, decompress};

/// Shared by a transport's driver, which puts in whatever arrives on a reply queue, and by the
/// calls that wait.
#[derive(Debug)]
pub(crate) struct Replies {
    waiting: Mutex<HashMap<Uuid, Slot>>,
    /// The most that a caller is given.
    most_bytes: usize,
}

impl Default for Replies {
    fn default() -> Self {
        Self::new(MOST_BYTES)
    }
}

/// What a transport allows unless it is told otherwise.
pub(crate) const MOST_BYTES: usize = 64 * 1024 * 1024;

impl Replies {
    pub(crate) fn new(most_bytes: usize) -> Self {
        Self {
            waiting: Mutex::default(),
            most_bytes,
        }
    }

    /// Takes one message of a reply queue. Never fails: what cannot be read and what nobody waits
    /// for is dropped, as upstream does.
    pub(crate) fn deliver(
        &self,
        content_type: Option<&str>,
        compression: Option<&str>,
        body: &[u8],
    ) {
        if content_type != Some(CONTENT_TYPE) {
            tracing::warn!(?content_type, "dropped a reply of an unknown content type");
            return;
        }
        let mut reply = match decompress(compression, body).and_then(|body| decode_reply(&body)) {
            Ok(reply) => reply,
            Err(error) => {
                tracing::warn!(%error, bytes = body.len(), "dropped a malformed reply");
                return;
            }
        };
        if let Some(result) = &mut reply.result
            && result.bytes() > self.most_bytes
        {
            *result = ReplyResult::Invalid(format!(
                "the result has {} bytes, and at most {} are allowed",
                result.bytes(),
                self.most_bytes
            ));
        }
        let finished = {
            let mut waiting = self.waiting.lock();
            let Some(slot) = waiting.get_mut(&reply.msg_id) else {
                drop(waiting);
                tracing::debug!(msg_id = %reply.msg_id.simple(), "dropped a reply nobody waits for");
                return;
            };
            if !reply.ending {
                match reply.result {
                    Some(result) => slot.keep(result),
                    None => slot.heartbeat.notify_one(),
                }
                return;
            }
            waiting
                .remove(&reply.msg_id)
                .map(|slot| slot.finish(reply.result))
        };
        if let Some((outcome, result)) = finished {
            // The caller may have gone in this moment; then nobody needs the result.
            let _ = outcome.send(result.into_outcome());
        }
    }

    /// Starts waiting for the reply to one call.
    pub(crate) fn register(self: &Arc<Self>, msg_id: Uuid) -> Waiter {
        let (sender, outcome) = oneshot::channel();
        let heartbeat = Arc::new(Notify::new());
        let slot = Slot {
            outcome: sender,
            heartbeat: Arc::clone(&heartbeat),
            kept: None,
            since: Instant::now(),
        };
        self.waiting.lock().insert(msg_id, slot);
        Waiter {
            msg_id,
            outcome,
            heartbeat,
            replies: Arc::clone(self),
        }
    }

    /// Ends every wait: no reply can come any more.
    pub(crate) fn close(&self) {
        self.waiting.lock().clear();
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
    msg_id: Uuid,
    outcome: oneshot::Receiver<Result<Box<RawValue>>>,
    heartbeat: Arc<Notify>,
    replies: Arc<Replies>,
}

impl Waiter {
    /// What comes next. Cancel safe.
    pub(crate) async fn next(&mut self) -> Event {
        tokio::select! {
            biased;
            outcome = &mut self.outcome => Event::Outcome(outcome.unwrap_or_else(|_| {
                Err(Error::DeliveryFailure {
                    delivery: Delivery::MaybeDelivered,
                    source: TransportError::new(
                        TransportErrorKind::Closed,
                        "the transport was closed while the call waited for its reply",
                    ),
                })
            })),
            () = self.heartbeat.notified() => Event::Heartbeat,
        }
    }
}

/// What a waiting call hears.
#[derive(Debug)]
pub(crate) enum Event {
    /// The server's sign of life.
    Heartbeat,
    /// What the method returned or raised: the last event.
    Outcome(Result<Box<RawValue>>),
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.replies.waiting.lock().remove(&self.msg_id);
    }
}

#[derive(Debug)]
struct Slot {
    outcome: oneshot::Sender<Result<Box<RawValue>>>,
    heartbeat: Arc<Notify>,
    /// What an earlier message said that was not the last (the old two-message style).
    kept: Option<ReplyResult>,
    since: Instant,
}

impl Slot {
    /// A failure stays whatever comes after it; otherwise the newest value counts.
    fn keep(&mut self, result: ReplyResult) {
        if !matches!(self.kept, Some(ReplyResult::Failure(_))) {
            self.kept = Some(result);
        }
    }

    fn finish(
        mut self,
        last: Option<ReplyResult>,
    ) -> (oneshot::Sender<Result<Box<RawValue>>>, ReplyResult) {
        let kept_outranks = match (&self.kept, &last) {
            (Some(ReplyResult::Failure(_)), _) | (Some(_), None) => true,
            (Some(_), Some(ReplyResult::Value(value))) => value.get() == "null",
            _ => false,
        };
        if !kept_outranks && let Some(last) = last {
            self.kept = Some(last);
        }
        let result = self
            .kept
            .unwrap_or_else(|| ReplyResult::Value(crate::raw::null()));
        (self.outcome, result)
    }
}

impl ReplyResult {
    fn into_outcome(self) -> Result<Box<RawValue>> {
        match self {
            Self::Failure(error) => Err(Error::Remote(error)),
            Self::Invalid(reason) => Err(Error::InvalidReply { reason }),
            Self::Value(value) => Ok(value),
        }
    }
}

#[cfg(test)]
mod hostile;

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    /// What a call hears first after these messages.
    fn next(messages: &[&str]) -> String {
        let replies = Arc::new(Replies::default());
        let msg_id = Uuid::new_v4();
        let mut waiter = replies.register(msg_id);
        for fields in messages {
            let body = format!("{{\"_msg_id\": \"{}\", {fields}}}", msg_id.simple());
            replies.deliver(Some(CONTENT_TYPE), None, body.as_bytes());
        }
        let said = match waiter.next().now_or_never() {
            None => "nothing".to_owned(),
            Some(Event::Heartbeat) => "heartbeat".to_owned(),
            Some(Event::Outcome(Ok(value))) => value.get().to_owned(),
            Some(Event::Outcome(Err(error))) => error.to_string(),
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
        let replies = Arc::new(Replies::default());
        let mut waiter = replies.register(Uuid::new_v4());
        let stranger = format!(
            r#"{{"_msg_id": "{}", "ending": true}}"#,
            Uuid::new_v4().simple()
        );
        replies.deliver(Some(CONTENT_TYPE), None, stranger.as_bytes());
        replies.deliver(Some(CONTENT_TYPE), None, b"\xff");
        replies.deliver(None, None, b"{}");
        assert!(waiter.next().now_or_never().is_none());
        replies.close();
        let Some(Event::Outcome(Err(error))) = waiter.next().now_or_never() else {
            panic!()
        };
        assert!(error.may_have_been_executed(), "{error}");
    }
}
