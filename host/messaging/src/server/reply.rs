//! Replies and signs of life on their way to the callers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::mutex::Mutex;
use serde_json::value::RawValue;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::deadline::Deadline;
use crate::driver::{Destination, Limits, Message, SendError};
use crate::remote_error::RemoteError;
use crate::transport::Transport;
use crate::wire::{ReplyTo, encode_reply};

pub(super) struct Replier {
    transport: Transport,
    /// Of replies that are being sent at the same time.
    places: Arc<Semaphore>,
    /// Of replies that wait for a missing queue.
    patience: Semaphore,
    dead: Mutex<DeadQueues>,
    stopped: watch::Receiver<bool>,
}

impl Replier {
    pub(super) fn new(transport: Transport, stopped: watch::Receiver<bool>) -> Self {
        Self {
            transport,
            places: Arc::new(Semaphore::new(REPLIES)),
            patience: Semaphore::new(PATIENCE),
            dead: Mutex::default(),
            stopped,
        }
    }

    /// Waits until one more reply may be on its way.
    pub(super) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        // It is never closed.
        Arc::clone(&self.places).acquire_owned().await.ok()
    }

    /// Sends a sign of life.
    pub(super) async fn beat(&self, reply_to: &ReplyTo) {
        let message = self.message(reply_to, None);
        match self.send(message, LONGEST_BEAT).await {
            Ok(()) => {}
            Err(SendError::Unroutable) => {
                tracing::debug!(
                    queue = reply_to.queue,
                    "nobody takes the sign of life of a call"
                );
            }
            Err(error) => tracing::debug!(?error, "a sign of life could not be sent"),
        }
    }

    /// Sends a reply. While the reply queue is missing the client may be about to declare it again: it
    /// is tried for as long as upstream does, and then the queue's name is remembered, as upstream
    /// does, so that no other reply waits for it. Other than upstream, each of those is tried once: the
    /// client may be back.
    pub(super) async fn reply(
        &self,
        reply_to: &ReplyTo,
        result: Result<&RawValue, &RemoteError>,
        place: Option<OwnedSemaphorePermit>,
    ) {
        let queue = &reply_to.queue;
        let was_dead = self.dead.lock().has(queue, Instant::now());
        let limit = self.transport.options.missing_queue_timeout();
        let until = Deadline::after(Instant::now(), limit);
        let mut outcome = self.send(self.message(reply_to, Some(result)), limit).await;
        if let Err(SendError::TooLarge { bytes, most }) = outcome {
            let message = format!("the reply has {bytes} bytes, and at most {most} are sent");
            let instead = RemoteError::new("builtins", "ValueError", message);
            outcome = self
                .send(self.message(reply_to, Some(Err(&instead))), limit)
                .await;
        }
        drop(place);
        if was_dead {
            if matches!(outcome, Err(SendError::Unroutable)) {
                tracing::info!(queue, "nobody takes the reply to a call, as before");
                return;
            }
            // Whatever else became of it says nothing of the queue.
            if outcome.is_ok() {
                self.dead.lock().forget(queue);
            }
        }
        if matches!(outcome, Err(SendError::Unroutable)) {
            let Ok(_patience) = self.patience.try_acquire() else {
                tracing::warn!(
                    queue,
                    "nobody takes the reply to a call, and many others wait"
                );
                return;
            };
            while matches!(outcome, Err(SendError::Unroutable)) {
                let left = until.remaining(Instant::now());
                if left.is_zero() || *self.stopped.borrow() {
                    self.dead.lock().remember(queue, Instant::now());
                    tracing::info!(queue, "nobody takes the reply to a call");
                    return;
                }
                sleep(MISSING_QUEUE_INTERVAL.min(left)).await;
                outcome = self.send(self.message(reply_to, Some(result)), left).await;
            }
        }
        match outcome {
            Ok(()) => {}
            Err(SendError::Failed { source, .. }) => {
                tracing::warn!(error = %source, "a reply could not be sent");
            }
            Err(error) => tracing::warn!(?error, "a reply could not be sent"),
        }
    }

    fn message(
        &self,
        reply_to: &ReplyTo,
        result: Option<Result<&RawValue, &RemoteError>>,
    ) -> Message {
        let mut buffer = Uuid::encode_buffer();
        let unique_id = crate::id::random().simple().encode_lower(&mut buffer);
        Message {
            destination: Destination::Reply {
                queue: reply_to.queue.clone(),
            },
            body: encode_reply(&reply_to.msg_id, unique_id, result).into(),
            expires: None,
            mandatory: self.transport.options.mandatory_replies(),
        }
    }

    /// Gives up at the limit, or a while after the server was stopped: a broker that is gone does not
    /// keep it from stopping.
    async fn send(&self, message: Message, limit: Duration) -> Result<(), SendError> {
        let limits = Limits {
            deadline: Deadline::after(Instant::now(), limit),
            retry: None,
            monitor: None,
        };
        let mut stopped = self.stopped.clone();
        let given_up = async {
            // Without a server there is nobody who could stop it any more.
            let _ = stopped.wait_for(|stopped| *stopped).await;
            sleep(AFTER_STOP).await;
        };
        tokio::select! {
            biased;
            sent = self.transport.driver.cast(message, limits) => sent,
            () = given_up => Err(SendError::not_sent(crate::driver::TransportError::closed())),
        }
    }
}

/// The reply queues that were missing for so long that their clients must be gone.
#[derive(Debug, Default)]
struct DeadQueues(VecDeque<(Box<str>, Instant)>);

impl DeadQueues {
    fn has(&mut self, queue: &str, now: Instant) -> bool {
        let is_over = |(_, since): &mut (Box<str>, Instant)| {
            now.saturating_duration_since(*since) > REMEMBERED
        };
        while self.0.pop_front_if(is_over).is_some() {}
        self.0.iter().any(|(known, _)| **known == *queue)
    }

    fn forget(&mut self, queue: &str) {
        self.0.retain(|(known, _)| **known != *queue);
    }

    fn remember(&mut self, queue: &str, now: Instant) {
        if self.0.len() >= DEAD_QUEUES {
            self.0.pop_front();
        }
        // Longer names are no queue's.
        if queue.len() <= LONGEST_NAME {
            self.0.push_back((queue.into(), now));
        }
    }
}

/// Upstream's numbers.
const DEAD_QUEUES: usize = 200;
const REMEMBERED: Duration = Duration::from_secs(60);
/// How often upstream tries.
const MISSING_QUEUE_INTERVAL: Duration = Duration::from_millis(250);
const AFTER_STOP: Duration = Duration::from_secs(5);
const LONGEST_BEAT: Duration = Duration::from_secs(60);
const LONGEST_NAME: usize = 255;
/// Their methods have ended, and their results are held.
const REPLIES: usize = 1024;
const PATIENCE: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_dead_queue_is_remembered_for_a_minute_and_only_so_many_are() {
        let mut dead = DeadQueues::default();
        let now = Instant::now();
        dead.remember("a", now);
        assert!(dead.has("a", now + REMEMBERED) && !dead.has("b", now));
        assert!(!dead.has("a", now + REMEMBERED * 2));
        dead.remember("a", now);
        dead.forget("a");
        assert!(!dead.has("a", now));
        dead.remember("a", now);
        for number in 0..DEAD_QUEUES {
            dead.remember(&number.to_string(), now);
        }
        assert!(!dead.has("a", now) && dead.has("0", now));
        dead.remember(&"x".repeat(10_000), now);
        assert!(dead.0.iter().all(|(name, _)| name.len() < 256));
    }
}
