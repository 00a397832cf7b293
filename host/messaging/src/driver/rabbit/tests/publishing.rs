//! Messages on their way to the broker.

use super::*;

#[tokio::test]
async fn a_published_message_arrives_as_python_would_send_it() {
    let transport = transport(&broker_url());
    let exchange = unique("exchange");
    let nobody = message(topic(&exchange, "nobody"), false);
    publish(&transport, &nobody).await.unwrap();

    let observer = observer().await;
    let channel = observer.channel().await.unwrap();
    let queue = unique("queue");
    let declare = QueueDeclareOptions {
        exclusive: true,
        ..QueueDeclareOptions::default()
    };
    channel
        .queue_declare(short(&queue).unwrap(), declare, FieldTable::default())
        .await
        .unwrap();
    channel
        .queue_bind(
            short(&queue).unwrap(),
            short(&exchange).unwrap(),
            "here".into(),
            QueueBindOptions::default(),
            FieldTable::default(),
        )
        .await
        .unwrap();

    let mut call = message(topic(&exchange, "here"), true);
    call.expires = Some(Deadline::after(Instant::now(), Duration::from_secs(60)));
    publish(&transport, &call).await.unwrap();
    let got = channel
        .basic_get(short(&queue).unwrap(), BasicGetOptions { no_ack: true })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(got.delivery.data, call.body);
    let expiration = got
        .delivery
        .properties
        .expiration()
        .as_ref()
        .unwrap()
        .to_string();
    let expiration: u32 = expiration.parse().unwrap();
    assert!((55_000..=60_000).contains(&expiration), "{expiration}");
    transport.close().await;
    channel
        .exchange_delete(short(&exchange).unwrap(), ExchangeDeleteOptions::default())
        .await
        .unwrap();
    observer.close().await;
}

#[tokio::test]
async fn an_unroutable_mandatory_message_is_known_among_many() {
    let transport = transport(&broker_url());
    let exchange = unique("exchange");
    let (subscription, mut incoming) = {
        let subscription = Subscription {
            exchange: exchange.clone(),
            topic: unique("topic"),
            server: "server".to_owned(),
        };
        let incoming = transport.listen(subscription.clone()).await.unwrap();
        (subscription, incoming)
    };
    let drain = tokio::spawn(async move { while incoming.recv().await.is_some() {} });
    for _ in 0..5 {
        let messages: Vec<_> = (0..300)
            .map(|i| {
                let key = if i % 3 == 0 {
                    "nobody"
                } else {
                    &subscription.topic
                };
                message(topic(&exchange, key), true)
            })
            .collect();
        let results = join_all(messages.iter().map(|message| publish(&transport, message))).await;
        for (i, result) in results.into_iter().enumerate() {
            match result {
                Ok(()) => assert_ne!(i % 3, 0, "{i}"),
                Err(PublishError::Unroutable) => assert_eq!(i % 3, 0, "{i}"),
                Err(other) => panic!("{i}: {other:?}"),
            }
        }
    }
    transport.close().await;
    timeout(LIMIT, drain).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_thousand_publishes_are_in_flight_together() {
    let transport = transport(&broker_url());
    let exchange = unique("exchange");
    let messages: Vec<_> = (0..1000)
        .map(|_| message(topic(&exchange, "key"), false))
        .collect();
    let begin = Instant::now();
    for result in join_all(messages.iter().map(|message| publish(&transport, message))).await {
        result.unwrap();
    }
    println!("1000 publishes: {:?}", begin.elapsed());
    transport.close().await;
}
