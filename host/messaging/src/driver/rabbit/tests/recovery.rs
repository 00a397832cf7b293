//! What works again after something broke.

use super::*;

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
        let reply = reply_to(&queue);
        publish(&transport, &reply).await.unwrap();
    }
    transport.close().await;
    observer.close().await;
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
