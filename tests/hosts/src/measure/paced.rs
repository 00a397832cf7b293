//! Many instances, each of which calls at its own pace, and what one that has nothing to do takes up.

use std::time::Duration;

use anyhow::{Context as _, Result};
use futures_util::future::try_join_all;
use oslo_messaging_faults::memory::{allocated_bytes, resident_kib};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::row::{Goal, Row};
use crate::plugin::{Limits, Plugin, Surface};
use crate::world::World;

pub(super) async fn measure(length: Duration, instances: usize) -> Result<Vec<Row>> {
    let world = World::new(instances.max(1)).await?;
    let kept = instances.div_ceil(PLUGINS).max(1);
    let length_ms = u64::try_from(length.as_millis())?;
    let time_ms = length_ms + PATIENCE_MS;
    let plugins: Vec<_> = (0..PLUGINS)
        .map(|number| Plugin {
            kept: Some(kept),
            limits: Limits {
                time_ms,
                cpu_ms: time_ms,
                calls_in_flight: kept,
            },
            ..Plugin::new(format!("paced{number}"), Surface::Plain)
        })
        .collect();
    world.apply(&plugins).await?;
    let before = Held::now()?;

    let paced = plugins.iter().flat_map(|plugin| {
        (0..kept).map(|number| {
            let client = world.client(&plugin.name).prepare();
            let client = client.timeout(Duration::from_millis(time_ms));
            let rest_ms = 200 + 10 * (number as u64 % 80);
            async move {
                let args = json!({"length_ms": length_ms, "rest_ms": rest_ms});
                client.call::<Value>(&json!({}), "pace", &args).await
            }
        })
    });
    let said = try_join_all(paced).await?;
    let (mut calls, mut errors) = (0, Vec::new());
    for said in &said {
        calls += said["calls"].as_u64().context("it says no `calls`")?;
        errors.extend(said["errors"].as_array().context("it says no `errors`")?);
    }
    for error in errors.iter().take(5) {
        println!("an error of an instance: {error}");
    }
    // Tasks and messages of before are gone.
    sleep(Duration::from_millis(500)).await;
    let after = Held::now()?;
    let count = said.len();
    // Each plugin has made one to ask what it serves, which is one of them.
    let made = count.saturating_sub(PLUGINS).max(1) as f64;
    let each = |before: u64, after: u64| after.saturating_sub(before) as f64 / made / 1024.0;
    println!("{count} instances made {calls} calls in {length:?}");
    world.end().await?;
    Ok(vec![
        Row::new(
            format!("errors of {count} instances in {} s", length.as_secs()),
            errors.len() as f64,
            Goal::AtMost(0.0),
        ),
        Row::new(
            "memory of an idle instance beyond its linear memory, KiB",
            each(before.allocated, after.allocated),
            Goal::AtMost(256.0),
        ),
        Row::new(
            "the same as the kernel counts it, with what is used of its linear memory, KiB",
            each(before.resident, after.resident),
            Goal::None,
        ),
    ])
}

/// What the process has, in bytes.
struct Held {
    allocated: u64,
    resident: u64,
}

impl Held {
    fn now() -> Result<Self> {
        Ok(Self {
            allocated: allocated_bytes() as u64,
            resident: resident_kib().context("the kernel does not say it")? * 1024,
        })
    }
}

const PLUGINS: usize = 10;
const PATIENCE_MS: u64 = 30_000;
