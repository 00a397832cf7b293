//! Those who call the plugins meanwhile, and what they were told.

use std::time::Duration;

use fastrand::Rng;
use oslo_messaging::Error;
use oslo_messaging_faults::stalls::Stall;
use oslo_messaging_faults::verdict::{Ended, Record, Verb};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::slots::Slots;
use crate::attack::PAUSED;
use crate::world::World;

/// What one caller has seen.
#[derive(Debug, Default)]
pub(super) struct Called {
    pub(super) records: Vec<Record>,
    /// Calls that timed out although their plugin was there for long enough: what comes while it is away
    /// waits for it.
    pub(super) lost: Vec<String>,
}

/// One call after the other, of a plugin at random.
pub(super) async fn call_until(
    world: &World,
    slots: &Slots,
    caller: usize,
    mut random: Rng,
    over: watch::Receiver<bool>,
) -> Called {
    let mut called = Called::default();
    let mut number = 0;
    while !*over.borrow() {
        let plugin = random.usize(..slots.count());
        // Not many wait for who is away.
        if slots.there_since(plugin).is_none() && random.u8(..100) > 0 {
            sleep(Duration::from_millis(1)).await;
            continue;
        }
        number += 1;
        let id = format!("c{caller}-{number}");
        let record = call(world, plugin, id, random.u64(..30)).await;
        let there_since = slots.there_since(plugin);
        if let Ended::Maybe(text) = &record.ended
            && text.starts_with(TIMED_OUT)
            && there_since.is_some_and(|since| since.elapsed() > LONG_ENOUGH)
        {
            called.lost.push(format!("p{plugin}: {record:?}"));
        }
        called.records.push(record);
        sleep(Duration::from_millis(random.u64(..10))).await;
    }
    called
}

async fn call(world: &World, plugin: usize, id: String, pause_ms: u64) -> Record {
    let client = world.client(&Slots::name(plugin)).prepare().timeout(LIMIT);
    let args = json!({"id": id, "pause_ms": pause_ms});
    let begin = Instant::now();
    let result = client.call::<Value>(&json!({}), "relay", &args).await;
    let elapsed = begin.elapsed();
    let ended = match result {
        Ok(reply) if reply == json!({"id": id}) => Ended::Done,
        Ok(reply) => Ended::WrongReply(reply.to_string()),
        Err(error) => said(&error),
    };
    Record {
        id,
        verb: Verb::Call,
        limit: LIMIT,
        begin: begin.into_std(),
        elapsed,
        stall: Stall::default(),
        ended,
    }
}

/// The plugin was asked, and said what became of it, or its host did: whether it had called before, only the
/// referee knows.
fn said(error: &Error) -> Ended {
    match error {
        Error::Remote(remote) => {
            let known = [PAUSED, "the plugin trapped", "it was stopped after"];
            let known = known.into_iter().find(|it| remote.message.contains(it));
            Ended::Maybe(format!(
                "{}: {}",
                remote.class,
                known.unwrap_or(&remote.message)
            ))
        }
        Error::Timeout { waiting_for, .. } if error.may_have_been_executed() => {
            Ended::Maybe(format!("{TIMED_OUT}{waiting_for}"))
        }
        error if error.may_have_been_executed() => Ended::Maybe(error.to_string()),
        error => Ended::NotExecuted(error.to_string()),
    }
}

const TIMED_OUT: &str = "a timeout, waiting for ";

/// Five times what a plugin may take.
const LIMIT: Duration = Duration::from_secs(10);
const LONG_ENOUGH: Duration = Duration::from_secs(5);
