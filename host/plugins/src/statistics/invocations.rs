//! What became of a plugin's invocations, by what started them.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use oslo_messaging_wasmtime::Halt;

use super::Counter;
use super::durations::{DurationCounters, Durations};

/// A kind of trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StartedBy {
    /// A request of HTTP.
    Http,
    /// A notification that it handles.
    Notification,
    /// A call or cast to a target that it serves.
    Rpc,
    /// `every` or `cron`.
    Timer,
}

impl StartedBy {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Http, Self::Notification, Self::Rpc, Self::Timer];

    /// Its name in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Notification => "notification",
            Self::Rpc => "rpc",
            Self::Timer => "timer",
        }
    }
}

impl fmt::Display for StartedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How an invocation ended, or why there was none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum InvocationOutcome {
    /// A timer's exit code was not zero, or a request of HTTP got no answer.
    Failed,
    /// It was refused, because its plugin or the host had as many instances as there may be.
    NoRoom,
    /// It was stopped at its limit of processor time.
    OutOfCpu,
    /// It was refused, because the plugin trapped again and again.
    Paused,
    /// It ended by itself, with an exception that its caller has got. Of a notification: it wants it once more.
    Raised,
    /// It ended by itself, with a result.
    Returned,
    /// A timer's start was left out, because the plugin was still running.
    Skipped,
    /// It was stopped at its limit of time, or because the host ended.
    TimedOut,
    /// It trapped.
    Trapped,
}

impl InvocationOutcome {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Failed,
        Self::NoRoom,
        Self::OutOfCpu,
        Self::Paused,
        Self::Raised,
        Self::Returned,
        Self::Skipped,
        Self::TimedOut,
        Self::Trapped,
    ];

    /// Its name in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::NoRoom => "no-room",
            Self::OutOfCpu => "out-of-cpu",
            Self::Paused => "paused",
            Self::Raised => "raised",
            Self::Returned => "returned",
            Self::Skipped => "skipped",
            Self::TimedOut => "timed-out",
            Self::Trapped => "trapped",
        }
    }
}

impl InvocationOutcome {
    /// Whether a caller got an exception, the plugin's own or one that the host made.
    pub(crate) const fn is_exception(self) -> bool {
        !matches!(self, Self::Failed | Self::Returned | Self::Skipped)
    }
}

/// Of what a host stops or refuses itself, and not at its limit of time.
impl From<Halt> for InvocationOutcome {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::NoRoom => Self::NoRoom,
            Halt::OutOfTime => Self::OutOfCpu,
            _ => Self::Paused,
        }
    }
}

impl fmt::Display for InvocationOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The invocations that one kind of trigger started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Invoked {
    /// Those that began.
    pub started: u64,
    /// Those that ended by themselves.
    pub returned: u64,
    /// Those of a timer whose exit code was not zero, and those that gave HTTP no answer. They have returned.
    pub failed: u64,
    /// Those that ended with an exception. They have returned.
    pub raised: u64,
    /// Those that trapped.
    pub trapped: u64,
    /// Those that were stopped at their limit of processor time.
    pub out_of_cpu: u64,
    /// Those that were refused, because the host had no room for one more instance.
    pub no_room: u64,
    /// Those that were stopped at their limit of time, or because the host ended.
    pub timed_out: u64,
    /// Those that were refused and did not begin, because the plugin trapped again and again.
    pub paused: u64,
    /// Starts that were left out, because the plugin was still running.
    pub skipped: u64,
    /// How long those that ended took.
    pub durations: Durations,
}

impl Invoked {
    /// Those that run.
    #[must_use]
    pub const fn in_flight(&self) -> u64 {
        let ended = self.returned + self.trapped + self.out_of_cpu + self.no_room + self.timed_out;
        self.started.saturating_sub(ended)
    }

    /// How many there were of each outcome, each invocation once.
    #[must_use]
    pub fn outcomes(&self) -> BTreeMap<InvocationOutcome, u64> {
        let count = |outcome| match outcome {
            InvocationOutcome::Failed => self.failed,
            InvocationOutcome::NoRoom => self.no_room,
            InvocationOutcome::OutOfCpu => self.out_of_cpu,
            InvocationOutcome::Paused => self.paused,
            InvocationOutcome::Raised => self.raised,
            InvocationOutcome::Returned => self.returned.saturating_sub(self.failed + self.raised),
            InvocationOutcome::Skipped => self.skipped,
            InvocationOutcome::TimedOut => self.timed_out,
            InvocationOutcome::Trapped => self.trapped,
        };
        let all = InvocationOutcome::ALL.into_iter();
        all.map(|outcome| (outcome, count(outcome))).collect()
    }

    fn is_empty(&self) -> bool {
        self.started + self.paused + self.skipped == 0
    }
}

/// What is counted of one kind of trigger while it happens.
#[derive(Debug, Default)]
pub(crate) struct InvocationCounters {
    pub(crate) started: Counter,
    returned: Counter,
    failed: Counter,
    raised: Counter,
    trapped: Counter,
    out_of_cpu: Counter,
    no_room: Counter,
    timed_out: Counter,
    paused: Counter,
    skipped: Counter,
    durations: DurationCounters,
}

impl InvocationCounters {
    /// One has ended so, or did not begin.
    pub(crate) fn count(&self, outcome: InvocationOutcome) {
        match outcome {
            // What follows from something else is counted after it.
            InvocationOutcome::Failed => {
                self.returned.add();
                self.failed.add();
            }
            InvocationOutcome::Raised => {
                self.returned.add();
                self.raised.add();
            }
            InvocationOutcome::NoRoom => self.no_room.add(),
            InvocationOutcome::OutOfCpu => self.out_of_cpu.add(),
            InvocationOutcome::Paused => self.paused.add(),
            InvocationOutcome::Returned => self.returned.add(),
            InvocationOutcome::Skipped => self.skipped.add(),
            InvocationOutcome::TimedOut => self.timed_out.add(),
            InvocationOutcome::Trapped => self.trapped.add(),
        }
    }

    /// One that began ended after so long.
    pub(crate) fn took(&self, took: Duration) {
        self.durations.add(took);
    }

    fn invoked(&self) -> Invoked {
        // In this order: what follows from something else is read before it.
        Invoked {
            failed: self.failed.get(),
            raised: self.raised.get(),
            returned: self.returned.get(),
            trapped: self.trapped.get(),
            out_of_cpu: self.out_of_cpu.get(),
            no_room: self.no_room.get(),
            timed_out: self.timed_out.get(),
            started: self.started.get(),
            paused: self.paused.get(),
            skipped: self.skipped.get(),
            durations: self.durations.durations(),
        }
    }
}

/// By what started them.
#[derive(Debug, Default)]
pub(crate) struct AllInvocations {
    http: InvocationCounters,
    notification: InvocationCounters,
    rpc: InvocationCounters,
    timer: InvocationCounters,
}

impl AllInvocations {
    pub(crate) const fn of(&self, started_by: StartedBy) -> &InvocationCounters {
        match started_by {
            StartedBy::Http => &self.http,
            StartedBy::Notification => &self.notification,
            StartedBy::Rpc => &self.rpc,
            StartedBy::Timer => &self.timer,
        }
    }

    /// Without those of which there was none.
    pub(crate) fn invoked(&self) -> BTreeMap<StartedBy, Invoked> {
        let all = StartedBy::ALL.into_iter();
        let all = all.map(|started_by| (started_by, self.of(started_by).invoked()));
        all.filter(|(_, invoked)| !invoked.is_empty()).collect()
    }
}
