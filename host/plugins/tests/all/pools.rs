//! Instances that are used again.

use std::time::Instant;

use crate::world::{HOLD, World, relay_policy};

/// A plugin of which instances are used again, as this says.
fn pooled(name: &str, instances: &str, more: &str) -> String {
    let instances = format!("\ninstances = {{ reuse = \"pooled\", {instances} }}\n[[");
    relay_policy(name, more).replacen("\n[[", &instances, 1)
}

#[tokio::test]
async fn an_instance_is_used_for_so_many_invocations() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    let text = pooled("kept", "concurrency = 1, invocations = 3", "") + &relay_policy("fresh", "");
    world.apply(&text).await;
    for number in [1, 2, 3, 1, 2, 3, 1] {
        assert_eq!(world.call("kept", "number").await, number);
        assert_eq!(world.call("fresh", "number").await, 1);
    }
    // What it says of its instances is part of a plugin.
    let change = world
        .apply(&(relay_policy("kept", "") + &relay_policy("fresh", "")))
        .await;
    assert_eq!(change.replaced, ["kept"]);
}

#[tokio::test]
async fn no_more_are_at_work_than_the_policy_says() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    let _compute = world.compute().await;
    let all = "[[plugins.busy.allow]]\ntopic = \"compute\"\nmethods = \"*\"\n";
    world.apply(&pooled("busy", "concurrency = 2", all)).await;
    let start = Instant::now();
    let calls = (0..6).map(|_| world.call("busy", "hold"));
    for held in futures_util::future::join_all(calls).await {
        assert_eq!(held, "held");
    }
    assert!(start.elapsed() >= HOLD * 3, "{:?}", start.elapsed());
    // Each of the two remembers its own.
    let number = world.call("busy", "number").await.as_u64().unwrap();
    assert!((2..=6).contains(&number), "{number}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_trapped_or_was_stopped_is_used_no_more() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    let limits = "[plugins.busy.limits]\ncpu = \"200ms\"\n";
    world
        .apply(&pooled("busy", "concurrency = 1", limits))
        .await;
    for method in ["trap", "spin"] {
        assert_eq!(world.call("busy", "number").await, 1);
        assert_eq!(world.call("busy", "number").await, 2);
        world.raised("busy", method).await;
    }
    assert_eq!(world.call("busy", "number").await, 1);
}
