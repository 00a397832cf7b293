//! Plugins that HTTP requests start.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use oslo_messaging_plugins::Change;
use serde_json::Value;

use crate::client::{Connection, ask, get};
use crate::world::{World, answering, until};

const LISTEN: &str = "[http]\nlisten = \"127.0.0.1:0\"\n";

/// A plugin for a path, with more of a policy.
pub(crate) fn answering_policy(name: &str, path: &str, more: &str) -> String {
    format!(
        "[plugins.{name}]\ncomponent = \"http.wasm\"\n\
         [[plugins.{name}.on]]\nhttp = {{ path = \"{path}\" }}\n{more}\n"
    )
}

/// Applies a policy, and says where it listens.
pub(crate) async fn listening(world: &World, text: &str) -> SocketAddr {
    world.write("http.wasm", answering(1));
    world.apply(&(LISTEN.to_owned() + text)).await;
    world.host.http_address().unwrap()
}

#[tokio::test]
async fn requests_go_to_the_plugin_of_the_longest_path() {
    let world = World::new();
    let text = answering_policy("a", "/a", "") + &answering_policy("ab", "/a/b", "");
    let address = listening(&world, &text).await;
    let answer = get(address, "/a/o").await;
    assert_eq!((answer.status, &*answer.body), (200, "ok"));
    assert_eq!(get(address, "/a/b/o?or=o").await.body, "ok");
    let started = |name: &str| world.plugin(name).statistics.started;
    assert_eq!((started("a"), started("ab")), (1, 1));
    // Nobody's.
    let answer = get(address, "/c").await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.body, "no plugin is started by this path\n");
    let answer = ask(address, "POST /a/e", "", b"what came").await;
    assert_eq!(answer.body, "what came");
    let statistics = world.plugin("a").statistics;
    assert_eq!((statistics.started, statistics.returned), (2, 2));

    // A connection has one request after the other.
    let mut connection = Connection::open(address).await;
    for _ in 0..3 {
        assert_eq!(connection.get("/a/o").await.unwrap().body, "ok");
    }
    connection.say(b"GET /a/o HTTP/1.1\r\n\r\n").await;
    assert_eq!(connection.answer().await.unwrap().status, 400);
}

#[tokio::test]
async fn what_comes_of_a_plugin_has_a_status() {
    let world = World::new();
    let limits = "[plugins.a.limits]\ntime = \"8s\"\ncpu = \"100ms\"\nreply = \"64KiB\"\n";
    let address = listening(&world, &answering_policy("a", "/", limits)).await;
    for (path, status, said) in [
        ("/t", 500, "the plugin failed\n"),
        ("/u", 500, "the plugin failed\n"),
        ("/r", 500, "the plugin gave no answer\n"),
        ("/f", 500, "the plugin did not finish its answer\n"),
        (
            "/b",
            500,
            "the plugin's answer is larger than its limit `reply`\n",
        ),
        ("/a", 500, "the plugin's status 100 is none of an answer\n"),
        (
            "/s",
            504,
            "the plugin did not answer within its limit of processor time\n",
        ),
        (
            "/w",
            504,
            "the plugin did not answer within 8s, its limit\n",
        ),
        ("/o", 200, "ok"),
    ] {
        let start = Instant::now();
        let answer = get(address, path).await;
        assert_eq!((answer.status, &*answer.body), (status, said), "{path}");
        let id = answer.header("x-openstack-request-id").unwrap();
        assert!(id.starts_with("req-") && id.len() == 40, "{id}");
        assert!(start.elapsed() < Duration::from_secs(20), "{path}");
    }
    let statistics = world.plugin("a").statistics;
    assert_eq!(statistics.started, 9);
    assert_eq!((statistics.trapped, statistics.out_of_cpu), (2, 1));
    assert_eq!((statistics.timed_out, statistics.failed), (1, 4));
    assert_eq!(statistics.limited, [("reply".to_owned(), 1)].into());
}

#[tokio::test]
async fn instances_are_fresh_or_used_again() {
    let world = World::new();
    let pooled = "[plugins.b.instances]\nreuse = \"pooled\"\nconcurrency = 1\ninvocations = 2\n";
    let text = answering_policy("a", "/a", "") + &answering_policy("b", "/b", pooled);
    let address = listening(&world, &text).await;
    let mut said = Vec::new();
    for path in ["/a/n", "/a/n", "/b/n", "/b/n", "/b/n", "/b/f", "/b/n"] {
        let answer = get(address, path).await;
        said.push(if answer.status == 200 {
            answer.body
        } else {
            answer.status.to_string()
        });
    }
    // The last one but one is left unfinished, and whose it was is gone.
    assert_eq!(said, ["1", "1", "1", "2", "1", "500", "1"]);
}

