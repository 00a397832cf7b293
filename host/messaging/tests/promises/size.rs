//! What is larger than the broker takes is refused before it is sent, by name and size, and nobody
//! else notices. The size is that of the message as it is sent: quotes count twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use oslo_messaging::{Endpoint, Error, RpcClient, RpcServer, Transport};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::case::{LIMIT, call, client, echo, echo_server, serve, transport, trials, unique};
use super::node::{MAX_MESSAGE_SIZE, log_end, log_since};

trials![
    a_cast_that_is_too_large_is_refused,
    a_call_that_is_too_large_is_refused_at_once,
    what_is_too_large_disturbs_nobody,
    a_cast_that_just_fits_is_sent,
    a_result_that_is_too_large_disturbs_no_other,
    a_result_that_is_too_large_is_an_error_at_once,
];

async fn a_cast_that_is_too_large_is_refused() {
    let (transport, topic) = (transport(), unique("topic"));
    let server = echo_server(&transport, &topic).await;
    let log = log_end();
    let client = client(&transport, &topic);
    assert_refused(client.cast_raw(&empty(), "m", &too_large()).await);
    server.stop().await;
    transport.close().await;
    assert_no_channel_error(log);
}

async fn a_call_that_is_too_large_is_refused_at_once() {
    let (transport, topic) = (transport(), unique("topic"));
    let server = echo_server(&transport, &topic).await;
    let begin = Instant::now();
    let client = client(&transport, &topic);
    let call = client.call_raw(&empty(), "echo", &too_large()).await;
    assert!(begin.elapsed() < LIMIT / 2, "after {:?}", begin.elapsed());
    assert_refused(call.map(drop));
    server.stop().await;
    transport.close().await;
}

/// They share the transport and the exchange, and so, perhaps, a channel.
async fn what_is_too_large_disturbs_nobody() {
    let (transport, topic) = (transport(), unique("topic"));
    let server = slow_server(&transport, &topic).await;
    let client = client(&transport, &topic).timeout(Duration::from_secs(12));
    echo(&client).await.unwrap();
    let log = log_end();
    let ours = tokio::spawn({
        let (client, empty, too_large) = (client.prepare(), empty(), too_large());
        async move {
            for _ in 0..3 {
                drop(client.cast_raw(&empty, "m", &too_large).await);
            }
        }
    });
    let failed = calls_over(&client, Duration::from_secs(2)).await;
    ours.await.unwrap();
    server.stop().await;
    transport.close().await;
    assert_eq!(failed, Vec::<String>::new());
    assert_no_channel_error(log);
}

async fn a_cast_that_just_fits_is_sent() {
    let (transport, topic) = (transport(), unique("topic"));
    let received = Arc::new(AtomicUsize::new(0));
    let endpoint = Endpoint::new().method("m", {
        let received = Arc::clone(&received);
        move |_, args: Value| {
            let bytes = args["a"].as_str().map_or(0, str::len);
            received.fetch_add(bytes, Ordering::SeqCst);
            async { Ok(()) }
        }
    });
    let server = serve(&transport, &topic, endpoint).await;
    let bytes = MAX_MESSAGE_SIZE - 1024;
    let args = to_raw_value(&json!({"a": "x".repeat(bytes)})).unwrap();
    let client = client(&transport, &topic);
    client.call_raw(&empty(), "m", &args).await.unwrap();
    server.stop().await;
    transport.close().await;
    assert_eq!(received.load(Ordering::SeqCst), bytes);
}

async fn a_result_that_is_too_large_disturbs_no_other() {
    let (transport, topic) = (transport(), unique("topic"));
    let server = server_of_large_results(&transport, &topic).await;
    let client = client(&transport, &topic).timeout(Duration::from_secs(12));
    echo(&client).await.unwrap();
    let log = log_end();
    let large = tokio::spawn({
        let client = client.prepare().timeout(Duration::from_secs(4));
        async move { large_result(&client).await }
    });
    let failed = calls_over(&client, Duration::from_secs(2)).await;
    drop(large.await.unwrap());
    server.stop().await;
    transport.close().await;
    assert_eq!(failed, Vec::<String>::new());
    assert_no_channel_error(log);
}

/// Its caller need not wait for what cannot come.
async fn a_result_that_is_too_large_is_an_error_at_once() {
    let (transport, topic) = (transport(), unique("topic"));
    let server = server_of_large_results(&transport, &topic).await;
    let client = client(&transport, &topic);
    let begin = Instant::now();
    let error = large_result(&client).await.unwrap_err();
    assert!(begin.elapsed() < LIMIT / 2, "{error}");
    assert!(error.was_executed(), "{error}");
    server.stop().await;
    transport.close().await;
}

async fn server_of_large_results(transport: &Transport, topic: &str) -> RpcServer {
    let endpoint = Endpoint::new()
        .method("large", |_, _: Value| async {
            Ok("\"".repeat(MAX_MESSAGE_SIZE / 2))
        })
        .method("echo", |_, args: Value| async { Ok(args) });
    serve(transport, topic, endpoint).await
}

async fn large_result(client: &RpcClient) -> Result<(), Error> {
    call(client, "large").await.map(drop)
}

/// How those of 100 calls failed that did.
async fn calls_over(client: &RpcClient, time: Duration) -> Vec<String> {
    let calls = (0..100).map(|_| async {
        let millis = u64::try_from(time.as_millis()).unwrap();
        sleep(Duration::from_millis(fastrand::u64(..millis))).await;
        echo(client).await.map(drop)
    });
    let calls = join_all(calls).await;
    let failed = calls.into_iter().filter_map(Result::err);
    failed.map(|error| error.to_string()).collect()
}

async fn slow_server(transport: &Transport, topic: &str) -> RpcServer {
    let echo = |_, args: Value| async move {
        sleep(Duration::from_millis(200)).await;
        Ok(args)
    };
    serve(transport, topic, Endpoint::new().method("echo", echo)).await
}

fn assert_refused(sent: Result<(), Error>) {
    match sent {
        Err(Error::InvalidArgument { reason, .. }) => {
            assert!(reason.contains("max_message_size"), "{reason}");
            let bytes = MAX_MESSAGE_SIZE.to_string();
            let names_it = reason.contains(&bytes) || reason.contains("16 MiB");
            assert!(names_it, "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

/// The broker closes the channel on which too large a message comes, and logs it.
fn assert_no_channel_error(since: usize) {
    let log = log_since(since);
    let errors: Vec<_> = log
        .lines()
        .filter(|line| line.contains("channel exception"))
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
}

/// Each quote is four bytes when it is sent: escaped in the arguments, and again in the envelope.
fn too_large() -> Box<RawValue> {
    let quotes = "\"".repeat(5 * 1024 * 1024);
    to_raw_value(&json!({ "a": quotes })).unwrap()
}

fn empty() -> Box<RawValue> {
    to_raw_value(&json!({})).unwrap()
}
