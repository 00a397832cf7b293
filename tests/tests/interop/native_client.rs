//! Our client, Python's servers.

use std::time::{Duration, Instant};

use oslo_messaging::{Error, RpcClient, Target, Transport};
use oslo_messaging_tests::peer::{PythonServer, transport_url, unique_name};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// A client for a topic of its own, and the topic's name.
fn client() -> (RpcClient, String) {
    let transport = Transport::new(&transport_url().unwrap()).unwrap();
    let topic = unique_name("native-client");
    let target = Target::topic(&topic).version("2.5");
    (
        RpcClient::new(&transport, target).timeout(Duration::from_secs(20)),
        topic,
    )
}

async fn serve(topic: &str, server: &str) -> PythonServer {
    PythonServer::start(&transport_url().unwrap(), topic, server)
        .await
        .unwrap()
}

async fn call(client: &RpcClient, method: &str, args: Value) -> Result<Value, Error> {
    client.call(&json!({}), method, &args).await
}

#[tokio::test(flavor = "multi_thread")]
async fn results_come_back_whole() {
    let (client, topic) = client();
    let mut server = serve(&topic, "s1").await;
    let value = json!({"a": 1, "b": "\u{e9}\u{2603}", "n": null, "l": [1, 2], "d": {"x": 1.5}});
    assert_eq!(
        call(&client, "echo", json!({"value": value}))
            .await
            .unwrap(),
        value
    );
    for falsy in [
        json!(null),
        json!(0),
        json!(false),
        json!([]),
        json!({}),
        json!(""),
    ] {
        assert_eq!(
            call(&client, "echo", json!({"value": falsy}))
                .await
                .unwrap(),
            falsy
        );
    }
    assert_eq!(call(&client, "none", json!({})).await.unwrap(), Value::Null);
    let large = call(&client, "large", json!({"n": 1_000_000}))
        .await
        .unwrap();
    assert_eq!(large.as_str().unwrap().len(), 1_000_000);
    let empty: &RawValue = serde_json::from_str("{}").unwrap();
    let raw = async |method| client.call_raw(empty, method, empty).await;
    assert_eq!(raw("big").await.unwrap().get(), (1_u128 << 80).to_string());
    assert_eq!(
        raw("surrogate").await.unwrap().get(),
        r#""lone \ud83d surrogate""#
    );
    for method in ["nan", "infinity"] {
        let error = raw(method).await.unwrap_err();
        assert!(
            matches!(&error, Error::InvalidReply { .. }) && error.was_executed(),
            "{error}"
        );
    }
    server.next_invocation().await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_context_arrives() {
    let (client, topic) = client();
    let _server = serve(&topic, "s1").await;
    let context = json!({"user": "alice", "roles": ["a", {"b": null}], "\u{2603}": 1});
    let seen: Value = client.call(&context, "context", &json!({})).await.unwrap();
    let mut expected = context.clone();
    // Upstream adds it to every context.
    expected["client_timeout"] = Value::Null;
    assert_eq!(seen, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn exceptions_are_data() {
    let (client, topic) = client();
    let _server = serve(&topic, "s1").await;
    let check = async |method, module, class, args: Value, kwargs: Value| {
        let error = call(&client, method, json!({})).await.unwrap_err();
        let remote = error
            .remote()
            .unwrap_or_else(|| panic!("{method}: {error}"));
        assert!(remote.is(module, class), "{method}: {remote:?}");
        assert_eq!(
            serde_json::from_str::<Value>(remote.args.get()).unwrap(),
            args,
            "{method}"
        );
        assert_eq!(
            serde_json::from_str::<Value>(remote.kwargs.get()).unwrap(),
            kwargs,
            "{method}"
        );
        assert!(
            remote.traceback.concat().contains("Traceback"),
            "{method}: {remote:?}"
        );
    };
    check(
        "fail_value",
        "builtins",
        "ValueError",
        json!(["boom", 42]),
        json!({}),
    )
    .await;
    check(
        "boom",
        "peer_errors",
        "QuotaExceeded",
        json!(["quota exceeded", "cores"]),
        json!({"limit": 20}),
    )
    .await;
    check(
        "fail_expected",
        "builtins",
        "LookupError",
        json!(["no such thing"]),
        json!({}),
    )
    .await;
    let dispatcher = "oslo_messaging.rpc.dispatcher";
    check(
        "nope",
        dispatcher,
        "NoSuchMethod",
        json!(["Endpoint does not support RPC method nope"]),
        json!({}),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn namespaces_versions_and_the_cap() {
    let (client, topic) = client();
    let _server = serve(&topic, "s1").await;
    let ns = client.prepare().namespace("ns").version("1.0");
    assert_eq!(
        call(&ns, "hello", json!({"who": "bob"})).await.unwrap(),
        "hello bob"
    );
    for wrong in [ns.prepare().version("1.2"), ns.prepare().namespace("other")] {
        let error = call(&wrong, "hello", json!({"who": "bob"}))
            .await
            .unwrap_err();
        let remote = error.remote().unwrap();
        assert!(
            remote.is("oslo_messaging.rpc.dispatcher", "UnsupportedVersion"),
            "{remote:?}"
        );
    }
    let capped = client.prepare().version_cap("2.4");
    let error = call(&capped, "none", json!({})).await.unwrap_err();
    assert!(matches!(error, Error::VersionCap { .. }), "{error}");
    call(&capped.prepare().version("2.4"), "none", json!({}))
        .await
        .unwrap();
    let ping = client.prepare().version(None);
    assert_eq!(
        call(&ping, "oslo_rpc_server_ping", json!({}))
            .await
            .unwrap(),
        "pong"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn topic_server_and_fanout_reach_whom_they_should() {
    let (client, topic) = client();
    let (_one, _two) = tokio::join!(serve(&topic, "s1"), serve(&topic, "s2"));
    for name in ["s1", "s2", "s1"] {
        let directed = client.prepare().server(name);
        assert_eq!(call(&directed, "whoami", json!({})).await.unwrap(), name);
    }
    let mut names = Vec::new();
    for _ in 0..6 {
        names.push(call(&client, "whoami", json!({})).await.unwrap());
    }
    assert!(
        names.contains(&json!("s1")) && names.contains(&json!("s2")),
        "{names:?}"
    );

    let cast = async |client: RpcClient, word: &str| {
        client
            .cast(&json!({}), "remember", &json!({"word": word}))
            .await
            .unwrap();
    };
    cast(client.prepare().fanout(true), "everyone").await;
    cast(client.prepare().server("s1"), "first").await;
    cast(client.prepare().server("s2"), "second").await;
    for (name, word) in [("s1", "first"), ("s2", "second")] {
        let directed = client.prepare().server(name);
        let words = eventually(async || {
            let words: Vec<String> = directed
                .call(&json!({}), "recall", &json!({}))
                .await
                .unwrap();
            (words.len() == 2).then_some(words)
        })
        .await;
        assert!(words.contains(&"everyone".to_owned()) && words.contains(&word.to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn timeouts_and_nobody() {
    let (client, topic) = client();
    let error = call(&client, "none", json!({})).await.unwrap_err();
    assert!(error.is_no_such_target(), "{error}");
    let _server = serve(&topic, "s1").await;

    let started = Instant::now();
    let hasty = client.prepare().timeout(Duration::from_secs(1));
    let error = call(&hasty, "sleep", json!({"seconds": 3}))
        .await
        .unwrap_err();
    assert!(
        error.is_timeout() && error.may_have_been_executed(),
        "{error}"
    );
    let elapsed = started.elapsed().as_millis();
    assert!((1000..3450).contains(&elapsed), "{elapsed} ms");

    // A result that is no JSON, and an exit: upstream sends no reply at all.
    for method in ["unserialisable", "exit"] {
        let error = call(&hasty, method, json!({})).await.unwrap_err();
        assert!(error.is_timeout(), "{method}: {error}");
    }
    let error = call(&client.prepare().server("nobody"), "none", json!({}))
        .await
        .unwrap_err();
    assert!(error.is_no_such_target(), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn heartbeats_keep_a_monitored_call_alive() {
    let (client, topic) = client();
    let _server = serve(&topic, "s1").await;
    let monitored = client
        .prepare()
        .call_monitor_timeout(Duration::from_secs(2));
    assert_eq!(
        call(&monitored, "sleep", json!({"seconds": 4}))
            .await
            .unwrap(),
        4
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_overlap() {
    let (client, topic) = client();
    let _server = serve(&topic, "s1").await;
    call(&client, "none", json!({})).await.unwrap();
    let started = Instant::now();
    let mut calls = tokio::task::JoinSet::new();
    // Upstream's server runs 64 methods at once.
    for _ in 0..60 {
        let client = client.clone();
        calls.spawn(async move {
            call(&client, "sleep", json!({"seconds": 1.0}))
                .await
                .unwrap()
        });
    }
    assert!(calls.join_all().await.iter().all(|result| *result == 1.0));
    let elapsed = started.elapsed();
    assert!(elapsed < Duration::from_millis(7500), "{elapsed:?}");
}

async fn eventually<T>(mut found: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..300 {
        if let Some(found) = found().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not within 15 s");
}