/// Each that it keeps may have the largest of heads, which is memory of the host.
#[tokio::test]
async fn an_instance_that_keeps_what_it_was_handed_is_not_used_again() {
    let world = World::new();
    let pooled =
        "[plugins.a.instances]\nreuse = \"pooled\"\nconcurrency = 1\ninvocations = 100000\n";
    let limits = "[plugins.a.limits]\nrate = \"1000/s\"\n";
    let address = listening(
        &world,
        &answering_policy("a", "/a", &(pooled.to_owned() + limits)),
    )
    .await;
    let mut connection = Connection::open(address).await;
    let mut got = async |path| connection.get(path).await.unwrap().body;
    // Who keeps nothing is used again, and so is who keeps a few, as languages with a garbage collector do. The digits
    // are those behind 9 by now.
    for _ in 0..300 {
        assert_eq!(got("/a/o").await, "ok");
    }
    assert_eq!(got("/a/n").await, "]");
    for _ in 0..16 {
        assert_eq!(got("/a/k").await, "ok");
    }
    assert_eq!(got("/a/n").await, "n");
    let mut kept = 16;
    loop {
        assert_eq!(got("/a/k").await, "ok");
        kept += 1;
        if got("/a/n").await == "1" {
            break;
        }
        assert!(kept < 300, "it is always used again");
    }
}

/// The rule of OpenStack's services.
#[tokio::test]
async fn calls_are_on_behalf_of_the_request() {
    let world = World::new();
    let _compute = world.compute().await;
    let allow = "[[plugins.a.allow]]\nname = \"read\"\ntopic = \"compute\"\nmethods = \"get_*\"\n";
    let address = listening(&world, &answering_policy("a", "/a", allow)).await;
    let asked = |headers: &'static str| async move {
        let answer = ask(address, "GET /a/c", headers, b"").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let id = answer.header("x-openstack-request-id").unwrap().to_owned();
        let answer: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(answer["context"]["request_id"], id);
        assert_eq!(answer["context"]["plugin"], "a");
        answer["context"].clone()
    };
    let given = "req-3f2504e0-4f89-11d3-9a0c-0305e82c3301";
    let context = asked(
        "X-Openstack-Request-Id: req-3f2504e0-4f89-11d3-9a0c-0305e82c3301\r\n\
         traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n",
    )
    .await;
    assert_eq!(context["global_request_id"], given);
    assert_ne!(context["request_id"], given);
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    assert_eq!(context["traceparent"], traceparent);
    let context = asked("X-Openstack-Request-Id: mine\r\ntraceparent: mine\r\n").await;
    assert_eq!(context["global_request_id"], Value::Null);
    assert_eq!(context["traceparent"], Value::Null);

    // What no rule allows is denied, also to what HTTP starts.
    let allow = allow.replace("get_*", "list_*");
    let text = LISTEN.to_owned() + &answering_policy("a", "/a", &allow);
    world.apply(&text).await;
    let answer = get(world.host.http_address().unwrap(), "/a/c").await;
    assert_eq!(answer.status, 502);
    let says = "call of `get_free` on `compute` is denied: no rule allows it; the nearest is `read`, but its \
                methods are `list_*`";
    assert_eq!(answer.body, says);
}

#[tokio::test]
async fn requests_of_a_plugin_are_denied_and_told() {
    let world = World::new();
    let address = listening(&world, &answering_policy("a", "/a", "")).await;
    assert_eq!(get(address, "/a/g").await.body, "5");
    let denied = world.plugin("a").statistics.denied;
    assert_eq!(denied, [("default".to_owned(), 1)].into());
}

