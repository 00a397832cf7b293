//! Messages on their way to the broker.

use super::*;

#[tokio::test]
async fn a_message_arrives_as_python_would_send_it() {
    let transport = transport(&broker_url());
    let (observer, queue, key) = (Observer::new().await, unique("queue"), unique("key"));
    cast(&transport, message(topic(EXCHANGE, &key), false))
        .await
        .unwrap();
    observer.queue(&queue).await;
    observer.bind(&queue, EXCHANGE, &key).await;
    let mut messages = observer.messages(&queue).await;

    let mut call = message(topic(EXCHANGE, &key), true);
    call.expires = Some(Deadline::after(Instant::now(), Duration::from_secs(60)));
    let body = call.body.clone();
    cast(&transport, call).await.unwrap();
    let got = timeout(LIMIT, messages.recv()).await.unwrap().unwrap();
    assert_eq!(got.body, body);
    let properties = got.properties.read();
    let expiration: u32 = properties.expiration.unwrap().to_text().parse().unwrap();
    assert!((55_000..=60_000).contains(&expiration), "{expiration}");
    assert_eq!(
        properties.content_type.unwrap().to_text(),
        "application/json"
    );
    assert_eq!(properties.delivery_mode, Some(2));
    transport.close().await;
    observer.close().await;
}

#[tokio::test]
async fn an_unroutable_mandatory_message_is_known_among_many() {
    let transport = transport(&broker_url());
    let subscription = subscription();
    let mut listening = transport.listen(subscription.clone()).await.unwrap();
    let drain = tokio::spawn(async move { while listening.incoming.recv().await.is_some() {} });
    for _ in 0..5 {
        let casts = (0..300).map(|i| {
            let key = if i % 3 == 0 {
                "nobody"
            } else {
                &subscription.topic
            };
            cast(
                &transport,
                message(topic(&subscription.exchange, key), true),
            )
        });
        for (i, result) in join_all(casts).await.into_iter().enumerate() {
            match result {
                Ok(()) => assert_ne!(i % 3, 0, "{i}"),
                Err(SendError::Unroutable) => assert_eq!(i % 3, 0, "{i}"),
                Err(other) => panic!("{i}: {other:?}"),
            }
        }
    }
    transport.close().await;
    timeout(LIMIT, drain).await.unwrap().unwrap();
}

#[tokio::test]
async fn names_that_are_too_long_are_refused() {
    let transport = transport(&broker_url());
    let long = "x".repeat(256);
    let (delivery, kind, printed) =
        failure(cast(&transport, message(topic(&long, "key"), false)).await);
    assert_eq!(
        (delivery, kind),
        (Delivery::NotSent, TransportErrorKind::OperationRefused)
    );
    assert!(printed.contains("256"), "{printed}");
    transport.close().await;
}

#[tokio::test]
async fn compressed_messages_are_marked_and_known_when_they_are_returned() {
    for (method, header, begin) in [
        ("gzip", "application/x-gzip", b'\x78'),
        ("bzip2", "application/x-bz2", b'B'),
    ] {
        let options = RabbitOptions::from_pairs([("kombu_compression", method)]).unwrap();
        let client = with_options(&broker_url(), options);
        let server = transport(&broker_url());
        let subscription = subscription();
        let mut listening = server.listen(subscription.clone()).await.unwrap();
        let call = message(topic(&subscription.exchange, &subscription.topic), true);
        let body = call.body.clone();
        cast(&client, call).await.unwrap();
        let got = timeout(LIMIT, listening.incoming.recv()).await;
        let got = got.unwrap().unwrap();
        assert_eq!(got.compression.as_deref(), Some(header));
        assert_eq!(got.body.first(), Some(&begin), "{method}");
        let read = crate::wire::decompress(Some(header), &got.body, MOST).unwrap();
        assert_eq!(*read, *body);

        let nobody = message(topic(&subscription.exchange, "nobody"), true);
        let returned = cast(&client, nobody).await;
        assert!(
            matches!(returned, Err(SendError::Unroutable)),
            "{method}: {returned:?}"
        );
        client.close().await;
        server.close().await;
    }
}
