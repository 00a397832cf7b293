//! Brokers that are told to refuse, short of memory, or made to hang up.

use std::time::Duration;

use oslo_messaging::TransportErrorKind::{Blocked, ConnectionLost, OperationRefused};
use oslo_messaging::{Event, Transport};
use oslo_messaging_tests::broker::Broker;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::case::{LIMIT, cast, client, echo, echo_server, transport, trials, unique};
use super::node::node;
use super::raw::{Declared, Raw};
use super::told::{assert_told, source, start};

trials![
    a_broker_that_takes_durable_queues_only_is_told,
    an_alarm_is_told,
    a_connection_that_is_closed_by_an_operator_is_told,
];

/// RabbitMQ 3 has nothing like it: there it is another line of the configuration that has no effect.
async fn a_broker_that_takes_durable_queues_only_is_told() {
    let refuses = node().version().major() >= 4;
    let forbid = if refuses {
        "deprecated_features.permit.transient_nonexcl_queues = false"
    } else {
        ""
    };
    let broker = spawn_blocking(move || Broker::start_with(forbid))
        .await
        .unwrap()
        .unwrap();
    let url = broker.url("/");
    let transport = Transport::new(&url).unwrap();
    if refuses {
        let error = start(&transport).await;
        let says = ["INTERNAL_ERROR", "transient_nonexcl_queues"];
        let remedy = ["amqp_durable_queues=true", "rabbit_quorum_queue=true"];
        assert_told(&error, OperationRefused, &says, &remedy);
    }
    // What it is told to do helps.
    for option in ["amqp_durable_queues", "rabbit_quorum_queue"] {
        let durable = Transport::new(&format!("{url}?{option}=true")).unwrap();
        let topic = unique("topic");
        let server = echo_server(&durable, &topic).await;
        echo(&client(&transport, &topic)).await.unwrap();
        server.stop().await;
        durable.close().await;
    }
    transport.close().await;
}

async fn an_alarm_is_told() {
    let mut raw = Raw::open().await;
    let exchange = raw.exchange("openstack", "topic", Declared::default());
    exchange.await.unwrap();
    let transport = transport();
    let client = client(&transport, "any").timeout(Duration::from_secs(2));
    cast(&client).await.unwrap();
    let set = |limit: &str| {
        node()
            .control(&["set_vm_memory_high_watermark", limit])
            .unwrap()
    };
    set("0.000001");
    let errors = [source(cast(&client).await), source(cast(&client).await)];
    set("0.4");
    for error in errors {
        let remedy = ["vm_memory_high_watermark", "disk_free_limit"];
        assert_told(&error, Blocked, &["takes no messages", "memory"], &remedy);
    }
    let again = client.timeout(LIMIT);
    cast(&again).await.unwrap();
    transport.close().await;
}

async fn a_connection_that_is_closed_by_an_operator_is_told() {
    let (transport, topic) = (transport(), unique("topic"));
    let server = echo_server(&transport, &topic).await;
    let client = client(&transport, &topic);
    echo(&client).await.unwrap();
    let mut events = transport.events();
    node()
        .control(&["close_all_connections", "of-a-test"])
        .unwrap();
    for _ in 0..3 {
        let lost = async {
            loop {
                if let Some(Event::Lost { reason, .. }) = events.next().await {
                    return reason;
                }
            }
        };
        let reason = timeout(LIMIT, lost).await.unwrap();
        assert_eq!(reason.reply_code(), Some(320), "{reason}");
        assert_told(
            &reason,
            ConnectionLost,
            &["CONNECTION_FORCED", "of-a-test"],
            &["operator"],
        );
    }
    echo(&client).await.unwrap();
    server.stop().await;
    transport.close().await;
}
