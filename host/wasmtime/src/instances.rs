//! Instances of a component that a host hands work to.
//!
//! [`PluginEndpoints`](crate::PluginEndpoints) and [`PluginNotifications`](crate::PluginNotifications) take
//! theirs from here. An embedder who starts plugins by something else, such as HTTP, has a [`Pool`] of his own
//! for what they export.

mod idle;
mod instance;
mod places;
mod pool;

use std::time::Duration;

pub(crate) use self::instance::Form;
pub use self::instance::{Exports, Instance};
pub use self::places::{Place, Places, Spare, Taking};
pub use self::pool::{NewStore, Pool, Working};

/// Which instance of a component gets a request or a notification. Each has one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Instances {
    /// A fresh one for each: nothing of one reaches another.
    Fresh,
    /// At most this many, which are kept and get one after another, with what the plugin remembers;
    /// what comes meanwhile waits. One that trapped or ran out of time is replaced by a fresh one.
    /// Zero counts as one.
    Kept(usize),
    /// As [`Kept`](Self::Kept), but none for ever: what a plugin leaks is bounded, and what a burst needed is
    /// given back.
    Pooled {
        /// How many there are at most. Zero counts as one.
        concurrency: usize,
        /// How long one is kept without work. Among several the one that worked last is the next to work, so
        /// that those which are too many have none.
        idle: Duration,
        /// After how many requests or notifications one is replaced by a fresh one. Zero counts as one.
        invocations: u32,
    },
}
