//! What servers get.

use super::*;

#[tokio::test]
async fn fanout_reaches_every_server_and_survives_the_exchange() {
    let transport = transport(&broker_url());
    let topic = unique("topic");
    let subscription = |server: &str| Subscription {
        exchange: "openstack".to_owned(),
        topic: topic.clone(),
        server: server.to_owned(),
    };
    let fanout = || {
        message(
            Destination::Fanout {
                topic: topic.clone(),
            },
            false,
        )
    };
    let mut one = transport.listen(subscription("one")).await.unwrap();
    let mut two = transport.listen(subscription("two")).await.unwrap();
    let cast = fanout();
    publish(&transport, &cast).await.unwrap();
    for incoming in [&mut one, &mut two] {
        let got = timeout(LIMIT, incoming.recv()).await.unwrap().unwrap();
        assert_eq!(got.body, cast.body);
        assert_eq!(got.content_type.as_deref(), Some("application/json"));
    }
    // The exchange goes with its last queue.
    drop((one, two));
    let observer = observer().await;
    wait_until(async || {
        let channel = observer.channel().await.unwrap();
        let options = lapin::options::ExchangeDeclareOptions {
            passive: true,
            ..lapin::options::ExchangeDeclareOptions::default()
        };
        let name = short(&format!("{topic}_fanout")).unwrap();
        channel
            .exchange_declare(
                name,
                lapin::ExchangeKind::Fanout,
                options,
                FieldTable::default(),
            )
            .await
            .is_err()
    })
    .await;
    publish(&transport, &fanout()).await.unwrap();
    transport.close().await;
    observer.close().await;
}

#[tokio::test]
async fn a_server_gets_calls_by_topic_and_by_name() {
    let transport = transport(&broker_url());
    let (exchange, name) = (unique("exchange"), unique("topic"));
    let subscription = Subscription {
        exchange: exchange.clone(),
        topic: name.clone(),
        server: "server".to_owned(),
    };
    let mut incoming = transport.listen(subscription).await.unwrap();
    for (key, size) in [(name.clone(), 0), (format!("{name}.server"), 3_000_000)] {
        let mut call = message(topic(&exchange, &key), true);
        // Many frames.
        call.body = [&call.body[..], &vec![b' '; size]].concat().into();
        publish(&transport, &call).await.unwrap();
        assert_eq!(
            timeout(LIMIT, incoming.recv()).await.unwrap().unwrap().body,
            call.body
        );
    }
    transport.close().await;
    assert!(incoming.recv().await.is_none());
}
