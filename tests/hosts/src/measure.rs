//! What plugins of a host cost, as the rows of a table of `docs/performance.md`, each with its goal.

mod beside;
mod boundary;
mod paced;
mod row;
mod start;

use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use tokio::runtime::{Builder, Runtime};

use self::row::Row;

/// Figures that are measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Many instances, each at its own pace.
    Paced,
    /// How long plugins take to start.
    Start,
    /// What the boundary adds to a call.
    Boundary,
    /// What honest plugins notice of a hostile one.
    Beside,
}

/// What is measured, and how much.
#[derive(Clone, Debug)]
pub struct Measure {
    /// These, in the order of [`Part`].
    pub parts: Vec<Part>,
    /// How long the instances call at their own pace, and how long the neighbours of hostile plugins are
    /// watched, in all at least.
    pub length: Duration,
    /// How many instances.
    pub instances: usize,
    /// How many honest plugins are beside a hostile one.
    pub neighbours: usize,
}

impl Measure {
    /// Measures, and prints as it goes along. Whether all goals are met.
    ///
    /// # Errors
    ///
    /// When something does not work, which is no matter of time.
    pub fn run(&self) -> Result<bool> {
        let runtime = Runtime::new()?;
        let alone = Builder::new_current_thread().enable_all().build()?;
        let mut rows = Vec::new();
        for part in Part::value_variants() {
            if !self.parts.contains(part) {
                continue;
            }
            rows.extend(match part {
                Part::Paced => runtime.block_on(paced::measure(self.length, self.instances))?,
                Part::Start => runtime.block_on(start::measure())?,
                Part::Boundary => alone.block_on(boundary::measure())?,
                Part::Beside => runtime.block_on(beside::measure(self.length, self.neighbours))?,
            });
        }
        rows.iter().for_each(|row| println!("{row}"));
        Ok(rows.iter().all(Row::is_met))
    }
}
