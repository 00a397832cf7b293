//! Who has ever been called knows the name of the reply queue. What it sends there delays nobody
//! else's replies and fills no memory.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use oslo_messaging::{Error, RpcClient, Transport};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::amqp::Properties;
use super::case::{
    LIMIT, becomes, client, echo, echo_server, transport, transport_at, transport_with_reply_bytes,
    trials, unique,
};
use super::forwarder::Forwarder;
use super::measure::Watch;
use super::node::{MAX_MESSAGE_SIZE, node};
use super::raw::{Raw, envelope};

trials![
    compressed_zeros_delay_no_other_reply,
    a_reply_for_nobody_fills_no_memory,
    a_reply_is_decompressed_as_far_as_it_may_be_large,
    replies_are_fetched_as_they_are_read,
    compressed_replies_that_come_together_are_all_read,
    a_reply_of_any_size_ends_its_call,
];

async fn compressed_zeros_delay_no_other_reply() {
    let (transport, topic) = (transport(), unique("topic"));
    // The others' server has connections of its own, which nobody floods.
    let others = super::case::transport();
    let server = echo_server(&others, &topic).await;
    let client = client(&transport, &topic).timeout(Duration::from_secs(5));
    echo(&client).await.unwrap();
    let quiet = slowest_reply(&client, async || false).await;

    let queue = ReplyQueue::of(&transport).await;
    let zeros = compressed(&vec![0; 128 * 1024 * 1024]);
    assert!(zeros.len() < 256 * 1024);
    let zeros = Arc::new(zeros);
    let mut senders = JoinSet::new();
    for _ in 0..10 {
        let (mut raw, name) = (Raw::open().await, queue.name.clone());
        let zeros = Arc::clone(&zeros);
        senders.spawn(async move {
            for _ in 0..5 {
                raw.publish("", &name, GZIP, &zeros).await;
                // What is measured is our client, not who gets the processor.
                sleep(Duration::from_millis(100)).await;
            }
            raw.waiting_in(&name).await;
        });
    }
    let mut observer = Raw::open().await;
    let busy = slowest_reply(&client, async || {
        while senders.try_join_next().is_some() {}
        let all_is_sent = senders.is_empty();
        !(all_is_sent && observer.waiting_in(&queue.name).await == Some(0))
    });
    let busy = busy.await;
    // Closing waits for who is busy.
    assert!(
        busy < quiet + Duration::from_millis(250),
        "the slowest reply took {busy:?}, and {quiet:?} without the zeros"
    );
    server.stop().await;
    others.close().await;
    transport.close().await;
}

async fn a_reply_for_nobody_fills_no_memory() {
    let transport = transport_with_reply_bytes(1024 * 1024);
    let queue = ReplyQueue::of(&transport).await;
    let body = large_reply("nobody");
    let mut raw = Raw::open().await;
    let watch = Watch::start();
    raw.publish("", &queue.name, GZIP, &body).await;
    raw.waiting_in(&queue.name).await;
    queue.still_works(&transport).await;
    transport.close().await;
    assert!(watch.most() < 16, "it took {} MiB", watch.most());
}

async fn a_reply_is_decompressed_as_far_as_it_may_be_large() {
    let transport = transport_with_reply_bytes(1024 * 1024);
    let mut server = RawServer::listen().await;
    let client = client(&transport, &server.topic);
    let call = tokio::spawn(async move { echo(&client).await });
    let request = server.raw.next_json(LIMIT).await;
    let body = large_reply(request["_msg_id"].as_str().unwrap());
    let watch = Watch::start();
    let queue = request["_reply_q"].as_str().unwrap();
    server.raw.publish("", queue, GZIP, &body).await;
    let error = call.await.unwrap().unwrap_err();
    let most = watch.most();
    transport.close().await;
    assert!(matches!(error, Error::InvalidReply { .. }), "{error:?}");
    assert!(error.was_executed());
    assert!(most < 16, "it took {most} MiB to refuse it");
}

/// Without a prefetch the broker sends whatever is there, and it is kept here.
async fn replies_are_fetched_as_they_are_read() {
    let transport = transport();
    let queue = ReplyQueue::of(&transport).await;
    let listed = node().control(&["list_consumers", "queue_name", "prefetch_count"]);
    let listed = listed.unwrap();
    let prefetch = listed
        .lines()
        .find_map(|line| line.strip_prefix(&queue.name))
        .map(|count| count.trim().parse::<u32>().unwrap());
    transport.close().await;
    let prefetch = prefetch.expect("the reply queue has a consumer");
    assert!((1..=5000).contains(&prefetch), "the prefetch is {prefetch}");
}

/// Brokers can be told to take more than is ever kept of a message.
async fn a_reply_of_any_size_ends_its_call() {
    let set = |limit: usize| {
        // Where RabbitMQ 3 looks, and where 4 does.
        let set = format!(
            "application:set_env(rabbit, max_message_size, {limit}), \
             persistent_term:put(max_message_size, {limit})."
        );
        node().control(&["eval", &set]).unwrap();
    };
    set(512 * 1024 * 1024);
    let transport = transport();
    let mut server = RawServer::listen().await;
    let client = client(&transport, &server.topic);
    let call = tokio::spawn(async move { echo(&client).await });
    let request = server.raw.next_json(LIMIT).await;
    // In the order that Python writes them.
    let reply = format!(
        r#"{{"result": "RESULT", "failure": null, "ending": true, "_msg_id": {}, "_unique_id": "{}"}}"#,
        request["_msg_id"],
        unique("reply"),
    );
    let body = String::from_utf8(envelope(&reply)).unwrap();
    let body = body.replace("RESULT", &"x".repeat(130 * 1024 * 1024));
    let queue = request["_reply_q"].as_str().unwrap();
    let begin = Instant::now();
    server
        .raw
        .publish("", queue, Properties::JSON, body.as_bytes())
        .await;
    let called = call.await.unwrap();
    let took = begin.elapsed();
    set(MAX_MESSAGE_SIZE);
    transport.close().await;
    let error = called.unwrap_err();
    assert!(matches!(error, Error::InvalidReply { .. }), "{error:?}");
    assert!(error.was_executed());
    assert!(took < LIMIT / 2, "it took {took:?}");
}

