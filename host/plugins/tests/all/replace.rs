//! Plugins are replaced, added and taken away while they work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use serde_json::{Value, json};

use crate::world::{HOLD, World, relay_policy, until};

const ALL: &str = "[[plugins.busy.allow]]\ntopic = \"compute\"\nmethods = \"*\"\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_is_lost_while_a_plugin_is_replaced() {
    let world = Arc::new(World::new());
    world.write_relay("relay.wasm", 1);
    let _compute = world.compute().await;
    let text = relay_policy("busy", ALL);
    world.apply(&text).await;
    let (done, calls) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let (world, done, calls) = (Arc::clone(&world), Arc::clone(&done), Arc::clone(&calls));
            tokio::spawn(async move {
                let mut last = 0;
                while !done.load(Ordering::Relaxed) {
                    let version = world.call("busy", "version").await.as_u64().unwrap();
                    calls.fetch_add(1, Ordering::Relaxed);
                    last = version;
                }
                last
            })
        })
        .collect();
    for version in 2..=4 {
        let held = {
            let world = Arc::clone(&world);
            tokio::spawn(async move { world.call("busy", "hold").await })
        };
        let before = calls.load(Ordering::Relaxed);
        until("calls are made", || {
            calls.load(Ordering::Relaxed) > before + 20
        })
        .await;
        world.write_relay("relay.wasm", version);
        let change = world.apply(&text).await;
        assert_eq!(change.replaced, ["busy"]);
        // The new one has all that is new at once, and the old one ends what it began.
        assert_eq!(held.await.unwrap(), "held");
        world.settles("busy", "version", &json!(version)).await;
    }
    let before = calls.load(Ordering::Relaxed);
    until("calls are made", || {
        calls.load(Ordering::Relaxed) > before + 20
    })
    .await;
    done.store(true, Ordering::Relaxed);
    for caller in callers {
        assert_eq!(caller.await.unwrap(), 4);
    }
    let plugin = world.plugin("busy");
    assert_eq!(plugin.statistics.replaced, 3);
    assert_eq!(plugin.statistics.trapped + plugin.statistics.timed_out, 0);
}

#[tokio::test]
async fn a_version_that_cannot_be_used_leaves_the_old_one_running() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    let text = relay_policy("steady", "");
    world.apply(&text).await;
    for broken in [&b"\0asm\r\0\x01\0 half a comp"[..], b"", b"(component)"] {
        world.write("relay.wasm", broken);
        let change = world.host.apply(&world.policy(&text), &world.file()).await;
        assert!(change.has_problem_of("steady"), "{change:?}");
        assert!(
            change.replaced.is_empty() && change.stopped.is_empty(),
            "{change:?}"
        );
        assert_eq!(world.call("steady", "version").await, 1);
    }
    world.write_relay("relay.wasm", 2);
    world.apply(&text).await;
    world.settles("steady", "version", &json!(2)).await;
}

#[tokio::test]
async fn only_what_has_changed_is_touched() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    let _compute = world.compute().await;
    let change = world
        .apply(&(relay_policy("a", "") + &relay_policy("busy", "")))
        .await;
    assert_eq!(change.started, ["a", "busy"]);
    let change = world
        .apply(&(relay_policy("a", "") + &relay_policy("busy", ALL)))
        .await;
    assert_eq!(
        (change.unchanged, change.replaced),
        (vec!["a".into()], vec!["busy".into()])
    );
    world.settles("busy", "hold", &json!("held")).await;
    let change = world
        .apply(&(relay_policy("busy", ALL) + &relay_policy("c", "")))
        .await;
    assert_eq!(
        (change.started, change.stopped),
        (vec!["c".into()], vec!["a".into()])
    );
    assert_eq!(world.call("c", "number").await, 1);
    let names: Vec<_> = world.host.plugins().into_iter().map(|it| it.name).collect();
    assert_eq!(names, ["busy", "c"]);
}

#[tokio::test]
async fn draining_lets_what_runs_end_and_begins_nothing() {
    let world = Arc::new(World::new());
    world.write_relay("relay.wasm", 1);
    let _compute = world.compute().await;
    world.apply(&relay_policy("busy", ALL)).await;
    let start = Instant::now();
    let calling = {
        let world = Arc::clone(&world);
        tokio::spawn(async move { world.call("busy", "hold").await })
    };
    until("it runs", || world.plugin("busy").statistics.started == 1).await;
    world.host.drain().await;
    assert!(start.elapsed() >= HOLD);
    assert_eq!(calling.await.unwrap(), Value::from("held"));
    assert!(world.host.plugins().is_empty());
    // The embedder's transport is still its own.
    assert!(world.host.transport("default").await.is_some());
    let topic = oslo_messaging::Target::topic("busy");
    let client = oslo_messaging::RpcClient::new(&world.transport, topic);
    let client = client
        .prepare()
        .timeout(std::time::Duration::from_millis(200));
    let empty = json!({});
    assert!(
        client
            .call::<Value>(&empty, "number", &empty)
            .await
            .is_err()
    );
}
