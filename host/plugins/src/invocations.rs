//! What goes around each invocation of a plugin: counting, processor time, and pauses.

use std::sync::Arc;
use std::time::Duration;

use oslo_messaging_wasmtime::{Around, Halted, Invocation};
use tokio::time::Instant;

use crate::backoff::{Backoff, Pause};
use crate::cpu;
use crate::statistics::Counters;

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

    fn ended(&self, ended: &wasmtime::Result<()>) {
        let Err(error) = ended else {
            self.counters.returned.add();
            self.backoff.ended_well();
            return;
        };
        if error.is::<Halted>() {
            self.counters.out_of_cpu.add();
        } else {
            self.counters.trapped.add();
        }
        if let Some(Pause { left, traps }) = self.backoff.trapped(Instant::now()) {
            let (plugin, why) = (&*self.plugin, format!("{error:#}"));
            tracing::warn!(plugin, traps, pause = ?left, why, "a plugin trapped again and again, and is paused");
        }
    }
}

impl Around for Invocations {
    fn around<'a>(&'a self, invocation: Invocation<'a>) -> Invocation<'a> {
        Box::pin(async move {
            if let Some(Pause { left, traps }) = self.pause() {
                self.counters.paused.add();
                let why = format!(
                    "the plugin trapped {traps} times in a row, and is paused for {left:.1?}"
                );
                return Err(Halted::new("RuntimeError", why).into());
            }
            self.counters.started.add();
            let unfinished = Unfinished(&self.counters);
            let ended = cpu::within(self.cpu, invocation).await;
            std::mem::forget(unfinished);
            self.ended(&ended);
            ended
        })
    }
}

/// Dropped, the invocation was stopped from outside.
struct Unfinished<'a>(&'a Counters);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        self.0.timed_out.add();
    }
}
