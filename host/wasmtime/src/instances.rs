//! Instances of a component that a host hands work to.

mod instance;
mod pool;

pub(crate) use self::instance::{Exports, Form, Instance};
pub(crate) use self::pool::Pool;

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
}
