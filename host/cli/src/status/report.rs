//! What `/status` says, which `top` reads.

use std::collections::BTreeMap;
use std::time::Duration;

use oslo_messaging_plugins::{
    Calls, Durations, Invoked, PluginHost, PluginStatus, TransportStatus,
};
use serde::{Deserialize, Serialize};

/// A daemon at one moment.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Report {
    /// The program's.
    pub(crate) version: String,
    /// All plugins are started and served.
    pub(crate) ready: bool,
    /// What is not, each with why.
    pub(crate) missing: Vec<String>,
    pub(crate) plugins: Vec<Plugin>,
    pub(crate) transports: Vec<Transport>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Plugin {
    pub(crate) name: String,
    /// Of its component.
    pub(crate) sha256: String,
    pub(crate) state: State,
    /// How long it is still paused.
    pub(crate) paused_ms: Option<u64>,
    /// What it cannot be started by, each with why.
    pub(crate) waiting: Vec<String>,
    /// Instances that there are, at work or idle.
    pub(crate) instances: usize,
    /// How many there may be.
    pub(crate) most_instances: usize,
    /// All invocations.
    pub(crate) invoked: Counted,
    /// Those of each kind of trigger.
    pub(crate) invoked_by: BTreeMap<String, Counted>,
    /// All calls and casts that were allowed.
    pub(crate) called: Counted,
    /// Those of each rule and kind.
    pub(crate) called_by: Vec<Called>,
    pub(crate) denied: BTreeMap<String, u64>,
    pub(crate) over_rate: BTreeMap<String, u64>,
    pub(crate) limited: BTreeMap<String, u64>,
    pub(crate) output_cut: u64,
    pub(crate) memory_refused: u64,
    pub(crate) table_refused: u64,
    pub(crate) replaced: u64,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// It trapped again and again.
    Paused,
    Running,
    /// It cannot be started by at least one of its triggers.
    Waiting,
}

#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Counted {
    pub(crate) started: u64,
    pub(crate) in_flight: u64,
    /// By how they ended.
    pub(crate) outcomes: BTreeMap<String, u64>,
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Called {
    pub(crate) rule: String,
    pub(crate) kind: String,
    #[serde(flatten)]
    pub(crate) counted: Counted,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Transport {
    pub(crate) name: String,
    pub(crate) state: String,
    pub(crate) connects: u64,
    pub(crate) losses: u64,
}

impl Report {
    pub(super) fn of(host: &PluginHost, missing: Vec<String>) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ready: missing.is_empty(),
            missing,
            plugins: host.plugins().into_iter().map(Plugin::of).collect(),
            transports: host.transports().iter().map(Transport::of).collect(),
        }
    }
}

impl Plugin {
    fn of(status: PluginStatus) -> Self {
        let state = if status.paused.is_some() {
            State::Paused
        } else if status.waiting.is_empty() {
            State::Running
        } else {
            State::Waiting
        };
        let statistics = status.statistics;
        let invoked = statistics.invoked.iter();
        let invoked: Vec<_> = invoked
            .map(|(trigger, invoked)| (trigger.to_string(), Counting::of_invoked(invoked)))
            .collect();
        let called: Vec<_> = statistics.calls.iter().map(Counting::of_calls).collect();
        Self {
            name: status.name,
            sha256: status.sha256.to_string(),
            state,
            paused_ms: status.paused.map(|left| milliseconds(left).ceil() as u64),
            waiting: status.waiting,
            instances: status.instances,
            most_instances: status.most_instances,
            invoked: Counting::sum(invoked.iter().map(|(_, counting)| counting)),
            called: Counting::sum(&called),
            invoked_by: invoked
                .into_iter()
                .map(|(trigger, counting)| (trigger, counting.counted()))
                .collect(),
            called_by: called
                .into_iter()
                .zip(&statistics.calls)
                .map(|(counting, calls)| Called {
                    rule: calls.rule.clone(),
                    kind: calls.kind.to_string(),
                    counted: counting.counted(),
                })
                .collect(),
            denied: statistics.denied,
            over_rate: statistics.over_rate,
            limited: statistics.limited,
            output_cut: statistics.output_cut,
            memory_refused: statistics.memory_refused,
            table_refused: statistics.table_refused,
            replaced: statistics.replaced,
        }
    }
}

impl Transport {
    fn of(status: &TransportStatus) -> Self {
        Self {
            name: status.name.clone(),
            state: format!("{:?}", status.state).to_lowercase(),
            connects: status.statistics.connects,
            losses: status.statistics.losses,
        }
    }
}

/// With the lengths themselves, so that sums have quantiles.
#[derive(Default)]
struct Counting {
    started: u64,
    in_flight: u64,
    outcomes: BTreeMap<String, u64>,
    durations: Durations,
}

impl Counting {
    fn of_invoked(invoked: &Invoked) -> Self {
        Self {
            started: invoked.started,
            in_flight: invoked.in_flight(),
            outcomes: named(invoked.outcomes()),
            durations: invoked.durations,
        }
    }

    fn of_calls(calls: &Calls) -> Self {
        Self {
            started: calls.started,
            in_flight: calls.in_flight(),
            outcomes: named(calls.ended.clone()),
            durations: calls.durations,
        }
    }

    fn sum<'a>(all: impl IntoIterator<Item = &'a Self>) -> Counted {
        let mut sum = Self::default();
        for one in all {
            sum.started += one.started;
            sum.in_flight += one.in_flight;
            for (outcome, count) in &one.outcomes {
                *sum.outcomes.entry(outcome.clone()).or_default() += count;
            }
            sum.durations = sum.durations.and(&one.durations);
        }
        sum.counted()
    }

    fn counted(self) -> Counted {
        let quantile = |part| self.durations.quantile(part).map(milliseconds);
        Counted {
            started: self.started,
            in_flight: self.in_flight,
            p50_ms: quantile(0.5),
            p99_ms: quantile(0.99),
            outcomes: self.outcomes,
        }
    }
}

/// Without what there was none of.
fn named(outcomes: impl IntoIterator<Item = (impl ToString, u64)>) -> BTreeMap<String, u64> {
    let some = outcomes.into_iter().filter(|(_, count)| *count > 0);
    some.map(|(outcome, count)| (outcome.to_string(), count))
        .collect()
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
