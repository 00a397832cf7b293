//! Connecting, failing to, and closing.

use super::*;

#[tokio::test]
async fn a_dropped_transport_leaves_no_connection() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let through = through(&forwarder);
    let transport = transport(&through);
    transport.reply_queue(&Attempt::new(Some(0))).await.unwrap();
    publish(
        &transport,
        &message(topic("openstack", &unique("key")), false),
    )
    .await
    .unwrap();
    assert_eq!(forwarder.open(), 2);
    drop(transport);
    wait_until(async || forwarder.open() == 0).await;
}

#[tokio::test]
async fn close_is_bounded_when_the_broker_is_silent() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let through = through(&forwarder);
    let transport = transport(&through);
    transport.reply_queue(&Attempt::new(Some(0))).await.unwrap();
    publish(
        &transport,
        &message(topic("openstack", &unique("key")), false),
    )
    .await
    .unwrap();
    let subscription = Subscription {
        exchange: "openstack".to_owned(),
        topic: unique("topic"),
        server: "server".to_owned(),
    };
    let incoming = transport.listen(subscription).await.unwrap();
    forwarder.freeze();
    sleep(Duration::from_millis(50)).await;
    timeout(Duration::from_secs(8), transport.close())
        .await
        .unwrap();
    drop(incoming);
}

#[tokio::test]
async fn retry_counts_repetitions_and_the_trouble_is_told() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    forwarder.refuse(true);
    let through = through(&forwarder);
    let cast = message(topic("openstack", &unique("key")), false);
    for retry in 0..3 {
        let transport = transport(&through);
        let before = forwarder.refused();
        let attempt = Attempt::new(Some(retry));
        let failed = timeout(LIMIT, Driver::publish(&transport, &cast, &attempt))
            .await
            .unwrap();
        let (delivery, kind, _) = failure(failed);
        assert_eq!(
            (delivery, kind),
            (Delivery::NotSent, TransportErrorKind::HandshakeFailed)
        );
        assert_eq!(
            forwarder.refused() - before,
            usize::try_from(retry).unwrap() + 1
        );
        assert!(attempt.take_trouble().is_some());
        transport.close().await;
    }
    // For ever, until it works.
    let transport = transport(&through);
    let attempt = Attempt::new(None);
    let publish = Driver::publish(&transport, &cast, &attempt);
    let work = async {
        sleep(Duration::from_millis(1500)).await;
        assert_eq!(attempt.delivery(), Delivery::NotSent);
        forwarder.refuse(false);
    };
    let (published, ()) = timeout(LIMIT, async { tokio::join!(publish, work) })
        .await
        .unwrap();
    published.unwrap();
    transport.close().await;
}

#[tokio::test]
async fn the_second_host_is_used_when_the_first_is_down() {
    let address = broker_address();
    let hosts = format!(
        "127.0.0.1:1,{}:{}@{address}",
        address.user, address.password
    );
    let transport = transport(&changed(None, Some(&hosts), None));
    publish(
        &transport,
        &message(topic("openstack", &unique("key")), false),
    )
    .await
    .unwrap();
    transport.close().await;
}

#[tokio::test]
async fn connect_failures_are_told_apart() {
    let check = async |url: TransportUrl, expected: TransportErrorKind, text: &str| {
        let transport = transport(&url);
        let begin = Instant::now();
        let cast = message(topic("openstack", "key"), false);
        let (delivery, kind, printed) = failure(publish(&transport, &cast).await);
        assert_eq!((delivery, kind), (Delivery::NotSent, expected), "{printed}");
        assert!(
            printed.contains(text) && !printed.contains("secret"),
            "{printed}"
        );
        assert!(
            begin.elapsed() < Duration::from_secs(7),
            "{printed}: {:?}",
            begin.elapsed()
        );
        let subscription = Subscription {
            exchange: "openstack".to_owned(),
            topic: "topic".to_owned(),
            server: "server".to_owned(),
        };
        assert_eq!(
            transport.listen(subscription).await.unwrap_err().kind(),
            expected
        );
        transport.close().await;
    };
    let here = broker_address().to_string();
    check(
        changed(Some("nobody:secret"), None, None),
        TransportErrorKind::LoginRefused,
        &here,
    )
    .await;
    check(
        changed(None, None, Some("no-such-vhost")),
        TransportErrorKind::UnknownVirtualHost,
        "no-such-vhost",
    )
    .await;
    check(
        changed(None, Some("127.0.0.1:1"), None),
        TransportErrorKind::ConnectionRefused,
        "127.0.0.1:1",
    )
    .await;
    check(
        changed(None, Some("no-such-host.invalid"), None),
        TransportErrorKind::UnknownHost,
        "no-such-host.invalid",
    )
    .await;
    // Something that accepts and then says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap().to_string();
    check(
        changed(None, Some(&address), None),
        TransportErrorKind::HandshakeFailed,
        &address,
    )
    .await;
}

