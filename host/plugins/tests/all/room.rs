//! How many instances a host has room for, and a plugin may have.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use oslo_messaging::{Endpoint, RemoteError, RpcServer, Target};
use oslo_messaging_plugins::{Overbooked, PluginHost};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::client::get;
use crate::http::{answering_policy, listening};
use crate::world::{World, command, relay_policy, until};

/// A plugin that may wait for what [`Gate`] serves, with more of its limits. An invocation waits for an instance for
/// half of its `time`.
fn patient(name: &str, limits: &str) -> String {
    let rule = format!("[[plugins.{name}.allow]]\ntopic = \"compute\"\nmethods = \"*\"\n");
    relay_policy(name, &format!("{rule}[plugins.{name}.limits]\n{limits}\n"))
}

/// Serves `hold`, which ends when it is let through.
struct Gate {
    gate: Arc<Semaphore>,
    _server: RpcServer,
}

impl Gate {
    async fn start(world: &World) -> Self {
        let gate = Arc::new(Semaphore::new(0));
        let waits = Arc::clone(&gate);
        let endpoint = Endpoint::new().method("hold", move |_, _: Value| {
            let gate = Arc::clone(&waits);
            async move {
                gate.acquire().await.unwrap().forget();
                Ok::<_, RemoteError>("held")
            }
        });
        let target = Target::topic("compute").server("gate");
        let server = RpcServer::builder(&world.transport, target).endpoint(endpoint);
        Self {
            gate,
            _server: server.start().await.unwrap(),
        }
    }

    fn open(&self) {
        self.gate.add_permits(1000);
    }
}

type Called = Result<Value, oslo_messaging::Error>;

fn call(world: &Arc<World>, topic: &str) -> JoinHandle<Called> {
    let (world, topic) = (Arc::clone(world), topic.to_owned());
    tokio::spawn(async move { world.call_with(&topic, "hold", &json!({})).await })
}

async fn ended(calls: Vec<JoinHandle<Called>>) -> Vec<Called> {
    join_all(calls)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect()
}

