//! How long plugins take to start.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::json;

use super::row::{Goal, Row};
use crate::plugin::{Plugin, Surface};
use crate::world::World;

pub(super) async fn measure() -> Result<Vec<Row>> {
    let mut first_calls = Vec::new();
    for _ in 0..STARTS {
        first_calls.push(first_call().await?);
    }
    let fresh = Plugin::new("fresh", Surface::Plain);
    let kept = Plugin {
        kept: Some(1),
        ..Plugin::new("kept", Surface::Plain)
    };
    let world = World::new(4).await?;
    world.apply(&[fresh, kept]).await?;
    let mut took = [Vec::new(), Vec::new()];
    for _ in 0..INVOCATIONS {
        for (plugin, took) in ["fresh", "kept"].into_iter().zip(&mut took) {
            let begun = Instant::now();
            world.call(plugin, "nothing", &json!({})).await?;
            took.push(begun.elapsed());
        }
    }
    world.end().await?;
    let [fresh, kept] = took.map(median);
    Ok(vec![
        Row::new(
            "from the compiled artefact to the first call on its way, ms",
            median(first_calls).as_secs_f64() * 1e3,
            Goal::AtMost(5.0),
        ),
        Row::new(
            "what a fresh instance takes beyond one that is kept, us",
            fresh.saturating_sub(kept).as_secs_f64() * 1e6,
            Goal::AtMost(100.0),
        ),
    ])
}

/// From a policy with one plugin more until its first call arrives. The component is compiled already.
async fn first_call() -> Result<Duration> {
    let world = World::new(4).await?;
    world.apply(&[]).await?;
    let begun = Instant::now();
    world.apply(&[Plugin::new("first", Surface::Plain)]).await?;
    world.call("first", "calls", &json!({"count": 1})).await?;
    let arrived = world.compute.referee.last_echo();
    let arrived = arrived.context("no call arrived")?;
    world.end().await?;
    Ok(arrived.duration_since(begun))
}

fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations
        .get(durations.len() / 2)
        .copied()
        .unwrap_or_default()
}

const STARTS: usize = 21;
const INVOCATIONS: usize = 401;
