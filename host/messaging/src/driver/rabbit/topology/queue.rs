//! Queues.

use std::time::Duration;

use futures_util::future::join_all;
use oslo_amqp::driver::Channel;
use oslo_amqp::protocol::{
    Answer, Ended, Method, Never, RawTable, Refusal, Reserved, Table, Value,
};
use tokio::time::{Instant, timeout_at};

use super::exchange::Exchange;
use super::names::UniqueName;
use super::{adopt, short};
use crate::config::RabbitOptions;
use crate::driver::TransportError;
use crate::driver::rabbit::connect::Line;
use crate::driver::rabbit::errors::INTERNAL_ERROR;

/// A queue to be there.
#[derive(Clone, Debug)]
pub(in crate::driver::rabbit) struct Queue {
    name: Name,
    durable: bool,
    auto_delete: bool,
    arguments: Table,
}

#[derive(Clone, Debug)]
enum Name {
    /// Others use it as well, or will.
    Shared(String),
    Unique(UniqueName),
}

impl Queue {
    /// `<topic>` and `<topic>.<server>`: shared with Python servers, so declared as they do.
    pub(in crate::driver::rabbit) fn shared(name: String, options: &RabbitOptions) -> Self {
        Self {
            name: Name::Shared(name),
            durable: options.amqp_durable_queues || options.rabbit_quorum_queue,
            auto_delete: options.amqp_auto_delete,
            arguments: queue_type(options.rabbit_quorum_queue, options),
        }
    }

    /// A server's fanout queue, or the stream that all servers of the topic read.
    pub(in crate::driver::rabbit) fn fanout(topic: &str, options: &RabbitOptions) -> Self {
        let name = format!("{topic}_fanout");
        if !options.rabbit_stream_fanout {
            return Self::private(&name, options);
        }
        let mut arguments = Table::new();
        arguments.insert("x-queue-type", "stream");
        let seconds = options.rabbit_transient_queues_ttl.as_secs();
        if seconds > 0 {
            arguments.insert("x-max-age", Value::Text(format!("{seconds}s")));
        }
        Self {
            name: Name::Shared(name),
            durable: true,
            auto_delete: false,
            arguments,
        }
    }

    /// As upstream declares it, not durable: a broker writes each reply in a durable queue to its
    /// disk. One that takes no such queues (RabbitMQ 4.3) gets a durable one.
    pub(in crate::driver::rabbit) fn reply(options: &RabbitOptions, must_be_durable: bool) -> Self {
        Self {
            durable: must_be_durable || options.rabbit_transient_quorum_queue,
            ..Self::private("reply", options)
        }
    }

    /// A queue that nobody else ever declares: durable with an expiry, which every broker from 3.10
    /// to 4.x takes, and which keeps a server's fanouts over a restart of the broker.
    fn private(prefix: &str, options: &RabbitOptions) -> Self {
        let mut arguments = queue_type(options.rabbit_transient_quorum_queue, options);
        let expires = options.rabbit_transient_queues_ttl.as_millis();
        if expires > 0 {
            // Too long is for the broker to say.
            let expires = i64::try_from(expires).unwrap_or(i64::MAX);
            arguments.insert("x-expires", number(expires));
        }
        Self {
            name: Name::Unique(UniqueName::new(prefix, options)),
            durable: true,
            auto_delete: false,
            arguments,
        }
    }

    pub(in crate::driver::rabbit) fn name(&self) -> &str {
        match &self.name {
            Name::Shared(name) => name,
            Name::Unique(name) => &name.text,
        }
    }

    /// Whether the queue stays when its user goes.
    pub(in crate::driver::rabbit) const fn is_kept(&self) -> bool {
        match &self.name {
            Name::Shared(_) => true,
            Name::Unique(name) => name.is_kept(),
        }
    }

    /// Declares it, or adopts one that exists with other properties.
    pub(in crate::driver::rabbit) async fn declare(
        &self,
        line: &Line,
    ) -> Result<(), TransportError> {
        self.adopt(line, self.ask(line, false).await?).await
    }

    /// As [`declare`](Self::declare), but false where the broker takes no queue that is not durable:
    /// it says so by ending the connection.
    pub(in crate::driver::rabbit) async fn declare_if_taken(
        &self,
        line: &Line,
    ) -> Result<bool, TransportError> {
        let asked = self.ask(line, false).await?;
        if let Err(ended) = &asked
            && ended
                .refusal()
                .is_some_and(|refusal| refusal.code == INTERNAL_ERROR)
            && !self.durable
        {
            return Ok(false);
        }
        self.adopt(line, asked).await?;
        Ok(true)
    }

    pub(in crate::driver::rabbit) const fn make_durable(&mut self) {
        self.durable = true;
    }

    async fn adopt(&self, line: &Line, asked: Result<(), Ended>) -> Result<(), TransportError> {
        let what = format!("queue `{}`", self.name());
        // The broker tells the first difference alone, and the next may be one that matters.
        let asked = match asked {
            Err(Ended::Channel(refusal)) if refusal.text.contains("arg 'durable'") => {
                let mut other = self.clone();
                other.durable = !self.durable;
                other.ask(line, false).await?
            }
            asked => asked,
        };
        // Of a stream every server would get every message.
        if let Err(ended) = &asked
            && ended.refusal().is_some_and(is_stream)
        {
            return Err(line.refused(&what, ended));
        }
        adopt(line, &what, asked, async || self.ask(line, true).await).await
    }