#[tokio::test]
async fn one_more_than_there_is_room_for_waits_and_is_refused_and_counted() {
    let world = Arc::new(World::of(PluginHost::builder().instances(2)));
    world.write_relay("relay.wasm", 1);
    let gate = Gate::start(&world).await;
    world.apply(&patient("one", "time = \"4s\"")).await;
    let calls: Vec<_> = (0..5).map(|_| call(&world, "one")).collect();
    until("some are refused", || {
        world.plugin("one").statistics.no_room == 3
    })
    .await;
    assert_eq!(world.plugin("one").instances, 2);
    gate.open();
    let calls = ended(calls).await;
    assert_eq!(calls.iter().filter(|it| it.is_ok()).count(), 2, "{calls:?}");
    for error in calls.into_iter().filter_map(Result::err) {
        let says = "hold(): the host has as many instances as it may have: 2";
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
    assert_eq!(world.plugin("one").instances, 0);
}

#[tokio::test]
async fn who_takes_all_that_there_is_leaves_each_neighbour_an_instance() {
    let world = Arc::new(World::of(PluginHost::builder().instances(8)));
    world.write_relay("relay.wasm", 1);
    world.write("timed.wasm", command("(i32.const 0)"));
    let gate = Gate::start(&world).await;
    let timer =
        "[plugins.timed]\ncomponent = \"timed.wasm\"\n[[plugins.timed.on]]\nevery = \"50ms\"\n";
    let text = patient("greedy", "time = \"30s\"") + &relay_policy("calm", "") + timer;
    world.apply(&text).await;
    let greedy: Vec<_> = (0..40).map(|_| call(&world, "greedy")).collect();
    let instances = |name: &str| world.plugin(name).instances;
    until("it has all that it can get", || instances("greedy") == 6).await;
    let (start, timed) = (Instant::now(), world.plugin("timed").statistics.returned);
    // Several at once have their turn.
    let calls = (0..5).map(|_| world.call("calm", "number"));
    assert_eq!(join_all(calls).await, [1; 5]);
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
    until("a timer starts", || {
        world.plugin("timed").statistics.returned > timed
    })
    .await;
    for calm in ["calm", "timed"] {
        assert_eq!(world.plugin(calm).statistics.no_room, 0, "{calm}");
    }
    let metrics = world.host.metrics();
    for line in [
        "oslo_plugin_instances_limit{plugin=\"greedy\"} 64",
        "oslo_plugin_instances_limit{plugin=\"timed\"} 1",
        "oslo_plugin_host_instances_limit 8",
    ] {
        assert!(metrics.lines().any(|it| it == line), "{line}: {metrics}");
    }
    gate.open();
    let greedy = ended(greedy).await;
    assert!(
        greedy.iter().filter(|it| it.is_ok()).count() >= 6,
        "{greedy:?}"
    );
    until("all is given back", || {
        ["greedy", "calm", "timed"].map(instances) == [0; 3]
    })
    .await;
}

#[tokio::test]
async fn a_plugin_has_no_more_instances_than_its_limit() {
    let world = Arc::new(World::new());
    world.write_relay("relay.wasm", 1);
    let gate = Gate::start(&world).await;
    let other = "[[plugins.two.on]]\nrpc = { topic = \"other\", server = \"one\" }\n";
    let limits = "time = \"4s\"\ninstances = 2";
    let text = patient("one", limits) + &patient("two", limits) + other;
    world.apply(&text).await;
    // What one trigger cannot begin waits where it is.
    let one: Vec<_> = (0..6).map(|_| call(&world, "one")).collect();
    // What another one has begun waits here.
    let two: Vec<_> = ["two", "two", "other"]
        .map(|topic| call(&world, topic))
        .into();
    until("one is refused", || {
        world.plugin("two").statistics.no_room == 1
    })
    .await;
    for name in ["one", "two"] {
        assert_eq!(world.plugin(name).instances, 2, "{name}");
        assert_eq!(world.plugin(name).most_instances, 2, "{name}");
    }
    gate.open();
    for called in ended(one).await {
        assert_eq!(called.unwrap(), "held");
    }
    let refused: Vec<_> = ended(two)
        .await
        .into_iter()
        .filter_map(Result::err)
        .collect();
    let [refused] = &refused[..] else {
        panic!("{refused:?}")
    };
    let says = "hold(): the plugin has as many instances as it may have: 2";
    assert!(refused.to_string().contains(says), "{refused}");
    assert_eq!(world.plugin("one").statistics.no_room, 0);
}

/// Those of several timers as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn timers_have_no_more_instances_than_their_plugin() {
    let world = World::new();
    let spin = command("(loop $forever (br $forever)) (i32.const 0)");
    world.write("timed.wasm", spin);
    let timer = "[[plugins.timed.on]]\nevery = \"20ms\"\noverlap = true\n";
    let other = timer.replace("20ms", "30ms");
    let limits = "[plugins.timed.limits]\ntime = \"400ms\"\ncpu = \"200ms\"\ninstances = 2\n";
    let text = format!("[plugins.timed]\ncomponent = \"timed.wasm\"\n{timer}{other}{limits}");
    world.apply(&text).await;
    let mut most = 0;
    until("some were stopped", || {
        let timed = world.plugin("timed");
        most = most.max(timed.instances);
        let counted = timed.statistics;
        counted.timed_out + counted.out_of_cpu >= 4
    })
    .await;
    assert_eq!(most, 2);
    world.host.drain().await;
    let metrics = world.host.metrics();
    assert!(
        metrics
            .lines()
            .any(|it| it == "oslo_plugin_host_instances 0"),
        "{metrics}"
    );
}

