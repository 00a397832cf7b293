//! Reply queues.

use super::*;

#[tokio::test]
async fn a_reply_queue_takes_replies_and_is_gone_after_close() {
    let transport = transport(&broker_url());
    let attempt = Attempt::new(Some(0));
    let queue = transport.reply_queue(&attempt).await.unwrap();
    let again = transport.reply_queue(&attempt).await.unwrap();
    assert_eq!(queue, again);
    let reply = reply_to(&queue);
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
        let msg_id = crate::id::random();
        waiters.push(replies.register(msg_id));
        let mut reply = reply_to(&queue);
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
