//! Against a real broker, the one that `OSLO_TEST_TRANSPORT_URL` names.

mod connections;
mod forwarder;
mod leaving;
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

/// A connection beside the transport's, to look at what it does.
async fn observer() -> Line {
    let url = broker_url();
    let options = RabbitOptions::from_pairs(url.options()).unwrap();
    Line::open(&broker_address(), url.virtual_host(), &options, "observer")
        .await
        .unwrap()
}

fn unique(prefix: &str) -> String {
    format!("{prefix}-{}", uuid::Uuid::new_v4().simple())
}

fn message(destination: Destination, mandatory: bool) -> Message {
    let unique_id = uuid::Uuid::new_v4().simple().to_string();
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

#[tokio::test]
async fn a_published_message_arrives_as_python_would_send_it() {
    let transport = transport(&broker_url());
    let exchange = unique("exchange");
    let nobody = message(topic(&exchange, "nobody"), false);
    publish(&transport, &nobody).await.unwrap();

    let observer = observer().await;
    let channel = observer.channel().await.unwrap();
    let queue = unique("queue");
    let declare = QueueDeclareOptions {
        exclusive: true,
        ..QueueDeclareOptions::default()
    };
    channel
        .queue_declare(short(&queue).unwrap(), declare, FieldTable::default())
        .await
        .unwrap();
    channel
        .queue_bind(
            short(&queue).unwrap(),
            short(&exchange).unwrap(),
            "here".into(),
            QueueBindOptions::default(),
            FieldTable::default(),
        )
        .await
        .unwrap();

    let mut call = message(topic(&exchange, "here"), true);
    call.expires = Some(Deadline::after(Instant::now(), Duration::from_secs(60)));
    publish(&transport, &call).await.unwrap();
    let got = channel
        .basic_get(short(&queue).unwrap(), BasicGetOptions { no_ack: true })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(got.delivery.data, call.body);
    let expiration = got
        .delivery
        .properties
        .expiration()
        .as_ref()
        .unwrap()
        .to_string();
    let expiration: u32 = expiration.parse().unwrap();
    assert!((55_000..=60_000).contains(&expiration), "{expiration}");
    transport.close().await;
    channel
        .exchange_delete(short(&exchange).unwrap(), ExchangeDeleteOptions::default())
        .await
        .unwrap();
    observer.close().await;
}

#[tokio::test]
async fn an_unroutable_mandatory_message_is_known_among_many() {
    let transport = transport(&broker_url());
    let exchange = unique("exchange");
    let (subscription, mut incoming) = {
        let subscription = Subscription {
            exchange: exchange.clone(),
            topic: unique("topic"),
            server: "server".to_owned(),
        };
        let incoming = transport.listen(subscription.clone()).await.unwrap();
        (subscription, incoming)
    };
    let drain = tokio::spawn(async move { while incoming.recv().await.is_some() {} });
    for _ in 0..5 {
        let messages: Vec<_> = (0..300)
            .map(|i| {
                let key = if i % 3 == 0 {
                    "nobody"
                } else {
                    &subscription.topic
                };
                message(topic(&exchange, key), true)
            })
            .collect();
        let results = join_all(messages.iter().map(|message| publish(&transport, message))).await;
        for (i, result) in results.into_iter().enumerate() {
            match result {
                Ok(()) => assert_ne!(i % 3, 0, "{i}"),
                Err(PublishError::Unroutable) => assert_eq!(i % 3, 0, "{i}"),
                Err(other) => panic!("{i}: {other:?}"),
            }
        }
    }
    transport.close().await;
    timeout(LIMIT, drain).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_thousand_publishes_are_in_flight_together() {
    let transport = transport(&broker_url());
    let exchange = unique("exchange");
    let messages: Vec<_> = (0..1000)
        .map(|_| message(topic(&exchange, "key"), false))
        .collect();
    let begin = Instant::now();
    for result in join_all(messages.iter().map(|message| publish(&transport, message))).await {
        result.unwrap();
    }
    println!("1000 publishes: {:?}", begin.elapsed());
    transport.close().await;
}

#[tokio::test]
async fn a_reply_queue_takes_replies_and_is_gone_after_close() {
    let transport = transport(&broker_url());
    let attempt = Attempt::new(Some(0));
    let queue = transport.reply_queue(&attempt).await.unwrap();
    let again = transport.reply_queue(&attempt).await.unwrap();
    assert_eq!(queue, again);
    let reply = message(
        Destination::Reply {
            queue: queue.to_string(),
        },
        true,
    );
    publish(&transport, &reply).await.unwrap();

    let observer = observer().await;
    let channel = observer.channel().await.unwrap();
    let passive = QueueDeclareOptions {
        passive: true,
        ..QueueDeclareOptions::default()
    };
    let found = channel
        .queue_declare(short(&queue).unwrap(), passive, FieldTable::default())
        .await
        .unwrap();
    assert_eq!(found.consumer_count(), 1);
    transport.close().await;
    transport.close().await;
    let gone = channel
        .queue_declare(short(&queue).unwrap(), passive, FieldTable::default())
        .await;
    assert_eq!(classify::reply_code(&gone.unwrap_err()), Some(404));
    let (delivery, kind, _) = failure(publish(&transport, &reply).await);
    assert_eq!(
        (delivery, kind),
        (Delivery::NotSent, TransportErrorKind::Closed)
    );
    let (_, kind, _) = failure(transport.reply_queue(&attempt).await);
    assert_eq!(kind, TransportErrorKind::Closed);
    observer.close().await;
}

#[tokio::test]
async fn replies_reach_their_calls() {
    let (url, replies) = (broker_url(), Arc::new(Replies::default()));
    let options = RabbitOptions::from_pairs(url.options()).unwrap();
    let transport = Rabbit::new(&url, options, Arc::clone(&replies));
    let queue = transport.reply_queue(&Attempt::new(Some(0))).await.unwrap();
    let mut waiters = Vec::new();
    let mut sent = Vec::new();
    for i in 0..500 {
        let msg_id = uuid::Uuid::new_v4();
        waiters.push(replies.register(msg_id));
        let mut reply = message(
            Destination::Reply {
                queue: queue.to_string(),
            },
            true,
        );
        let inner = format!(
            r#"{{"_msg_id": "{}", "_unique_id": "{}", "ending": true, "result": {i}}}"#,
            msg_id.simple(),
            reply.unique_id
        );
        let body = serde_json::json!({ "oslo.version": "2.0", "oslo.message": inner });
        reply.body = Bytes::from(body.to_string());
        sent.push(reply);
    }
    for result in join_all(sent.iter().map(|reply| publish(&transport, reply))).await {
        result.unwrap();
    }
    for (i, waiter) in waiters.iter_mut().enumerate() {
        match timeout(LIMIT, waiter.next()).await.unwrap() {
            Event::Outcome(Ok(value)) => assert_eq!(value.get(), i.to_string()),
            other => panic!("{i}: {other:?}"),
        }
    }
    transport.close().await;
}

#[tokio::test]
async fn a_silent_broker_is_noticed_by_its_missing_heartbeats() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let through = through(&forwarder);
    let mut options = RabbitOptions::from_pairs(through.options()).unwrap();
    options.heartbeat_timeout_threshold = Duration::from_secs(1);
    let transport = Rabbit::new(&through, options, Arc::default());
    let cast = message(topic("openstack", &unique("key")), false);
    publish(&transport, &cast).await.unwrap();
    forwarder.freeze();
    let lost = failure(publish(&transport, &cast).await);
    assert_eq!(
        (lost.0, lost.1),
        (Delivery::MaybeDelivered, TransportErrorKind::ConnectionLost),
        "{}",
        lost.2
    );
    publish(&transport, &cast).await.unwrap();
    // The frozen connection is still there, the one that replaced it goes.
    transport.close().await;
    wait_until(async || forwarder.open() == 1).await;
}

#[tokio::test]
async fn a_deleted_reply_queue_is_replaced() {
    let transport = transport(&broker_url());
    let attempt = Attempt::new(None);
    let first = timeout(LIMIT, transport.reply_queue(&attempt))
        .await
        .unwrap()
        .unwrap();
    let observer = observer().await;
    let channel = observer.channel().await.unwrap();
    channel
        .queue_delete(short(&first).unwrap(), QueueDeleteOptions::default())
        .await
        .unwrap();
    let replaced = timeout(LIMIT, async {
        loop {
            let queue = transport.reply_queue(&attempt).await.unwrap();
            if queue != first {
                return queue;
            }
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    // Servers that answer to the old one still find it.
    for queue in [first, replaced] {
        let reply = message(
            Destination::Reply {
                queue: queue.to_string(),
            },
            true,
        );
        publish(&transport, &reply).await.unwrap();
    }
    transport.close().await;
    observer.close().await;
}

#[tokio::test]
async fn fanout_reaches_every_server_and_survives_the_exchange() {
    let transport = transport(&broker_url());
    let topic = unique("topic");
    let subscription = |server: &str| Subscription {
        exchange: "openstack".to_owned(),
        topic: topic.clone(),
        server: server.to_owned(),
    };
    let fanout = || {
        message(
            Destination::Fanout {
                topic: topic.clone(),
            },
            false,
        )
    };
    let mut one = transport.listen(subscription("one")).await.unwrap();
    let mut two = transport.listen(subscription("two")).await.unwrap();
    let cast = fanout();
    publish(&transport, &cast).await.unwrap();
    for incoming in [&mut one, &mut two] {
        let got = timeout(LIMIT, incoming.recv()).await.unwrap().unwrap();
        assert_eq!(got.body, cast.body);
        assert_eq!(got.content_type.as_deref(), Some("application/json"));
    }
    // The exchange goes with its last queue.
    drop((one, two));
    let observer = observer().await;
    wait_until(async || {
        let channel = observer.channel().await.unwrap();
        let options = lapin::options::ExchangeDeclareOptions {
            passive: true,
            ..lapin::options::ExchangeDeclareOptions::default()
        };
        let name = short(&format!("{topic}_fanout")).unwrap();
        channel
            .exchange_declare(
                name,
                lapin::ExchangeKind::Fanout,
                options,
                FieldTable::default(),
            )
            .await
            .is_err()
    })
    .await;
    publish(&transport, &fanout()).await.unwrap();
    transport.close().await;
    observer.close().await;
}

#[tokio::test]
async fn a_server_gets_calls_by_topic_and_by_name() {
    let transport = transport(&broker_url());
    let (exchange, name) = (unique("exchange"), unique("topic"));
    let subscription = Subscription {
        exchange: exchange.clone(),
        topic: name.clone(),
        server: "server".to_owned(),
    };
    let mut incoming = transport.listen(subscription).await.unwrap();
    for (key, size) in [(name.clone(), 0), (format!("{name}.server"), 3_000_000)] {
        let mut call = message(topic(&exchange, &key), true);
        // Many frames.
        call.body = [&call.body[..], &vec![b' '; size]].concat().into();
        publish(&transport, &call).await.unwrap();
        assert_eq!(
            timeout(LIMIT, incoming.recv()).await.unwrap().unwrap().body,
            call.body
        );
    }
    transport.close().await;
    assert!(incoming.recv().await.is_none());
}

#[tokio::test]
async fn everything_comes_back_after_a_cut() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let through = through(&forwarder);
    let (server, client) = (transport(&through), transport(&through));
    let subscription = Subscription {
        exchange: unique("exchange"),
        topic: unique("topic"),
        server: "server".to_owned(),
    };
    let mut incoming = server.listen(subscription.clone()).await.unwrap();
    let attempt = Attempt::new(None);
    let first_queue = client.reply_queue(&attempt).await.unwrap();
    let before = message(topic(&subscription.exchange, &subscription.topic), true);
    publish(&client, &before).await.unwrap();
    assert_eq!(incoming.recv().await.unwrap().body, before.body);

    forwarder.cut();
    // What was handed over or acknowledged when the connection broke may come, again or not.
    let mut arrives = async |body: &Bytes| {
        let arrival = async { while incoming.recv().await.unwrap().body != *body {} };
        timeout(LIMIT, arrival).await.unwrap();
    };
    let after = message(topic(&subscription.exchange, &subscription.topic), true);
    match timeout(LIMIT, Driver::publish(&client, &after, &attempt))
        .await
        .unwrap()
    {
        Ok(()) => arrives(&after.body).await,
        // It was handed over before the cut was noticed.
        Err(error) => {
            let (delivery, kind, _) = failure(Err::<(), _>(error));
            assert_eq!(
                (delivery, kind),
                (Delivery::MaybeDelivered, TransportErrorKind::ConnectionLost)
            );
        }
    }
    timeout(LIMIT, async {
        while client.reply_queue(&attempt).await.unwrap() == first_queue {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    let last = message(topic(&subscription.exchange, &subscription.topic), true);
    timeout(LIMIT, Driver::publish(&client, &last, &attempt))
        .await
        .unwrap()
        .unwrap();
    arrives(&last.body).await;
    client.close().await;
    server.close().await;
    wait_until(async || forwarder.open() == 0).await;
}

#[tokio::test]
async fn no_confirmed_message_is_lost_while_the_servers_connection_breaks() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let through = through(&forwarder);
    let (server, client) = (transport(&through), transport(&broker_url()));
    let subscription = Subscription {
        exchange: unique("exchange"),
        topic: unique("topic"),
        server: "server".to_owned(),
    };
    let mut incoming = server.listen(subscription.clone()).await.unwrap();
    let destination = topic(&subscription.exchange, &subscription.topic);
    let send = async {
        for _ in 0..20 {
            let batch: Vec<_> = (0..50)
                .map(|_| message(destination.clone(), true))
                .collect();
            for result in join_all(batch.iter().map(|message| publish(&client, message))).await {
                result.unwrap();
            }
            forwarder.cut();
            sleep(Duration::from_millis(20)).await;
        }
    };
    let receive = async {
        let mut bodies = std::collections::HashSet::new();
        while bodies.len() < 1000 {
            bodies.insert(incoming.recv().await.unwrap().body);
        }
    };
    timeout(2 * LIMIT, async { tokio::join!(send, receive) })
        .await
        .unwrap();
    client.close().await;
    server.close().await;
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
