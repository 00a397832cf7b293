//! A reply that is far too large, from Python's server through a real broker.

use std::time::{Duration, Instant};

use oslo_messaging::{Error, RpcClient, Target, Transport, TransportOptions};
use oslo_messaging_tests::broker::Broker;
use oslo_messaging_tests::peer::{PythonServer, unique_name};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_of_64_mib_is_a_clear_error_and_costs_little() {
    // RabbitMQ 4 takes 16 MiB unless it is told to take more.
    let broker = Broker::start_with("max_message_size = 134217728").unwrap();
    let url = broker.url("/");
    let topic = unique_name("hostile");
    let server = PythonServer::start(&url, &topic, "s1").await.unwrap();
    let target = Target::topic(&topic).version("2.5");
    let transport = Transport::new(&url).unwrap();
    let client = RpcClient::new(&transport, target.clone());
    let call = async |client: &RpcClient, bytes: usize| {
        let client = client.prepare().timeout(Duration::from_secs(50));
        client
            .call::<Value>(&json!({}), "large", &json!({"n": bytes}))
            .await
    };
    call(&client, 10).await.unwrap();

    let before = most_memory_ever();
    let started = Instant::now();
    let error = call(&client, 64 * MIB).await.unwrap_err();
    let Error::InvalidReply { reason } = &error else {
        panic!("{error}")
    };
    assert_eq!(
        reason,
        "the result has 67108866 bytes, and at most 67108864 are allowed"
    );
    assert!(error.was_executed());
    let (elapsed, grown) = (started.elapsed(), most_memory_ever() - before);
    println!("64 MiB: {elapsed:?}, {} MiB more memory", grown / MIB);
    assert!(grown < 6 * 64 * MIB, "{grown} bytes");

    // The transport is none the worse, and who wants more gets more.
    assert_eq!(call(&client, 3).await.unwrap(), "xxx");
    let mut options = TransportOptions::default();
    options.reply_bytes = 65 * MIB;
    let patient = Transport::with_options(&url.parse().unwrap(), options).unwrap();
    let result = call(&RpcClient::new(&patient, target), 64 * MIB).await;
    assert_eq!(result.unwrap().as_str().map(str::len), Some(64 * MIB));
    assert_eq!(transport.waiting_calls() + patient.waiting_calls(), 0);
    patient.close().await;
    transport.close().await;
    server.stop().await.unwrap();
}

/// The most memory that this process has used, as Linux counts it.
fn most_memory_ever() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let kib: usize = line.trim().trim_end_matches(" kB").parse().unwrap();
    kib * 1024
}

const MIB: usize = 1024 * 1024;
