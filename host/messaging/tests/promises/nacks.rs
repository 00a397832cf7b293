//! A negative confirmation is not "not sent": the broker gives one when one of several queues
//! refuses, and the others have the message.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use oslo_messaging::{Delivery, Endpoint, Error, Transport, TransportErrorKind};
use serde_json::{Value, json};

use super::amqp::{Properties, Value as Argument};
use super::case::{LIMIT, becomes, client, echo, serve, transport, trials, unique};
use super::raw::Raw;

trials![
    a_fanout_that_one_queue_refuses_may_be_delivered,
    a_cast_that_one_queue_refuses_may_be_delivered,
    a_call_that_one_queue_refuses_gets_its_reply,
];

async fn a_fanout_that_one_queue_refuses_may_be_delivered() {
    let transport = transport();
    let served = Served::start(&transport).await;
    let full = FullQueue::bind(&format!("{}_fanout", served.topic), "").await;
    let client = client(&transport, &served.topic).fanout(true);
    let error = client.cast(&json!({}), "echo", &json!({})).await;
    served.assert_executed(1).await;
    full.delete().await;
    transport.close().await;
    assert_may_be_delivered(&error.unwrap_err());
}

async fn a_cast_that_one_queue_refuses_may_be_delivered() {
    let transport = transport();
    let served = Served::start(&transport).await;
    let full = FullQueue::bind("openstack", &served.topic).await;
    let client = client(&transport, &served.topic);
    let error = client.cast(&json!({}), "echo", &json!({})).await;
    served.assert_executed(1).await;
    full.delete().await;
    transport.close().await;
    assert_may_be_delivered(&error.unwrap_err());
}

async fn a_call_that_one_queue_refuses_gets_its_reply() {
    let transport = transport();
    let served = Served::start(&transport).await;
    let full = FullQueue::bind("openstack", &served.topic).await;
    let client = client(&transport, &served.topic);
    let mut replies = Vec::new();
    for _ in 0..20 {
        replies.push(echo(&client).await);
    }
    full.delete().await;
    transport.close().await;
    for reply in replies {
        reply.unwrap();
    }
}

fn assert_may_be_delivered(error: &Error) {
    let Error::DeliveryFailure { delivery, source } = error else {
        panic!("{error:?}");
    };
    assert_eq!(source.kind(), TransportErrorKind::Nack, "{error}");
    assert_eq!(*delivery, Delivery::MaybeDelivered, "{error}");
    assert!(error.may_have_been_executed() && !error.is_retryable());
}

/// A server that counts.
struct Served {
    topic: String,
    executed: Arc<AtomicUsize>,
    _server: oslo_messaging::RpcServer,
}

impl Served {
    async fn start(transport: &Transport) -> Self {
        let (topic, executed) = (unique("topic"), Arc::new(AtomicUsize::new(0)));
        let endpoint = Endpoint::new().method("echo", {
            let executed = Arc::clone(&executed);
            move |_, args: Value| {
                executed.fetch_add(1, Ordering::SeqCst);
                async { Ok(args) }
            }
        });
        Self {
            _server: serve(transport, &topic, endpoint).await,
            topic,
            executed,
        }
    }

    async fn assert_executed(&self, times: usize) {
        let executed = async || self.executed.load(Ordering::SeqCst) == times;
        assert!(becomes(LIMIT, executed).await, "it is not executed");
    }
}

/// A queue that takes no more messages, beside the server's own.
struct FullQueue {
    name: String,
    raw: Raw,
}

impl FullQueue {
    async fn bind(exchange: &str, key: &str) -> Self {
        let (name, mut raw) = (unique("full"), Raw::open().await);
        let arguments = [
            ("x-max-length", Argument::Int(1)),
            ("x-overflow", Argument::Text("reject-publish")),
        ];
        raw.queue(&name, &arguments).await;
        raw.publish("", &name, Properties::JSON, b"{}").await;
        let is_full = async || raw.waiting_in(&name).await == Some(1);
        assert!(becomes(LIMIT, is_full).await);
        raw.bind(&name, exchange, key).await;
        Self { name, raw }
    }

    async fn delete(mut self) {
        self.raw.delete_queue(&self.name).await;
    }
}
