//! The examples for embedders, run.

use std::fs;
use std::path::Path;

use oslo_messaging::{RpcClient, Target, Transport};
use serde_json::json;
use tempfile::TempDir;

use crate::client::get;
use crate::world::{World, answering, relay, relay_policy};

#[expect(dead_code, reason = "its main is not called")]
#[path = "../../examples/edge.rs"]
mod edge;
#[expect(dead_code, reason = "its main is not called")]
#[path = "../../examples/multi_tenant.rs"]
mod multi_tenant;
#[expect(dead_code, reason = "its main is not called")]
#[path = "../../examples/smallest.rs"]
mod smallest;

const DEFAULT: &str = "[transports.default]\nurl = \"memory://\"\n";

/// A folder with a plugin and this policy.
fn folder(folder: &Path, policy: &str) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("relay.wasm"), relay(1)).unwrap();
    fs::write(folder.join("plugins.toml"), policy).unwrap();
}

async fn number(transport: &Transport, topic: &str) -> u64 {
    let client = RpcClient::new(transport, Target::topic(topic));
    let empty = json!({});
    client.call(&empty, "number", &empty).await.unwrap()
}

#[tokio::test]
async fn the_smallest_runs_a_policy() {
    let there = TempDir::new().unwrap();
    folder(
        there.path(),
        &(DEFAULT.to_owned() + &relay_policy("one", "")),
    );
    let file = there.path().join("plugins.toml");
    let ran = smallest::run(&file, async |host| {
        let transport = host.transport("default").await;
        assert_eq!(number(&transport.unwrap(), "one").await, 1);
        Ok(())
    });
    ran.await.unwrap();
    fs::remove_file(there.path().join("relay.wasm")).unwrap();
    let refused = smallest::run(&file, async |_| Ok(())).await.unwrap_err();
    assert!(refused.to_string().contains("cannot be read"), "{refused}");
}

#[tokio::test]
async fn tenants_are_apart_and_bounded() {
    let there = TempDir::new().unwrap();
    let good = DEFAULT.to_owned() + &relay_policy("one", "");
    let mut running = Vec::new();
    for name in ["red", "blue"] {
        let tenant = there.path().join(name);
        folder(&tenant, &good);
        let transport = Transport::memory();
        let host = multi_tenant::start(&tenant, &transport).await.unwrap();
        running.push((host, transport));
    }
    for (host, transport) in &running {
        assert_eq!(number(transport, "one").await, 1);
        assert_eq!(host.plugins()[0].statistics.returned, 1);
    }
    let elsewhere = good.replace("relay.wasm", "../red/relay.wasm");
    let large = good.clone() + "[plugins.one.limits]\nmemory = \"1GiB\"\n";
    let other = DEFAULT.replace("default", "mine") + &good;
    let many: String = (0..17)
        .map(|n| relay_policy(&format!("p{n}"), ""))
        .collect();
    for (policy, says) in [
        (elsewhere, "the component of `one` is not in your folder"),
        (large, "`one` has more than 134217728 bytes of memory"),
        (other, "the transport `mine` is not yours; `default` is"),
        (DEFAULT.to_owned() + &many, "there are more than 16 plugins"),
    ] {
        let tenant = there.path().join("green");
        folder(&tenant, &policy);
        let refused = multi_tenant::start(&tenant, &Transport::memory()).await;
        assert_eq!(refused.unwrap_err().to_string(), says);
    }
    for (host, _) in running {
        host.drain().await;
    }
}

#[tokio::test]
async fn the_edge_answers_requests_with_what_services_answer() {
    let world = World::new();
    let _compute = world.compute().await;
    world.write("http.wasm", answering(1));
    let component = world.folder.path().join("http.wasm");
    let plugins = [format!("free={}", component.display())];
    let (address, host) = edge::start("127.0.0.1:0", &world.transport, &plugins)
        .await
        .unwrap();
    assert_eq!(get(address, "/free/o").await.body, "ok");
    let answer = get(address, "/free/c").await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.body.contains("\"plugin\":\"free\""),
        "{}",
        answer.body
    );
    assert_eq!(get(address, "/other").await.status, 404);
    let taken = edge::start(&address.to_string(), &world.transport, &plugins).await;
    let why = taken.unwrap_err().to_string();
    assert!(why.contains("Address already in use"), "{why}");
    host.drain().await;
}