/// An idle one makes way, and one that works is not kept when its place is wanted.
#[tokio::test]
async fn a_trigger_keeps_nothing_from_another_one_of_its_plugin() {
    let world = Arc::new(World::new());
    world.write_relay("relay.wasm", 1);
    let gate = Gate::start(&world).await;
    let pooled = "[plugins.one.instances]\nreuse = \"pooled\"\nidle = \"1h\"\n\
                  [[plugins.one.on]]\nrpc = { topic = \"other\", server = \"one\" }\n";
    let limits = "time = \"30s\"\ninstances = 1";
    world.apply(&(patient("one", limits) + pooled)).await;
    assert_eq!(world.plugin("one").waiting, [""; 0]);
    let start = Instant::now();
    for _ in 0..3 {
        for topic in ["one", "other"] {
            assert_eq!(world.call(topic, "number").await, 1);
            assert_eq!(world.call(topic, "number").await, 2);
            assert_eq!(world.plugin("one").instances, 1);
        }
    }
    let held = call(&world, "one");
    until("it runs", || {
        world
            .plugin("one")
            .statistics
            .calls
            .iter()
            .any(|it| it.in_flight() == 1)
    })
    .await;
    let (other, ()) = tokio::join!(world.call("other", "number"), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        gate.open();
    });
    assert_eq!(other, 1);
    assert_eq!(held.await.unwrap().unwrap(), "held");
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn a_lower_limit_holds_for_the_next_version_and_what_runs_goes_on() {
    let world = Arc::new(World::new());
    world.write_relay("relay.wasm", 1);
    let gate = Gate::start(&world).await;
    world
        .apply(&patient("one", "time = \"30s\"\ninstances = 4"))
        .await;
    let before: Vec<_> = (0..4).map(|_| call(&world, "one")).collect();
    until("they run", || world.plugin("one").instances == 4).await;
    let lower = patient("one", "time = \"30s\"\ninstances = 1");
    let change = world.apply(&lower).await;
    assert_eq!(change.replaced, ["one"]);
    assert_eq!(world.plugin("one").most_instances, 1);
    let after: Vec<_> = (0..3).map(|_| call(&world, "one")).collect();
    until("the next one runs", || world.plugin("one").instances == 5).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(world.plugin("one").instances, 5);
    gate.open();
    for called in ended(before).await.into_iter().chain(ended(after).await) {
        assert_eq!(called.unwrap(), "held");
    }
    world.host.drain().await;
}

#[tokio::test]
async fn a_host_with_more_plugins_than_instances_serves_all_of_them() {
    let world = World::of(PluginHost::builder().instances(2));
    world.write_relay("relay.wasm", 1);
    let names = ["a", "b", "c", "d", "e"];
    let text: String = names.map(|name| relay_policy(name, "")).concat();
    world.apply(&text).await;
    let calls = names.map(|name| world.call(name, "number"));
    assert_eq!(join_all(calls).await, [1; 5]);
    let overbooked = Overbooked::of(&world.policy(&text), 2).unwrap();
    assert_eq!((overbooked.shares, overbooked.instances), (320, 2));
    assert_eq!(Overbooked::of(&world.policy(&text), 320), None);
}

#[tokio::test]
async fn a_client_of_http_is_told_to_come_again() {
    let world = World::of(PluginHost::builder().instances(1));
    let limits = "[plugins.web.limits]\ntime = \"2s\"\n";
    let address = listening(&world, &answering_policy("web", "/", limits)).await;
    // The first one never answers, and the second one waits for half of that time.
    let second = async {
        until("the first one runs", || world.plugin("web").instances == 1).await;
        get(address, "/o").await
    };
    let (first, second) = tokio::join!(get(address, "/w"), second);
    assert_eq!(first.status, 504);
    let says = "there is no room for the request now\n";
    assert_eq!((second.status, &*second.body), (503, says));
    assert_eq!(second.header("retry-after"), Some("1"));
    assert_eq!(get(address, "/o").await.status, 200);
    let statistics = world.plugin("web").statistics;
    assert_eq!((statistics.no_room, statistics.timed_out), (1, 1));
}

#[tokio::test]
async fn where_address_space_is_short_instances_are_made_without_a_reservation() {
    // 200,000 memories of 4 GiB are more than any process of today has addresses for.
    let world = World::of(PluginHost::builder().instances(100_000));
    world.write_relay("relay.wasm", 1);
    world.apply(&relay_policy("one", "")).await;
    assert_eq!(world.call("one", "number").await, 1);
}
