//! What became of the calls and casts that a rule allowed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use oslo_messaging_wasmtime::bindings::types::{Error, WaitingFor};
use oslo_messaging_wasmtime::{Ending, Kind};
use parking_lot::Mutex;
use tokio::time as clock;

use super::Counter;
use super::durations::{DurationCounters, Durations};
use crate::told::Told;

/// How a call, cast or notification ended, as its plugin was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CallOutcome {
    /// `access-denied`: after its rule had allowed it.
    AccessDenied,
    /// `delivery-failure`: the broker was away, or refused it.
    DeliveryFailure,
    /// Nobody waited for it any more: its plugin cancelled it, or is gone.
    Forgotten,
    /// `invalid-argument`.
    InvalidArgument,
    /// `invalid-reply`: the reply makes no sense, or is too large.
    InvalidReply,
    /// `invalid-target`.
    InvalidTarget,
    /// `limit-exceeded`: after its rule had allowed it.
    LimitExceeded,
    /// `no-such-target`: no server's queue took it.
    NoSuchTarget,
    /// Whatever has no name here.
    Other,
    /// `remote`: the method raised an exception.
    Remote,
    /// A result, or the broker's confirmation.
    Succeeded,
    /// `timeout`: it was sent, or there was no connection in time.
    Timeout,
    /// `timeout`: it waited for its turn among those that run, and was not sent.
    TimeoutAdmission,
    /// `version-cap`.
    VersionCap,
}

impl CallOutcome {
    /// All of them, in their order.
    pub const ALL: [Self; 14] = [
        Self::AccessDenied,
        Self::DeliveryFailure,
        Self::Forgotten,
        Self::InvalidArgument,
        Self::InvalidReply,
        Self::InvalidTarget,
        Self::LimitExceeded,
        Self::NoSuchTarget,
        Self::Other,
        Self::Remote,
        Self::Succeeded,
        Self::Timeout,
        Self::TimeoutAdmission,
        Self::VersionCap,
    ];

