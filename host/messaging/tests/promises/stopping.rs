//! A server that is stopped executes and answers what it has acknowledged, takes no more, and ends
//! whatever the broker does. Replies to callers that are gone cost those that are there nothing.

use std::time::{Duration, Instant};

use oslo_messaging::Transport;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::amqp::BASIC_RETURN;
use super::case::{
    LIMIT, becomes, call, client, echo, echo_server, transport, transport_at, trials, unique,
};
use super::forwarder::Forwarder;
use super::gate::Gate;
use super::raw::Raw;

trials![
    casts_that_are_acknowledged_are_executed,
    casts_in_memory_are_executed,
    calls_that_are_acknowledged_are_answered,
    stopping_ends_with_the_broker_gone,
    stopping_ends_with_the_broker_silent,
    absent_callers_cost_nobody_a_method,
    an_absent_caller_is_not_waited_for_again,
];

/// What is not executed is still in the queue.
async fn casts_that_are_acknowledged_are_executed() {
    let (transport, topic) = (transport(), unique("topic"));
    let (server, gate) = Gate::serve(&transport, &topic).await;
    let client = client(&transport, &topic);
    for _ in 0..REQUESTS {
        client.cast(&json!({}), "wait", &json!({})).await.unwrap();
    }
    gate.stop_when_full(server, &topic).await;
    let left = Raw::open().await.waiting_in(&topic).await.unwrap() as usize;
    let executed = gate.executed();
    transport.close().await;
    assert_eq!(
        executed + left,
        REQUESTS,
        "{executed} and {left} of {REQUESTS}"
    );
}

/// What the server that stops does not execute, the next one does.
async fn casts_in_memory_are_executed() {
    let (transport, topic) = (Transport::memory(), unique("topic"));
    let (server, gate) = Gate::serve(&transport, &topic).await;
    let client = client(&transport, &topic);
    for _ in 0..REQUESTS {
        client.cast(&json!({}), "wait", &json!({})).await.unwrap();
    }
    assert!(becomes(LIMIT, async || gate.running() >= 64).await);
    let stopping = tokio::spawn(server.stop());
    tokio::task::yield_now().await;
    gate.open();
    timeout(LIMIT, stopping).await.unwrap().unwrap();
    let (next, next_gate) = Gate::serve(&transport, &topic).await;
    next_gate.open();
    let executed = || gate.executed() + next_gate.executed();
    becomes(Duration::from_secs(3), async || executed() == REQUESTS).await;
    next.stop().await;
    assert_eq!(executed(), REQUESTS);
}

async fn calls_that_are_acknowledged_are_answered() {
    let (transport, topic) = (transport(), unique("topic"));
    let (server, gate) = Gate::serve(&transport, &topic).await;
    let mut calls = JoinSet::new();
    for _ in 0..REQUESTS {
        let client = client(&transport, &topic).timeout(Duration::from_secs(60));
        calls.spawn(async move {
            call(&client, "wait").await.unwrap();
        });
    }
    let mut raw = Raw::open().await;
    // All calls are in the queue or taken out of it.
    let sent = async || transport.waiting_calls() == REQUESTS;
    assert!(becomes(LIMIT, sent).await);
    gate.stop_when_full(server, &topic).await;
    let mut answered = 0;
    let mut left = 0;
    becomes(Duration::from_secs(5), async || {
        while let Some(call) = calls.try_join_next() {
            call.unwrap();
            answered += 1;
        }
        left = raw.waiting_in(&topic).await.unwrap() as usize;
        answered + left == REQUESTS
    })
    .await;
    let executed = gate.executed();
    calls.abort_all();
    transport.close().await;
    assert_eq!(
        answered + left,
        REQUESTS,
        "{answered} answered of {executed} executed, {left} left, of {REQUESTS}"
    );
}

async fn stopping_ends_with_the_broker_gone() {
    stopping_ends_when(|forwarder| {
        forwarder.refuse(true);
        forwarder.cut();
    })
    .await;
}

async fn stopping_ends_with_the_broker_silent() {
    stopping_ends_when(|forwarder| forwarder.freeze(true)).await;
}

async fn stopping_ends_when(breaks: impl FnOnce(&Forwarder)) {
    let (forwarder, topic) = (Forwarder::start().await, unique("topic"));
    let served = transport_at(forwarder.port, "kombu_missing_consumer_retry_timeout=2");
    let (server, gate) = Gate::serve(&served, &topic).await;
    let calling = transport();
    let waits = client(&calling, &topic);
    let waits = tokio::spawn(async move { drop(call(&waits, "wait").await) });
    assert!(becomes(LIMIT, async || gate.running() == 1).await);
    breaks(&forwarder);
    gate.open();
    let begin = Instant::now();
    let stopped = timeout(LIMIT, server.stop()).await;
    assert!(
        stopped.is_ok(),
        "it has not stopped after {:?}",
        begin.elapsed()
    );
    waits.abort();
    calling.close().await;
    served.close().await;
}

async fn absent_callers_cost_nobody_a_method() {
    let (transport, topic) = (transport(), unique("topic"));
    let server = echo_server(&transport, &topic).await;
    let client = client(&transport, &topic);
    echo(&client).await.unwrap();
    let mut raw = Raw::open().await;
    for number in 0..200 {
        let absent = unique("reply");
        raw.publish_json("openstack", &topic, &request(&absent, number))
            .await;
    }
    let is_taken = async || raw.waiting_in(&topic).await == Some(0);
    becomes(Duration::from_secs(2), is_taken).await;
    let begin = Instant::now();
    let call = timeout(LIMIT / 2, echo(&client)).await;
    let took = begin.elapsed();
    drop(server);
    transport.close().await;
    assert!(call.is_ok(), "no reply after {took:?}");
    call.unwrap().unwrap();
}

/// For a minute nothing waits again for a queue that was missing for the time that it is waited for. It
/// is tried once, because its client may be back.
async fn an_absent_caller_is_not_waited_for_again() {
    let (forwarder, topic) = (Forwarder::start().await, unique("topic"));
    let options = "kombu_missing_consumer_retry_timeout=1";
    let transport = transport_at(forwarder.port, options);
    let server = echo_server(&transport, &topic).await;
    let (absent, mut raw) = (unique("reply"), Raw::open().await);
    raw.publish_json("openstack", &topic, &request(&absent, 0))
        .await;
    let returned = || forwarder.to_client(BASIC_RETURN);
    assert!(becomes(LIMIT, async || returned() > 0).await);
    // It is given up when none is tried again for four times the pause between two.
    let (mut before, mut quiet_since) = (returned(), Instant::now());
    let is_given_up = becomes(LIMIT, async || {
        if returned() != before {
            (before, quiet_since) = (returned(), Instant::now());
        }
        quiet_since.elapsed() > Duration::from_secs(1)
    });
    assert!(is_given_up.await);
    for number in 1..=20 {
        raw.publish_json("openstack", &topic, &request(&absent, number))
            .await;
    }
    // What comes after them is answered after them.
    echo(&client(&transport, &topic)).await.unwrap();
    becomes(Duration::from_secs(2), async || returned() > before + 20).await;
    let more = returned() - before;
    drop(server);
    transport.close().await;
    assert_eq!(more, 20, "of twenty replies to a queue known to be missing");
}

fn request(reply_queue: &str, number: usize) -> Value {
    json!({
        "method": "echo", "args": {}, "version": "1.0", "_msg_id": format!("call-{number}"),
        "_reply_q": reply_queue, "_timeout": null, "_unique_id": unique("request"),
    })
}

const REQUESTS: usize = 200;
