//! Options that both ends have to agree on, with Python at the other end.

use std::time::Duration;

use oslo_messaging::{Endpoint, RpcClient, RpcServer, Target, Transport};
use oslo_messaging_tests::peer::{PythonClient, PythonServer, transport_url, unique_name};
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// The URL with more options.
fn url(options: &str) -> String {
    let url = transport_url().unwrap();
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{options}")
}

/// A server of ours, and what its method `remember` is told.
async fn serve(
    transport: &Transport,
    topic: &str,
    name: &str,
) -> (RpcServer, mpsc::UnboundedReceiver<Value>) {
    let (sender, told) = mpsc::unbounded_channel();
    let endpoint = Endpoint::new()
        .version("2.5")
        .method(
            "echo",
            |_, args: Value| async move { Ok(args["value"].clone()) },
        )
        .method("remember", move |_, args: Value| {
            let _ = sender.send(args["word"].clone());
            async { Ok(()) }
        });
    let server = RpcServer::builder(transport, Target::topic(topic).server(name))
        .endpoint(endpoint)
        .start()
        .await
        .unwrap();
    (server, told)
}

/// Calls and casts each way between peers that compress, or do not.
async fn check_compression(ours: &str, theirs: &str) {
    let (ours, theirs) = (url(ours), url(theirs));
    let (to_python, to_us) = (unique_name("options"), unique_name("options"));
    let text = "compress me, \u{2603} ".repeat(1000);
    let mut python = PythonServer::start(&theirs, &to_python, "s1")
        .await
        .unwrap();
    let transport = Transport::new(&ours).unwrap();
    let client = RpcClient::new(&transport, Target::topic(&to_python).version("2.5"));
    let echoed: String = client
        .call(&json!({"user": "u"}), "echo", &json!({"value": text}))
        .await
        .unwrap();
    assert_eq!(echoed, text, "{ours} {theirs}");
    python.next_invocation().await.unwrap();
    client
        .cast(&json!({}), "remember", &json!({"word": text}))
        .await
        .unwrap();
    let invocation = python.next_invocation().await.unwrap();
    assert_eq!(invocation["args"]["word"], text, "{ours} {theirs}");

    let (server, mut told) = serve(&transport, &to_us, "s1").await;
    let client = PythonClient::start(&theirs, &[]).await.unwrap();
    let target = json!({"topic": to_us, "version": "2.5"});
    let answer = client
        .call(&target, "echo", &json!({"value": text}))
        .await
        .unwrap();
    assert_eq!(answer["result"], text, "{ours} {theirs}");
    client
        .cast(&target, "remember", &json!({"word": text}))
        .await
        .unwrap();
    assert_eq!(next(&mut told).await, text, "{ours} {theirs}");
    server.stop().await;
    python.stop().await.unwrap();
    transport.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_end_compresses_the_other_reads() {
    let (gzip, bzip2) = ("kombu_compression=gzip", "kombu_compression=bzip2");
    tokio::join!(
        check_compression(gzip, ""),
        check_compression("", gzip),
        check_compression(bzip2, ""),
        check_compression("", bzip2),
        check_compression(gzip, bzip2),
    );
}

/// Fanouts through one stream: from our client and from Python's, to servers of both kinds.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_fanouts_joins_both_kinds() {
    let url = url(
        "rabbit_stream_fanout=true&rabbit_transient_quorum_queue=true\
                   &rabbit_qos_prefetch_count=10",
    );
    let topic = unique_name("options");
    let transport = Transport::new(&url).unwrap();
    let mut python = PythonServer::start(&url, &topic, "theirs").await.unwrap();
    let (server, mut told) = serve(&transport, &topic, "ours").await;
    let client = RpcClient::new(&transport, Target::topic(&topic).version("2.5"));
    let theirs = PythonClient::start(&url, &[]).await.unwrap();
    let fanout = json!({"topic": topic, "version": "2.5", "fanout": true});
    for number in 0..10 {
        let word = json!({"word": number});
        if number % 2 == 0 {
            let fanout = client.prepare().fanout(true);
            fanout.cast(&json!({}), "remember", &word).await.unwrap();
        } else {
            let answer = theirs.cast(&fanout, "remember", &word).await.unwrap();
            assert_eq!(answer["result"], Value::Null, "{answer}");
        }
        assert_eq!(next(&mut told).await, number);
        let invocation = python.next_invocation().await.unwrap();
        assert_eq!(invocation["args"], word);
    }
    // Replies come the usual way.
    let whoami: String = client
        .prepare()
        .server("theirs")
        .call(&json!({}), "whoami", &json!({}))
        .await
        .unwrap();
    assert_eq!(whoami, "theirs");
    python.next_invocation().await.unwrap();
    // What comes next is sent last: nothing came twice.
    let last = json!({"word": "last"});
    let fanout = client.prepare().fanout(true);
    fanout.cast(&json!({}), "remember", &last).await.unwrap();
    assert_eq!(next(&mut told).await, "last");
    let invocation = python.next_invocation().await.unwrap();
    assert_eq!(invocation["args"], last);
    server.stop().await;
    python.stop().await.unwrap();
    transport.close().await;
}

async fn next(told: &mut mpsc::UnboundedReceiver<Value>) -> Value {
    let told = tokio::time::timeout(Duration::from_secs(10), told.recv());
    told.await.unwrap().unwrap()
}
