//! The Python peers do what the tests expect of them, Python to Python. When a test of ours fails
//! and these pass, the fault is ours.

use std::process::Stdio;
use std::time::Duration;

use oslo_messaging_tests::peer::{PythonClient, PythonServer, transport_url, unique_name};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_calls_a_server() {
    let url = transport_url().unwrap();
    let topic = unique_name("peers");
    let mut server = PythonServer::start(&url, &topic, "s1").await.unwrap();
    let client = PythonClient::start(&url, &["--allow", "peer_errors"])
        .await
        .unwrap();
    let target = json!({"topic": topic, "version": "2.5"});

    let call = async |method, args: Value| client.call(&target, method, &args).await.unwrap();
    assert_eq!(call("add", json!({"a": 2, "b": 3})).await["result"], 5);
    let invocation = server.next_invocation().await.unwrap();
    assert_eq!(
        invocation,
        json!({
            "invoked": "add",
            "server": "s1",
            "args": {"a": 2, "b": 3},
            "context": {"client_timeout": null},
        })
    );
    assert_eq!(
        call("echo", json!({"value": [1, "é", null]})).await["result"],
        json!([1, "é", null])
    );
    assert_eq!(call("none", json!({})).await["result"], Value::Null);
    assert_eq!(call("nan", json!({})).await["result_repr"], "nan");
    assert_eq!(
        call("big", json!({})).await["result"].as_f64(),
        Some(2f64.powi(80))
    );
    assert_eq!(
        call("large", json!({"n": 300_000})).await["result"]
            .as_str()
            .unwrap()
            .len(),
        300_000
    );
    let error = &call("fail_value", json!({})).await["error"];
    assert_eq!(
        (&error["class"], &error["module"]),
        (&json!("ValueError"), &json!("builtins"))
    );
    let error = &call("boom", json!({})).await["error"];
    assert_eq!(error["class"], "QuotaExceeded_Remote");

    server.stop().await.unwrap();
    client.stop().await.unwrap();
}

/// What a method must do for its caller to get no reply at all.
#[tokio::test(flavor = "multi_thread")]
async fn some_methods_never_reply() {
    let url = transport_url().unwrap();
    let topic = unique_name("peers");
    let server = PythonServer::start(&url, &topic, "s1").await.unwrap();
    let client = PythonClient::start(&url, &[]).await.unwrap();
    for method in ["unserialisable", "exit"] {
        let answer = client
            .request(json!({
                "op": "call",
                "target": {"topic": topic, "version": "2.5"},
                "client": {"timeout": 1},
                "method": method,
            }))
            .await
            .unwrap();
        assert_eq!(
            answer["error"]["class"], "MessagingTimeout",
            "{method}: {answer}"
        );
    }
    drop(server);
}

/// A peer whose parent is killed ends by itself, because its standard input ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_ends_with_its_standard_input() {
    let url = transport_url().unwrap();
    let python = std::env::var("OSLO_TEST_PYTHON").unwrap();
    let status = tokio::process::Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/python/server.py"))
        .args([
            "--url",
            &url,
            "--topic",
            &unique_name("peers"),
            "--server",
            "s1",
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let status = tokio::time::timeout(Duration::from_secs(30), status)
        .await
        .unwrap()
        .unwrap();
    assert!(status.success());
}