    /// Its name in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessDenied => "access-denied",
            Self::DeliveryFailure => "delivery-failure",
            Self::Forgotten => "forgotten",
            Self::InvalidArgument => "invalid-argument",
            Self::InvalidReply => "invalid-reply",
            Self::InvalidTarget => "invalid-target",
            Self::LimitExceeded => "limit-exceeded",
            Self::NoSuchTarget => "no-such-target",
            Self::Other => "other",
            Self::Remote => "remote",
            Self::Succeeded => "succeeded",
            Self::Timeout => "timeout",
            Self::TimeoutAdmission => "timeout-admission",
            Self::VersionCap => "version-cap",
        }
    }

    fn of(ending: Ending<'_>) -> Self {
        match ending {
            Ending::Failed(Error::AccessDenied(_)) => Self::AccessDenied,
            Ending::Failed(Error::DeliveryFailure(_)) => Self::DeliveryFailure,
            Ending::Failed(Error::InvalidArgument(_)) => Self::InvalidArgument,
            Ending::Failed(Error::InvalidReply(_)) => Self::InvalidReply,
            Ending::Failed(Error::InvalidTarget(_)) => Self::InvalidTarget,
            Ending::Failed(Error::LimitExceeded(_)) => Self::LimitExceeded,
            Ending::Failed(Error::NoSuchTarget(_)) => Self::NoSuchTarget,
            Ending::Failed(Error::Remote(_)) => Self::Remote,
            Ending::Failed(Error::Timeout(timeout)) => match timeout.waiting_for {
                WaitingFor::Admission => Self::TimeoutAdmission,
                _ => Self::Timeout,
            },
            Ending::Failed(Error::VersionCap(_)) => Self::VersionCap,
            Ending::Forgotten => Self::Forgotten,
            Ending::Succeeded => Self::Succeeded,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for CallOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The calls, casts or notifications that one rule allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Calls {
    /// The rule's name.
    pub rule: String,
    /// Calls, casts or notifications.
    pub kind: Kind,
    /// Those that began.
    pub started: u64,
    /// Those that ended, by how; without what there was none of.
    pub ended: BTreeMap<CallOutcome, u64>,
    /// How long they took, with the wait for their turn.
    pub durations: Durations,
}

impl Calls {
    /// Those that run or wait for their turn.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.started.saturating_sub(self.ended.values().sum())
    }
}

/// By the name of the rule, of which there are only so many.
#[derive(Debug, Default)]
pub(crate) struct CallCounters(Mutex<BTreeMap<String, Arc<OfRule>>>);

impl CallCounters {
    /// Those of this rule: for whoever looks it up once, so that no call has to.
    pub(crate) fn of(&self, plugin: &str, rule: &str) -> Arc<OfRule> {
        let mut rules = self.0.lock();
        let of_rule = rules.entry(rule.to_owned()).or_insert_with(|| {
            Arc::new(OfRule {
                plugin: plugin.to_owned(),
                rule: rule.to_owned(),
                ..OfRule::default()
            })
        });
        Arc::clone(of_rule)
    }

    pub(crate) fn calls(&self) -> Vec<Calls> {
        let rules = self.0.lock();
        let of_rule = |(rule, of_rule): (&String, &Arc<OfRule>)| {
            KINDS.map(|kind| of_rule.of(kind).calls(rule, kind))
        };
        let calls = rules.iter().flat_map(of_rule);
        calls.filter(|calls| calls.started > 0).collect()
    }
}

/// Those of one rule.
#[derive(Debug, Default)]
pub(crate) struct OfRule {
    plugin: String,
    rule: String,
    told: Told,
    call: OfKind,
    cast: OfKind,
    notification: OfKind,
}

impl OfRule {
    /// One began at this moment.
    pub(crate) fn begin(self: &Arc<Self>, kind: Kind, at: Instant) -> Running {
        self.of(kind).started.add();
        Running {
            of_rule: Arc::clone(self),
            kind,
            since: at,
        }
    }

    const fn of(&self, kind: Kind) -> &OfKind {
        match kind {
            Kind::Cast => &self.cast,
            Kind::Notification => &self.notification,
            _ => &self.call,
        }
    }
}

#[derive(Debug, Default)]
struct OfKind {
    started: Counter,
    ended: [Counter; CallOutcome::ALL.len()],
    durations: DurationCounters,
}

impl OfKind {
    fn calls(&self, rule: &str, kind: Kind) -> Calls {
        let ended = CallOutcome::ALL.into_iter().zip(&self.ended);
        let ended = ended.map(|(outcome, count)| (outcome, count.get()));
        Calls {
            rule: rule.to_owned(),
            kind,
            // What ended is read first, so that never more have ended than have begun.
            ended: ended.filter(|(_, count)| *count > 0).collect(),
            durations: self.durations.durations(),
            started: self.started.get(),
        }
    }
}

/// One that is in flight.
pub(crate) struct Running {
    of_rule: Arc<OfRule>,
    kind: Kind,
    since: Instant,
}

impl Running {
    pub(crate) fn end(self, ending: Ending<'_>) -> CallOutcome {
        let of_kind = self.of_rule.of(self.kind);
        let outcome = CallOutcome::of(ending);
        if let Some(count) = of_kind.ended.get(outcome as usize) {
            count.add();
        }
        let now = clock::Instant::now().into_std();
        of_kind
            .durations
            .add(now.saturating_duration_since(self.since));
        self.tell(outcome);
        outcome
    }

    /// A failure is the plugin's to tell, who hears of it. That the operator gave it too few places is not.
    fn tell(&self, outcome: CallOutcome) {
        let OfRule {
            plugin, rule, told, ..
        } = &*self.of_rule;
        let kind = self.kind;
        match outcome {
            CallOutcome::Forgotten | CallOutcome::Succeeded => {}
            CallOutcome::TimeoutAdmission if told.is_one_more() => {
                tracing::warn!(plugin, rule, %kind, "its time was up before it had its turn");
            }
            _ => tracing::debug!(plugin, rule, %kind, %outcome, "it failed"),
        }
    }
}

const KINDS: [Kind; 3] = [Kind::Call, Kind::Cast, Kind::Notification];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_have_names_of_their_own() {
        let names: std::collections::BTreeSet<_> =
            CallOutcome::ALL.iter().map(|it| it.name()).collect();
        assert_eq!(names.len(), CallOutcome::ALL.len());
        for (place, outcome) in CallOutcome::ALL.into_iter().enumerate() {
            assert_eq!(outcome as usize, place);
        }
    }

    #[test]
    fn calls_are_counted_by_rule_kind_and_end() {
        let counters = CallCounters::default();
        let read = counters.of("reader", "read");
        let now = Instant::now();
        let (first, second) = (read.begin(Kind::Call, now), read.begin(Kind::Call, now));
        counters
            .of("reader", "write")
            .begin(Kind::Cast, now)
            .end(Ending::Forgotten);
        first.end(Ending::Succeeded);
        let [calls, casts] = &counters.calls()[..] else {
            panic!("{:?}", counters.calls())
        };
        assert_eq!(
            (&*calls.rule, calls.kind, calls.started),
            ("read", Kind::Call, 2)
        );
        assert_eq!(calls.ended, [(CallOutcome::Succeeded, 1)].into());
        assert_eq!((calls.in_flight(), calls.durations.count()), (1, 1));
        assert_eq!((&*casts.rule, casts.in_flight()), ("write", 0));
        second.end(Ending::Succeeded);
        assert_eq!(counters.calls()[0].in_flight(), 0);
    }
}
