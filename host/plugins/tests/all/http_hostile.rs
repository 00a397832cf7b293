//! Clients of HTTP that want nobody else to be served.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::client::{Connection, ask, get};
use crate::http::{answering_policy, listening};
use crate::world::{World, until};

/// Each is stopped in its place, and a plugin beside them notices nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_heads_are_ended_and_keep_nobody_out() {
    let world = World::new();
    let address = listening(&world, &answering_policy("a", "/a", "")).await;
    let start = Instant::now();
    let mut slow = JoinSet::new();
    for number in 0..20 {
        slow.spawn(async move {
            let mut connection = Connection::open(address).await;
            let head = ["", "G", "GET /a/o HTTP/1.1\r\nHost: test\r\nX: y"][number % 3];
            connection.say(head.as_bytes()).await;
            for _ in 0..4 {
                tokio::time::sleep(Duration::from_secs(1)).await;
                connection
                    .say(if number % 3 == 2 { b"y" } else { b"" })
                    .await;
            }
            connection.is_ended().await
        });
    }
    while slow.try_join_next().is_none() {
        assert_eq!(get(address, "/a/o").await.body, "ok");
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(start.elapsed() < Duration::from_secs(60));
    }
    while slow.join_next().await.is_some() {}
    assert!(start.elapsed() < Duration::from_secs(60));
    assert_eq!(world.plugin("a").statistics.timed_out, 0);
}

#[tokio::test]
async fn heads_and_bodies_that_are_too_large_are_refused() {
    let world = World::new();
    let limits = "[plugins.a.limits]\nrequest = \"1KiB\"\n";
    let address = listening(&world, &answering_policy("a", "/a", limits)).await;
    let long = format!("X: {}\r\n", "y".repeat(1 << 20));
    assert_eq!(ask(address, "GET /a/o", &long, b"").await.status, 431);
    let many = "X: y\r\n".repeat(1000);
    assert_eq!(ask(address, "GET /a/o", &many, b"").await.status, 431);
    assert_eq!(get(address, &"/a".repeat(1 << 20)).await.status, 431);

    assert_eq!(
        ask(address, "POST /a/e", "", &[b'x'; 1024]).await.status,
        200
    );
    let answer = ask(address, "POST /a/e", "", &[b'x'; 1025]).await;
    assert_eq!(answer.status, 413);
    let says = "the body has more than 1024 bytes, the plugin's limit\n";
    assert_eq!(answer.body, says);
    // One that is only said to be so large is refused before it comes.
    let mut connection = Connection::open(address).await;
    let head = "POST /a/e HTTP/1.1\r\nHost: test\r\nContent-Length: 99999999999\r\n\r\n";
    connection.say(head.as_bytes()).await;
    assert_eq!(connection.answer().await.unwrap().status, 413);
    // And one that does not say so, when it is.
    let mut connection = Connection::open(address).await;
    let head = "POST /a/e HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";
    connection.say(head.as_bytes()).await;
    for _ in 0..3 {
        let chunk = format!("200\r\n{}\r\n", "x".repeat(512));
        connection.say(chunk.as_bytes()).await;
    }
    assert_eq!(connection.answer().await.unwrap().status, 413);
    let statistics = world.plugin("a").statistics;
    assert_eq!(statistics.started, 1);
    assert_eq!(statistics.limited, [("request".to_owned(), 3)].into());
}

/// Many clients write all of a request before they read what comes of it, and give up when they cannot.
#[tokio::test]
async fn a_client_that_still_writes_hears_why_it_is_refused() {
    let world = World::new();
    let limits = "[plugins.a.limits]\nrequest = \"1KiB\"\n";
    let address = listening(&world, &answering_policy("a", "/a", limits)).await;
    let body = vec![b'x'; 32 << 20];
    for (path, status) in [("/a/e", 413), ("/nobody", 404)] {
        for announced in [true, false] {
            let length = body.len();
            let how = if announced {
                format!("Content-Length: {length}\r\n\r\n")
            } else {
                format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n")
            };
            let mut connection = Connection::open(address).await;
            let head = format!("POST {path} HTTP/1.1\r\nHost: test\r\n{how}");
            connection.say(head.as_bytes()).await;
            assert!(
                connection.says(&body).await,
                "{path}, announced: {announced}"
            );
            let answer = connection.answer().await;
            let answered = answer.map(|answer| answer.status);
            assert_eq!(answered, Some(status), "{path}, announced: {announced}");
        }
    }
    assert_eq!(world.plugin("a").statistics.started, 0);
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_starts_nothing() {
    let world = World::new();
    let limits = "[plugins.a.limits]\ntime = \"1s\"\n";
    let address = listening(&world, &answering_policy("a", "/a", limits)).await;
    for head in ["Content-Length: 10\r\n", "Transfer-Encoding: chunked\r\n"] {
        let mut connection = Connection::open(address).await;
        let head = format!("POST /a/e HTTP/1.1\r\nHost: test\r\n{head}\r\n1");
        connection.say(head.as_bytes()).await;
        let answer = connection.answer().await.unwrap();
        assert_eq!(answer.status, 408);
        assert_eq!(answer.header("connection"), Some("close"));
        assert!(connection.is_ended().await);
    }
    // What is no body, and what is no HTTP.
    let mut connection = Connection::open(address).await;
    let head = "POST /a/e HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    connection.say(head.as_bytes()).await;
    assert_eq!(connection.answer().await.unwrap().status, 400);
    let mut connection = Connection::open(address).await;
    connection.say(b"\x16\x03\x01\x02\x00\x01\r\n\r\n").await;
    assert_eq!(connection.answer().await.unwrap().status, 400);
    assert_eq!(world.plugin("a").statistics.started, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_connections_than_there_may_be_wait_until_others_end() {
    let world = World::new();
    let text = "connections = 4\n".to_owned() + &answering_policy("a", "/a", "");
    let address = listening(&world, &text).await;
    let mut idle = Vec::new();
    for _ in 0..4 {
        let mut connection = Connection::open(address).await;
        assert_eq!(connection.get("/a/o").await.unwrap().status, 200);
        idle.push(connection);
    }
    let mut more = JoinSet::new();
    for _ in 0..200 {
        more.spawn(async move { get(address, "/a/o").await.status });
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(world.plugin("a").statistics.started, 4);
    assert!(more.try_join_next().is_none());
    drop(idle);
    while let Some(status) = more.join_next().await {
        assert_eq!(status.unwrap(), 200);
    }
    assert_eq!(world.plugin("a").statistics.returned, 204);
}

/// A client that leaves stops nothing that its request has begun, and leaves nothing behind.
#[tokio::test]
async fn what_a_client_leaves_comes_to_its_end() {
    let world = World::new();
    let pooled = "[plugins.a.instances]\nreuse = \"pooled\"\nconcurrency = 1\n";
    let address = listening(&world, &answering_policy("a", "/a", pooled)).await;
    let started = || world.plugin("a").statistics.started;
    let mut connection = Connection::open(address).await;
    connection
        .say(b"GET /a/h HTTP/1.1\r\nHost: test\r\n\r\n")
        .await;
    until("it runs", || started() == 1).await;
    drop(connection);
    // It is the instance of the one that was left.
    assert_eq!(get(address, "/a/n").await.body, "2");
    let statistics = world.plugin("a").statistics;
    assert_eq!((statistics.returned, statistics.timed_out), (2, 0));
}
