//! No step on the way to a broker makes a request outlive its deadline. One thread does all the
//! work here, so that whatever blocks it is seen.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::time::{Duration, Instant};

use oslo_messaging::{
    NotificationEndpoint, NotificationFilter, NotificationListener, NotificationResult, Notifier,
    Priority, RpcClient, Target, Transport,
};
use serde_json::json;
use serde_json::value::to_raw_value;

/// Makes a call and a cast at once, and then a notification, none of which can be sent.
async fn check_in_time(url: &str, payload: &str) {
    let transport = Transport::new(url).unwrap();
    let client = RpcClient::new(&transport, Target::topic("nobody"));
    let client = client.prepare().timeout(LIMIT);
    let context = to_raw_value(&json!({})).unwrap();
    let args = to_raw_value(&json!({"payload": payload})).unwrap();
    let begin = Instant::now();
    let call = async {
        let error = client.call_raw(&context, "method", &args).await;
        (error.unwrap_err(), begin.elapsed())
    };
    let cast = async {
        let error = client.cast_raw(&context, "method", &args).await;
        (error.unwrap_err(), begin.elapsed())
    };
    let (call, cast) = tokio::join!(call, cast);
    let begin = Instant::now();
    let notifier = Notifier::new(&transport, "us").timeout(LIMIT);
    let sent = notifier.notify_raw(Priority::Info, &context, "a", &args);
    let notification = (sent.await.unwrap_err(), begin.elapsed());
    for (error, elapsed) in [call, cast, notification] {
        assert!(elapsed < LATEST, "{url}: {elapsed:?} until {error}");
        assert!(!error.may_have_been_executed(), "{url}: {error:?}");
    }
}

/// A port that takes connections and says nothing.
fn silent() -> (TcpListener, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

#[tokio::test]
async fn a_host_that_does_not_answer_holds_nobody_up() {
    let (_silent, port) = silent();
    let closed = {
        let (listener, closed) = silent();
        drop(listener);
        closed
    };
    for host in [
        format!("127.0.0.1:{port}/"),
        format!("127.0.0.1:{port}/?ssl=true"),
        format!("127.0.0.1:{closed}/"),
        format!("127.0.0.1:{closed},127.0.0.1:{port}/"),
        // Addresses for documentation: packets to them are lost, or refused on the way.
        "192.0.2.1/".to_owned(),
        "no-such-host.invalid/".to_owned(),
    ] {
        check_in_time(&format!("rabbit://{host}"), "").await;
    }
}

/// Such as one on a file system over a network that is gone. A pipe that nobody writes to does the
/// same.
#[tokio::test]
async fn a_file_of_certificates_that_does_not_answer_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("authorities.pem");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let (_silent, port) = silent();
    let file = pipe.display();
    let url = format!("rabbit://127.0.0.1:{port}/?ssl=true&ssl_ca_file={file}");
    check_in_time(&url, "").await;
    // Whoever waits for the other end of the pipe has it now, and finds it closed.
    drop(std::fs::OpenOptions::new().write(true).open(&pipe).unwrap());
}

#[tokio::test]
async fn compressing_a_large_body_holds_nobody_up() {
    let (_silent, port) = silent();
    let payload: String = std::iter::repeat_with(fastrand::alphanumeric)
        .take(4 * 1024 * 1024)
        .collect();
    for method in ["gzip", "bzip2"] {
        let url = format!("rabbit://127.0.0.1:{port}/?kombu_compression={method}");
        check_in_time(&url, &payload).await;
    }
}

#[tokio::test]
async fn looking_at_a_large_notification_holds_nobody_up() {
    let transport = Transport::memory();
    let mut filter = NotificationFilter::new();
    for name in 0..50 {
        filter = filter.payload(name.to_string(), "^[^z]*$").unwrap();
    }
    let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let endpoint = NotificationEndpoint::new()
        .filter(filter)
        .on(Priority::Info, move |_| {
            let _ = sender.send(());
            async { NotificationResult::Handled }
        });
    let listener = NotificationListener::builder(&transport, [Target::topic("notifications")])
        .endpoint(endpoint)
        .start()
        .await
        .unwrap();
    // What is asked for stands behind much that is not.
    let payload: serde_json::Map<_, _> = (0..300_000)
        .rev()
        .map(|name: usize| (name.to_string(), json!("some text")))
        .collect();
    let payload = to_raw_value(&payload).unwrap();
    let notifier = Notifier::new(&transport, "us");
    notifier.info(&json!({}), "a", &payload).await.unwrap();
    let mut longest = Duration::ZERO;
    let begin = Instant::now();
    while seen.try_recv().is_err() {
        assert!(begin.elapsed() < Duration::from_secs(60), "nothing came");
        let begin = Instant::now();
        tokio::time::sleep(Duration::from_millis(10)).await;
        longest = longest.max(begin.elapsed());
    }
    assert!(longest < Duration::from_millis(300), "{longest:?}");
    listener.stop().await;
}

const LIMIT: Duration = Duration::from_millis(400);
/// What is written into the message is the caller's own time.
const LATEST: Duration = Duration::from_millis(900);