    /// Gives a queue that is consumed for the first time another name, and returns true, if it has more
    /// consumers than so many of ours. Numbers are counted by a machine or a container, and two of them may
    /// have one host name: each would get a part of what is the other's.
    ///
    /// It is asked before the queue is consumed, so that nothing is taken from who does, and after that,
    /// because two that begin at the same time see nobody before, and at least one of them sees the other
    /// then.
    pub(in crate::driver::rabbit) async fn evade(
        &mut self,
        line: &Line,
        ours: u32,
    ) -> Result<bool, TransportError> {
        let Name::Unique(name) = &self.name else {
            return Ok(false);
        };
        if !name.is_kept() {
            return Ok(false);
        }
        let declared = self.declare_on(line, true).await?;
        let declared = declared.map_err(|ended| line.refused(&name.text, &ended))?;
        if !matches!(declared, Answer::Queue { consumers, .. } if consumers > ours) {
            return Ok(false);
        }
        tracing::warn!(
            queue = name.text,
            "another process consumes this queue: two machines or containers have one name (set `hostname`)"
        );
        self.name = Name::Unique(name.without_number());
        Ok(true)
    }

    async fn ask(&self, line: &Line, passive: bool) -> Result<Result<(), Ended>, TransportError> {
        Ok(self.declare_on(line, passive).await?.map(drop))
    }

    async fn declare_on(
        &self,
        line: &Line,
        passive: bool,
    ) -> Result<Result<Answer, Ended>, TransportError> {
        let channel = line.channel().await?;
        let arguments = self.arguments.encode();
        let declare = Method::QueueDeclare {
            reserved: Reserved,
            queue: short(self.name())?,
            passive,
            durable: self.durable,
            exclusive: false,
            auto_delete: self.auto_delete,
            no_wait: Never,
            arguments: RawTable::new(&arguments),
        };
        let declared = channel.ask(&declare).await;
        channel.close();
        Ok(declared)
    }

    pub(in crate::driver::rabbit) async fn bind(
        &self,
        line: &Line,
        exchange: &Exchange,
        routing_key: &str,
    ) -> Result<(), TransportError> {
        let channel = line.channel().await?;
        let bind = Method::QueueBind {
            reserved: Reserved,
            queue: short(self.name())?,
            exchange: short(exchange.name())?,
            routing_key: short(routing_key)?,
            no_wait: Never,
            arguments: RawTable::default(),
        };
        let bound = channel.ask(&bind).await;
        channel.close();
        bound.map(drop).map_err(|ended| {
            let (queue, exchange) = (self.name(), exchange.name());
            line.refused(
                &format!("binding queue `{queue}` to exchange `{exchange}`"),
                &ended,
            )
        })
    }

    async fn delete(&self, channel: &Channel) -> Result<(), Ended> {
        let Ok(queue) = short(self.name()) else {
            return Ok(());
        };
        let delete = Method::QueueDelete {
            reserved: Reserved,
            queue,
            if_unused: false,
            if_empty: false,
            no_wait: Never,
        };
        channel.ask(&delete).await.map(drop)
    }
}

/// It exists, as a stream.
fn is_stream(refusal: &Refusal) -> bool {
    let (_, current) = refusal.text.split_once("current is").unwrap_or_default();
    refusal.text.contains("arg 'x-queue-type'") && current.contains("'stream'")
}

/// Deletes those that can be deleted soon, at the same time, and leaves the others in place: they are
/// left to their expiry.
pub(in crate::driver::rabbit) async fn delete_all(queues: &mut Vec<Queue>, line: &Line) {
    let by = Instant::now() + DELETE_LIMIT;
    // Each on a channel of its own: a quorum queue with a lost member takes seconds, and a refusal ends
    // the channel.
    let deleting = queues.iter().map(async |queue| {
        let delete = async {
            let channel = line.channel().await?;
            let deleted = queue.delete(&channel).await;
            let deleted = deleted.map_err(|ended| line.refused("deleting a queue", &ended));
            channel.close();
            deleted
        };
        let result = timeout_at(by, delete).await;
        if !matches!(result, Ok(Ok(()))) {
            tracing::debug!(
                queue = queue.name(),
                ?result,
                "the queue is left to its expiry"
            );
        }
        matches!(result, Ok(Ok(())))
    });
    let deleted = join_all(deleting).await;
    let mut deleted = deleted.into_iter();
    queues.retain(|_| !deleted.next().unwrap_or(false));
}

/// The arguments of a classic queue or of a quorum queue.
fn queue_type(is_quorum: bool, options: &RabbitOptions) -> Table {
    let mut arguments = Table::new();
    if is_quorum {
        arguments.insert("x-queue-type", "quorum");
        for (name, value) in [
            ("x-delivery-limit", options.rabbit_quorum_delivery_limit),
            (
                "x-max-in-memory-length",
                options.rabbit_quorum_max_memory_length,
            ),
            (
                "x-max-in-memory-bytes",
                options.rabbit_quorum_max_memory_bytes,
            ),
        ] {
            if value != 0 {
                arguments.insert(name, number(value));
            }
        }
    }
    arguments
}

