//! A limit that is reached is told with who has set it and where it is raised.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use oslo_messaging::TransportErrorKind::{ConnectionLost, LimitReached, OperationRefused};
use oslo_messaging::{Endpoint, Event, RpcServer, Target, Transport, TransportOptions};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::case::{LIMIT, becomes, client, echo, echo_server, serve, transport, trials, unique};
use super::node::{Login, MAX_MESSAGE_SIZE, node};
use super::raw::{Declared, Raw};
use super::told::{User, assert_told, fail_to_call, source, start};

trials![
    a_users_limit_of_channels_is_told,
    a_brokers_limit_of_channels_is_told,
    a_virtual_hosts_limit_of_queues_is_told,
    limits_of_a_cluster_are_told,
    a_message_that_is_too_large_for_the_broker_is_told,
    a_server_that_is_busy_for_too_long_hears_it,
    a_server_comes_back_when_a_limit_is_raised,
];

async fn a_users_limit_of_channels_is_told() {
    let user = User::new();
    user.limit(r#"{"max-channels": 0}"#);
    let transport = user.transport();
    let (says, remedy) = (
        ["NOT_ALLOWED", "maximum allowed user limit"],
        ["max-channels", "set_user_limits"],
    );
    for error in [fail_to_call(&transport).await, start(&transport).await] {
        assert_told(&error, LimitReached, &says, &remedy);
        assert!(!error.to_string().contains(&user.name), "{error}");
    }
    transport.close().await;
}

/// A server has a channel for each of its three queues.
async fn a_brokers_limit_of_channels_is_told() {
    let set = |limit: u32| {
        let set = format!("application:set_env(rabbit, channel_max, {limit}).");
        node().control(&["eval", &set]).unwrap();
    };
    set(2);
    let transport = transport();
    let error = start(&transport).await;
    set(2047);
    transport.close().await;
    assert_told(
        &error,
        LimitReached,
        &["no more channels"],
        &["channel_max"],
    );
}

async fn a_virtual_hosts_limit_of_queues_is_told() {
    node()
        .control(&["set_vhost_limits", r#"{"max-queues": 0}"#])
        .unwrap();
    let transport = transport();
    let errors = [fail_to_call(&transport).await, start(&transport).await];
    transport.close().await;
    node().control(&["clear_vhost_limits"]).unwrap();
    for error in errors {
        let says = ["PRECONDITION_FAILED", "queue limit in vhost"];
        assert_told(
            &error,
            LimitReached,
            &says,
            &["max-queues", "set_vhost_limits"],
        );
    }
}

/// RabbitMQ 3 has none.
async fn limits_of_a_cluster_are_told() {
    for (name, says) in [
        ("channel_max_per_node", "opened on node"),
        ("cluster_queue_limit", "queue limit in cluster"),
    ] {
        let set = |limit: &str| {
            let set = format!("application:set_env(rabbit, {name}, {limit}).");
            node().control(&["eval", &set]).unwrap();
        };
        set("0");
        let transport = transport();
        let target = Target::topic(unique("topic"))
            .server("host-1")
            .exchange(unique("exchange"));
        let started = RpcServer::builder(&transport, target).start().await;
        set("infinity");
        if node().version().major() < 4 {
            started.unwrap().stop().await;
        } else {
            let error = source(started.map(drop));
            assert_told(&error, LimitReached, &[says], &[name, "rabbitmq.conf"]);
        }
        transport.close().await;
    }
}

/// It goes on by itself, and nothing is executed twice or not at all.
async fn a_server_that_is_busy_for_too_long_hears_it() {
    let set = |timeout: &str, tick: &str| {
        let set = format!(
            "application:set_env(rabbit, consumer_timeout, {timeout}), \
             application:set_env(rabbit, channel_tick_interval, {tick})."
        );
        node().control(&["eval", &set]).unwrap();
    };
    set("1000", "500");
    let (transport, topic) = (transport(), unique("topic"));
    let executed = Arc::new(Mutex::new(Vec::new()));
    let endpoint = Endpoint::new().method("m", {
        let executed = Arc::clone(&executed);
        move |_, args: Value| {
            executed
                .lock()
                .unwrap()
                .push(args["number"].as_u64().unwrap());
            async {
                sleep(Duration::from_secs(4)).await;
                Ok(Value::Null)
            }
        }
    });
    let server = serve(&transport, &topic, endpoint).await;
    let mut events = transport.events();
    let client = client(&transport, &topic);
    // More than it executes and takes ahead.
    for number in 0..MANY {
        client
            .cast(&json!({}), "m", &json!({"number": number}))
            .await
            .unwrap();
    }
    let lost = async {
        loop {
            if let Some(Event::Lost { reason, .. }) = events.next().await {
                return reason;
            }
        }
    };
    let reason = timeout(LIMIT, lost).await.unwrap();
    set("1800000", "60000");
    let is_done = async || executed.lock().unwrap().len() as u64 >= MANY;
    let is_done = becomes(LIMIT, is_done).await;
    server.stop().await;
    transport.close().await;
    let says = [
        "PRECONDITION_FAILED",
        "delivery acknowledgement",
        "timed out",
    ];
    assert_told(&reason, ConnectionLost, &says, &["consumer_timeout"]);
    let mut executed = executed.lock().unwrap().clone();
    executed.sort_unstable();
    assert!(
        is_done && executed.iter().copied().eq(0..MANY),
        "{executed:?}"
    );
}

const MANY: u64 = 160;

/// Whose own limit is higher than the broker's.
async fn a_message_that_is_too_large_for_the_broker_is_told() {
    let mut raw = Raw::open().await;
    let exchange = raw.exchange("openstack", "topic", Declared::default());
    exchange.await.unwrap();
    let mut options = TransportOptions::default();
    options.max_message_size = 4 * MAX_MESSAGE_SIZE;
    let url = Login::of_the_node().url("").parse().unwrap();
    let transport = Transport::with_options(&url, options).unwrap();
    let args = json!({"a": "x".repeat(MAX_MESSAGE_SIZE)});
    let cast = client(&transport, "any").cast(&json!({}), "m", &args).await;
    let error = source(cast);
    transport.close().await;
    let says = ["PRECONDITION_FAILED", "message size"];
    assert_told(
        &error,
        OperationRefused,
        &says,
        &["max_message_size", "rabbitmq.conf"],
    );
}

/// Nobody asks for it: it has to try again by itself.
async fn a_server_comes_back_when_a_limit_is_raised() {
    let user = User::new();
    let (theirs, ours, topic) = (user.transport(), transport(), unique("topic"));
    let server = echo_server(&theirs, &topic).await;
    let client = client(&ours, &topic).timeout(Duration::from_secs(1));
    echo(&client).await.unwrap();
    user.limit(r#"{"max-connections": 0}"#);
    node()
        .control(&["close_all_user_connections", &user.name, "of-a-test"])
        .unwrap();
    // It is refused at least once.
    let is_gone = becomes(LIMIT, async || echo(&client).await.is_err()).await;
    sleep(Duration::from_secs(3)).await;
    user.limit(r#"{"max-connections": -1}"#);
    let is_back = becomes(LIMIT, async || echo(&client).await.is_ok()).await;
    server.stop().await;
    theirs.close().await;
    ours.close().await;
    assert!(is_gone && is_back, "gone: {is_gone}, back: {is_back}");
}