#[tokio::test]
async fn what_a_plugin_has_no_place_for_waits_a_moment_and_is_told_to_come_again() {
    let world = World::new();
    let pooled = "[plugins.a.instances]\nreuse = \"pooled\"\nconcurrency = 1\n";
    let address = listening(&world, &answering_policy("a", "/a", pooled)).await;
    let asking = |path: &'static str| tokio::spawn(get(address, path));
    let started = || world.plugin("a").statistics.started;
    // One is at work, and one waits for it.
    let first = asking("/a/h");
    until("it runs", || started() == 1).await;
    let second = asking("/a/h");
    assert_eq!(first.await.unwrap().body, "ok");
    assert_eq!(second.await.unwrap().body, "ok");
    // One is at work for longer than another waits, and there is no place to wait for a third one.
    let first = asking("/a/w");
    until("it runs", || started() == 3).await;
    let second = asking("/a/o");
    tokio::time::sleep(Duration::from_millis(300)).await;
    for answer in [asking("/a/o").await.unwrap(), second.await.unwrap()] {
        assert_eq!(answer.status, 503);
        assert_eq!(answer.body, "the plugin is busy\n");
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    assert_eq!(first.await.unwrap().status, 504);
    let limited = world.plugin("a").statistics.limited;
    assert_eq!(limited, [("concurrency".to_owned(), 2)].into());
}

#[tokio::test]
async fn a_paused_plugin_says_when_to_come_again() {
    let world = World::new();
    let text = answering_policy("a", "/a", "") + &answering_policy("b", "/b", "");
    let address = listening(&world, &text).await;
    for _ in 0..5 {
        assert_eq!(get(address, "/a/t").await.status, 500);
    }
    let answer = get(address, "/a/o").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(world.plugin("a").statistics.paused, 1);
    assert_eq!(get(address, "/b/o").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_lost_while_a_plugin_is_replaced() {
    let world = Arc::new(World::new());
    let text = answering_policy("busy", "/", "");
    let address = listening(&world, &text).await;
    let (done, asked) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let clients: Vec<_> = (0..4)
        .map(|number| {
            let (done, asked) = (Arc::clone(&done), Arc::clone(&asked));
            tokio::spawn(async move {
                let mut connection = Connection::open(address).await;
                let mut last = String::new();
                while !done.load(Ordering::Relaxed) {
                    let answer = if number == 0 {
                        get(address, "/v").await
                    } else {
                        connection.get("/v").await.unwrap()
                    };
                    assert_eq!(answer.status, 200, "{}", answer.body);
                    // No request of a connection is older than the one before.
                    assert!(answer.body >= last, "{} after {last}", answer.body);
                    last = answer.body;
                    asked.fetch_add(1, Ordering::Relaxed);
                }
                last
            })
        })
        .collect();
    let more = || {
        let before = asked.load(Ordering::Relaxed);
        let asked = &asked;
        until("requests are made", move || {
            asked.load(Ordering::Relaxed) > before + 20
        })
    };
    for version in 2..=4 {
        let held = tokio::spawn(get(address, "/h"));
        more().await;
        world.write("http.wasm", answering(version));
        let change = world.apply(&(LISTEN.to_owned() + &text)).await;
        assert_eq!(change.replaced, ["busy"]);
        // What comes from now on is the new one's.
        assert_eq!(get(address, "/v").await.body, version.to_string());
        assert_eq!(held.await.unwrap().body, "ok");
    }
    more().await;
    done.store(true, Ordering::Relaxed);
    for client in clients {
        assert_eq!(client.await.unwrap(), "4");
    }
    let statistics = world.plugin("busy").statistics;
    assert_eq!(statistics.trapped + statistics.timed_out, 0);
}

/// Applies what gives `a` the path `/q` instead of `/p`, which its `c` has part in, and is still at it when `a` has
/// its new path. Gives the rest of the policy as well, without what it waits for.
async fn moving(world: &Arc<World>, address: SocketAddr, a: &str, c: &str) -> Moving {
    world.write_relay("relay.wasm", 1);
    // A broker that takes the connection and says nothing keeps what is started in between.
    let still = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let between = format!(
        "[transports.still]\nurl = \"rabbit://u:p@{}/\"\n\
         [plugins.b]\ncomponent = \"relay.wasm\"\n\
         [[plugins.b.on]]\nrpc = {{ transport = \"still\", topic = \"b\", server = \"one\" }}\n",
        still.local_addr().unwrap()
    );
    let rest = LISTEN.to_owned() + &answering_policy("a", "/q", a) + &answering_policy("c", c, "");
    let policy = world.policy(&(rest.clone() + &between));
    let applying = tokio::spawn({
        let world = Arc::clone(world);
        async move { world.host.apply(&policy, &world.file()).await }
    });
    let has_moved = async {
        while get(address, "/q/o").await.status != 200 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(30), has_moved).await;
    assert!(waited.is_ok(), "`a` has its new path");
    assert!(!applying.is_finished());
    Moving {
        _still: still,
        applying,
        rest,
    }
}

struct Moving {
    _still: std::net::TcpListener,
    applying: tokio::task::JoinHandle<Change>,
    rest: String,
}

/// The plugin that has it before goes on until the other one has it, however long that one takes to start.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_that_moves_to_another_plugin_is_always_somebodys() {
    // All of it, a part of it, and more than it.
    for theirs in ["/p", "/p/x", "/"] {
        let world = Arc::new(World::new());
        let address = listening(&world, &answering_policy("a", "/p", "")).await;
        let moving = moving(&world, address, "", theirs).await;
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(1) {
            assert_eq!(get(address, "/p/x/o").await.status, 200, "{theirs}");
        }
        moving.applying.abort();
        // Nobody waits for it any more, and it is still somebody's.
        let _ = moving.applying.await;
        assert_eq!(get(address, "/p/x/o").await.status, 200, "{theirs}");
        world.apply(&moving.rest).await;
        assert_eq!(get(address, "/p/x/o").await.status, 200, "{theirs}");
        until("it is the other one's", || {
            world.plugin("c").statistics.started > 0
        })
        .await;
        assert_eq!(get(address, "/q/o").await.status, 200);
    }
}

/// Its timers would fire in both versions otherwise.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_gives_a_path_away_starts_nothing_else_meanwhile() {
    let world = Arc::new(World::new());
    let often = "[[plugins.a.on]]\nevery = \"20ms\"\n";
    let address = listening(&world, &answering_policy("a", "/p", often)).await;
    let started = || world.plugin("a").statistics.started;
    until("its timer starts it", || started() > 2).await;
    let seldom = often.replace("20ms", "1h");
    let moving = moving(&world, address, &seldom, "/p").await;
    // What was about to start may do so.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let before = started();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(started(), before);
    assert_eq!(get(address, "/p/o").await.status, 200);
    moving.applying.abort();
}

#[tokio::test]
async fn draining_answers_what_came_and_takes_nothing_more() {
    let world = Arc::new(World::new());
    let address = listening(&world, &answering_policy("a", "/a", "")).await;
    let mut idle = Connection::open(address).await;
    assert_eq!(idle.get("/a/o").await.unwrap().status, 200);
    let asking = tokio::spawn(get(address, "/a/h"));
    until("it runs", || world.plugin("a").statistics.started == 2).await;
    world.host.drain().await;
    assert_eq!(asking.await.unwrap().body, "ok");
    assert!(idle.is_ended().await);
    assert!(world.host.http_address().is_none());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn the_address_is_that_of_the_policy() {
    let world = World::new();
    let text = answering_policy("a", "/a", "");
    let first = listening(&world, &text).await;
    // Another plugin changes nothing about it, and another number of connections keeps it.
    world
        .apply(&(LISTEN.to_owned() + &text + &answering_policy("b", "/b", "")))
        .await;
    assert_eq!(world.host.http_address(), Some(first));
    let fewer = LISTEN.to_owned() + "connections = 2\n";
    world.apply(&(fewer.clone() + &text)).await;
    assert_eq!(world.host.http_address(), Some(first));
    assert_eq!(get(first, "/a/o").await.status, 200);

    // One that is another's is refused, and the one that there is stays.
    let others = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = fewer.replace("127.0.0.1:0", &others.local_addr().unwrap().to_string());
    let policy = world.policy(&(taken + &text));
    let change = world.host.apply(&policy, &world.file()).await;
    let [problem] = &*change.problems else {
        panic!("{change:?}")
    };
    let told = problem.to_string();
    let says = "cannot be listened at: Address already in use (os error 98); write another address, or end what \
                has this one";
    assert!(
        told.starts_with("http: `127.0.0.1:") && told.ends_with(says),
        "{told}"
    );
    assert_eq!(get(first, "/a/o").await.status, 200);
    let another = World::new();
    another.write("http.wasm", answering(1));
    let refused = another.host.apply_all(&policy, &another.file()).await;
    assert_eq!(refused.unwrap_err().iter().count(), 1);
    assert!(another.host.plugins().is_empty());

    drop(others);
    world.host.apply(&policy, &world.file()).await;
    let second = world.host.http_address().unwrap();
    assert_ne!(first, second);
    assert_eq!(get(second, "/a/o").await.status, 200);
    until("nobody listens at the old one", || {
        std::net::TcpStream::connect(first).is_err()
    })
    .await;
    world.apply("").await;
    assert_eq!(world.host.http_address(), None);
}
