//! A connection beside the transport's, to look at what it does.

use oslo_amqp::driver::{Acks, Consume, short};
use oslo_amqp::protocol::{
    Answer, Delivery, Ended, Method, Never, RawTable, Reserved, Short, Table,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::*;

pub(super) struct Observer(Line);

impl Observer {
    pub(super) async fn new() -> Self {
        Self(connect(&broker_url()).await.unwrap())
    }

    /// Asks on a channel of its own. An error is the broker's reply code.
    pub(super) async fn ask(&self, method: &Method<'_>) -> Result<Answer, u16> {
        let channel = self.0.channel().await.unwrap();
        let answer = channel.ask(method).await;
        channel.close();
        answer.map_err(|ended| match ended {
            Ended::Channel(refusal) => refusal.code,
            other => panic!("{other}"),
        })
    }

    /// How many consumers a queue has, if it is there.
    pub(super) async fn consumers_of(&self, queue: &str) -> Option<u32> {
        let declare = |passive| queue_declare(queue, passive, false, RawTable::default());
        match self.ask(&declare(true)).await {
            Ok(Answer::Queue { consumers, .. }) => Some(consumers),
            Err(404) => None,
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn has_queue(&self, name: &str) -> bool {
        self.consumers_of(name).await.is_some()
    }

    pub(super) async fn has_exchange(&self, name: &str) -> bool {
        match self.ask(&exchange_declare(name, "fanout", true)).await {
            Ok(_) => true,
            Err(404) => false,
            Err(other) => panic!("{other}"),
        }
    }

    /// A new queue that goes with this connection.
    pub(super) async fn queue(&self, name: &str) {
        let declare = queue_declare(name, false, true, RawTable::default());
        self.ask(&declare).await.unwrap();
    }

    pub(super) async fn bind(&self, queue: &str, exchange: &str, routing_key: &str) {
        let bind = Method::QueueBind {
            reserved: Reserved,
            queue: short(queue).unwrap(),
            exchange: short(exchange).unwrap(),
            routing_key: short(routing_key).unwrap(),
            no_wait: Never,
            arguments: RawTable::default(),
        };
        self.ask(&bind).await.unwrap();
    }

    pub(super) async fn delete_queue(&self, name: &str) {
        let delete = Method::QueueDelete {
            reserved: Reserved,
            queue: short(name).unwrap(),
            if_unused: false,
            if_empty: false,
            no_wait: Never,
        };
        self.ask(&delete).await.unwrap();
    }

    /// Takes what comes to a queue.
    pub(super) async fn messages(&self, queue: &str) -> UnboundedReceiver<Delivery> {
        let (sender, receiver) = unbounded_channel();
        let channel = self.0.channel().await.unwrap();
        let queue = short(queue).unwrap();
        let sink = Arc::new(Sink(sender));
        channel
            .consume(queue, 0, &Table::new(), Acks::Before, sink)
            .await
            .unwrap();
        receiver
    }

    pub(super) async fn close(self) {
        self.0.close().await;
    }
}

struct Sink(UnboundedSender<Delivery>);

impl Consume for Sink {
    fn deliver(&self, delivery: Delivery) {
        // The test may be over.
        let _ = self.0.send(delivery);
    }

    fn ended(&self, _: Option<Ended>) {}
}

pub(super) fn queue_declare<'a>(
    name: &'a str,
    passive: bool,
    exclusive: bool,
    arguments: RawTable<'a>,
) -> Method<'a> {
    Method::QueueDeclare {
        reserved: Reserved,
        queue: short(name).unwrap(),
        passive,
        durable: false,
        exclusive,
        auto_delete: false,
        no_wait: Never,
        arguments,
    }
}

pub(super) fn exchange_declare<'a>(name: &'a str, kind: &'a str, passive: bool) -> Method<'a> {
    Method::ExchangeDeclare {
        reserved: Reserved,
        exchange: short(name).unwrap(),
        kind: Short::new(kind).unwrap(),
        passive,
        durable: false,
        auto_delete: false,
        internal: false,
        no_wait: Never,
        arguments: RawTable::default(),
    }
}
