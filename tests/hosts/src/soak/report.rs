//! What came of a round.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use oslo_messaging_faults::verdict::{Ended, Record, Verdicts};
use oslo_messaging_plugins::Statistics;

/// What happens to a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// It tries what it may not.
    Deny,
    /// All of them end their work, and begin again.
    Drain,
    /// Its policy is another one.
    Limit,
    /// One that is away comes.
    Load,
    /// Its component is another one.
    Replace,
    /// It computes until it is stopped.
    Spin,
    /// Its component is none for a while.
    Spoil,
    /// It traps, once or until it is paused.
    Trap,
    /// One that is there goes.
    Unload,
}

impl Event {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Deny,
        Self::Drain,
        Self::Limit,
        Self::Load,
        Self::Replace,
        Self::Spin,
        Self::Spoil,
        Self::Trap,
        Self::Unload,
    ];
}

/// All that a round has shown.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The verdicts on the calls.
    pub verdicts: Verdicts,
    /// Calls that nobody answered, although their plugin was there for long enough.
    pub lost: Vec<String>,
    /// What plugins on purpose did wrong, and was not ended as it has to be.
    pub unexpected: Vec<String>,
    /// What arrived that nobody may send.
    pub reached: BTreeSet<String>,
    /// How often each thing happened, and how long the longest of them took.
    pub events: BTreeMap<Event, (u64, Duration)>,
    /// How often each error came.
    pub errors: BTreeMap<String, u64>,
    /// What the host has counted of the plugins that are there at the end.
    pub statistics: Vec<Statistics>,
}

impl Report {
    /// How many promises were broken.
    #[must_use]
    pub fn broken(&self) -> u64 {
        let more = self.lost.len() + self.unexpected.len() + self.reached.len();
        self.verdicts.broken() + more as u64
    }

    /// Whether everything has happened at least once.
    #[must_use]
    pub fn all_came(&self) -> bool {
        Event::ALL
            .iter()
            .all(|event| self.events.contains_key(event))
    }

    pub(super) fn count(&mut self, records: &[Record]) {
        for record in records {
            let text = match &record.ended {
                Ended::Done => continue,
                Ended::Executed(text) => format!("executed: {text}"),
                Ended::Maybe(text) => format!("maybe: {text}"),
                Ended::NotExecuted(text) => format!("not executed: {text}"),
                Ended::WrongReply(text) => format!("wrong reply: {text}"),
            };
            *self.errors.entry(text).or_default() += 1;
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (event, (count, longest)) in &self.events {
            writeln!(f, "{count:>8} {event:?}, at most {longest:.0?}")?;
        }
        for (error, count) in &self.errors {
            writeln!(f, "{count:>8} {error}")?;
        }
        let sum = |of: fn(&Statistics) -> u64| self.statistics.iter().map(of).sum::<u64>();
        writeln!(
            f,
            "since the last drain: {} invocations, {} trapped, {} stopped, {} paused, {} versions replaced",
            sum(|it| it.started),
            sum(|it| it.trapped),
            sum(|it| it.out_of_cpu + it.timed_out),
            sum(|it| it.paused),
            sum(|it| it.replaced),
        )?;
        for (what, cases) in [("lost", &self.lost), ("unexpected", &self.unexpected)] {
            writeln!(f, "{:>8} {what}", cases.len())?;
            for case in cases.iter().take(CASES) {
                writeln!(f, "  {case}")?;
            }
        }
        writeln!(f, "{:>8} forbidden and arrived", self.reached.len())?;
        self.verdicts.fmt(f)
    }
}

const CASES: usize = 20;
