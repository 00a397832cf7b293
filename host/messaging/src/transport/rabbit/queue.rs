//! Queues (dossier §4.1).

use std::time::Duration;

use futures_util::future::join_all;
use lapin::options::{QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::{AMQPValue, FieldTable, LongString};
use tokio::time::timeout;

use super::classify::{operation_error, reply_code};
use super::connect::{Line, short};
use super::declare::{Failure, adopt};
use super::exchange::Exchange;
use super::options::RabbitOptions;
use super::queue_names::UniqueName;
use crate::error::TransportError;

/// A queue to be there.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    name: Name,
    durable: bool,
    auto_delete: bool,
    arguments: FieldTable,
}

#[derive(Clone, Debug)]
enum Name {
    /// Others use it as well, or will.
    Shared(String),
    Unique(UniqueName),
}

impl Queue {
    /// `<topic>` and `<topic>.<server>`: shared with Python servers, so declared as they do.
    pub(super) fn shared(name: String, options: &RabbitOptions) -> Self {
        Self {
            name: Name::Shared(name),
            durable: options.amqp_durable_queues || options.rabbit_quorum_queue,
            auto_delete: options.amqp_auto_delete,
            arguments: queue_type(options.rabbit_quorum_queue, options),
        }
    }

    /// A server's fanout queue, or the stream that all servers of the topic read.
    pub(super) fn fanout(topic: &str, options: &RabbitOptions) -> Self {
        let name = format!("{topic}_fanout");
        if !options.rabbit_stream_fanout {
            return Self::private(&name, options);
        }
        let mut arguments = FieldTable::default();
        arguments.insert("x-queue-type".into(), text("stream"));
        let seconds = options.rabbit_transient_queues_ttl.as_secs();
        if seconds > 0 {
            arguments.insert("x-max-age".into(), text(&format!("{seconds}s")));
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
    pub(super) fn reply(options: &RabbitOptions, must_be_durable: bool) -> Self {
        Self {
            durable: must_be_durable || options.rabbit_transient_quorum_queue,
            ..Self::private("reply", options)
        }
    }

    /// A queue that nobody else ever declares: durable with an expiry, which every broker from 3.10
    /// to 4.x takes, and which keeps a server's fanouts over a restart of the broker.
    fn private(prefix: &str, options: &RabbitOptions) -> Self {
        let mut arguments = queue_type(options.rabbit_transient_quorum_queue, options);
        let expires = i32::try_from(options.rabbit_transient_queues_ttl.as_millis());
        if let Ok(expires @ 1..) = expires {
            arguments.insert("x-expires".into(), AMQPValue::LongInt(expires));
        }
        Self {
            name: Name::Unique(UniqueName::new(prefix, options)),
            durable: true,
            auto_delete: false,
            arguments,
        }
    }

    pub(super) fn name(&self) -> &str {
        match &self.name {
            Name::Shared(name) => name,
            Name::Unique(name) => &name.text,
        }
    }

    /// Whether the queue stays when its user goes.
    pub(super) const fn is_kept(&self) -> bool {
        match &self.name {
            Name::Shared(_) => true,
            Name::Unique(name) => name.is_kept(),
        }
    }

    /// Declares it, or adopts one that exists with other properties.
    pub(super) async fn declare(&self, line: &Line) -> Result<(), TransportError> {
        self.adopt(line, self.ask(line, false).await).await
    }

    /// As [`declare`](Self::declare), but false where the broker takes no queue that is not durable:
    /// it says so by ending the connection.
    pub(super) async fn declare_if_taken(&self, line: &Line) -> Result<bool, TransportError> {
        let asked = self.ask(line, false).await;
        if let Err(Failure::Amqp(error)) = &asked
            && reply_code(error) == Some(INTERNAL_ERROR)
            && !self.durable
        {
            return Ok(false);
        }
        self.adopt(line, asked).await?;
        Ok(true)
    }

    pub(super) const fn make_durable(&mut self) {
        self.durable = true;
    }

    async fn adopt(&self, line: &Line, asked: Result<(), Failure>) -> Result<(), TransportError> {
        let what = format!("queue `{}`", self.name());
        adopt(line, &what, asked, async || self.ask(line, true).await).await
    }

    async fn ask(&self, line: &Line, passive: bool) -> Result<(), Failure> {
        let options = QueueDeclareOptions {
            passive,
            durable: self.durable,
            auto_delete: self.auto_delete,
            ..QueueDeclareOptions::default()
        };
        let channel = line.channel().await?;
        let name = short(self.name()).map_err(Failure::Ours)?;
        channel
            .queue_declare(name, options, self.arguments.clone())
            .await?;
        Ok(())
    }

    pub(super) async fn bind(
        &self,
        line: &Line,
        exchange: &Exchange,
        routing_key: &str,
    ) -> Result<(), TransportError> {
        let what = format!(
            "binding queue `{}` to exchange `{}`",
            self.name(),
            exchange.name()
        );
        let refused = |error: lapin::Error| operation_error(&line.peer, &what, &error);
        let channel = line.channel().await.map_err(refused)?;
        channel
            .queue_bind(
                short(self.name())?,
                short(exchange.name())?,
                short(routing_key)?,
                QueueBindOptions::default(),
                FieldTable::default(),
            )
            .await
            .map_err(refused)
    }

    /// Deletes it, and says whether that succeeded soon; else it is left to the queue's expiry.
    async fn delete(&self, line: &Line) -> bool {
        let delete = async {
            let channel = line.channel().await?;
            let Ok(name) = short(self.name()) else {
                return Ok(0);
            };
            channel
                .queue_delete(name, QueueDeleteOptions::default())
                .await
        };
        match timeout(DELETE_LIMIT, delete).await {
            Ok(Ok(_)) => return true,
            Ok(Err(error)) => {
                tracing::debug!(queue = self.name(), %error, "the queue is left to its expiry");
            }
            Err(_) => tracing::debug!(queue = self.name(), "the queue is left to its expiry"),
        }
        false
    }
}

/// Deletes those that can be deleted soon, and leaves the others in place.
pub(super) async fn delete_all(queues: &mut Vec<Queue>, line: &Line) {
    let deleted = join_all(queues.iter().map(|queue| queue.delete(line))).await;
    let mut deleted = deleted.into_iter();
    queues.retain(|_| !deleted.next().unwrap_or_default());
}

/// The arguments of a classic queue or of a quorum queue.
fn queue_type(is_quorum: bool, options: &RabbitOptions) -> FieldTable {
    let mut arguments = FieldTable::default();
    if is_quorum {
        arguments.insert("x-queue-type".into(), text("quorum"));
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
                arguments.insert(name.into(), number(value));
            }
        }
    }
    arguments
}

fn text(text: &str) -> AMQPValue {
    AMQPValue::LongString(LongString::from(text))
}

/// As small as it fits, as Python's AMQP crate writes it.
fn number(number: i64) -> AMQPValue {
    i32::try_from(number).map_or(AMQPValue::LongLongInt(number), AMQPValue::LongInt)
}

/// A broker that does not answer must not keep anybody from closing.
const DELETE_LIMIT: Duration = Duration::from_secs(2);
const INTERNAL_ERROR: u16 = 541;

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
        let arguments: Vec<_> = queue
            .arguments
            .inner()
            .iter()
            .map(|(name, value)| match value {
                AMQPValue::LongInt(value) => format!("{name}={value}"),
                AMQPValue::LongLongInt(value) => format!("{name}={value}"),
                AMQPValue::LongString(value) => format!("{name}={value}"),
                other => format!("{name}={other:?}"),
            })
            .collect();
        arguments.join(" ")
    }
}
