//! What happens to the plugins.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;
use oslo_messaging::Error;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::report::{Event, Report};
use super::slots::Slots;
use crate::attack::PAUSED;
use crate::world::World;

/// Changes one after the other until this is over, and until each has come once.
pub(super) async fn change_until(
    world: &World,
    slots: &Slots,
    random: &mut Rng,
    pause: Duration,
    over: impl Future<Output = ()>,
    report: &mut Report,
) -> Result<()> {
    let mut attacks = JoinSet::new();
    let mut next = Vec::new();
    let mut is_over = false;
    tokio::pin!(over);
    while !is_over || !report.all_came() {
        let rest = pause.mul_f64(0.5 + random.f64());
        tokio::select! {
            () = &mut over, if !is_over => is_over = true,
            () = sleep(rest) => {}
        }
        // Each comes once before any comes again.
        if next.is_empty() {
            next = Event::ALL.to_vec();
            random.shuffle(&mut next);
        }
        let Some(event) = next.pop() else { continue };
        let begun = Instant::now();
        let happening = happen(world, slots, event, random, &mut attacks);
        let happened = timeout(LONGEST, happening).await;
        let happened = happened.with_context(|| format!("{event:?} hangs"))?;
        happened.with_context(|| format!("{event:?}"))?;
        let (count, longest) = report.events.entry(event).or_default();
        *count += 1;
        *longest = begun.elapsed().max(*longest);
        while let Some(ended) = attacks.try_join_next() {
            report.unexpected.extend(ended?);
        }
    }
    while let Some(ended) = attacks.join_next().await {
        report.unexpected.extend(ended?);
    }
    Ok(())
}

async fn happen(
    world: &World,
    slots: &Slots,
    event: Event,
    random: &mut Rng,
    attacks: &mut JoinSet<Option<String>>,
) -> Result<()> {
    let number = random.usize(..slots.count());
    match event {
        // When all are there, one comes back that was there a moment ago.
        Event::Load => match slots.any(false, random) {
            Some(number) => slots.load(world, &[number]).await?,
            None => {
                slots.unload(world, number).await?;
                slots.load(world, &[number]).await?;
            }
        },
        Event::Unload => match slots.any(true, random) {
            Some(number) => slots.unload(world, number).await?,
            None => slots.load(world, &[number]).await?,
        },
        Event::Replace => slots.replace(world, number).await?,
        Event::Limit => slots.limit(world, number).await?,
        Event::Spoil => slots.spoil(world, number).await?,
        Event::Drain => slots.drain(world).await?,
        // Now and then as often as it is paused for.
        Event::Trap => {
            for _ in 0..random.usize(1..8) {
                attack(world, number, "trap", json!({}), attacks);
            }
        }
        Event::Spin => attack(world, number, "spin", json!({}), attacks),
        Event::Deny => {
            let target = json!({"topic": "storage.host-2", "method": "reboot"});
            attack(world, number, "reach", target, attacks);
        }
    }
    ensure!(
        world.compute.referee.forbidden().is_empty(),
        "something forbidden arrived"
    );
    Ok(())
}

/// A call that ends with an error, beside what else goes on. What it ended with instead is what the task
/// returns.
fn attack(
    world: &World,
    number: usize,
    method: &'static str,
    args: Value,
    attacks: &mut JoinSet<Option<String>>,
) {
    let client = world.client(&Slots::name(number));
    attacks.spawn(async move {
        let ended = client.call::<Value>(&json!({}), method, &args).await;
        let expected = match &ended {
            Err(Error::Remote(error)) => match method {
                "trap" => error.class == "RuntimeError",
                "spin" => error.class == "TimeoutError" || error.message.contains(PAUSED),
                _ => {
                    let says = &error.message;
                    says.contains("is denied: no rule") || says.contains(PAUSED)
                }
            },
            // It was away. That a plugin which is there answers is for the callers to see.
            Err(Error::NoSuchTarget { .. } | Error::Timeout { .. }) => true,
            _ => false,
        };
        (!expected).then(|| format!("{method}: {ended:?}"))
    });
}

/// Draining waits for what runs.
const LONGEST: Duration = Duration::from_secs(20);
