//! What plugins of a host cost, as the rows of a table of `docs/performance.md`, each with its goal.

mod beside;
mod boundary;
mod paced;
mod row;
mod start;

use std::time::Duration;

use anyhow::Result;
use tokio::runtime::{Builder, Runtime};

use self::row::Row;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
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
        let mut rows = runtime.block_on(paced::measure(self.length, self.instances))?;
        rows.extend(runtime.block_on(start::measure())?);
        rows.extend(alone.block_on(boundary::measure())?);
        rows.extend(runtime.block_on(beside::measure(self.length, self.neighbours))?);
        rows.iter().for_each(|row| println!("{row}"));
        Ok(rows.iter().all(Row::is_met))
    }
}
