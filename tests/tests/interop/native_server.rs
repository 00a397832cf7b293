//! Our server, Python's clients.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use oslo_messaging::{Context, Endpoint, RemoteError, RpcServer, Target, Transport};
use oslo_messaging_tests::peer::{PythonClient, transport_url, unique_name};
use serde_json::{Value, json};

struct Served {
    topic: String,
    _servers: Vec<RpcServer>,
    /// Which server was told which word.
    words: Arc<Mutex<Vec<(String, String)>>>,
    client: PythonClient,
}

async fn serve(names: &[&str]) -> Served {
    let url = transport_url().unwrap();
    let transport = Transport::new(&url).unwrap();
    let topic = unique_name("native-server");
    let words = Arc::new(Mutex::new(Vec::new()));
    let mut servers = Vec::new();
    for &name in names {
        let server = RpcServer::builder(&transport, Target::topic(&topic).server(name))
            .endpoint(endpoint(name, Arc::clone(&words)))
            .endpoint(
                Endpoint::new()
                    .namespace("ns")
                    .version("1.1")
                    .method("hello", |_, args: Value| async move {
                        Ok(format!("hello {}", args["who"]))
                    }),
            )
            .ping(true)
            .start()
            .await
            .unwrap();
        servers.push(server);
    }
    let client = PythonClient::start(&url, &["--allow", "peer_errors"])
        .await
        .unwrap();
    Served {
        topic,
        _servers: servers,
        words,
        client,
    }
}

fn endpoint(name: &str, words: Arc<Mutex<Vec<(String, String)>>>) -> Endpoint {
    let (me, name) = (name.to_owned(), name.to_owned());
    Endpoint::new()
        .version("2.5")
        .method(
            "echo",
            |_, args: Value| async move { Ok(args["value"].clone()) },
        )
        .method("context", |context: Context, _: Value| async move {
            let values = context
                .iter()
                .map(|(name, value)| (name.to_owned(), json!(value)));
            Ok(values.collect::<serde_json::Map<_, _>>())
        })
        .method("whoami", move |_, _: Value| {
            let me = me.clone();
            async move { Ok(me) }
        })
        .method("value_error", |_, _: Value| async {
            Err::<(), _>(RemoteError::new("builtins", "ValueError", "not this value"))
        })
        .method("quota", |_, _: Value| async {
            let mut error = RemoteError::new("peer_errors", "QuotaExceeded", "quota exceeded");
            error.kwargs = serde_json::value::to_raw_value(&json!({"limit": 20})).unwrap();
            Err::<(), _>(error)
        })
        .method("unknown_error", |_, _: Value| async {
            Err::<(), _>(RemoteError::new("some.where", "Odd", "strange"))
        })
        .method("sleep", |_, args: Value| async move {
            tokio::time::sleep(Duration::from_secs_f64(args["seconds"].as_f64().unwrap())).await;
            Ok(args["seconds"].clone())
        })
        .method("remember", move |_, args: Value| {
            let word = args["word"].as_str().unwrap().to_owned();
            words.lock().unwrap().push((name.clone(), word));
            async { Ok(()) }
        })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_python_client_gets_results() {
    let served = serve(&["s1"]).await;
    let target = json!({"topic": served.topic, "version": "2.0"});
    let call =
        async |method, args: Value| served.client.call(&target, method, &args).await.unwrap();
    for value in [
        json!({"a": [1, "\u{e9}\u{2603}", 1.5]}),
        json!(null),
        json!(0),
        json!(""),
    ] {
        let answer = call("echo", json!({"value": value})).await;
        assert_eq!(answer["result"], value, "{answer}");
    }
    let context = served
        .client
        .request(json!({"op": "call", "target": target, "method": "context",
            "context": {"user": "alice", "roles": ["x"]}}))
        .await
        .unwrap();
    assert_eq!(context["result"], json!({"user": "alice", "roles": ["x"]}));
    let pong = served
        .client
        .call(
            &json!({"topic": served.topic}),
            "oslo_rpc_server_ping",
            &json!({}),
        )
        .await
        .unwrap();
    assert_eq!(pong["result"], "pong", "{pong}");
    let hello = served
        .client
        .call(
            &json!({"topic": served.topic, "namespace": "ns", "version": "1.0"}),
            "hello",
            &json!({"who": 1}),
        )
        .await
        .unwrap();
    assert_eq!(hello["result"], "hello 1", "{hello}");
    served.client.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_python_client_gets_exceptions() {
    let served = serve(&["s1"]).await;
    let check = async |version: &str, method: &str, class: &str, remote_type: Value| {
        let target = json!({"topic": served.topic, "version": version});
        let answer = served
            .client
            .call(&target, method, &json!({}))
            .await
            .unwrap();
        let error = &answer["error"];
        assert_eq!(error["class"], class, "{answer}");
        assert_eq!(error["remote_type"], remote_type, "{answer}");
    };
    check("2.0", "value_error", "ValueError", Value::Null).await;
    check("2.0", "quota", "QuotaExceeded_Remote", Value::Null).await;
    check("2.0", "unknown_error", "RemoteError", json!("Odd")).await;
    check("2.0", "nope", "RemoteError", json!("NoSuchMethod")).await;
    check("2.9", "echo", "RemoteError", json!("UnsupportedVersion")).await;
    check("3.0", "echo", "RemoteError", json!("UnsupportedVersion")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_python_client_monitors_a_call() {
    let served = serve(&["s1"]).await;
    let answer = served
        .client
        .request(
            json!({"op": "call", "target": {"topic": served.topic, "version": "2.0"},
            "client": {"timeout": 20, "call_monitor_timeout": 2},
            "method": "sleep", "args": {"seconds": 4}}),
        )
        .await
        .unwrap();
    assert_eq!(answer["result"], 4, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_python_client_reaches_servers_and_fans_out() {
    let served = serve(&["s1", "s2"]).await;
    for name in ["s1", "s2", "s1"] {
        let target = json!({"topic": served.topic, "version": "2.0", "server": name});
        let answer = served
            .client
            .call(&target, "whoami", &json!({}))
            .await
            .unwrap();
        assert_eq!(answer["result"], name, "{answer}");
    }
    let target = json!({"topic": served.topic, "version": "2.0", "fanout": true});
    let answer = served
        .client
        .cast(&target, "remember", &json!({"word": "everyone"}))
        .await
        .unwrap();
    assert!(answer.get("error").is_none(), "{answer}");
    for _ in 0..100 {
        if served.words.lock().unwrap().len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut words = served.words.lock().unwrap().clone();
    words.sort();
    let everyone = |name: &str| (name.to_owned(), "everyone".to_owned());
    assert_eq!(words, [everyone("s1"), everyone("s2")]);
}
