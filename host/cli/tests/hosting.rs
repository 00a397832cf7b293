//! The daemon at a real broker: Python calls and notifies its plugins, and cannot tell.

#[path = "common/clean.rs"]
mod clean;
#[path = "common/daemon.rs"]
mod daemon;
#[path = "hosting/forwarder.rs"]
mod forwarder;
#[path = "hosting/hosted.rs"]
mod hosted;
#[path = "common/replace.rs"]
mod replace;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use clean::program;
use oslo_messaging_tests::peer::{
    PythonClient, PythonNotifier, PythonServer, transport_url, unique_name,
};
use serde_json::{Value, json};

use forwarder::{forward, free_port, on_port};
use hosted::{Hosted, call, guest};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_python_client_cannot_tell_that_its_server_is_a_plugin() {
    let url = transport_url().unwrap();
    let topic = unique_name("hosted");
    let hosted = Hosted::serving(&url, &topic, "");
    hosted.daemon.says(&["served", &topic]);
    let python = PythonClient::start(&url, &["--allow", "peer_errors"]);
    let python = python.await.unwrap();
    let ask = async |version: &str, method: &str, args: Value| {
        let target = json!({"topic": topic, "version": version});
        let answer = python.call(&target, method, &args).await.unwrap();
        (answer["result"].clone(), answer["error"].clone())
    };
    let nested = json!({"a": [1, {"b": null}, "\u{e9}", 1.5]});
    let (result, error) = ask("1.5", "echo", json!({"value": nested})).await;
    assert_eq!(result, nested, "{error}");
    let (result, error) = ask("1.0", "oslo_rpc_server_ping", json!({})).await;
    assert_eq!(result, "pong", "{error}");

    let args = json!({"resource": "cores", "limit": 20});
    let (_, error) = ask("1.5", "quota", args).await;
    assert_eq!(error["class"], "QuotaExceeded_Remote", "{error}");
    let (_, error) = ask("1.5", "fail_value", json!({})).await;
    assert_eq!(error["class"], "ValueError", "{error}");
    let (_, error) = ask("3.0", "which", json!({})).await;
    let told = error.to_string();
    let says = "Endpoint does not support RPC version 3.0. Attempted method: which";
    assert!(
        told.contains("UnsupportedVersion") && told.contains(says),
        "{told}"
    );
    hosted.daemon.ends("-TERM");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_reaches_python_as_its_rules_say_and_no_further() {
    let url = transport_url().unwrap();
    let (topic, there) = (unique_name("hosted"), unique_name("there"));
    let server = PythonServer::start(&url, &there, "s1").await.unwrap();
    let rule = format!("name = \"who\"\ntopic = \"{there}\"\nmethods = \"whoami\"\n");
    let hosted = Hosted::serving(&url, &topic, &rule);
    hosted.daemon.says(&["served", &topic]);
    let python = PythonClient::start(&url, &[]).await.unwrap();
    let relay = async |name: &str| {
        let target = json!({"topic": topic, "version": "1.5"});
        let args = json!({"topic": there, "name": name, "args": {}});
        python.call(&target, "relay", &args).await.unwrap()
    };
    // The plugin names no version, and the method is of another than 1.0: Python is reached, and says so.
    let answered = relay("whoami").await["error"].to_string();
    assert!(answered.contains("NoSuchMethod"), "{answered}");
    let denied = relay("recall").await["error"].to_string();
    let says = format!(
        "call of `recall` on `{there}` is denied: no rule allows it; the nearest is `who`, but its \
         methods are `whoami`"
    );
    assert!(denied.contains(&says), "{denied}");
    hosted.daemon.says(&["denied", "rule=\"who\"", &says]);
    hosted.daemon.ends("-TERM");
    server.stop().await.unwrap();
}

/// What a plugin makes of a notification is to answer it, which its host denies: so the log tells of each.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_python_notifier_starts_a_plugin() {
    let url = transport_url().unwrap();
    let topic = unique_name("hosted");
    let on = format!(
        "notification = {{ topic = \"{topic}\", priority = [\"info\", \"error\"], event-type = \"show.w*\" }}"
    );
    let rule = "topic = \"nowhere\"\nmethods = \"*\"\n";
    let hosted = Hosted::start(&url, "notified", &on, rule);
    hosted.daemon.says(&["served", &topic]);
    let arguments = ["--publisher", "tester", "--topic", &topic];
    let mut python = PythonNotifier::start(&url, &arguments).await.unwrap();
    for (priority, event_type) in [
        ("info", "show.other"),
        ("info", "show.wanted"),
        ("error", "show.wanted"),
    ] {
        let payload = json!({"answer": "notifications"});
        let context = json!({"user": "alice"});
        let sent = python.notify(priority, &context, event_type, &payload);
        sent.await.unwrap();
    }
    for _ in 0..2 {
        hosted.daemon.says(&["denied", "notified", "`shown`"]);
    }
    let rest = hosted.daemon.ends("-TERM");
    assert!(
        !rest.iter().any(|line| line.contains("denied")),
        "{rest:#?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_of_python_is_lost_while_a_plugin_is_replaced() {
    let url = transport_url().unwrap();
    let topic = unique_name("hosted");
    let hosted = Hosted::serving(&url, &topic, "");
    hosted.daemon.says(&["served", &topic]);
    let python = Arc::new(PythonClient::start(&url, &[]).await.unwrap());
    let (done, calls) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let callers: Vec<_> = (0..3)
        .map(|_| {
            let (python, topic) = (Arc::clone(&python), topic.clone());
            let (done, calls) = (Arc::clone(&done), Arc::clone(&calls));
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    assert_eq!(call(&python, &topic, "whoami").await, "host-1");
                    calls.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let more = async || {
        let before = calls.load(Ordering::Relaxed);
        while calls.load(Ordering::Relaxed) < before + 20 {
            assert!(callers.iter().all(|caller| !caller.is_finished()));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    for twin in ["served-async", "served"] {
        more().await;
        let bytes = fs::read(guest(twin)).unwrap();
        replace::replace(&hosted.component(), &bytes);
        hosted.daemon.says(&["replaced", "served"]);
    }
    more().await;
    done.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
    hosted.daemon.ends("-TERM");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_away_at_the_start_is_waited_for() {
    let url = transport_url().unwrap();
    let (topic, port) = (unique_name("hosted"), free_port());
    let hosted = Hosted::serving(&on_port(&url, port), &topic, "");
    hosted.daemon.says(&["not served yet", &topic]);
    forward(port, &url);
    hosted.daemon.says(&["served", &topic]);
    let python = PythonClient::start(&url, &[]).await.unwrap();
    assert_eq!(call(&python, &topic, "whoami").await, "host-1");
    hosted.daemon.ends("-TERM");
}
