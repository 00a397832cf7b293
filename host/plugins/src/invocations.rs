//! What goes around each invocation of a plugin: counting, a span, processor time, and pauses.

use std::sync::Arc;
use std::time::Duration;

use oslo_messaging_wasmtime::{Around, Begin, End, Halt, Halted, Invocation, Origin};
use tokio::time::Instant;

use crate::backoff::{Backoff, Pause};
use crate::cpu;
use crate::hooks::identify;
use crate::pool::no_room;
use crate::spans::{Doing, Span, SpanEnd, SpanStart, Tracer};
use crate::statistics::{Counters, InvocationCounters, InvocationOutcome, StartedBy};

pub(crate) struct Invocations {
    plugin: Arc<str>,
    cpu: Duration,
    counters: Arc<Counters>,
    tracer: Option<Arc<dyn Tracer>>,
    backoff: Backoff,
}

impl Invocations {
    pub(crate) fn new(
        plugin: Arc<str>,
        cpu: Duration,
        counters: Arc<Counters>,
        tracer: Option<Arc<dyn Tracer>>,
    ) -> Self {
        Self {
            plugin,
            cpu,
            counters,
            tracer,
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

    /// Pauses the plugin if it has trapped too often.
    fn outcome(&self, ended: &wasmtime::Result<End>) -> InvocationOutcome {
        let error = match ended {
            Ok(end) => {
                self.backoff.ended_well();
                return match end {
                    End::Failed => InvocationOutcome::Failed,
                    End::Raised => InvocationOutcome::Raised,
                    _ => InvocationOutcome::Returned,
                };
            }
            Err(error) => error,
        };
        if let Some(Pause { left, traps }) = self.backoff.trapped(Instant::now()) {
            let (plugin, why) = (&*self.plugin, format!("{error:#}"));
            tracing::warn!(plugin, traps, pause = ?left, why, "a plugin trapped again and again, and is paused");
        }
        match error.downcast_ref::<Halted>() {
            Some(halted) => halted.halt().into(),
            None => InvocationOutcome::Trapped,
        }
    }
}

/// Those of one kind of trigger.
pub(crate) struct StartedInvocations {
    all: Arc<Invocations>,
    started_by: StartedBy,
}

impl StartedInvocations {
    /// What the invocation does is part of its span, and no more of what it is part of itself.
    fn span(&self, origin: &mut Origin) -> Option<Box<dyn Span>> {
        let tracer = self.all.tracer.as_ref()?;
        // So that it is found by the same name as what it calls.
        identify(origin);
        let span = tracer.start(&SpanStart {
            plugin: &self.all.plugin,
            parent: origin.traceparent.as_deref(),
            doing: Doing::Invocation {
                started_by: self.started_by,
                method: origin.method.as_deref(),
                request_id: origin.request_id.as_deref(),
            },
        });
        if let Some(traceparent) = span.traceparent() {
            origin.traceparent = Some(traceparent);
        }
        Some(span)
    }
}

impl Around for StartedInvocations {
    fn around<'a>(&'a self, mut origin: Origin, begin: Begin<'a>) -> Invocation<'a> {
        Box::pin(async move {
            let all = &*self.all;
            let counters = all.counters.invoked.of(self.started_by);
            if let Some(Pause { left, traps }) = all.pause() {
                counters.count(InvocationOutcome::Paused);
                let why = format!(
                    "the plugin trapped {traps} times in a row, and is paused for {left:.1?}"
                );
                return Err(Halted::new(Halt::Paused, why).into());
            }
            let mut running = Running::begin(counters, self.span(&mut origin));
            let ended = cpu::within(all.cpu, begin(origin)).await;
            if let Some(full) = ended.as_ref().err().and_then(no_room) {
                running.outcome = InvocationOutcome::NoRoom;
                if all.counters.told.is_one_more() {
                    let (plugin, why) = (&*all.plugin, &full);
                    tracing::warn!(plugin, why, "there is no room for one more instance");
                }
                return Err(Halted::new(Halt::NoRoom, full).into());
            }
            running.outcome = all.outcome(&ended);
            ended
        })
    }
}

/// One that has begun. Dropped, it has ended.
struct Running<'a> {
    counters: &'a InvocationCounters,
    span: Option<Box<dyn Span>>,
    since: Instant,
    outcome: InvocationOutcome,
}

impl<'a> Running<'a> {
    fn begin(counters: &'a InvocationCounters, span: Option<Box<dyn Span>>) -> Self {
        counters.started.add();
        Self {
            counters,
            span,
            since: Instant::now(),
            // Until it says otherwise it is stopped from outside.
            outcome: InvocationOutcome::TimedOut,
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.counters.count(self.outcome);
        self.counters.took(self.since.elapsed());
        if let Some(span) = self.span.take() {
            span.end(SpanEnd::Invocation(self.outcome));
        }
    }
}
