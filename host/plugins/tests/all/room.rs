//! How many instances a host has room for.

use futures_util::future::join_all;
use oslo_messaging_plugins::PluginHost;
use serde_json::json;

use crate::world::{World, relay_policy};

const CALLS: &str = "[[plugins.one.allow]]\ntopic = \"compute\"\nmethods = \"*\"\n";

#[tokio::test]
async fn one_more_than_there_is_room_for_is_refused_and_counted() {
    let world = World::of(PluginHost::builder().instances(2));
    world.write_relay("relay.wasm", 1);
    let _compute = world.compute().await;
    world.apply(&relay_policy("one", CALLS)).await;
    let nothing = json!({});
    let calls = (0..5).map(|_| world.call_with("one", "hold", &nothing));
    let refused: Vec<_> = join_all(calls)
        .await
        .into_iter()
        .filter_map(Result::err)
        .collect();
    assert_eq!(refused.len(), 3, "{refused:?}");
    for error in refused {
        let says = "hold(): the host has as many instances as it may have: ";
        assert!(error.to_string().contains(says), "{error}");
        assert!(error.to_string().contains("MemoryError"), "{error}");
    }
    let statistics = world.plugin("one").statistics;
    assert_eq!(
        (statistics.started, statistics.returned, statistics.no_room),
        (5, 2, 3)
    );
    // The plugin is not to blame, and there is room again.
    assert_eq!(world.call("one", "number").await, 1);
    assert_eq!(world.plugin("one").statistics.trapped, 0);
}

#[tokio::test]
async fn where_address_space_is_short_instances_are_made_without_a_reservation() {
    // 200,000 memories of 4 GiB are more than any process of today has addresses for.
    let world = World::of(PluginHost::builder().instances(100_000));
    world.write_relay("relay.wasm", 1);
    world.apply(&relay_policy("one", "")).await;
    assert_eq!(world.call("one", "number").await, 1);
}
