//! What is on the broker after a transport was closed.

use super::*;

/// A transport with a reply queue and a server, closed after `before`.
async fn check(before: impl AsyncFnOnce(&Forwarder)) {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let transport = transport(&through(&forwarder));
    let queue = reply_queue(&transport).await.unwrap();
    let subscription = subscription();
    let fanout = format!("{}_fanout", subscription.topic);
    let listening = transport.listen(subscription).await.unwrap();
    let observer = Observer::new().await;
    assert!(observer.has_queue(&queue).await && observer.has_exchange(&fanout).await);
    before(&forwarder).await;
    timeout(Duration::from_secs(8), transport.close())
        .await
        .unwrap();
    assert!(!observer.has_queue(&queue).await, "the reply queue is left");
    // It goes with the last queue that is bound to it.
    assert!(
        !observer.has_exchange(&fanout).await,
        "the server's fanout queue is left"
    );
    assert!(
        listening.left.await.is_err(),
        "the end of the subscription is not told"
    );
    observer.close().await;
}

#[tokio::test]
async fn nothing_is_left_by_a_transport_that_is_connected() {
    check(async |_| {}).await;
}

#[tokio::test]
async fn nothing_is_left_by_one_that_pauses_before_it_connects_again() {
    check(async |forwarder| {
        forwarder.refuse(true);
        forwarder.cut();
        wait_until(async || forwarder.refused() == 2).await;
        forwarder.refuse(false);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_left_by_one_that_is_connecting_again() {
    check(async |forwarder| {
        forwarder.mute(true);
        forwarder.cut();
        wait_until(async || forwarder.muted() == 2).await;
        forwarder.mute(false);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_left_by_one_whose_connections_are_dead_without_its_knowing() {
    check(async |forwarder| forwarder.freeze()).await;
}

#[tokio::test]
async fn a_server_that_stops_leaves_only_what_others_use() {
    let transport = transport(&broker_url());
    let subscription = subscription();
    let Listening { incoming, left } = transport.listen(subscription.clone()).await.unwrap();
    drop(incoming);
    assert!(timeout(LIMIT, left).await.unwrap().is_err());
    let observer = Observer::new().await;
    let Subscription { topic, .. } = subscription;
    assert!(!observer.has_exchange(&format!("{topic}_fanout")).await);
    for queue in [format!("{topic}.server"), topic] {
        assert_eq!(observer.consumers_of(&queue).await, Some(0), "{queue}");
        observer.delete_queue(&queue).await;
    }
    transport.close().await;
    observer.close().await;
}

#[tokio::test]
async fn those_who_wait_for_a_connection_do_not_wait_for_what_is_left() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let transport = transport(&through(&forwarder));
    reply_queue(&transport).await.unwrap();
    forwarder.mute(true);
    forwarder.cut();
    wait_until(async || forwarder.muted() == 1).await;
    let waits = async {
        let queue = transport.reply_queue().unwrap();
        let (_, kind, _) = failure(queue.session(limits(None)).await);
        assert_eq!(kind, TransportErrorKind::Closed);
        Instant::now()
    };
    let close = async {
        sleep(Duration::from_millis(100)).await;
        let begin = Instant::now();
        transport.close().await;
        (begin, Instant::now())
    };
    let (heard, (begin, end)) = tokio::join!(waits, close);
    assert!(heard < begin + Duration::from_secs(1));
    // It was tried, in vain.
    assert!(end > begin + Duration::from_secs(2));
}
