//! A server that has more to do than it can costs nothing: no connection, and no message that waits.

use std::time::Duration;

use oslo_messaging::{Event, Purpose};
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::amqp::QUEUE_BIND_OK;
use super::case::{
    LIMIT, becomes, client, transport, transport_at, transport_with, trials, unique,
};
use super::forwarder::Forwarder;
use super::gate::Gate;
use super::node::node;
use super::raw::Raw;

trials![
    losses_use_up_nothing_that_waits_for_a_full_server,
    a_full_server_keeps_its_connection,
];

/// A quorum queue drops what came back too often, from RabbitMQ 4 on without being asked to.
async fn losses_use_up_nothing_that_waits_for_a_full_server() {
    const CASTS: usize = 120;
    const LOSSES: usize = 8;
    let (forwarder, topic) = (Forwarder::start().await, unique("topic"));
    let policy = [
        "--apply-to",
        "queues",
        &topic,
        &topic,
        r#"{"delivery-limit": 4}"#,
    ];
    let policy = [&["set_policy"][..], &policy].concat();
    node().control(&policy).unwrap();
    let quorum = "rabbit_quorum_queue=true";
    let (served, calling) = (transport_at(forwarder.port, quorum), transport_with(quorum));
    let (server, gate) = Gate::serve_so_many(&served, &topic, 1).await;
    let client = client(&calling, &topic);
    for _ in 0..CASTS {
        client.cast(&json!({}), "wait", &json!({})).await.unwrap();
    }
    let mut raw = Raw::open().await;
    // The server has as many as it takes, and the broker's prefetch is used up.
    let mut is_taken =
        async || gate.running() == 1 && raw.waiting_in(&topic).await < Some(CASTS as u32 - 65);
    assert!(becomes(LIMIT, &mut is_taken).await);
    for _ in 0..LOSSES {
        let before = forwarder.to_client(QUEUE_BIND_OK);
        forwarder.cut();
        let is_back = async || forwarder.to_client(QUEUE_BIND_OK) >= before + 3;
        assert!(becomes(LIMIT, is_back).await);
        // The broker may deliver now.
        sleep(Duration::from_millis(200)).await;
    }
    gate.open();
    becomes(LIMIT, async || gate.executed() >= CASTS).await;
    // None comes twice.
    sleep(Duration::from_millis(200)).await;
    let executed = gate.executed();
    server.stop().await;
    served.close().await;
    calling.close().await;
    for queue in [&topic, &format!("{topic}.host-1")] {
        raw.delete_queue(queue).await;
    }
    node().control(&["clear_policy", &topic]).unwrap();
    assert_eq!(executed, CASTS);
}

/// Its broker has more for it than is read ahead, and is not dead while nothing is read.
async fn a_full_server_keeps_its_connection() {
    const CASTS: usize = 160;
    let (served, topic) = (
        transport_with("heartbeat_timeout_threshold=2"),
        unique("topic"),
    );
    let mut events = served.events();
    let (server, gate) = Gate::serve_so_many(&served, &topic, 1).await;
    let calling = transport();
    let client = client(&calling, &topic);
    let large = json!({"x": "x".repeat(1024 * 1024)});
    for _ in 0..CASTS {
        client.cast(&json!({}), "wait", &large).await.unwrap();
    }
    let lost = async {
        loop {
            if let Some(Event::Lost {
                purpose: Purpose::Listen,
                reason,
            }) = events.next().await
            {
                return reason;
            }
        }
    };
    let lost = timeout(Duration::from_secs(8), lost).await;
    gate.open();
    becomes(LIMIT, async || gate.executed() >= CASTS).await;
    let executed = gate.executed();
    server.stop().await;
    served.close().await;
    calling.close().await;
    assert!(lost.is_err(), "{}", lost.unwrap());
    assert_eq!(executed, CASTS);
}
