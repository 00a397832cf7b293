//! Timers that start a command.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use oslo_messaging_policy::Schedule;
use oslo_messaging_wasmtime::instances::Places as _;
use oslo_messaging_wasmtime::{Around, Begin, End, Origin};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::Trigger;
use crate::command::Command;
use crate::shares::AT_ONCE;
use crate::statistics::{InvocationOutcome, StartedBy};
use crate::version::Shared;

/// The first start is one period away, so that a host that starts again and again starts no plugin more
/// often.
pub(super) fn start(
    shared: &Arc<Shared>,
    schedule: &Schedule,
    overlap: bool,
) -> Result<Trigger, String> {
    let command = shared.candidate.command;
    let command = command.ok_or_else(|| "a timer needs a command".to_owned())?;
    let (shared, schedule) = (Arc::clone(shared), schedule.clone());
    let started = Started {
        around: shared.started_by(StartedBy::Timer),
        command,
        shared,
    };
    Ok(Trigger::spawn(move |stop, _| async move {
        tick(&Arc::new(started), &schedule, overlap, stop).await;
    }))
}

/// What a timer starts.
struct Started {
    shared: Arc<Shared>,
    command: Command,
    around: Arc<dyn Around>,
}

async fn tick(
    started: &Arc<Started>,
    schedule: &Schedule,
    overlap: bool,
    mut stop: watch::Receiver<bool>,
) {
    let mut running = JoinSet::new();
    let most = started.shared.share.most().min(AT_ONCE);
    let mut due = next(schedule, Instant::now());
    while let Some(at) = due {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = sleep_until(at) => {}
        }
        while running.try_join_next().is_some() {}
        if running.is_empty() || overlap && running.len() < most {
            let started = Arc::clone(started);
            running.spawn(async move { invoke(&started).await });
        } else {
            let shared = &started.shared;
            let counters = shared.counters.invoked.of(StartedBy::Timer);
            counters.count(InvocationOutcome::Skipped);
            tracing::warn!(
                plugin = shared.name(),
                "a start is left out, because it still runs"
            );
        }
        due = next(schedule, at.max(Instant::now()));
    }
    // What runs has its limit.
    while running.join_next().await.is_some() {}
}

/// When it starts the next time after this; none: never.
fn next(schedule: &Schedule, after: Instant) -> Option<Instant> {
    match schedule {
        Schedule::Every(period) => after.checked_add(*period),
        Schedule::Cron(cron) => {
            let now = SystemTime::now();
            let next = cron.next_after(now)?;
            let wait = next.duration_since(now).unwrap_or(Duration::ZERO);
            // A timer may be early by less than this, and must not see the same minute again.
            Instant::now().checked_add(wait + Duration::from_millis(5))
        }
    }
}

async fn invoke(started: &Started) {
    let Started {
        shared,
        command,
        around,
    } = started;
    let (plugin, limit) = (shared.name(), shared.time());
    let mut code = 0;
    let told = &mut code;
    let begin: Begin<'_> = Box::new(move |origin| {
        Box::pin(async move {
            // Behind the store, which has its room.
            let _place = shared.share.place().await?;
            let mut store = shared.stores.store();
            store.data_mut().messaging.start_invocation(limit);
            store.data_mut().begin(&origin);
            let linked = shared.candidate.linked.clone();
            *told = command.run(&mut store, linked).await?;
            Ok(if *told == 0 {
                End::Returned
            } else {
                End::Failed
            })
        })
    });
    let ended = timeout(limit, around.around(Origin::default(), begin)).await;
    match ended {
        Ok(Ok(_)) if code == 0 => {}
        Ok(Ok(_)) => {
            tracing::warn!(
                plugin,
                code,
                "a plugin that a timer started says that it failed"
            );
        }
        Ok(Err(error)) => {
            let why = format!("{error:#}");
            tracing::error!(plugin, why, "a plugin that a timer started was ended");
        }
        Err(_) => {
            tracing::error!(
                plugin,
                ?limit,
                "a plugin that a timer started was stopped at its limit of time"
            );
        }
    }
}
