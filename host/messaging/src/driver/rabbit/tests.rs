//! Against a real broker, the one that `OSLO_TEST_TRANSPORT_URL` names.

mod connections;
mod forwarder;
mod leaving;
mod listening;
mod notifications;
mod observer;
mod publishing;
mod queues;
mod recovery;
mod replies;
mod replying;
mod topology;

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use tokio::time::{Instant, sleep, timeout};

use self::forwarder::Forwarder;
use self::observer::Observer;
use super::connect::Line;
use super::*;
use crate::config::RabbitOptions;
use crate::deadline::Deadline;
use crate::driver::{Destination, TransportErrorKind};

const LIMIT: Duration = Duration::from_secs(20);
/// An exchange that every broker has, of the type that calls and casts need.
const EXCHANGE: &str = "amq.topic";

fn broker_url() -> TransportUrl {
    let variable = "OSLO_TEST_TRANSPORT_URL";
    let url = std::env::var(variable)
        .unwrap_or_else(|_| panic!("set {variable} to the URL of a RabbitMQ broker for tests"));
    url.parse().unwrap()
}

fn transport(url: &TransportUrl) -> Rabbit {
    with_options(url, RabbitOptions::from_pairs(url.options()).unwrap())
}

fn with_options(url: &TransportUrl, options: RabbitOptions) -> Rabbit {
    with_replies(url, options, Arc::new(Replies::new(MOST)))
}

fn with_replies(url: &TransportUrl, options: RabbitOptions, replies: Arc<Replies>) -> Rabbit {
    let options = TransportOptions {
        rabbit: options,
        max_message_size: MOST,
        ..TransportOptions::default()
    };
    Rabbit::new(url, options, replies)
}

/// The broker's URL with something else in the place of its host, port, user or virtual host.
fn changed(
    user: Option<&str>,
    host_and_port: Option<&str>,
    virtual_host: Option<&str>,
) -> TransportUrl {
    let broker = broker_url();
    let address = broker_address();
    let encode = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let user = user.map_or_else(
        || format!("{}:{}", encode(&address.user), encode(&address.password)),
        ToOwned::to_owned,
    );
    let host = host_and_port.map_or_else(|| address.to_string(), ToOwned::to_owned);
    let virtual_host = encode(virtual_host.unwrap_or_else(|| broker.virtual_host()));
    format!("rabbit://{user}@{host}/{virtual_host}?rabbit_retry_interval=1&rabbit_retry_backoff=0")
        .parse()
        .unwrap()
}

/// The broker's URL by way of a forwarder.
fn through(forwarder: &Forwarder) -> TransportUrl {
    changed(None, Some(&format!("127.0.0.1:{}", forwarder.port)), None)
}

fn broker_address() -> address::Address {
    let url = broker_url();
    let options = RabbitOptions::from_pairs(url.options()).unwrap();
    let addresses = Addresses::new(&url, &options);
    addresses.round().next().unwrap().1.clone()
}

/// A connection beside the transport's.
async fn connect(url: &TransportUrl) -> Result<Line, TransportError> {
    transport(url)
        .settings
        .connect(crate::observe::Purpose::Publish)
        .await
}

fn unique(prefix: &str) -> String {
    format!("{prefix}-{}", crate::id::random().simple())
}

fn subscription() -> Subscription {
    Subscription {
        exchange: unique("exchange"),
        topic: unique("topic"),
        server: "server".to_owned(),
    }
}

/// A message that is like no other.
fn message(destination: Destination, mandatory: bool) -> Message {
    let unique_id = crate::id::random().simple();
    with_inner(
        destination,
        mandatory,
        &format!(r#"{{"_unique_id": "{unique_id}"}}"#),
    )
}

/// A message in its envelope.
fn with_inner(destination: Destination, mandatory: bool, inner: &str) -> Message {
    let body = serde_json::json!({ "oslo.version": "2.0", "oslo.message": inner }).to_string();
    Message {
        destination,
        body: Bytes::from(body),
        expires: None,
        mandatory,
    }
}

fn reply_to(queue: &str) -> Destination {
    let queue = queue.to_owned();
    Destination::Reply { queue }
}

fn topic(exchange: &str, routing_key: &str) -> Destination {
    Destination::Topic {
        exchange: exchange.to_owned(),
        routing_key: routing_key.to_owned(),
    }
}

fn limits(retry: Option<u32>) -> Limits {
    Limits {
        deadline: Deadline::after(Instant::now(), LIMIT),
        retry,
        monitor: None,
    }
}

/// With one round of connecting.
async fn cast(transport: &Rabbit, message: Message) -> Result<(), SendError> {
    Driver::cast(transport, message, limits(Some(0))).await
}

/// With one round of connecting.
async fn reply_queue(transport: &Rabbit) -> Result<Arc<str>, SendError> {
    let reply_queue = transport.reply_queue().map_err(SendError::not_sent)?;
    reply_queue.session(limits(Some(0))).await
}

async fn next(listening: &mut Listening) -> Bytes {
    let incoming = timeout(LIMIT, listening.incoming.recv()).await;
    incoming.unwrap().unwrap().body
}

fn failure(
    result: Result<impl std::fmt::Debug, SendError>,
) -> (Delivery, TransportErrorKind, String) {
    match result {
        Err(SendError::Failed { delivery, source }) => {
            (delivery, source.kind(), source.to_string())
        }
        other => panic!("{other:?}"),
    }
}

async fn wait_until(mut condition: impl AsyncFnMut() -> bool) {
    timeout(LIMIT, async {
        while !condition().await {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
}

const MOST: usize = 64 * 1024 * 1024;
