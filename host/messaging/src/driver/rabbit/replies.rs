//! The connection that consumes replies.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use oslo_amqp::driver::{Acks, Consume};
use oslo_amqp::protocol::{Delivery, Ended};
use tokio::time::Instant;

use super::connect::{Line, Settings, SharedLine};
use super::consume::{Gone, arguments, consume, header, text};
use super::errors::{consumer_lost, lost_as};
use super::shutdown::leave;
use super::supervise::{Lost, User};
use super::topology::{Queue, delete_all};
use crate::config::RabbitOptions;
use crate::driver::replies::Replies;
use crate::driver::{TransportError, TransportErrorKind};
use crate::observe::Purpose;

/// The reply queues there are, beyond any one connection: one for new calls, and those of earlier
/// connections as long as calls may wait for a reply there.
#[derive(Debug)]
pub(super) struct ReplyQueues {
    replies: Arc<Replies>,
    current: Option<Queue>,
    /// With the time since when no new call names them.
    earlier: Vec<(Queue, Instant)>,
    /// Made and never declared, or nobody knows.
    spare: Option<Queue>,
    /// Those that no call waits on, to be deleted when that is possible.
    surplus: Vec<Queue>,
    /// The broker takes no others.
    must_be_durable: bool,
    /// That, or that another process has a queue of the same name, has just been found out.
    knows_better: bool,
    /// The current queue's consumer has ended.
    gone: Arc<Gone>,
}

impl ReplyQueues {
    pub(super) fn new(replies: Arc<Replies>) -> Self {
        Self {
            replies,
            current: None,
            earlier: Vec::new(),
            spare: None,
            surplus: Vec::new(),
            must_be_durable: false,
            knows_better: false,
            gone: Arc::default(),
        }
    }

    /// The broker does not take what is not durable.
    fn make_durable(&mut self) {
        self.must_be_durable = true;
        self.knows_better = true;
        self.spare.iter_mut().for_each(Queue::make_durable);
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
                nobody_waits && since.elapsed() > GRACE
            });
        // A broker that comes and goes must not make us collect queues.
        let too_many = kept.len().saturating_sub(EARLIER);
        let gone = gone.into_iter().chain(kept.drain(..too_many));
        self.surplus.extend(gone.map(|(queue, _)| queue));
        self.earlier = kept;
        // These go by their expiry.
        let too_many = self.surplus.len().saturating_sub(SURPLUS);
        self.surplus.drain(..too_many);
    }

    /// Deletes what no call waits on any more, now and again. What does not succeed is tried again,
    /// also on the next connection.
    async fn tidy(&mut self, line: &Line) {
        let mut check = tokio::time::interval(CHECK);
        loop {
            check.tick().await;
            self.forget();
            if !self.surplus.is_empty() {
                delete_all(&mut self.surplus, line).await;
            }
        }
    }

    async fn consume(
        &self,
        line: &Line,
        queue: &Queue,
        options: &RabbitOptions,
        gone: Option<Arc<Gone>>,
    ) -> Result<(), TransportError> {
        let prefetch = match options.rabbit_qos_prefetch_count {
            0 => PREFETCH,
            count => count,
        };
        let sink = Sink {
            replies: Arc::clone(&self.replies),
            gone,
        };
        let acks = Acks::Lazily((prefetch / 4).clamp(1, BATCH));
        consume(
            line,
            queue.name(),
            prefetch,
            arguments(options),
            acks,
            Arc::new(sink),
        )
        .await
    }
}

impl User for ReplyQueues {
    /// The name of the queue for new calls.
    type Session = Arc<str>;

    const PURPOSE: Purpose = Purpose::Replies;

    /// A new queue for each connection: after a half-open failure the broker goes on dealing
    /// replies to the dead consumer of the old one until its heartbeat fails. The old ones are
    /// declared again, because servers that find one missing try for a minute.
    async fn open(
        &mut self,
        settings: &Settings,
        line: &SharedLine,
    ) -> Result<Arc<str>, TransportError> {
        let options = &settings.options;
        self.retire();
        self.forget();
        let mut queue = match self.spare.take() {
            Some(spare) => spare,
            None => Queue::reply(options, self.must_be_durable),
        };
        // Of no use, until this connection turns out to be of any. That nothing consumes it yet makes
        // it as good for the next one.
        self.spare = Some(queue.clone());
        if !queue.declare_if_taken(line).await? {
            self.make_durable();
            return Err(lost_as(&line.peer, "the broker takes durable queues only"));
        }
        if queue.evade(line, 0).await? {
            self.spare = Some(queue.clone());
            queue.declare(line).await?;
        }
        self.gone = Arc::default();
        let gone = Arc::clone(&self.gone);
        // From here on it may be consumed by this connection.
        self.surplus.extend(self.spare.take());
        self.consume(line, &queue, options, Some(gone)).await?;
        if queue.evade(line, 1).await? {
            // It is another's, to whom the end of this connection gives back what came here.
            self.surplus.pop();
            self.spare = Some(queue);
            self.knows_better = true;
            return Err(lost_as(&line.peer, "the reply queue is another's"));
        }
        let earlier = self.earlier.iter().map(async |(queue, _)| {
            queue.declare(line).await?;
            self.consume(line, queue, options, None).await
        });
        for consumed in join_all(earlier).await {
            match consumed {
                Ok(()) => {}
                // New calls matter more than an old queue.
                Err(error) if error.kind() == TransportErrorKind::OperationRefused => {
                    tracing::warn!(%error, "an earlier reply queue is given up");
                }
                Err(error) => return Err(error),
            }
        }
        let name = queue.name().into();
        self.current = self.surplus.pop();
        Ok(name)
    }

