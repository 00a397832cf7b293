//! What the options make of exchanges and queues. A broker refuses to declare what exists with
//! other properties: what it accepts is what is there.

use lapin::ExchangeKind;
use lapin::options::ExchangeDeclareOptions;
use lapin::types::{AMQPValue, LongString};

use super::*;

/// Durable, auto-delete, arguments.
type Shape<'a> = (bool, bool, &'a [(&'a str, AMQPValue)]);

async fn check_queue(observer: &Line, name: &str, shape: Shape<'_>) {
    let (durable, auto_delete, arguments) = shape;
    let declare = async |changed: Option<(&str, AMQPValue)>| {
        let mut table = FieldTable::default();
        for (name, value) in arguments.iter().cloned().chain(changed) {
            table.insert(name.into(), value);
        }
        let options = QueueDeclareOptions {
            durable,
            auto_delete,
            ..QueueDeclareOptions::default()
        };
        let channel = observer.channel().await.unwrap();
        let declared = channel.queue_declare(short(name).unwrap(), options, table);
        match declared.await {
            Ok(_) => None,
            Err(error) => Some(classify::reply_code(&error)),
        }
    };
    assert_eq!(declare(None).await, None, "{name}");
    // That the broker compares them all.
    for (argument, value) in arguments {
        let other = match value {
            AMQPValue::LongInt(number) => AMQPValue::LongInt(number + 1),
            AMQPValue::LongLongInt(number) => AMQPValue::LongLongInt(number + 1),
            _ if *argument == "x-queue-type" => text("classic"),
            _ => text("7s"),
        };
        let refused = declare(Some((argument, other))).await;
        assert_eq!(refused, Some(Some(406)), "{name} {argument}");
    }
    if arguments.is_empty() {
        let refused = declare(Some(("x-max-length", AMQPValue::LongInt(7)))).await;
        assert_eq!(refused, Some(Some(406)), "{name}");
    }
}

async fn check_exchange(
    observer: &Line,
    name: &str,
    kind: ExchangeKind,
    durable: bool,
    auto_delete: bool,
) {
    let declare = async |durable| {
        let options = ExchangeDeclareOptions {
            durable,
            auto_delete,
            ..ExchangeDeclareOptions::default()
        };
        let channel = observer.channel().await.unwrap();
        channel
            .exchange_declare(
                short(name).unwrap(),
                kind.clone(),
                options,
                FieldTable::default(),
            )
            .await
            .map_err(|error| classify::reply_code(&error))
    };
    assert_eq!(declare(durable).await, Ok(()), "{name}");
    assert_eq!(declare(!durable).await, Err(Some(406)), "{name}");
}

fn with(pairs: &[(&'static str, &'static str)]) -> Rabbit {
    let url = broker_url();
    let options = RabbitOptions::from_pairs(url.options().chain(pairs.iter().copied())).unwrap();
    Rabbit::new(&url, options, Arc::default())
}

fn subscription() -> Subscription {
    Subscription {
        exchange: unique("exchange"),
        topic: unique("topic"),
        server: "server".to_owned(),
    }
}

fn text(text: &str) -> AMQPValue {
    AMQPValue::LongString(LongString::from(text))
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
    let incoming = server.listen(subscription.clone()).await.unwrap();
    let observer = observer().await;
    let Subscription {
        exchange, topic, ..
    } = &subscription;
    check_queue(&observer, topic, queues).await;
    check_queue(&observer, &format!("{topic}.server"), queues).await;
    let (durable, auto_delete) = topic_exchange;
    check_exchange(
        &observer,
        exchange,
        ExchangeKind::Topic,
        durable,
        auto_delete,
    )
    .await;
    let fanout = format!("{topic}_fanout");
    check_exchange(
        &observer,
        &fanout,
        ExchangeKind::Fanout,
        fanout_exchange_durable,
        true,
    )
    .await;
    drop(incoming);
    server.close().await;
    let channel = observer.channel().await.unwrap();
    for queue in [topic, &format!("{topic}.server"), &fanout] {
        channel
            .queue_delete(short(queue).unwrap(), QueueDeleteOptions::default())
            .await
            .unwrap();
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
                ("x-queue-type", text("quorum")),
                ("x-delivery-limit", AMQPValue::LongInt(3)),
                ("x-max-in-memory-length", AMQPValue::LongInt(10)),
                (
                    "x-max-in-memory-bytes",
                    AMQPValue::LongLongInt(5_000_000_000),
                ),
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
        let queue = client.reply_queue(&Attempt::new(Some(0))).await.unwrap();
        let observer = observer().await;
        check_queue(&observer, &queue, (durable, false, arguments)).await;
        client.close().await;
        observer.close().await;
    };
    let expires = |millis| ("x-expires", AMQPValue::LongInt(millis));
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
            ("x-queue-type", text("quorum")),
            ("x-delivery-limit", AMQPValue::LongInt(5)),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_client_declares_the_exchanges_that_its_servers_declare() {
    let client = with(&[
        ("amqp_durable_queues", "true"),
        ("rabbit_transient_quorum_queue", "true"),
        ("rabbit_stream_fanout", "true"),
        ("rabbit_qos_prefetch_count", "10"),
    ]);
    let (exchange, name) = (unique("exchange"), unique("topic"));
    publish(&client, &message(topic(&exchange, "key"), false))
        .await
        .unwrap();
    let fanout = Destination::Fanout {
        topic: name.clone(),
    };
    publish(&client, &message(fanout, false)).await.unwrap();
    let observer = observer().await;
    check_exchange(&observer, &exchange, ExchangeKind::Topic, true, false).await;
    let fanout = format!("{name}_fanout");
    check_exchange(&observer, &fanout, ExchangeKind::Fanout, true, true).await;
    client.close().await;
    observer.close().await;
}

#[tokio::test]
async fn managed_queues_keep_their_names_and_stay() {
    let program = unique("program").leak() as &'static str;
    let managed = || {
        with(&[
            ("use_queue_manager", "true"),
            ("hostname", "host"),
            ("processname", program),
        ])
    };
    let attempt = Attempt::new(Some(0));
    let (one, two) = (managed(), managed());
    let first = one.reply_queue(&attempt).await.unwrap();
    let second = two.reply_queue(&attempt).await.unwrap();
    assert_eq!(*first, *format!("reply_host:{program}:1"));
    assert_eq!(*second, *format!("reply_host:{program}:2"));
    one.close().await;
    drop(one);
    // It was kept, and is found again with what came meanwhile.
    publish(&two, &reply_to(&first)).await.unwrap();
    let again = managed();
    assert_eq!(again.reply_queue(&attempt).await.unwrap(), first);
    again.close().await;
    two.close().await;
    let id = program.rsplit('-').next().unwrap();
    for file in std::fs::read_dir(queue_names::folder()).unwrap() {
        let path = file.unwrap().path();
        if path.to_string_lossy().contains(id) {
            std::fs::remove_file(path).unwrap();
        }
    }
    let observer = observer().await;
    for queue in [first, second] {
        let channel = observer.channel().await.unwrap();
        channel
            .queue_delete(short(&queue).unwrap(), QueueDeleteOptions::default())
            .await
            .unwrap();
    }
    observer.close().await;
}

#[tokio::test]
async fn a_stream_of_fanouts_is_shared_and_nothing_in_it_comes_twice() {
    let pairs = [
        ("rabbit_stream_fanout", "true"),
        ("rabbit_transient_quorum_queue", "true"),
        ("rabbit_qos_prefetch_count", "10"),
        ("rabbit_retry_interval", "1"),
    ];
    let client = with(&pairs);
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let through = through(&forwarder);
    let options = RabbitOptions::from_pairs(pairs).unwrap();
    let far = Rabbit::new(&through, options, Arc::default());
    let near = with(&pairs);
    let subscription = subscription();
    let fanout = || {
        let topic = subscription.topic.clone();
        message(Destination::Fanout { topic }, false)
    };
    let mut one = far.listen(subscription.clone()).await.unwrap();
    let observer = observer().await;
    let stream = format!("{}_fanout", subscription.topic);
    let shape = [
        ("x-queue-type", text("stream")),
        ("x-max-age", text("1800s")),
    ];
    check_queue(&observer, &stream, (true, false, &shape)).await;

    let mut sent = Vec::new();
    for _ in 0..25 {
        let cast = fanout();
        publish(&client, &cast).await.unwrap();
        sent.push(cast.body);
    }
    let mut got = Vec::new();
    while got.len() < sent.len() {
        got.push(timeout(LIMIT, one.recv()).await.unwrap().unwrap().body);
    }
    assert_eq!(got, sent);

    // A server that starts now gets what comes from now on; one that was cut off gets all.
    let mut two = near.listen(subscription.clone()).await.unwrap();
    forwarder.cut();
    let last = fanout();
    publish(&client, &last).await.unwrap();
    for incoming in [&mut one, &mut two] {
        let body = timeout(LIMIT, incoming.recv()).await.unwrap().unwrap().body;
        assert_eq!(body, last.body);
    }
    sleep(Duration::from_millis(300)).await;
    assert!(one.try_recv().is_err() && two.try_recv().is_err());

    // It is nobody's: who stops leaves it.
    drop((one, two));
    for transport in [client, far, near] {
        transport.close().await;
    }
    let channel = observer.channel().await.unwrap();
    channel
        .queue_delete(short(&stream).unwrap(), QueueDeleteOptions::default())
        .await
        .unwrap();
    observer.close().await;
}

#[tokio::test]
async fn compressed_messages_are_marked_and_known_when_they_are_returned() {
    for (method, header, begin) in [
        ("gzip", "application/x-gzip", b'\x78'),
        ("bzip2", "application/x-bz2", b'B'),
    ] {
        let client = with(&[("kombu_compression", method)]);
        let queue = client.reply_queue(&Attempt::new(Some(0))).await.unwrap();
        let server = with(&[]);
        let subscription = subscription();
        let mut incoming = server.listen(subscription.clone()).await.unwrap();
        let call = message(topic(&subscription.exchange, &subscription.topic), true);
        publish(&client, &call).await.unwrap();
        let got = timeout(LIMIT, incoming.recv()).await.unwrap().unwrap();
        assert_eq!(got.compression.as_deref(), Some(header));
        assert_eq!(got.body.first(), Some(&begin), "{method}");
        let read = crate::wire::decompress(Some(header), &got.body).unwrap();
        assert_eq!(*read, *call.body);

        let nobody = message(topic(&subscription.exchange, "nobody"), true);
        let returned = publish(&client, &nobody).await;
        assert!(
            matches!(returned, Err(PublishError::Unroutable)),
            "{method}: {returned:?}"
        );
        let reply = Destination::Reply {
            queue: queue.to_string(),
        };
        publish(&client, &message(reply, true)).await.unwrap();
        client.close().await;
        server.close().await;
    }
}
