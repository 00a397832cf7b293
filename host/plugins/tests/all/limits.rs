//! A plugin reaches its limits, and nothing else notices.

use std::time::{Duration, Instant};

use crate::world::{HOLD, World, relay_policy};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_computes_for_too_long_is_stopped_and_its_neighbour_goes_on() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    let limits = "[plugins.busy.limits]\ncpu = \"200ms\"\n";
    world
        .apply(&(relay_policy("busy", limits) + &relay_policy("calm", "")))
        .await;
    let start = Instant::now();
    let (stopped, calm) = tokio::join!(world.raised("busy", "spin"), world.call("calm", "number"));
    assert_eq!(
        (&*stopped.class, &*stopped.message),
        (
            "TimeoutError",
            "spin(): it was stopped after 200ms of processor time, its limit"
        )
    );
    // Ten per cent, a twentieth of a second, and what a busy machine adds.
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(calm, 1);
    assert_eq!(world.plugin("busy").statistics.out_of_cpu, 1);
    assert_eq!(world.plugin("calm").statistics.returned, 1);
}

/// What still computes when nobody holds the host any more must not compute for ever.
#[test]
fn a_host_that_is_dropped_ends_what_computes() {
    let (sender, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let world = World::new();
            world.write_relay("relay.wasm", 1);
            world.apply(&relay_policy("busy", "")).await;
            let calling = world.raised("busy", "spin");
            let short = Duration::from_millis(100);
            assert!(tokio::time::timeout(short, calling).await.is_err());
        });
        drop(runtime);
        sender.send(()).unwrap();
    });
    assert!(ended.recv_timeout(Duration::from_secs(20)).is_ok());
}

#[tokio::test]
async fn what_waits_for_too_long_is_stopped() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    let _compute = world.compute().await;
    let more = "[plugins.patient.limits]\ntime = \"100ms\"\ncpu = \"100ms\"\n\
                [[plugins.patient.allow]]\ntopic = \"compute\"\nmethods = \"*\"\n";
    world.apply(&relay_policy("patient", more)).await;
    let start = Instant::now();
    // Its call ends with the invocation, so it is told first, and raises.
    let stopped = world.raised("patient", "hold").await;
    assert!(
        ["Refused", "TimeoutError"].contains(&&*stopped.class),
        "{stopped:?}"
    );
    assert!(start.elapsed() < HOLD, "{:?}", start.elapsed());
}

#[tokio::test]
async fn memory_ends_at_its_limit() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    let limits = "[plugins.small.limits]\nmemory = \"1MiB\"\n\
                  [plugins.large.limits]\nmemory = \"128MiB\"\n";
    let text = relay_policy("small", "") + &relay_policy("large", "") + limits;
    world.apply(&text).await;
    assert_eq!(world.call("small", "memory").await, 1);
    assert_eq!(world.call("large", "memory").await, 0);
    assert_eq!(world.plugin("small").statistics.memory_refused, 1);
    assert_eq!(world.plugin("large").statistics.memory_refused, 0);
}