#[tokio::test]
async fn an_exchange_with_other_properties_is_adopted_or_refused_by_name() {
    let exchange = unique("exchange");
    let url = broker_url();
    let mut durable = RabbitOptions::from_pairs(url.options()).unwrap();
    durable.amqp_durable_queues = true;
    let first = Rabbit::new(&url, durable, Arc::default());
    let cast = message(topic(&exchange, "key"), false);
    publish(&first, &cast).await.unwrap();
    let second = transport(&url);
    publish(&second, &cast).await.unwrap();

    let long = message(topic(&"x".repeat(256), "key"), false);
    let (delivery, kind, _) = failure(publish(&second, &long).await);
    assert_eq!(
        (delivery, kind),
        (Delivery::NotSent, TransportErrorKind::OperationRefused)
    );
    let reserved = message(topic("amq.no-such-exchange", "key"), false);
    let (delivery, kind, printed) = failure(publish(&second, &reserved).await);
    assert_eq!(
        (delivery, kind),
        (Delivery::NotSent, TransportErrorKind::OperationRefused)
    );
    assert!(printed.contains("amq.no-such-exchange"), "{printed}");
    first.close().await;
    second.close().await;
}

#[tokio::test]
async fn close_ends_those_who_wait() {
    let transport = Arc::new(transport(&changed(None, Some("127.0.0.1:1"), None)));
    let waiting = tokio::spawn({
        let transport = Arc::clone(&transport);
        async move {
            let cast = message(topic("openstack", "key"), false);
            let attempt = Attempt::new(None);
            failure(Driver::publish(&*transport, &cast, &attempt).await)
        }
    });
    sleep(Duration::from_millis(100)).await;
    transport.close().await;
    let (delivery, kind, _) = timeout(LIMIT, waiting).await.unwrap().unwrap();
    assert_eq!(
        (delivery, kind),
        (Delivery::NotSent, TransportErrorKind::Closed)
    );
}

/// The AMQP crate leaves somebody without an answer in one break of forty.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_leaves_nobody_without_an_answer() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let address = address_of(&forwarder);
    for round in 0..120 {
        let line = Arc::new(open(&address).await.unwrap());
        let asking: Vec<_> = (0..8)
            .map(|_| {
                let line = Arc::clone(&line);
                tokio::spawn(async move {
                    let channel = async || {
                        let channel = line.channel().await;
                        channel.map_err(|error| classify::lost(&line.peer, &error))
                    };
                    while line.unless_lost(channel()).await.is_ok() {}
                })
            })
            .collect();
        sleep(Duration::from_micros(1200 + round % 6 * 300)).await;
        forwarder.cut();
        for asking in asking {
            timeout(LIMIT, asking).await.unwrap().unwrap();
        }
    }
}

/// The AMQP crate leaves one in twenty without an answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_in_its_handshake_is_given_up_at_once() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let address = address_of(&forwarder);
    for round in 0..160 {
        let begin = Instant::now();
        let line = open(&address);
        let cut = async {
            sleep(Duration::from_micros(round % 40 * 100)).await;
            forwarder.cut();
        };
        let (line, ()) = tokio::join!(line, cut);
        assert!(begin.elapsed() < Duration::from_secs(2), "{line:?}");
    }
}
