//! Plugins that are loaded, replaced, trapped, denied and drained at random while they are called.

mod callers;
mod changes;
mod report;
mod slots;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use fastrand::Rng;
use oslo_messaging_faults::alive::Alive;
use oslo_messaging_faults::stalls::Stalls;
use oslo_messaging_faults::verdict::Verdicts;
use tokio::sync::watch;
use tokio::time::sleep;

use self::callers::call_until;
use self::changes::change_until;
pub use self::report::{Event, Report};
use self::slots::Slots;
use crate::world::World;

/// One round.
#[derive(Clone, Debug)]
pub struct Soak {
    /// How long plugins are called and changed, at least: it goes on until everything has happened once.
    pub length: Duration,
    /// How many plugins.
    pub plugins: usize,
    /// How many callers, each with one call at a time.
    pub callers: usize,
    /// The mean pause between two events.
    pub pause: Duration,
    /// Where the random numbers begin.
    pub seed: u64,
}

impl Default for Soak {
    fn default() -> Self {
        Self {
            length: Duration::from_secs(10),
            plugins: 8,
            callers: 16,
            pause: Duration::from_millis(60),
            seed: 1,
        }
    }
}

impl Soak {
    /// Runs it in a world of its own, of which nothing may be left.
    ///
    /// # Errors
    ///
    /// When the host does not do as it is told; broken promises are no error but a verdict.
    pub async fn run(&self) -> Result<Report> {
        let stalls = Stalls::watch();
        let before = Alive::now();
        let mut random = Rng::with_seed(self.seed);
        let world = Arc::new(World::new(PLACES).await?);
        let slots = Arc::new(Slots::new(&world, self.plugins)?);
        slots.load_all(&world).await?;

        let (over, running) = watch::channel(false);
        let callers: Vec<_> = (0..self.callers)
            .map(|number| {
                let (world, slots) = (Arc::clone(&world), Arc::clone(&slots));
                let (random, running) = (random.fork(), running.clone());
                tokio::spawn(
                    async move { call_until(&world, &slots, number, random, running).await },
                )
            })
            .collect();
        let mut report = Report::default();
        let ends = async {
            sleep(self.length).await;
        };
        change_until(&world, &slots, &mut random, self.pause, ends, &mut report).await?;
        // Whoever waits for a plugin that is away gets it.
        slots.load_all(&world).await?;
        over.send_replace(true);
        let mut records = Vec::new();
        for caller in callers {
            let called = caller.await.context("a caller ended")?;
            report.lost.extend(called.lost);
            records.extend(called.records);
        }

        let referee = Arc::clone(&world.compute.referee);
        for record in &mut records {
            record.stall = stalls.between(record.begin, record.begin + record.elapsed);
        }
        let mut verdicts = Verdicts::judge(&records, &referee.executions());
        verdicts.leaked_waiters = world.transport.waiting_calls() as u64;
        report.reached = referee.forbidden();
        report.statistics = slots.statistics(&world);
        let world = Arc::into_inner(world).context("somebody still has the world")?;
        world.end().await?;
        let left = Alive::more_than(before, PATIENCE).await;
        verdicts.leaked_tasks = left.tasks;
        verdicts.leaked_threads = left.threads;
        report.count(&records);
        report.verdicts = verdicts;
        Ok(report)
    }
}

/// For all plugins together.
const PLACES: usize = 64;
const PATIENCE: Duration = Duration::from_secs(10);
