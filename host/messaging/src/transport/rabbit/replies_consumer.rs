//! The connection that consumes replies.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{FutureExt, join_all};
use futures_util::stream::{FuturesUnordered, StreamExt};
use lapin::Consumer;
use lapin::message::Delivery;
use lapin::options::BasicAckOptions;
use tokio::time::Instant;

use super::classify::lost;
use super::connect::Line;
use super::consume::{arguments, consume, header};
use super::declare::Queue;
use super::supervisor::{Session, Settings};
use crate::error::{TransportError, TransportErrorKind};
use crate::transport::replies::Replies;

/// A connection with one reply queue for new calls, and those of earlier connections as long as
/// calls may wait for a reply there.
#[derive(Debug)]
pub(super) struct ReplyConsumer {
    pub(super) queue: Arc<str>,
    line: Line,
    current: Consumer,
    earlier: Vec<Consumer>,
}

/// The reply queues there are, beyond any one connection.
#[derive(Debug)]
pub(super) struct ReplyQueues {
    replies: Arc<Replies>,
    current: Option<Queue>,
    /// With the time since when no new call names them.
    earlier: Vec<(Queue, Instant)>,
}

impl ReplyQueues {
    pub(super) const fn new(replies: Arc<Replies>) -> Self {
        Self {
            replies,
            current: None,
            earlier: Vec::new(),
        }
    }

    /// No new call uses the current queue from now on.
    fn retire(&mut self) {
        if let Some(queue) = self.current.take() {
            self.earlier.push((queue, Instant::now()));
            // A broker that comes and goes must not make us collect queues. They expire.
            if self.earlier.len() > EARLIER {
                self.earlier.remove(0);
            }
        }
    }

    /// Takes out those that no call waits on any more.
    fn forget(&mut self) -> Vec<Queue> {
        let nobody_waits = self.replies.waiting() == 0;
        let (gone, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.earlier)
            .into_iter()
            .partition(|(_, since)| {
                let age = since.elapsed();
                age > LONGEST || (nobody_waits && age > GRACE)
            });
        self.earlier = kept;
        gone.into_iter().map(|(queue, _)| queue).collect()
    }
}

impl Session for ReplyConsumer {
    type Memory = ReplyQueues;

    const PURPOSE: &'static str = "replies";

    /// A new queue for each connection: after a half-open failure the broker goes on dealing
    /// replies to the dead consumer of the old one until its heartbeat fails. The old ones are
    /// declared again, because servers that find one missing try for a minute.
    async fn open(
        settings: &Settings,
        line: Line,
        queues: &mut ReplyQueues,
    ) -> Result<Self, TransportError> {
        queues.retire();
        let prefetch = settings.options.rabbit_qos_prefetch_count;
        let arguments = arguments(&settings.options);
        let queue = Queue::private("reply", &settings.options);
        queue.declare(&line).await?;
        let current = consume(&line, queue.name(), prefetch, arguments.clone()).await?;
        let mut earlier = Vec::new();
        for (queue, _) in &queues.earlier {
            let consumed = async {
                queue.declare(&line).await?;
                consume(&line, queue.name(), prefetch, arguments.clone()).await
            };
            match consumed.await {
                Ok(consumer) => earlier.push(consumer),
                // New calls matter more than an old queue.
                Err(error) if error.kind() == TransportErrorKind::OperationRefused => {
                    tracing::warn!(%error, "an earlier reply queue is given up");
                }
                Err(error) => return Err(error),
            }
        }
        let name = queue.name().into();
        queues.current = Some(queue);
        Ok(Self {
            queue: name,
            line,
            current,
            earlier,
        })
    }

    async fn run(&self, queues: &mut ReplyQueues) -> TransportError {
        let replies = Arc::clone(&queues.replies);
        let mut earlier: FuturesUnordered<_> = self
            .earlier
            .iter()
            .map(|consumer| deliver_all(consumer.clone(), &replies))
            .collect();
        let current = deliver_all(self.current.clone(), &replies);
        let line_lost = self.line.lost();
        tokio::pin!(current, line_lost);
        let mut check = tokio::time::interval(CHECK);
        loop {
            tokio::select! {
                () = &mut current => {
                    return lost(&self.line.peer, &"the reply queue is gone");
                }
                lost = &mut line_lost => return lost,
                Some(()) = earlier.next() => {}
                _ = check.tick() => {
                    for queue in queues.forget() {
                        // Deleting it ends its consumer.
                        queue.delete(&self.line).await;
                    }
                }
            }
        }
    }

    async fn close(&self, queues: &mut ReplyQueues) {
        queues.retire();
        join_all(
            queues
                .earlier
                .iter()
                .filter(|(queue, _)| !queue.is_kept())
                .map(|(queue, _)| queue.delete(&self.line)),
        )
        .await;
        self.line.close().await;
    }
}

/// Delivers what comes until nothing can come any more. One acknowledgement for all that is
/// there: one each cuts the throughput to a third.
async fn deliver_all(mut consumer: Consumer, replies: &Replies) {
    let deliver = |delivery: &Delivery| {
        replies.deliver(
            delivery
                .properties
                .content_type()
                .as_ref()
                .map(|name| name.as_str()),
            header(&delivery.properties, "compression").as_deref(),
            &delivery.data,
        );
    };
    while let Some(Ok(mut delivery)) = consumer.next().await {
        deliver(&delivery);
        for _ in 1..BATCH {
            match consumer.next().now_or_never() {
                Some(Some(Ok(next))) => delivery = next,
                Some(_) => return,
                None => break,
            }
            deliver(&delivery);
        }
        if delivery
            .acker
            .ack(BasicAckOptions { multiple: true })
            .await
            .is_err()
        {
            return;
        }
    }
}

const BATCH: usize = 128;
const CHECK: Duration = Duration::from_secs(5);
const EARLIER: usize = 8;
/// A call may have been given the queue's name just before it was replaced.
const GRACE: Duration = Duration::from_secs(10);
/// By then a call that waits for its reply there has waited as long as the queue lives unused.
const LONGEST: Duration = Duration::from_secs(30 * 60);
