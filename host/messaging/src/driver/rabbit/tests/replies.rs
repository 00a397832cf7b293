//! Reply queues.

use std::future::poll_fn;

use super::*;
use crate::driver::replies::Event;

#[tokio::test]
async fn a_reply_queue_takes_replies_and_is_gone_after_close() {
    let transport = transport(&broker_url());
    let queue = reply_queue(&transport).await.unwrap();
    assert_eq!(queue, reply_queue(&transport).await.unwrap());
    let reply = || message(reply_to(&queue), true);
    cast(&transport, reply()).await.unwrap();

    let observer = Observer::new().await;
    assert_eq!(observer.consumers_of(&queue).await, Some(1));
    transport.close().await;
    transport.close().await;
    assert!(!observer.has_queue(&queue).await);
    let (delivery, kind, _) = failure(cast(&transport, reply()).await);
    assert_eq!(
        (delivery, kind),
        (Delivery::NotSent, TransportErrorKind::Closed)
    );
    let (_, kind, _) = failure(reply_queue(&transport).await);
    assert_eq!(kind, TransportErrorKind::Closed);
    observer.close().await;
}

#[tokio::test]
async fn replies_reach_their_calls() {
    let (url, replies) = (broker_url(), Arc::new(Replies::new(MOST)));
    let options = RabbitOptions::from_pairs(url.options()).unwrap();
    let transport = with_replies(&url, options, Arc::clone(&replies));
    let queue = reply_queue(&transport).await.unwrap();
    let waiters: Vec<_> = (0..500).map(|_| replies.register()).collect();
    let sent = waiters.iter().enumerate().map(|(i, waiter)| {
        let inner = format!(
            r#"{{"_msg_id": "{}", "_unique_id": "{}", "ending": true, "result": {i}}}"#,
            waiter.call.simple(),
            unique("reply")
        );
        cast(&transport, with_inner(reply_to(&queue), true, &inner))
    });
    for result in join_all(sent).await {
        result.unwrap();
    }
    for (i, waiter) in waiters.iter().enumerate() {
        match timeout(LIMIT, poll_fn(|cx| waiter.poll_next(cx)))
            .await
            .unwrap()
        {
            Event::Outcome(ReplyResult::Value(value)) => assert_eq!(value.get(), i.to_string()),
            other => panic!("{i}: {other:?}"),
        }
    }
    transport.close().await;
}
