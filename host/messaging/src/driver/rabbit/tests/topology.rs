//! What the options make of exchanges and queues. A broker refuses to declare what exists with
//! other properties: what it accepts is what is there.

use oslo_amqp::protocol::{Method, RawTable, Table, Value};

use super::observer::{exchange_declare, queue_declare};
use super::*;

/// Durable, auto-delete, arguments.
type Shape<'a> = (bool, bool, &'a [(&'static str, Value)]);

pub(super) async fn check_queue(observer: &Observer, name: &str, shape: Shape<'_>) {
    let (is_durable, is_auto_delete, arguments) = shape;
    let declare = async |changed: Option<(&'static str, Value)>| {
        let mut table = Table::new();
        for (name, value) in arguments {
            let changed = changed.as_ref().filter(|(changed, _)| changed == name);
            table.insert(name, changed.map_or(value, |(_, value)| value).clone());
        }
        if let Some((name, value)) = changed
            && arguments.iter().all(|(known, _)| *known != name)
        {
            table.insert(name, value);
        }
        let table = table.encode();
        let mut declare = queue_declare(name, false, false, RawTable::new(&table));
        if let Method::QueueDeclare {
            durable,
            auto_delete,
            ..
        } = &mut declare
        {
            (*durable, *auto_delete) = (is_durable, is_auto_delete);
        }
        observer.ask(&declare).await.err()
    };
    assert_eq!(declare(None).await, None, "{name}");
    // That the broker compares them all.
    for (argument, value) in arguments {
        let other = match value {
            Value::Int(number) => Value::Int(number + 1),
            Value::Long(number) => Value::Long(number + 1),
            _ if *argument == "x-queue-type" => Value::from("classic"),
            _ => Value::from("7s"),
        };
        let refused = declare(Some((argument, other))).await;
        assert_eq!(refused, Some(406), "{name} {argument}");
    }
    if arguments.is_empty() {
        let refused = declare(Some(("x-max-length", Value::Int(7)))).await;
        assert_eq!(refused, Some(406), "{name}");
    }
}

async fn check_exchange(
    observer: &Observer,
    name: &str,
    kind: &str,
    is_durable: bool,
    is_auto_delete: bool,
) {
    let declare = async |is_durable| {
        let mut declare = exchange_declare(name, kind, false);
        if let Method::ExchangeDeclare {
            durable,
            auto_delete,
            ..
        } = &mut declare
        {
            (*durable, *auto_delete) = (is_durable, is_auto_delete);
        }
        observer.ask(&declare).await.err()
    };
    assert_eq!(declare(is_durable).await, None, "{name}");
    assert_eq!(declare(!is_durable).await, Some(406), "{name}");
}

pub(super) fn with(pairs: &[(&'static str, &'static str)]) -> Rabbit {
    let url = broker_url();
    let options = RabbitOptions::from_pairs(url.options().chain(pairs.iter().copied())).unwrap();
    with_options(&url, options)
}

/// A server with these options declares its queues, exchanges and fanouts like this.
async fn check_server(
    pairs: &[(&'static str, &'static str)],
    topic_exchange: (bool, bool),
    queues: Shape<'_>,
    fanout_exchange_durable: bool,
) {
    let server = with(pairs);
    let subscription = subscription();
    let listening = server.listen(subscription.clone()).await.unwrap();
    let observer = Observer::new().await;
    let Subscription {
        exchange, topic, ..
    } = &subscription;
    check_queue(&observer, topic, queues).await;
    check_queue(&observer, &format!("{topic}.server"), queues).await;
    let (durable, auto_delete) = topic_exchange;
    check_exchange(&observer, exchange, "topic", durable, auto_delete).await;
    let fanout = format!("{topic}_fanout");
    check_exchange(&observer, &fanout, "fanout", fanout_exchange_durable, true).await;
    drop(listening);
    server.close().await;
    for queue in [topic, &format!("{topic}.server")] {
        observer.delete_queue(queue).await;
    }
    observer.close().await;
}

#[tokio::test]
async fn a_server_declares_what_the_options_say() {
    check_server(&[], (false, false), (false, false, &[]), false).await;
    check_server(
        &[("amqp_durable_queues", "true")],
        (true, false),
        (true, false, &[]),
        false,
    )
    .await;
    check_server(
        &[("amqp_auto_delete", "true")],
        (false, true),
        (false, true, &[]),
        false,
    )
    .await;
    check_server(
        &[
            ("rabbit_quorum_queue", "true"),
            ("rabbit_quorum_delivery_limit", "3"),
            ("rabbit_quorum_max_memory_length", "10"),
            ("rabbit_quorum_max_memory_bytes", "5000000000"),
        ],
        (true, false),
        (
            true,
            false,
            &[
                ("x-queue-type", Value::from("quorum")),
                ("x-delivery-limit", Value::Int(3)),
                ("x-max-in-memory-length", Value::Int(10)),
                ("x-max-in-memory-bytes", Value::Long(5_000_000_000)),
            ],
        ),
        false,
    )
    .await;
    check_server(
        &[("rabbit_transient_quorum_queue", "true")],
        (false, false),
        (false, false, &[]),
        true,
    )
    .await;
}

#[tokio::test]
async fn a_reply_queue_is_what_the_options_say() {
    let check = async |pairs: &[(&'static str, &'static str)], durable, arguments: &[_]| {
        let client = with(pairs);
        let queue = reply_queue(&client).await.unwrap();
        let observer = Observer::new().await;
        check_queue(&observer, &queue, (durable, false, arguments)).await;
        client.close().await;
        observer.close().await;
    };
    let expires = |millis| ("x-expires", Value::Int(millis));
    check(&[], false, &[expires(1_800_000)]).await;
    check(
        &[("rabbit_transient_queues_ttl", "60")],
        false,
        &[expires(60_000)],
    )
    .await;
    check(
        &[
            ("rabbit_transient_quorum_queue", "true"),
            ("rabbit_quorum_delivery_limit", "5"),
        ],
        true,
        &[
            expires(1_800_000),
            ("x-queue-type", Value::from("quorum")),
            ("x-delivery-limit", Value::Int(5)),
        ],
    )
    .await;
}

/// Servers whose options differ share queues and exchanges as they are.
#[tokio::test]
async fn a_server_adopts_what_exists_with_other_properties() {
    let subscription = subscription();
    let (first, second) = (with(&[]), with(&[("amqp_durable_queues", "true")]));
    let one = first.listen(subscription.clone()).await.unwrap();
    let mut two = second.listen(subscription.clone()).await.unwrap();
    let observer = Observer::new().await;
    let Subscription {
        exchange, topic, ..
    } = &subscription;
    check_queue(&observer, topic, (false, false, &[])).await;
    check_exchange(&observer, exchange, "topic", false, false).await;
    drop(one);
    first.close().await;
    for key in [topic.clone(), format!("{topic}.server")] {
        let sent = message(super::topic(exchange, &key), true);
        let body = sent.body.clone();
        cast(&second, sent).await.unwrap();
        assert_eq!(next(&mut two).await, body);
    }
    second.close().await;
    for queue in [topic, &format!("{topic}.server")] {
        observer.delete_queue(queue).await;
    }
    observer.close().await;
}

#[tokio::test]
async fn a_server_is_refused_an_exchange_by_name() {
    let server = with(&[]);
    let refused = async |exchange: &str| {
        let subscription = Subscription {
            exchange: exchange.to_owned(),
            ..subscription()
        };
        let error = server.listen(subscription).await.unwrap_err();
        assert_eq!(
            error.kind(),
            TransportErrorKind::OperationRefused,
            "{error}"
        );
        assert!(error.to_string().contains(exchange), "{error}");
    };
    // Its name is reserved, and it is not there.
    refused("amq.no-such-exchange").await;
    // It has another type, which servers and calls do not work with.
    refused("amq.fanout").await;
    server.close().await;
}