/// As they do after the network has stood still for a moment.
async fn compressed_replies_that_come_together_are_all_read() {
    const CALLS: usize = 200;
    let forwarder = Forwarder::start().await;
    let transport = transport_at(forwarder.port, "");
    let mut server = RawServer::listen().await;
    let client = client(&transport, &server.topic);
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        let client = client.clone();
        calls.spawn(async move { echo(&client).await });
    }
    let mut requests = Vec::new();
    for _ in 0..CALLS {
        requests.push(server.raw.next_json(LIMIT).await);
    }
    forwarder.freeze(true);
    let mut queue = "";
    for request in &requests {
        // What does not compress well stays large.
        let result: String = (0..60 * 1024 / 16)
            .map(|_| format!("{:016x}", fastrand::u64(..)))
            .collect();
        let reply = json!({
            "_msg_id": request["_msg_id"], "_unique_id": unique("reply"), "result": result,
            "failure": null, "ending": true,
        });
        queue = request["_reply_q"].as_str().unwrap();
        let body = compressed(&envelope(&reply.to_string()));
        assert!(body.len() > 16 * 1024);
        server.raw.publish("", queue, GZIP, &body).await;
    }
    let are_sent = becomes(LIMIT, async || {
        server.raw.waiting_in(queue).await == Some(0)
    });
    assert!(are_sent.await, "the broker has sent all on");
    forwarder.freeze(false);
    let mut failures = Vec::new();
    while let Some(call) = calls.join_next().await {
        failures.extend(call.unwrap().err().map(|error| error.to_string()));
    }
    assert_eq!(failures, Vec::<String>::new());
    transport.close().await;
}

/// The slowest of some calls, one after the other, and of those as long as it goes on.
async fn slowest_reply(client: &RpcClient, mut goes_on: impl AsyncFnMut() -> bool) -> Duration {
    let mut slowest = Duration::ZERO;
    let until = Instant::now() + LIMIT;
    for count in 0.. {
        if count >= 50 && (Instant::now() > until || !goes_on().await) {
            break;
        }
        let begin = Instant::now();
        // That there is none in time is told by how long it took.
        drop(echo(client).await);
        slowest = slowest.max(begin.elapsed());
        // It shows already.
        if slowest > Duration::from_secs(3) {
            break;
        }
    }
    slowest
}

/// A server that reads requests and knows the reply queue.
struct RawServer {
    raw: Raw,
    topic: String,
}

impl RawServer {
    async fn listen() -> Self {
        let (mut raw, topic) = (Raw::open().await, unique("topic"));
        let exchange = raw.exchange("openstack", "topic", super::raw::Declared::default());
        exchange.await.unwrap();
        raw.queue(&topic, &[]).await;
        raw.bind(&topic, "openstack", &topic).await;
        raw.consume(&topic).await;
        Self { raw, topic }
    }
}

struct ReplyQueue {
    name: String,
    server: tokio::sync::Mutex<RawServer>,
}

impl ReplyQueue {
    /// The reply queue of a transport, as a server of its calls sees it.
    async fn of(transport: &Transport) -> Self {
        let mut server = RawServer::listen().await;
        let name = Self::call(transport, &mut server).await;
        Self {
            name,
            server: server.into(),
        }
    }

    /// What was sent before has been read when this returns.
    async fn still_works(&self, transport: &Transport) {
        let mut server = self.server.lock().await;
        assert_eq!(Self::call(transport, &mut server).await, self.name);
    }

    async fn call(transport: &Transport, server: &mut RawServer) -> String {
        let client = client(transport, &server.topic);
        let call = tokio::spawn(async move { echo(&client).await });
        let request = server.raw.next_json(LIMIT).await;
        let name = request["_reply_q"].as_str().unwrap().to_owned();
        let reply = json!({
            "_msg_id": request["_msg_id"], "_unique_id": unique("reply"), "result": 1,
            "failure": null, "ending": true,
        });
        server.raw.publish_json("", &name, &reply).await;
        let result: Value = call.await.unwrap().unwrap();
        assert_eq!(result, 1);
        name
    }
}

/// Some kilobytes that are 32 MiB when they are decompressed.
fn large_reply(msg_id: &str) -> Vec<u8> {
    let reply = json!({
        "_msg_id": msg_id, "_unique_id": unique("reply"), "result": "RESULT",
        "failure": null, "ending": true,
    });
    let body = String::from_utf8(envelope(&reply.to_string())).unwrap();
    let (start, end) = body.split_once("RESULT").unwrap();
    let result = vec![b'x'; 32 * 1024 * 1024];
    compressed(&[start.as_bytes(), &result, end.as_bytes()].concat())
}

fn compressed(body: &[u8]) -> Vec<u8> {
    let level = flate2::Compression::best();
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

const GZIP: Properties<'_> = Properties {
    content_type: "application/json",
    compression: Some("application/x-gzip"),
};
