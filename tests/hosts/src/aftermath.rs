//! Whether something is left of what hostile plugins did.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use oslo_messaging_faults::alive::Alive;
use oslo_messaging_faults::memory::allocated_bytes;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::world::World;

/// What a world had before an attack.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    alive: Alive,
    allocated: usize,
    /// Each instance has gigabytes of addresses, so that one that stays is seen.
    addresses_kib: u64,
}

impl Before {
    /// Looks.
    ///
    /// # Errors
    ///
    /// When the kernel does not say.
    pub fn now() -> Result<Self> {
        Ok(Self {
            alive: Alive::now(),
            allocated: allocated_bytes(),
            addresses_kib: addresses_kib()?,
        })
    }

    /// Fails when something is left: tasks and threads, calls that wait, memory, or instances.
    ///
    /// # Errors
    ///
    /// When it is, and stays.
    pub async fn is_restored(&self, world: &World) -> Result<()> {
        let begun = Instant::now();
        loop {
            let left = self.left(world).await?;
            if left.is_empty() {
                return Ok(());
            }
            ensure!(
                begun.elapsed() < PATIENCE,
                "there is still {}",
                left.join(", ")
            );
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn left(&self, world: &World) -> Result<Vec<String>> {
        let mut left = Vec::new();
        let alive = Alive::more_than(self.alive, Duration::ZERO).await;
        if alive != Alive::default() {
            left.push(format!("{alive:?}"));
        }
        let waiting = world.transport.waiting_calls();
        if waiting > 0 {
            left.push(format!("{waiting} calls that wait"));
        }
        let more = allocated_bytes().saturating_sub(self.allocated);
        if more > ALLOCATED {
            left.push(format!("{more} bytes that were allocated"));
        }
        let more = addresses_kib()?.saturating_sub(self.addresses_kib);
        if more > ADDRESSES_KIB {
            left.push(format!("{more} KiB of addresses"));
        }
        Ok(left)
    }
}

/// Fails unless a plugin can have so many calls in flight as it may: then all places are free.
///
/// # Errors
///
/// When it cannot.
pub async fn has_all_places(world: &World, plugin: &str, places: usize) -> Result<()> {
    let args = json!({"id": plugin, "count": places});
    let gathered = world.call(plugin, "gather", &args).await;
    let gathered = gathered.with_context(|| format!("`{plugin}` has not all of its places"))?;
    ensure!(gathered == places, "{gathered}");
    Ok(())
}

/// Fails when something has arrived that nobody may send, or arrives although nothing runs.
///
/// # Errors
///
/// When it has.
pub async fn is_quiet(world: &World) -> Result<()> {
    let referee = &world.compute.referee;
    let forbidden = referee.forbidden();
    ensure!(forbidden.is_empty(), "it arrived: {forbidden:?}");
    let executions = referee.executions();
    sleep(Duration::from_millis(100)).await;
    ensure!(referee.executions() == executions, "calls still arrive");
    world.is_untouched()
}

fn addresses_kib() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("VmSize:"));
    let size = line.context("the kernel says no VmSize")?;
    Ok(size.trim().trim_end_matches(" kB").parse()?)
}

const PATIENCE: Duration = Duration::from_secs(10);
/// For what grows once: tables of tasks, names and counters.
const ALLOCATED: usize = 256 * 1024;
/// Less than the memory of one instance is reserved with, more than stacks of threads and arenas of the
/// allocator.
const ADDRESSES_KIB: u64 = 2 << 20;
