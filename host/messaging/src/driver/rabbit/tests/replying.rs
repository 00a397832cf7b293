//! What the options say about a server's replies.

use serde_json::Value;

use super::*;
use crate::transport::{Transport, TransportOptions};
use crate::{Endpoint, RpcServer, Target};

async fn serve(transport: &Transport, exchange: &str, name: &str) -> RpcServer {
    let target = Target::topic(name).exchange(exchange).server("server");
    let server = RpcServer::builder(transport, target)
        .endpoint(Endpoint::new().method("m", |_, _: Value| async { Ok(1) }));
    server.start().await.unwrap()
}

/// A request whose reply goes to this queue.
fn call(exchange: &str, name: &str, queue: &str) -> Message {
    let inner = format!(
        r#"{{"method": "m", "_msg_id": "{}", "_reply_q": "{queue}", "_unique_id": "{}"}}"#,
        crate::id::random().simple(),
        unique("request")
    );
    with_inner(topic(exchange, name), true, &inner)
}

/// Whether a reply arrives whose queue is declared some time after the call.
async fn reply_arrives(change: impl FnOnce(&mut RabbitOptions), late: Duration) -> bool {
    let mut options = TransportOptions::default();
    change(&mut options.rabbit);
    let transport = Transport::with_options(&broker_url(), options).unwrap();
    let (exchange, name) = (unique("exchange"), unique("topic"));
    let server = serve(&transport, &exchange, &name).await;

    let client = super::transport(&broker_url());
    let queue = unique("reply");
    cast(&client, call(&exchange, &name, &queue)).await.unwrap();

    sleep(late).await;
    let observer = Observer::new().await;
    observer.queue(&queue).await;
    let mut messages = observer.messages(&queue).await;
    let arrival = timeout(Duration::from_secs(2), messages.recv()).await;
    server.stop().await;
    transport.close().await;
    client.close().await;
    observer.close().await;
    arrival.is_ok()
}

#[tokio::test]
async fn a_reply_waits_for_its_queue_as_long_as_the_options_say() {
    let late = Duration::from_millis(700);
    assert!(reply_arrives(|_| {}, late).await);
    let impatient = |options: &mut RabbitOptions| {
        options.kombu_missing_consumer_retry_timeout = Duration::from_millis(100);
    };
    assert!(!reply_arrives(impatient, late).await);
    let untold = |options: &mut RabbitOptions| options.direct_mandatory_flag = false;
    assert!(!reply_arrives(untold, late).await);
}

/// A client that was away for longer than is waited for it.
#[tokio::test]
async fn a_client_that_is_back_gets_its_replies() {
    let mut options = TransportOptions::default();
    options.rabbit.kombu_missing_consumer_retry_timeout = Duration::from_millis(100);
    let transport = Transport::with_options(&broker_url(), options).unwrap();
    let (exchange, name) = (unique("exchange"), unique("topic"));
    let server = serve(&transport, &exchange, &name).await;
    let client = super::transport(&broker_url());
    let queue = unique("reply");
    cast(&client, call(&exchange, &name, &queue)).await.unwrap();
    sleep(Duration::from_millis(700)).await;

    let observer = Observer::new().await;
    observer.queue(&queue).await;
    let mut messages = observer.messages(&queue).await;
    let early = timeout(Duration::from_millis(300), messages.recv()).await;
    assert!(early.is_err(), "it was to be given up");
    for _ in 0..2 {
        cast(&client, call(&exchange, &name, &queue)).await.unwrap();
        let arrival = timeout(Duration::from_secs(2), messages.recv()).await;
        assert!(arrival.is_ok(), "no reply though the queue is there");
    }
    server.stop().await;
    transport.close().await;
    client.close().await;
    observer.close().await;
}
