//! What the options say about a server's replies.

use serde_json::Value;

use super::*;
use crate::transport::{Transport, TransportOptions};
use crate::{Endpoint, RpcServer, Target};

/// A server whose method is called with whatever reply queue.
struct Served {
    transport: Transport,
    server: RpcServer,
    client: Rabbit,
    exchange: String,
    topic: String,
}

impl Served {
    async fn with(change: impl FnOnce(&mut RabbitOptions)) -> Self {
        let mut options = TransportOptions::default();
        change(&mut options.rabbit);
        let transport = Transport::with_options(&broker_url(), options).unwrap();
        let (exchange, topic) = (unique("exchange"), unique("topic"));
        let target = Target::topic(&topic).exchange(&exchange).server("server");
        let server = RpcServer::builder(&transport, target)
            .endpoint(Endpoint::new().method("m", |_, _: Value| async { Ok(1) }));
        Self {
            server: server.start().await.unwrap(),
            transport,
            client: super::transport(&broker_url()),
            exchange,
            topic,
        }
    }

    async fn call(&self, reply_queue: &str) {
        let inner = format!(
            r#"{{"method": "m", "_msg_id": "{}", "_reply_q": "{reply_queue}", "_unique_id": "{}"}}"#,
            crate::id::random().simple(),
            unique("request")
        );
        let call = with_inner(topic(&self.exchange, &self.topic), true, &inner);
        cast(&self.client, call).await.unwrap();
    }

    async fn close(self) {
        self.server.stop().await;
        self.transport.close().await;
        self.client.close().await;
    }
}

/// Whether a reply arrives whose queue is declared some time after the call.
async fn reply_arrives(change: impl FnOnce(&mut RabbitOptions), late: Duration) -> bool {
    let served = Served::with(change).await;
    let queue = unique("reply");
    served.call(&queue).await;
    sleep(late).await;
    let observer = Observer::new().await;
    observer.queue(&queue).await;
    let mut messages = observer.messages(&queue).await;
    let arrival = timeout(Duration::from_secs(2), messages.recv()).await;
    served.close().await;
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
    let served = Served::with(|options| {
        options.kombu_missing_consumer_retry_timeout = Duration::from_millis(100);
    });
    let (served, queue) = (served.await, unique("reply"));
    served.call(&queue).await;
    sleep(Duration::from_millis(700)).await;
    let observer = Observer::new().await;
    observer.queue(&queue).await;
    let mut messages = observer.messages(&queue).await;
    let early = timeout(Duration::from_millis(300), messages.recv()).await;
    assert!(early.is_err(), "it was to be given up");
    for _ in 0..2 {
        served.call(&queue).await;
        let arrival = timeout(Duration::from_secs(2), messages.recv()).await;
        assert!(arrival.is_ok(), "no reply though the queue is there");
    }
    served.close().await;
    observer.close().await;
}