/// A value of an argument, as small as it fits, as Python's AMQP crate writes it.
fn number(number: i64) -> Value {
    i32::try_from(number).map_or(Value::Long(number), Value::Int)
}

/// A broker that does not answer must not keep anybody from closing.
const DELETE_LIMIT: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    fn options(pairs: &[(&'static str, &'static str)]) -> RabbitOptions {
        RabbitOptions::from_pairs(pairs.iter().copied()).unwrap()
    }

    #[test]
    fn shared_queues_are_what_python_servers_declare() {
        let check = |pairs: &[_], durable, auto_delete, arguments: &str| {
            let queue = Queue::shared("t".to_owned(), &options(pairs));
            assert_eq!(
                (queue.durable, queue.auto_delete),
                (durable, auto_delete),
                "{pairs:?}"
            );
            assert_eq!(printed(&queue), arguments, "{pairs:?}");
        };
        check(&[], false, false, "");
        check(&[("amqp_durable_queues", "1")], true, false, "");
        check(&[("amqp_auto_delete", "1")], false, true, "");
        check(
            &[("rabbit_quorum_queue", "1")],
            true,
            false,
            "x-queue-type=quorum",
        );
        check(&[("rabbit_transient_quorum_queue", "1")], false, false, "");
        let limits = [
            ("rabbit_quorum_delivery_limit", "-1"),
            ("rabbit_quorum_max_memory_length", "5"),
            ("rabbit_quorum_max_memory_bytes", "5000000000"),
        ];
        check(&limits, false, false, "");
        check(
            &[&limits[..], &[("rabbit_quorum_queue", "1")]].concat(),
            true,
            false,
            "x-delivery-limit=-1 x-max-in-memory-bytes=5000000000 x-max-in-memory-length=5 \
             x-queue-type=quorum",
        );
    }

    #[test]
    fn reply_queues_expire_and_are_durable_where_they_have_to_be() {
        let check = |pairs: &[_], must_be_durable, durable, arguments: &str| {
            let queue = Queue::reply(&options(pairs), must_be_durable);
            assert_eq!(
                (queue.durable, queue.auto_delete),
                (durable, false),
                "{pairs:?}"
            );
            assert_eq!(printed(&queue), arguments, "{pairs:?}");
        };
        check(&[], false, false, "x-expires=1800000");
        check(&[], true, true, "x-expires=1800000");
        let for_ever = [("rabbit_transient_queues_ttl", "0")];
        check(&for_ever, false, false, "");
        let a_month = RabbitOptions {
            rabbit_transient_queues_ttl: Duration::from_secs(2_592_000),
            ..RabbitOptions::default()
        };
        assert_eq!(
            printed(&Queue::reply(&a_month, false)),
            "x-expires=2592000000"
        );
        check(
            &[
                ("rabbit_transient_quorum_queue", "1"),
                ("rabbit_transient_queues_ttl", "5"),
            ],
            false,
            true,
            "x-expires=5000 x-queue-type=quorum",
        );
        check(
            &[
                ("rabbit_transient_quorum_queue", "1"),
                ("rabbit_quorum_delivery_limit", "3"),
            ],
            false,
            true,
            "x-delivery-limit=3 x-expires=1800000 x-queue-type=quorum",
        );
        let queue = Queue::reply(&options(&[]), false);
        assert!(!queue.is_kept() && queue.name().starts_with("reply_"));
    }

    #[test]
    fn a_fanout_queue_is_private_or_a_stream() {
        let check = |pairs: &[_], is_kept, arguments: &str| {
            let queue = Queue::fanout("t", &options(pairs));
            assert!(queue.durable && !queue.auto_delete, "{pairs:?}");
            assert_eq!(queue.is_kept(), is_kept, "{pairs:?}");
            assert_eq!(queue.name() == "t_fanout", is_kept, "{pairs:?}");
            assert_eq!(printed(&queue), arguments, "{pairs:?}");
        };
        check(&[], false, "x-expires=1800000");
        let stream = [
            ("rabbit_stream_fanout", "1"),
            ("rabbit_transient_quorum_queue", "1"),
            ("rabbit_qos_prefetch_count", "5"),
        ];
        check(&stream, true, "x-max-age=1800s x-queue-type=stream");
        let for_ever = [&stream[..], &[("rabbit_transient_queues_ttl", "0")]].concat();
        check(&for_ever, true, "x-queue-type=stream");
    }

    fn printed(queue: &Queue) -> String {
        let mut arguments: Vec<_> = queue
            .arguments
            .iter()
            .map(|(name, value)| match value {
                Value::Int(value) => format!("{name}={value}"),
                Value::Long(value) => format!("{name}={value}"),
                Value::Text(value) => format!("{name}={value}"),
                other => format!("{name}={other:?}"),
            })
            .collect();
        arguments.sort();
        arguments.join(" ")
    }
}
