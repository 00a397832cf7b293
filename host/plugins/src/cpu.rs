//! Processor time of an invocation.

use std::cell::Cell;
use std::future::poll_fn;
use std::task::Poll;
use std::time::{Duration, Instant};

use oslo_messaging_wasmtime::{End, Halt, Halted, Invocation};
use rustix::time::{ClockId, clock_gettime};

/// Runs an invocation until it ends or has used more processor time than this.
///
/// A guest computes inside a poll, which a tick ends, so that adding up the polls counts what the guest
/// takes, and neither what it waits for nor what others do.
pub(crate) async fn within(
    limit: Duration,
    mut invocation: Invocation<'_>,
) -> wasmtime::Result<End> {
    let mut used = Duration::ZERO;
    poll_fn(|cx| {
        let begun = Begun::now();
        let polled = invocation.as_mut().poll(cx);
        used += begun.used();
        if polled.is_pending() && used > limit {
            return Poll::Ready(Err(halted(limit).into()));
        }
        polled
    })
    .await
}

/// When a poll began. A plugin is polled at least once for each of its calls, and to ask for the thread's
/// own clock is a system call, which the system's clock is not: the thread's is asked for what took long,
/// and otherwise once in a while.
struct Begun {
    at: Instant,
    /// The thread's clock, as it was a short while ago.
    thread: Duration,
}

impl Begun {
    fn now() -> Self {
        let at = Instant::now();
        Self {
            at,
            thread: Reading::recent(at).thread,
        }
    }

    /// What was used since. While nobody else can have had the processor, it is what passed; then it is
    /// what the thread's clock says, with what the thread did since that was last asked for, of which there
    /// is [little](RECENT).
    fn used(&self) -> Duration {
        let now = Instant::now();
        let passed = now - self.at;
        if passed < SHORT {
            return passed;
        }
        let thread = Reading::take(now).thread;
        thread.saturating_sub(self.thread).min(passed)
    }
}

#[derive(Clone, Copy)]
struct Reading {
    at: Instant,
    thread: Duration,
}

thread_local! {
    static LAST: Cell<Option<Reading>> = const { Cell::new(None) };
}

impl Reading {
    /// One that is not old.
    fn recent(now: Instant) -> Self {
        match LAST.get() {
            Some(last) if now.saturating_duration_since(last.at) < RECENT => last,
            _ => Self::take(now),
        }
    }

    fn take(now: Instant) -> Self {
        let taken = Self {
            at: now,
            thread: thread_time(),
        };
        LAST.set(Some(taken));
        taken
    }
}

/// Less than a thread waits for the processor when another one has it.
const SHORT: Duration = Duration::from_micros(100);
/// How old a reading of the thread's clock may be, and so the most that a poll can be charged too much.
const RECENT: Duration = Duration::from_micros(100);

fn halted(limit: Duration) -> Halted {
    let why = format!("it was stopped after {limit:?} of processor time, its limit");
    Halted::new(Halt::OutOfTime, why)
}

fn thread_time() -> Duration {
    // Both parts are positive, and the clock is there on every system that this runs on.
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spin(length: Duration) {
        let start = thread_time();
        while thread_time() - start < length {
            std::hint::spin_loop();
        }
    }

    #[tokio::test]
    async fn what_computes_is_stopped_and_what_waits_is_not() {
        let limit = Duration::from_millis(20);
        let spinning = async {
            loop {
                spin(Duration::from_millis(2));
                tokio::task::yield_now().await;
            }
        };
        let error = within(limit, Box::pin(spinning)).await.unwrap_err();
        let says = "it was stopped after 20ms of processor time, its limit";
        assert_eq!(error.to_string(), says);

        let waiting = async {
            for _ in 0..10 {
                spin(Duration::from_micros(100));
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Ok(End::Returned)
        };
        let ended = within(limit, Box::pin(waiting)).await;
        assert_eq!(ended.unwrap(), End::Returned);
    }

    #[tokio::test]
    async fn a_thread_that_has_not_the_processor_costs_nothing() {
        let held_up = async {
            for _ in 0..10 {
                std::thread::sleep(Duration::from_millis(10));
                tokio::task::yield_now().await;
            }
            Ok(End::Returned)
        };
        let limit = Duration::from_millis(20);
        let ended = within(limit, Box::pin(held_up)).await;
        assert_eq!(ended.unwrap(), End::Returned);
    }

    #[tokio::test]
    async fn many_short_polls_add_up() {
        let spinning = async {
            loop {
                spin(Duration::from_micros(50));
                tokio::task::yield_now().await;
            }
        };
        let limit = Duration::from_millis(20);
        within(limit, Box::pin(spinning)).await.unwrap_err();
    }
}
