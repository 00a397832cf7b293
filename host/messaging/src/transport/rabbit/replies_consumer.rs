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
use super::queue::{Queue, delete_all};
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
    /// Those that no call waits on, to be deleted when that is possible.
    surplus: Vec<Queue>,
    /// The broker takes no others.
    must_be_durable: bool,
}

impl ReplyQueues {
    pub(super) const fn new(replies: Arc<Replies>) -> Self {
        Self {
            replies,
            current: None,
            earlier: Vec::new(),
            surplus: Vec::new(),
            must_be_durable: false,
        }
    }

    /// The broker does not take what is not durable.
    fn make_durable(&mut self) {
        self.must_be_durable = true;
        let earlier = self.earlier.iter_mut().map(|(queue, _)| queue);
        earlier.for_each(Queue::make_durable);
    }

    /// No new call uses the current queue from now on.
    fn retire(&mut self) {
        if let Some(queue) = self.current.take() {
            self.earlier.push((queue, Instant::now()));
        }
    }

    /// Sorts out those that no call waits on any more.
    fn forget(&mut self) {
        let oldest_call = self.replies.oldest();
        let (gone, mut kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.earlier)
            .into_iter()
            .partition(|(_, since)| {
                let nobody_waits = oldest_call.is_none_or(|oldest| oldest > *since + GRACE);
                since.elapsed() > LONGEST || (nobody_waits && since.elapsed() > GRACE)
            });
        // A broker that comes and goes must not make us collect queues.
        let too_many = kept.len().saturating_sub(EARLIER);
        let gone = gone.into_iter().chain(kept.drain(..too_many));
        self.surplus.extend(gone.map(|(queue, _)| queue));
        self.earlier = kept;
    }

    /// Deletes what no call waits on any more, now and again. What does not succeed is tried again,
    /// also on the next connection.
    async fn tidy(&mut self, line: &Line) {
        let mut check = tokio::time::interval(CHECK);
        loop {
            check.tick().await;
            self.forget();
            delete_all(&mut self.surplus, line).await;
        }
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
        queues.forget();
        let prefetch = settings.options.rabbit_qos_prefetch_count;
        let arguments = arguments(&settings.options);
        let queue = Queue::reply(&settings.options, queues.must_be_durable);
        // Of no use, until this connection turns out to be of any.
        queues.surplus.push(queue.clone());
        let consumed = async {
            if !queue.declare_if_taken(&line).await? {
                return Ok(None);
            }
            let current = consume(&line, queue.name(), prefetch, arguments.clone()).await?;
            let earlier = queues.earlier.iter().map(async |(queue, _)| {
                queue.declare(&line).await?;
                consume(&line, queue.name(), prefetch, arguments.clone()).await
            });
            Ok(Some((current, join_all(earlier).await)))
        };
        let Some((current, consumed)) = line.unless_lost(consumed).await? else {
            queues.make_durable();
            return Err(lost(&line.peer, &"the broker takes durable queues only"));
        };
        let mut earlier = Vec::new();
        for consumed in consumed {
            match consumed {
                Ok(consumer) => earlier.push(consumer),
                // New calls matter more than an old queue.
                Err(error) if error.kind() == TransportErrorKind::OperationRefused => {
                    tracing::warn!(%error, "an earlier reply queue is given up");
                }
                Err(error) => return Err(error),
            }
        }
        let name = queue.name().into();
        queues.current = queues.surplus.pop();
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
        let tidy = queues.tidy(&self.line);
        tokio::pin!(current, line_lost, tidy);
        loop {
            tokio::select! {
                () = &mut current => {
                    return lost(&self.line.peer, &"the reply queue is gone");
                }
                lost = &mut line_lost => return lost,
                Some(()) = earlier.next() => {}
                // Deleting a queue ends its consumer.
                () = &mut tidy => {}
            }
        }
    }

    fn line(&self) -> &Line {
        &self.line
    }

    fn knows_better(queues: &ReplyQueues) -> bool {
        queues.must_be_durable
    }

    fn leftovers(mut queues: ReplyQueues) -> Vec<Queue> {
        queues.retire();
        let used = queues.earlier.into_iter().map(|(queue, _)| queue);
        let gone = used.filter(|queue| !queue.is_kept());
        gone.chain(queues.surplus).collect()
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
const EARLIER: usize = 32;
/// A call may have been given the queue's name just before it was replaced.
const GRACE: Duration = Duration::from_secs(10);
/// By then a call that waits for its reply there has waited as long as the queue lives unused.
const LONGEST: Duration = Duration::from_secs(30 * 60);

#[cfg(test)]
mod tests {
    use tokio::time::advance;
    use uuid::Uuid;

    use super::*;
    use crate::transport::rabbit::RabbitOptions;

    fn lose_connection(queues: &mut ReplyQueues) {
        queues.current = Some(Queue::reply(&RabbitOptions::default(), false));
        queues.retire();
        queues.forget();
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_is_kept_as_long_as_a_call_of_its_time_waits() {
        let replies = Arc::new(Replies::default());
        let mut queues = ReplyQueues::new(Arc::clone(&replies));
        let early = replies.register(Uuid::new_v4());
        lose_connection(&mut queues);
        let check = |queues: &mut ReplyQueues, kept, surplus| {
            queues.forget();
            assert_eq!(
                (queues.earlier.len(), queues.surplus.len()),
                (kept, surplus)
            );
        };
        check(&mut queues, 1, 0);
        advance(GRACE * 2).await;
        check(&mut queues, 1, 0);
        // On a busy transport there is always a call that waits, but not for a reply there.
        let _late = replies.register(Uuid::new_v4());
        check(&mut queues, 1, 0);
        drop(early);
        check(&mut queues, 0, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn queues_that_are_too_many_are_deleted_and_not_just_left() {
        let replies = Arc::new(Replies::default());
        let mut queues = ReplyQueues::new(Arc::clone(&replies));
        let _waits = replies.register(Uuid::new_v4());
        for _ in 0..EARLIER + 3 {
            lose_connection(&mut queues);
        }
        assert_eq!((queues.earlier.len(), queues.surplus.len()), (EARLIER, 3));
    }
}
