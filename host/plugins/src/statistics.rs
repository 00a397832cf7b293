//! What is counted of a plugin.

mod calls;
mod durations;
mod invocations;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use self::calls::CallCounters;
pub(crate) use self::calls::OfRule;
pub use self::calls::{CallOutcome, Calls};
pub use self::durations::Durations;
use self::invocations::AllInvocations;
pub(crate) use self::invocations::InvocationCounters;
pub use self::invocations::{InvocationOutcome, Invoked, StartedBy};
use crate::told::Told;

/// What has happened to a plugin since its host has it, over all of its versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Invocations by what started them; without what started none.
    pub invoked: BTreeMap<StartedBy, Invoked>,
    /// Invocations that began.
    pub started: u64,
    /// Invocations that ended by themselves, with a result, an exception or an exit code.
    pub returned: u64,
    /// Invocations of a timer whose exit code was not zero, and of HTTP that left no answer. They have returned.
    pub failed: u64,
    /// Invocations that ended with an exception, of notifications those that want theirs once more. They have
    /// returned.
    pub raised: u64,
    /// Invocations that trapped.
    pub trapped: u64,
    /// Invocations that were stopped at their limit of processor time.
    pub out_of_cpu: u64,
    /// Invocations that were refused, because the plugin or the host had as many instances as there may be.
    pub no_room: u64,
    /// Invocations that were stopped at their limit of time, or because the host ended.
    pub timed_out: u64,
    /// Invocations that were refused, because the plugin trapped again and again.
    pub paused: u64,
    /// Starts of a timer that were left out, because the plugin was still running.
    pub skipped: u64,
    /// Calls, casts and notifications that were allowed.
    pub allowed: u64,
    /// What became of them, by rule and kind; without what there was none of.
    pub calls: Vec<Calls>,
    /// Calls, casts, notifications, transports and HTTP requests of its own that were denied, by the name of the rule that came nearest;
    /// `default` if none did.
    pub denied: BTreeMap<String, u64>,
    /// Calls, casts and notifications that were more than a rate allows, by the name of the rule whose rate it is; `plugin`
    /// for the plugin's own.
    pub over_rate: BTreeMap<String, u64>,
    /// What was refused because of a limit other than a rate, by the limit's name, such as `request-bytes`; of
    /// HTTP `request`, `reply` and `concurrency`.
    pub limited: BTreeMap<String, u64>,
    /// Invocations that wrote more than their limit of output, which was left out.
    pub output_cut: u64,
    /// Requests for memory that were refused at the limit.
    pub memory_refused: u64,
    /// Requests for room in tables that were refused.
    pub table_refused: u64,
    /// Versions that took the place of another.
    pub replaced: u64,
}

/// What is counted while it happens.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// How much of it is in the log.
    pub(crate) told: Told,
    pub(crate) invoked: AllInvocations,
    pub(crate) allowed: Counter,
    pub(crate) calls: CallCounters,
    pub(crate) denied: ByName,
    pub(crate) over_rate: ByName,
    pub(crate) limited: ByName,
    pub(crate) output_cut: Counter,
    pub(crate) memory_refused: Counter,
    pub(crate) table_refused: Counter,
    pub(crate) replaced: Counter,
}

impl Counters {
    pub(crate) fn statistics(&self) -> Statistics {
        let invoked = self.invoked.invoked();
        let sum = |count: fn(&Invoked) -> u64| invoked.values().map(count).sum();
        Statistics {
            started: sum(|it| it.started),
            returned: sum(|it| it.returned),
            failed: sum(|it| it.failed),
            raised: sum(|it| it.raised),
            trapped: sum(|it| it.trapped),
            out_of_cpu: sum(|it| it.out_of_cpu),
            no_room: sum(|it| it.no_room),
            timed_out: sum(|it| it.timed_out),
            paused: sum(|it| it.paused),
            skipped: sum(|it| it.skipped),
            invoked,
            allowed: self.allowed.get(),
            calls: self.calls.calls(),
            denied: self.denied.0.lock().clone(),
            over_rate: self.over_rate.0.lock().clone(),
            limited: self.limited.0.lock().clone(),
            output_cut: self.output_cut.get(),
            memory_refused: self.memory_refused.get(),
            table_refused: self.table_refused.get(),
            replaced: self.replaced.get(),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts by the name of a rule or limit, of which there are only so many.
#[derive(Debug, Default)]
pub(crate) struct ByName(Mutex<BTreeMap<String, u64>>);

impl ByName {
    pub(crate) fn add(&self, name: &str) {
        let mut counts = self.0.lock();
        match counts.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                counts.insert(name.to_owned(), 1);
            }
        }
    }
}