    fn knows_better(&mut self) -> bool {
        std::mem::take(&mut self.knows_better)
    }

    async fn hold(&mut self, line: &Line) -> Lost {
        let gone = Arc::clone(&self.gone);
        tokio::select! {
            biased;
            error = line.lost() => Lost::Broken(error),
            why = gone.told() => {
                Lost::Broken(consumer_lost(&line.peer, "the reply queue", why.as_ref()))
            },
            () = self.tidy(line) => Lost::Unwanted,
        }
    }

    async fn leave(mut self, settings: &Settings, line: Option<&Line>) {
        self.retire();
        let used = self.earlier.into_iter().map(|(queue, _)| queue);
        let gone = used.filter(|queue| !queue.is_kept());
        let leftovers = gone.chain(self.surplus).collect();
        leave(settings, Self::PURPOSE, line, leftovers).await;
    }
}

/// Puts what comes into the registry of those who wait.
struct Sink {
    replies: Arc<Replies>,
    gone: Option<Arc<Gone>>,
}

impl Consume for Sink {
    fn deliver(&self, delivery: Delivery) {
        if delivery.is_cut() {
            self.replies.deliver_end(&delivery.body, delivery.size);
            return;
        }
        let properties = delivery.properties.read();
        self.replies.deliver(
            text(properties.content_type),
            header(&properties, "compression"),
            &delivery.body,
        );
    }

    fn ended(&self, why: Option<Ended>) {
        if let Some(gone) = &self.gone {
            gone.tell(why);
        }
    }
}

/// So many replies are acknowledged at once, or fewer after a while: one acknowledgement each cuts the
/// throughput to a third.
const BATCH: u16 = 128;
const CHECK: Duration = Duration::from_secs(5);
const EARLIER: usize = 32;
/// A call may have been given the queue's name just before it was replaced.
const GRACE: Duration = Duration::from_secs(10);
/// Replies that the broker sends ahead of their acknowledgement, unless set; upstream has no limit.
const PREFETCH: u16 = 512;
const SURPLUS: usize = 32;

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn lose_connection(queues: &mut ReplyQueues) {
        queues.current = Some(Queue::reply(&RabbitOptions::default(), false));
        queues.retire();
        queues.forget();
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_is_kept_as_long_as_a_call_of_its_time_waits() {
        let replies = Arc::new(Replies::new(1024));
        let mut queues = ReplyQueues::new(Arc::clone(&replies));
        let early = replies.register();
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
        let _late = replies.register();
        check(&mut queues, 1, 0);
        drop(early);
        check(&mut queues, 0, 1);
    }

    /// Clients wait for some calls far longer than an unused queue lives.
    #[tokio::test(start_paused = true)]
    async fn a_queue_is_kept_for_a_call_of_hours() {
        let replies = Arc::new(Replies::new(1024));
        let mut queues = ReplyQueues::new(Arc::clone(&replies));
        let call = replies.register();
        lose_connection(&mut queues);
        advance(Duration::from_secs(5 * 60 * 60)).await;
        queues.forget();
        assert_eq!((queues.earlier.len(), queues.surplus.len()), (1, 0));
        drop(call);
        queues.forget();
        assert_eq!((queues.earlier.len(), queues.surplus.len()), (0, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn queues_that_are_too_many_are_deleted_and_not_just_left() {
        let replies = Arc::new(Replies::new(1024));
        let mut queues = ReplyQueues::new(Arc::clone(&replies));
        let _waits = replies.register();
        for _ in 0..EARLIER + 3 {
            lose_connection(&mut queues);
        }
        assert_eq!((queues.earlier.len(), queues.surplus.len()), (EARLIER, 3));
    }
}
