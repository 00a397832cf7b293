//! What the options say about a server's replies.

use serde_json::Value;

use super::*;
use crate::transport::{Transport, TransportOptions};
use crate::{Endpoint, RpcServer, Target};

/// Whether a reply arrives whose queue is declared some time after the call.
async fn reply_arrives(change: impl FnOnce(&mut RabbitOptions), late: Duration) -> bool {
    let mut options = TransportOptions::default();
    change(&mut options.rabbit);
    let transport = Transport::with_options(&broker_url(), options).unwrap();
    let (exchange, name) = (unique("exchange"), unique("topic"));
    let target = Target::topic(&name).exchange(&exchange).server("server");
    let server = RpcServer::builder(&transport, target)
        .endpoint(Endpoint::new().method("m", |_, _: Value| async { Ok(1) }))
        .start()
        .await
        .unwrap();

    let client = super::transport(&broker_url());
    let queue = unique("reply");
    let inner = format!(
        r#"{{"method": "m", "_msg_id": "{}", "_reply_q": "{queue}", "_unique_id": "{}"}}"#,
        crate::id::random().simple(),
        unique("request")
    );
    let call = with_inner(topic(&exchange, &name), true, &inner);
    cast(&client, call).await.unwrap();

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
