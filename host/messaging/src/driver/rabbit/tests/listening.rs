//! What servers get.

use super::*;

#[tokio::test]
async fn fanout_reaches_every_server_and_survives_the_exchange() {
    let transport = transport(&broker_url());
    let name = unique("topic");
    let subscription = |server: &str| Subscription {
        exchange: unique("exchange"),
        topic: name.clone(),
        server: server.to_owned(),
    };
    let fanout = || {
        let topic = name.clone();
        message(Destination::Fanout { topic }, false)
    };
    let mut one = transport.listen(subscription("one")).await.unwrap();
    let mut two = transport.listen(subscription("two")).await.unwrap();
    let sent = fanout();
    let body = sent.body.clone();
    cast(&transport, sent).await.unwrap();
    for listening in [&mut one, &mut two] {
        let incoming = timeout(LIMIT, listening.incoming.recv()).await;
        let got = incoming.unwrap().unwrap();
        assert_eq!(got.body, body);
        assert_eq!(got.content_type.as_deref(), Some("application/json"));
    }
    // The exchange goes with its last queue.
    drop((one, two));
    let (observer, exchange) = (Observer::new().await, format!("{name}_fanout"));
    wait_until(async || !observer.has_exchange(&exchange).await).await;
    cast(&transport, fanout()).await.unwrap();
    // The broker has closed the channel for that. What comes later gets there again.
    let mut three = transport.listen(subscription("three")).await.unwrap();
    let sent = fanout();
    let body = sent.body.clone();
    cast(&transport, sent).await.unwrap();
    assert_eq!(next(&mut three).await, body);
    transport.close().await;
    observer.close().await;
}

#[tokio::test]
async fn a_server_gets_calls_by_topic_and_by_name() {
    let transport = transport(&broker_url());
    let subscription = subscription();
    let Subscription {
        exchange,
        topic: name,
        ..
    } = &subscription;
    let mut listening = transport.listen(subscription.clone()).await.unwrap();
    for (key, size) in [(name.clone(), 0), (format!("{name}.server"), 3_000_000)] {
        let mut call = message(topic(exchange, &key), true);
        // Many frames.
        call.body = [&call.body[..], &vec![b' '; size]].concat().into();
        let body = call.body.clone();
        cast(&transport, call).await.unwrap();
        assert_eq!(next(&mut listening).await, body);
    }
    transport.close().await;
    assert!(listening.incoming.recv().await.is_none());
}

/// What it does not take stays the broker's: another one gets it.
#[tokio::test]
async fn a_server_that_takes_nothing_has_a_bounded_part_of_the_queue() {
    let (near, far) = (transport(&broker_url()), transport(&broker_url()));
    let subscription = subscription();
    let idle = near.listen(subscription.clone()).await.unwrap();
    let destination = topic(&subscription.exchange, &subscription.topic);
    let mut sent = std::collections::HashSet::new();
    let mut casts = Vec::new();
    for _ in 0..SENT {
        let message = message(destination.clone(), true);
        sent.insert(message.body.clone());
        casts.push(cast(&far, message));
    }
    for result in join_all(casts).await {
        result.unwrap();
    }
    let mut busy = far.listen(subscription.clone()).await.unwrap();
    let Listening { mut incoming, left } = idle;
    incoming.close();
    let mut got = std::collections::HashSet::new();
    while let Some(taken) = incoming.recv().await {
        got.insert(taken.body);
    }
    assert!(!got.is_empty() && got.len() <= 64, "{}", got.len());
    assert!(timeout(LIMIT, left).await.unwrap().is_err());
    while got.len() < SENT {
        assert!(got.insert(next(&mut busy).await), "it came twice");
    }
    assert!(got == sent);
    near.close().await;
    far.close().await;
}

/// What a full server had to leave to the broker when its connection was lost waits until it has room for
/// many; a fanout takes the first place there is.
#[tokio::test]
async fn fanouts_come_while_other_queues_wait_for_room() {
    const FULL: usize = 64;
    const FREE: usize = 8;
    let forwarder = Forwarder::start(broker_address().to_string()).await;
    let (served, client) = (transport(&through(&forwarder)), transport(&broker_url()));
    let subscription = subscription();
    let mut listening = served.listen(subscription.clone()).await.unwrap();
    let to_topic = topic(&subscription.exchange, &subscription.topic);
    for _ in 0..FULL + 20 {
        let sent = message(to_topic.clone(), true);
        cast(&client, sent).await.unwrap();
    }
    wait_until(async || listening.incoming.len() == FULL).await;
    let observer = Observer::new().await;
    let queue = &subscription.topic;
    forwarder.cut();
    wait_until(async || observer.consumers_of(queue).await == Some(0)).await;
    for _ in 0..FREE {
        let topic = queue.clone();
        let sent = message(Destination::Fanout { topic }, false);
        cast(&client, sent).await.unwrap();
    }
    for _ in 0..FREE {
        next(&mut listening).await;
    }
    wait_until(async || listening.incoming.len() == FULL).await;
    assert_eq!(observer.consumers_of(queue).await, Some(0));
    // All the same nothing is forgotten.
    for _ in 0..FULL + 20 {
        next(&mut listening).await;
    }
    drop(listening);
    served.close().await;
    client.close().await;
    observer.delete_queue(queue).await;
    observer.delete_queue(&format!("{queue}.server")).await;
    observer.close().await;
}

const SENT: usize = 600;
