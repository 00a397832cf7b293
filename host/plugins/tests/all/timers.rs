//! Timers start commands, one at a time.

use crate::world::{World, command, until};

fn timer(name: &str, trigger: &str) -> String {
    format!("[plugins.{name}]\ncomponent = \"{name}.wasm\"\n[[plugins.{name}.on]]\n{trigger}\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_are_started_again_and_again_and_what_they_say_is_counted() {
    let world = World::new();
    world.write("well.wasm", command("(i32.const 0)"));
    world.write("badly.wasm", command("(i32.const 1)"));
    world.write("traps.wasm", command("unreachable"));
    let every = "every = \"20ms\"";
    let text = ["well", "badly", "traps"].map(|name| timer(name, every));
    world.apply(&text.concat()).await;
    let statistics = |name: &str| world.plugin(name).statistics;
    until("it runs", || statistics("well").returned >= 3).await;
    until("it fails", || statistics("badly").failed >= 3).await;
    until("it traps", || statistics("traps").paused >= 1).await;
    assert_eq!(statistics("well").failed, 0);
    assert_eq!(statistics("traps").trapped, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_at_a_time_unless_told_otherwise() {
    let world = World::new();
    let spin = command("(loop $forever (br $forever)) (i32.const 0)");
    world.write("alone.wasm", &spin);
    world.write("together.wasm", &spin);
    let limits = "[limits]\ntime = \"1s\"\ncpu = \"150ms\"\n";
    let alone = timer("alone", "every = \"40ms\"");
    let together = timer("together", "every = \"40ms\"\noverlap = true");
    world.apply(&format!("{limits}{alone}{together}")).await;
    let statistics = |name: &str| world.plugin(name).statistics;
    until("they overlap", || statistics("together").started >= 2).await;
    until("starts are left out", || statistics("alone").skipped >= 2).await;
    let counted = statistics("alone");
    let ended = counted.timed_out + counted.out_of_cpu;
    assert!(counted.started <= ended + 1, "{counted:?}");
    until("it is stopped", || {
        let counted = statistics("alone");
        counted.timed_out + counted.out_of_cpu >= 1
    })
    .await;
}

#[tokio::test]
async fn cron_starts_at_its_minute() {
    let world = World::new();
    world.write("nightly.wasm", command("(i32.const 0)"));
    // Every minute is at most one away; that it comes is the timer's, which `every` has as well.
    world.apply(&timer("nightly", "cron = \"* * * * *\"")).await;
    assert_eq!(world.plugin("nightly").statistics.skipped, 0);
    world.host.drain().await;
}
