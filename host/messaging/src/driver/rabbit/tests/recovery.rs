//! What works again after something broke.

use super::*;

#[tokio::test]
async fn a_silent_broker_is_noticed_by_its_missing_heartbeats() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let through = through(&forwarder);
    let mut options = RabbitOptions::from_pairs(through.options()).unwrap();
    options.heartbeat_timeout_threshold = Duration::from_secs(1);
    let transport = with_options(&through, options);
    let any = || message(topic(EXCHANGE, &unique("key")), false);
    cast(&transport, any()).await.unwrap();
    forwarder.freeze();
    let (delivery, kind, printed) = failure(cast(&transport, any()).await);
    assert_eq!(
        (delivery, kind),
        (Delivery::MaybeDelivered, TransportErrorKind::ConnectionLost),
        "{printed}"
    );
    cast(&transport, any()).await.unwrap();
    // The frozen connection is still there, the one that replaced it goes.
    transport.close().await;
    wait_until(async || forwarder.open() == 1).await;
}

#[tokio::test]
async fn a_deleted_reply_queue_is_replaced() {
    let transport = transport(&broker_url());
    let first = reply_queue(&transport).await.unwrap();
    let observer = Observer::new().await;
    observer.delete_queue(&first).await;
    let replaced = another_than(&transport, &first).await;
    // Servers that answer to the old one still find it.
    for queue in [first, replaced] {
        cast(&transport, message(reply_to(&queue), true))
            .await
            .unwrap();
    }
    transport.close().await;
    observer.close().await;
}

async fn another_than(transport: &Rabbit, first: &str) -> Arc<str> {
    timeout(LIMIT, async {
        loop {
            let queue = transport.reply_queue().unwrap();
            let queue = queue.session(limits(None)).await.unwrap();
            if *queue != *first {
                return queue;
            }
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn everything_comes_back_after_a_cut() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let through = through(&forwarder);
    let (server, client) = (transport(&through), transport(&through));
    let subscription = subscription();
    let mut listening = server.listen(subscription.clone()).await.unwrap();
    let first_queue = reply_queue(&client).await.unwrap();
    let request = || message(topic(&subscription.exchange, &subscription.topic), true);
    let before = request();
    let body = before.body.clone();
    cast(&client, before).await.unwrap();
    assert_eq!(next(&mut listening).await, body);

    forwarder.cut();
    // What was handed over or acknowledged when the connection broke may come, again or not.
    let mut arrives = async |body: &Bytes| while next(&mut listening).await != *body {};
    let after = request();
    let body = after.body.clone();
    match Driver::cast(&client, after, limits(None)).await {
        Ok(()) => arrives(&body).await,
        // It was handed over before the cut was noticed.
        failed => {
            let (delivery, kind, _) = failure(failed);
            assert_eq!(
                (delivery, kind),
                (Delivery::MaybeDelivered, TransportErrorKind::ConnectionLost)
            );
        }
    }
    another_than(&client, &first_queue).await;
    let last = request();
    let body = last.body.clone();
    Driver::cast(&client, last, limits(None)).await.unwrap();
    arrives(&body).await;
    client.close().await;
    server.close().await;
    wait_until(async || forwarder.open() == 0).await;
}

#[tokio::test]
async fn no_confirmed_message_is_lost_while_the_servers_connection_breaks() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let (server, client) = (transport(&through(&forwarder)), transport(&broker_url()));
    let subscription = subscription();
    let mut listening = server.listen(subscription.clone()).await.unwrap();
    let destination = topic(&subscription.exchange, &subscription.topic);
    let send = async {
        for _ in 0..20 {
            let batch = (0..50).map(|_| cast(&client, message(destination.clone(), true)));
            for result in join_all(batch).await {
                result.unwrap();
            }
            forwarder.cut();
            sleep(Duration::from_millis(20)).await;
        }
    };
    let receive = async {
        let mut bodies = std::collections::HashSet::new();
        while bodies.len() < 1000 {
            bodies.insert(listening.incoming.recv().await.unwrap().body);
        }
    };
    timeout(2 * LIMIT, async { tokio::join!(send, receive) })
        .await
        .unwrap();
    client.close().await;
    server.close().await;
}
