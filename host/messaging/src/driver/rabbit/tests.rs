//! Against a real broker, the one that `OSLO_TEST_TRANSPORT_URL` names.

mod connections;
mod forwarder;
mod leaving;
mod listening;
mod publishing;
mod recovery;
mod replies;
mod replying;
mod topology;

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use lapin::options::{
    BasicGetOptions, ExchangeDeleteOptions, QueueBindOptions, QueueDeclareOptions,
    QueueDeleteOptions,
};
use lapin::types::FieldTable;
use tokio::time::{Instant, sleep, timeout};

use self::forwarder::Forwarder;
use super::connect::Line;
use super::*;
use crate::deadline::Deadline;
use crate::error::Delivery;
use crate::transport::replies::Event;

const LIMIT: Duration = Duration::from_secs(20);

fn broker_url() -> TransportUrl {
    let variable = "OSLO_TEST_TRANSPORT_URL";
    let url = std::env::var(variable)
        .unwrap_or_else(|_| panic!("set {variable} to the URL of a RabbitMQ broker for tests"));
    url.parse().unwrap()
}

fn transport(url: &TransportUrl) -> Rabbit {
    let options = RabbitOptions::from_pairs(url.options()).unwrap();
    Rabbit::new(url, options, Arc::default())
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

/// The broker's address by way of a forwarder.
fn address_of(forwarder: &Forwarder) -> address::Address {
    address::Address {
        port: forwarder.port,
        ..broker_address()
    }
}

/// A connection beside the transport's, to look at what it does.
async fn observer() -> Line {
    open(&broker_address()).await.unwrap()
}

async fn open(address: &address::Address) -> Result<Line, TransportError> {
    let url = broker_url();
    let options = RabbitOptions::from_pairs(url.options()).unwrap();
    Line::open(address, url.virtual_host(), &options, "test").await
}

fn unique(prefix: &str) -> String {
    format!("{prefix}-{}", crate::id::random().simple())
}

fn message(destination: Destination, mandatory: bool) -> Message {
    let unique_id = crate::id::random().simple().to_string();
    let inner = format!(r#"{{"_unique_id": "{unique_id}"}}"#);
    let body = serde_json::json!({ "oslo.version": "2.0", "oslo.message": inner }).to_string();
    Message {
        destination,
        body: Bytes::from(body),
        expires: None,
        mandatory,
        unique_id: unique_id.into(),
    }
}

fn reply_to(queue: &str) -> Message {
    let queue = queue.to_owned();
    message(Destination::Reply { queue }, true)
}

fn topic(exchange: &str, routing_key: &str) -> Destination {
    Destination::Topic {
        exchange: exchange.to_owned(),
        routing_key: routing_key.to_owned(),
    }
}

async fn publish(transport: &Rabbit, message: &Message) -> Result<(), PublishError> {
    let attempt = Attempt::new(Some(0));
    timeout(LIMIT, Driver::publish(transport, message, &attempt))
        .await
        .unwrap()
}

fn failure(
    result: Result<impl std::fmt::Debug, PublishError>,
) -> (Delivery, TransportErrorKind, String) {
    match result {
        Err(PublishError::Failed { delivery, source }) => {
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
