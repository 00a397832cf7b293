//! What is on the broker after a transport was closed.

use lapin::ExchangeKind;
use lapin::options::ExchangeDeclareOptions;

use super::*;

/// A transport with a reply queue and a server, closed after `before`.
async fn check(before: impl AsyncFnOnce(&Forwarder)) {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let transport = transport(&through(&forwarder));
    let queue = transport.reply_queue(&Attempt::new(Some(0))).await.unwrap();
    let subscription = Subscription {
        exchange: "openstack".to_owned(),
        topic: unique("topic"),
        server: "server".to_owned(),
    };
    let fanout = format!("{}_fanout", subscription.topic);
    let incoming = transport.listen(subscription).await.unwrap();
    let observer = observer().await;
    assert!(exists(&observer, &queue).await && exchange_exists(&observer, &fanout).await);
    before(&forwarder).await;
    timeout(Duration::from_secs(8), transport.close())
        .await
        .unwrap();
    assert!(!exists(&observer, &queue).await, "the reply queue is left");
    // It goes with the last queue that is bound to it.
    assert!(
        !exchange_exists(&observer, &fanout).await,
        "the server's fanout queue is left"
    );
    drop(incoming);
    observer.close().await;
}

async fn exists(observer: &Line, queue: &str) -> bool {
    let passive = QueueDeclareOptions {
        passive: true,
        ..QueueDeclareOptions::default()
    };
    let channel = observer.channel().await.unwrap();
    let declared = channel.queue_declare(short(queue).unwrap(), passive, FieldTable::default());
    declared.await.is_ok()
}

async fn exchange_exists(observer: &Line, exchange: &str) -> bool {
    let passive = ExchangeDeclareOptions {
        passive: true,
        ..ExchangeDeclareOptions::default()
    };
    let channel = observer.channel().await.unwrap();
    let declared = channel.exchange_declare(
        short(exchange).unwrap(),
        ExchangeKind::Fanout,
        passive,
        FieldTable::default(),
    );
    declared.await.is_ok()
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
async fn those_who_wait_for_a_connection_do_not_wait_for_what_is_left() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let transport = transport(&through(&forwarder));
    transport.reply_queue(&Attempt::new(Some(0))).await.unwrap();
    forwarder.mute(true);
    forwarder.cut();
    wait_until(async || forwarder.muted() == 1).await;
    let attempt = Attempt::new(None);
    let waits = async {
        let (_, kind, _) = failure(transport.reply_queue(&attempt).await);
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
