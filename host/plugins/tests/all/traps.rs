//! A plugin that traps again and again is paused.

use std::time::Duration;

use crate::world::{World, relay_policy, until};

#[tokio::test]
async fn it_is_paused_and_its_neighbour_is_not() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    world
        .apply(&(relay_policy("bad", "") + &relay_policy("good", "")))
        .await;
    for _ in 0..4 {
        assert_eq!(
            world.raised("bad", "trap").await.message,
            "trap(): the plugin trapped"
        );
    }
    // One that ends well begins anew.
    assert_eq!(world.call("bad", "number").await, 1);
    for _ in 0..5 {
        assert_eq!(world.plugin("bad").paused, None);
        world.raised("bad", "trap").await;
    }
    assert!(world.plugin("bad").paused.unwrap() <= Duration::from_secs(1));
    let refused = world.raised("bad", "number").await;
    assert_eq!(refused.class, "RuntimeError");
    let says = "number(): the plugin trapped 5 times in a row, and is paused for ";
    assert!(refused.message.starts_with(says), "{}", refused.message);
    assert_eq!(world.call("good", "number").await, 1);
    until("the pause ends", || world.plugin("bad").paused.is_none()).await;
    assert_eq!(world.call("bad", "number").await, 1);
    let statistics = world.plugin("bad").statistics;
    assert_eq!(
        (statistics.trapped, statistics.paused, statistics.returned),
        (9, 1, 2)
    );
}
