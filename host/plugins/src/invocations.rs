//! What goes around each invocation of a plugin: counting, processor time, and pauses.

use std::sync::Arc;
use std::time::Duration;

use oslo_messaging_wasmtime::{Around, Halted, Invocation};
use tokio::time::Instant;

use crate::backoff::{Backoff, Pause};
use crate::cpu;
use crate::statistics::{Counters, InvocationCounters, StartedBy};

pub(crate) struct Invocations {
    plugin: Arc<str>,
    cpu: Duration,
    counters: Arc<Counters>,
    backoff: Backoff,
}

impl Invocations {
    pub(crate) fn new(plugin: Arc<str>, cpu: Duration, counters: Arc<Counters>) -> Self {
        Self {
            plugin,
            cpu,
            counters,
            backoff: Backoff::default(),
        }
    }

    /// The pause that the plugin is in.
    pub(crate) fn pause(&self) -> Option<Pause> {
        self.backoff.pause(Instant::now())
    }

    /// What goes around those of one kind of trigger.
    pub(crate) fn started_by(self: &Arc<Self>, started_by: StartedBy) -> Arc<StartedInvocations> {
        Arc::new(StartedInvocations {
            all: Arc::clone(self),
            started_by,
        })
    }

    fn ended(&self, counters: &InvocationCounters, ended: &wasmtime::Result<()>) {
        let Err(error) = ended else {
            counters.returned.add();
            self.backoff.ended_well();
            return;
        };
        if error.is::<Halted>() {
            counters.out_of_cpu.add();
        } else {
            counters.trapped.add();
        }
        if let Some(Pause { left, traps }) = self.backoff.trapped(Instant::now()) {
            let (plugin, why) = (&*self.plugin, format!("{error:#}"));
            tracing::warn!(plugin, traps, pause = ?left, why, "a plugin trapped again and again, and is paused");
        }
    }
}

/// Those of one kind of trigger.
pub(crate) struct StartedInvocations {
    all: Arc<Invocations>,
    started_by: StartedBy,
}

impl Around for StartedInvocations {
    fn around<'a>(&'a self, invocation: Invocation<'a>) -> Invocation<'a> {
        Box::pin(async move {
            let all = &*self.all;
            let counters = all.counters.invoked.of(self.started_by);
            if let Some(Pause { left, traps }) = all.pause() {
                counters.paused.add();
                let why = format!(
                    "the plugin trapped {traps} times in a row, and is paused for {left:.1?}"
                );
                return Err(Halted::new("RuntimeError", why).into());
            }
            let unfinished = Unfinished::begin(counters);
            let ended = cpu::within(all.cpu, invocation).await;
            all.ended(counters, &ended);
            unfinished.end();
            ended
        })
    }
}

/// Dropped, the invocation was stopped from outside.
struct Unfinished<'a> {
    counters: &'a InvocationCounters,
    since: Instant,
    has_ended: bool,
}

impl<'a> Unfinished<'a> {
    fn begin(counters: &'a InvocationCounters) -> Self {
        counters.started.add();
        Self {
            counters,
            since: Instant::now(),
            has_ended: false,
        }
    }

    fn end(mut self) {
        self.has_ended = true;
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if !self.has_ended {
            self.counters.timed_out.add();
        }
        self.counters.took(self.since.elapsed());
    }
}
