//! What the boundary between plugin and host adds to a call, beside the native client: the same server, in
//! the same run, each in turn.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::future::try_join_all;
use oslo_messaging::{Error, RpcClient, Target};
use serde_json::{Value, json};

use super::row::{Goal, Row};
use crate::plugin::{Limits, Plugin, Surface};
use crate::world::World;

pub(super) async fn measure() -> Result<Vec<Row>> {
    let world = World::new(AT_ONCE).await?;
    let plugin = |name: &str, surface| Plugin {
        kept: Some(1),
        limits: Limits {
            time_ms: 60_000,
            cpu_ms: 60_000,
            calls_in_flight: AT_ONCE,
        },
        ..Plugin::new(name, surface)
    };
    let plugins = [
        plugin("plain", Surface::Plain),
        plugin("async", Surface::Asynchronous),
    ];
    world.apply(&plugins).await?;
    let native = RpcClient::new(&world.transport, Target::topic("compute"));

    let [mut alone, mut plain, mut many, mut asynchronous] = [Best::default(); 4];
    for _ in 0..ROUNDS {
        alone
            .round(async |count| in_turn(&native, count).await)
            .await?;
        plain
            .round(async |count| {
                world
                    .call("plain", "calls", &json!({"count": count}))
                    .await?;
                Ok(())
            })
            .await?;
        many.round(async |count| in_flight(&native, count).await)
            .await?;
        asynchronous
            .round(async |count| {
                let args = json!({"at_once": AT_ONCE, "count": count});
                world.call("async", "in_flight", &args).await?;
                Ok(())
            })
            .await?;
    }
    world.end().await?;
    let boundary = plain.per_call() - alone.per_call();
    let lost = 1.0 - many.per_call() / asynchronous.per_call();
    println!(
        "a call alone: natively {:.2} us, in a plugin {:.2} us; one of {AT_ONCE} at once: {:.2} us, {:.2} us",
        alone.per_call(),
        plain.per_call(),
        many.per_call(),
        asynchronous.per_call(),
    );
    Ok(vec![
        Row::new(
            "what the boundary adds to a call, us",
            boundary,
            Goal::AtMost(1.0),
        ),
        Row::new(
            format!("what it takes of the throughput, {AT_ONCE} at once, %"),
            lost * 100.0,
            Goal::AtMost(3.0),
        ),
    ])
}

async fn in_turn(client: &RpcClient, count: usize) -> Result<(), Error> {
    for _ in 0..count {
        one(client).await?;
    }
    Ok(())
}

async fn in_flight(client: &RpcClient, count: usize) -> Result<(), Error> {
    let workers = (0..AT_ONCE).map(|worker| in_turn(client, (count + worker) / AT_ONCE));
    try_join_all(workers).await.map(drop)
}

/// As the plugin's.
async fn one(client: &RpcClient) -> Result<Value, Error> {
    let args = json!({"value": "sixteen letters."});
    client.call(&json!({}), "echo", &args).await
}

/// Few and many calls at their best. What a call takes is their difference, so that starting is not in it.
#[derive(Clone, Copy)]
struct Best([Duration; 2]);

impl Default for Best {
    fn default() -> Self {
        Self([Duration::MAX; 2])
    }
}

impl Best {
    async fn round(&mut self, run: impl AsyncFn(usize) -> Result<(), Error>) -> Result<()> {
        for (best, count) in self.0.iter_mut().zip([FEW, MANY]) {
            let begun = Instant::now();
            run(count).await?;
            *best = begun.elapsed().min(*best);
        }
        Ok(())
    }

    /// In microseconds.
    fn per_call(&self) -> f64 {
        let [few, many] = self.0;
        many.saturating_sub(few).as_secs_f64() * 1e6 / (MANY - FEW) as f64
    }
}

const AT_ONCE: usize = 64;
const ROUNDS: usize = 15;
const FEW: usize = 640;
const MANY: usize = 6400;
