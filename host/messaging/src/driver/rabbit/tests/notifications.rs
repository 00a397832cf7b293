//! The queues that keep notifications.

use super::*;
use crate::driver::{NotificationSubscription, Settlement, Source, Unsettled};

fn notification(exchange: &str, routing_key: &str) -> Message {
    let destination = Destination::Notification {
        exchange: exchange.to_owned(),
        routing_key: routing_key.to_owned(),
    };
    message(destination, true)
}

fn source(exchange: &str, routing_key: &str) -> Source {
    Source {
        exchange: exchange.to_owned(),
        routing_key: routing_key.to_owned(),
    }
}

async fn next(listening: &mut NotificationListening) -> Unsettled {
    let next = timeout(LIMIT, listening.incoming.recv()).await;
    next.unwrap().unwrap()
}

#[tokio::test]
async fn a_queue_that_was_deleted_is_made_again() {
    let transport = transport(&broker_url());
    let observer = Observer::new().await;
    let (exchange, key) = (unique("exchange"), unique("topic") + ".info");
    let bodies = [(); 3].map(|()| notification(&exchange, &key));
    let [first, second, third] = bodies;
    let kept = [second.body.clone(), third.body.clone()];
    cast(&transport, first).await.unwrap();
    assert!(observer.has_queue(&key).await);
    observer.delete_queue(&key).await;
    cast(&transport, second).await.unwrap();
    cast(&transport, third).await.unwrap();
    let subscription = NotificationSubscription {
        sources: vec![source(&exchange, &key)],
        pool: None,
    };
    let mut listening = transport
        .listen_for_notifications(subscription)
        .await
        .unwrap();
    for body in kept {
        let unsettled = next(&mut listening).await;
        assert_eq!(unsettled.incoming.body, body);
        unsettled.receipt.settle(Settlement::Handled);
    }
    drop(listening.incoming);
    let _ = listening.left.await;
    transport.close().await;
    observer.delete_queue(&key).await;
    observer.close().await;
}

/// What is there under the exchange's name is of another type: nothing is sent, and the connection of
/// calls is not the one that was asked on.
#[tokio::test]
async fn a_refused_queue_does_not_touch_calls() {
    let transport = transport(&broker_url());
    let subscription = subscription();
    let mut listening = transport.listen(subscription.clone()).await.unwrap();
    let sent = message(topic(&subscription.exchange, &subscription.topic), true);
    let body = sent.body.clone();
    cast(&transport, sent).await.unwrap();
    let publisher = transport.publisher().unwrap().now().unwrap();
    let fanout = format!("{}_fanout", subscription.topic);
    let refused = cast(&transport, notification(&fanout, "t.info")).await;
    let (delivery, kind, told) = failure(refused);
    assert_eq!(delivery, Delivery::NotSent);
    assert_eq!(kind, TransportErrorKind::OperationRefused, "{told}");
    assert!(publisher.line.connection.works());
    let notifier = transport.notifier().unwrap().now().unwrap();
    assert!(!Arc::ptr_eq(&publisher, &notifier));
    assert_eq!(super::next(&mut listening).await, body);
    drop(listening);
    transport.close().await;
    let observer = Observer::new().await;
    for queue in [
        &subscription.topic,
        &format!("{}.server", subscription.topic),
    ] {
        observer.delete_queue(queue).await;
    }
    observer.close().await;
}

#[tokio::test]
async fn what_is_not_settled_comes_again_after_a_lost_connection() {
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let transport = transport(&through(&forwarder));
    let (exchange, key, pool) = (
        unique("exchange"),
        unique("topic") + ".info",
        unique("pool"),
    );
    let subscription = NotificationSubscription {
        sources: vec![source(&exchange, &key)],
        pool: Some(pool.clone()),
    };
    let mut listening = transport
        .listen_for_notifications(subscription)
        .await
        .unwrap();
    let [first, second] = [(); 2].map(|()| notification(&exchange, &key));
    let bodies = [first.body.clone(), second.body.clone()];
    cast(&transport, first).await.unwrap();
    cast(&transport, second).await.unwrap();
    let handled = next(&mut listening).await;
    assert!(!handled.redelivered && handled.receipt.is_valid());
    handled.receipt.settle(Settlement::Handled);
    let lost = next(&mut listening).await;
    assert_eq!(lost.incoming.body, bodies[1]);
    // The acknowledgement of the first has left by then.
    sleep(Duration::from_millis(200)).await;
    forwarder.cut();
    let again = next(&mut listening).await;
    assert_eq!(again.incoming.body, bodies[1]);
    assert!(again.redelivered && again.receipt.is_valid() && !lost.receipt.is_valid());
    again.receipt.settle(Settlement::Requeued);
    let again = next(&mut listening).await;
    assert!(again.redelivered);
    again.receipt.settle(Settlement::Rejected);
    drop(listening.incoming);
    let _ = timeout(LIMIT, listening.left).await;
    transport.close().await;
    let observer = Observer::new().await;
    for queue in [&key, &pool] {
        observer.delete_queue(queue).await;
    }
    observer.close().await;
}
