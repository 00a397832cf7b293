//! Numbers and names at their edges, with and without a broker.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use oslo_messaging::{Endpoint, Error, RpcClient, Target, Transport, TransportOptions};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::time::sleep;

use super::case::{LIMIT, cast, client, serve, transport, trials, unique};
use super::raw::{Declared, Raw};

trials![
    a_monitor_timeout_without_end_breaks_nothing,
    a_topic_of_the_longest_name_needs_no_server,
    a_transport_outlives_its_first_runtime,
    references_to_references_are_read_in_time,
];

/// What a peer says about time is a number like any other.
async fn a_monitor_timeout_without_end_breaks_nothing() {
    let (transport, topic) = (transport(), unique("topic"));
    // Slow enough that it is thought about signs of life.
    let echo = |_, args: Value| async move {
        sleep(Duration::from_millis(20)).await;
        Ok(args)
    };
    let server = serve(&transport, &topic, Endpoint::new().method("echo", echo)).await;
    let (replies, mut raw) = (unique("reply"), Raw::open().await);
    raw.queue(&replies, &[]).await;
    raw.consume(&replies).await;
    let numbers = [
        "18446744073709550000",
        "9223372036854775807",
        "9.2e18",
        "1e308",
        "1e400",
        "\"1e19\"",
        "-1",
        "0",
        "null",
    ];
    let mut unanswered = Vec::new();
    for number in numbers {
        let request = format!(
            r#"{{"method": "echo", "args": {{"a": 1}}, "version": "1.0", "_msg_id": "call",
                "_reply_q": "{replies}", "_timeout": {number}, "_unique_id": "{}"}}"#,
            unique("request")
        );
        let body = super::raw::envelope(&request);
        raw.publish("openstack", &topic, super::amqp::Properties::JSON, &body)
            .await;
        match raw.next(Duration::from_secs(2)).await {
            None => unanswered.push(number),
            Some(reply) => {
                let reply = super::raw::unwrapped(&reply);
                assert_eq!(reply["result"], json!({"a": 1}), "{number}: {reply}");
            }
        }
    }
    server.stop().await;
    transport.close().await;
    raw.delete_queue(&replies).await;
    assert_eq!(unanswered, Vec::<&str>::new());
}

/// A routing key has up to 255 bytes, and without a server there is none after the topic.
async fn a_topic_of_the_longest_name_needs_no_server() {
    let topic = "t".repeat(255);
    let target = Target::topic(&topic);
    let memory = Transport::memory();
    RpcClient::new(&memory, target.clone()).validate().unwrap();
    let transport = transport();
    let mut raw = Raw::open().await;
    let exchange = raw.exchange("openstack", "topic", Declared::default());
    exchange.await.unwrap();
    raw.queue(&topic, &[]).await;
    raw.bind(&topic, "openstack", &topic).await;
    cast(&client(&transport, &topic)).await.unwrap();
    assert_eq!(raw.waiting_in(&topic).await, Some(1));
    raw.delete_queue(&topic).await;
    transport.close().await;
    let target = target.server("s");
    let error = RpcClient::new(&memory, target).validate().unwrap_err();
    assert!(matches!(error, Error::InvalidArgument { .. }), "{error:?}");
}

/// A file of a few kilobytes must not take for ever, whatever is in it.
async fn references_to_references_are_read_in_time() {
    let mut text = "[DEFAULT]\na0 =\n".to_owned();
    for level in 1..=7 {
        let references = format!("$a{}", level - 1).repeat(100);
        text += &format!("a{level} = {references}\n");
    }
    text += "control_exchange = $a7\n";
    let (sender, receiver) = mpsc::channel();
    // It cannot be ended if it does not end.
    thread::spawn(move || {
        let is_read = TransportOptions::from_ini(&text).is_ok();
        let _ = sender.send(is_read);
    });
    let read = receiver.recv_timeout(Duration::from_secs(5));
    // Whether it is read or refused.
    assert!(read.is_ok(), "it is still being read");
}

/// It works on the next one, or says what is wrong.
async fn a_transport_outlives_its_first_runtime() {
    let (transport, topic) = (transport(), unique("topic"));
    let mut raw = Raw::open().await;
    let exchange = raw.exchange("openstack", "topic", Declared::default());
    exchange.await.unwrap();
    raw.queue(&topic, &[]).await;
    raw.bind(&topic, "openstack", &topic).await;
    let first = client(&transport, &topic);
    let outcome = thread::spawn(move || {
        let runtime = Runtime::new().unwrap();
        runtime.block_on(async { cast(&first).await })
    });
    outcome.join().unwrap().unwrap();
    let second = client(&transport, &topic).timeout(LIMIT / 2);
    let result = cast(&second).await;
    transport.close().await;
    raw.delete_queue(&topic).await;
    if let Err(error) = result {
        assert!(error.to_string().contains("runtime"), "{error}");
    }
}
