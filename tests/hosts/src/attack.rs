//! A thing that a hostile plugin tries, and how it has to end.

mod list;

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use oslo_messaging::Error;
use oslo_messaging_plugins::Statistics;
use serde_json::Value;

pub use self::list::attacks;
use crate::plugin::{Limits, Plugin, Surface};
use crate::world::World;

/// One of them.
#[derive(Clone, Debug)]
pub struct Attack {
    /// What it is, for people.
    pub name: &'static str,
    /// The plugin's method.
    pub method: &'static str,
    /// Its arguments.
    pub args: Value,
    /// The plugins that can do it.
    pub surfaces: &'static [Surface],
    /// The plugin's limits.
    pub limits: Limits,
    /// Which of them stops it, or is at least not reached.
    pub clock: Clock,
    /// What its caller gets.
    pub ends: Ends,
    /// What has counted it.
    pub counted: fn(&Statistics) -> u64,
}

/// A limit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Of the processor.
    Processor,
    /// Of the wall.
    Wall,
}

/// What the caller of a hostile plugin gets.
#[derive(Clone, Copy, Debug)]
pub enum Ends {
    /// An exception of this class of Python's `builtins`, with this in its message.
    Raises(&'static str, &'static str),
    /// A result that is right.
    Returns(fn(&Value) -> bool),
}

impl Attack {
    /// A plugin that may try it.
    #[must_use]
    pub fn plugin(&self, name: impl Into<String>, surface: Surface) -> Plugin {
        Plugin {
            limits: self.limits,
            ..Plugin::new(name, surface)
        }
    }

    /// The longest that it may take.
    #[must_use]
    pub const fn limit(&self) -> Duration {
        Duration::from_millis(match self.clock {
            Clock::Processor => self.limits.cpu_ms,
            Clock::Wall => self.limits.time_ms,
        })
    }

    /// Lets a plugin try it, and says how long it took.
    ///
    /// # Errors
    ///
    /// When it ends otherwise than it has to.
    pub async fn run(&self, world: &World, plugin: &str) -> Result<Duration> {
        let begun = Instant::now();
        let ended = match self.method {
            "surroundings" => world.call(plugin, self.method, &world.bait()).await,
            method => world.call(plugin, method, &self.args).await,
        };
        let took = begun.elapsed();
        self.check(&ended)?;
        Ok(took)
    }

    fn check(&self, ended: &Result<Value, Error>) -> Result<()> {
        let name = self.name;
        match (self.ends, ended) {
            (Ends::Raises(class, says), Err(Error::Remote(error))) => {
                let (raised, message) = (&error.class, &error.message);
                // A plugin that is paused did not try it.
                let is_right = raised == class && message.contains(says);
                let tried = !message.contains(PAUSED);
                ensure!(is_right && tried, "{name}: {raised}: {message}");
            }
            (Ends::Returns(is_right), Ok(value)) => ensure!(is_right(value), "{name}: {value}"),
            _ => anyhow::bail!("{name}: {ended:?}"),
        }
        Ok(())
    }
}

/// What the message of an exception has in it when a plugin was not started, because it trapped again and again.
pub const PAUSED: &str = "is paused for";
