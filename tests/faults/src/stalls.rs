//! How late this process gets to run, whatever it does: what tells a machine that has no time for
//! it from a transport that outlives its deadlines.

use std::collections::HashMap;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;

/// Watches until it is dropped.
#[derive(Debug)]
pub struct Stalls {
    shared: Arc<Shared>,
    task: AbortHandle,
    thread: Option<JoinHandle<()>>,
}

/// The longest delays within some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stall {
    /// A thread that does nothing but sleep woke up so late.
    pub thread: Duration,
    /// A thread of this process could have run, and waited so long for a processor.
    pub queued: Duration,
    /// A task of the runtime that does nothing but sleep woke up so late.
    pub task: Duration,
}

impl Stall {
    /// What the machine is to blame for. The runtime's own delays are not: those may be ours.
    #[must_use]
    pub fn of_the_machine(&self) -> Duration {
        self.thread.max(self.queued)
    }

    /// Of each the longer.
    #[must_use]
    pub fn or_longer(self, other: Self) -> Self {
        Self {
            thread: self.thread.max(other.thread),
            queued: self.queued.max(other.queued),
            task: self.task.max(other.task),
        }
    }
}

#[derive(Debug, Default)]
struct Shared {
    over: AtomicBool,
    delays: Mutex<Vec<Delay>>,
}

#[derive(Clone, Copy, Debug)]
struct Delay {
    from: Instant,
    until: Instant,
    stall: Stall,
}

impl Stalls {
    /// Begins to watch the process and the current runtime.
    #[must_use]
    pub fn watch() -> Self {
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn(watch_runtime(Arc::clone(&shared))).abort_handle();
        let watching = Arc::clone(&shared);
        Self {
            shared,
            task,
            thread: Some(thread::spawn(move || watch_machine(&watching))),
        }
    }

    /// The longest delays that touched this time.
    #[must_use]
    pub fn between(&self, from: Instant, until: Instant) -> Stall {
        let delays = self.shared.delays();
        let touching = delays
            .iter()
            .filter(|delay| delay.from <= until && delay.until >= from);
        touching.fold(Stall::default(), |longest, delay| {
            longest.or_longer(delay.stall)
        })
    }
}

impl Drop for Stalls {
    fn drop(&mut self) {
        self.task.abort();
        self.shared.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It has nothing to say.
            drop(thread.join());
        }
    }
}

impl Shared {
    fn delays(&self) -> std::sync::MutexGuard<'_, Vec<Delay>> {
        self.delays.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what is worth it.
    fn note(&self, from: Instant, length: Duration, stall: Stall) {
        if length >= WORTH_IT {
            let until = Instant::now();
            self.delays().push(Delay { from, until, stall });
        }
    }
}

async fn watch_runtime(shared: Arc<Shared>) {
    loop {
        let from = Instant::now();
        tokio::time::sleep(TICK).await;
        let task = from.elapsed().saturating_sub(TICK);
        let stall = Stall {
            task,
            ..Stall::default()
        };
        shared.note(from, task, stall);
    }
}

fn watch_machine(shared: &Shared) {
    let mut queues = Queues::default();
    let mut asked = Instant::now();
    while !shared.over.load(Ordering::Relaxed) {
        let from = Instant::now();
        thread::sleep(TICK);
        let thread = from.elapsed().saturating_sub(TICK);
        let stall = Stall {
            thread,
            ..Stall::default()
        };
        shared.note(from, thread, stall);
        if asked.elapsed() >= 5 * TICK {
            let queued = queues.longest_since();
            let stall = Stall {
                queued,
                ..Stall::default()
            };
            // A wait is counted when it ends, however long ago it began.
            let begun = asked.checked_sub(queued).unwrap_or(asked);
            shared.note(begun, queued, stall);
            asked = Instant::now();
        }
    }
}

/// How long each thread has waited for a processor so far, as Linux counts it.
#[derive(Debug, Default)]
struct Queues {
    nanos: HashMap<String, u64>,
}

impl Queues {
    /// The longest that any thread has waited since this was asked last.
    fn longest_since(&mut self) -> Duration {
        let mut longest = 0;
        let mut nanos = HashMap::new();
        for thread in fs::read_dir("/proc/self/task").into_iter().flatten() {
            let Ok(thread) = thread else { continue };
            let Ok(text) = fs::read_to_string(thread.path().join("schedstat")) else {
                continue;
            };
            let waited = text.split_ascii_whitespace().nth(1);
            let Some(waited) = waited.and_then(|waited| waited.parse::<u64>().ok()) else {
                continue;
            };
            let id = thread.file_name().to_string_lossy().into_owned();
            let before = self.nanos.get(&id).copied().unwrap_or(waited);
            longest = longest.max(waited.saturating_sub(before));
            nanos.insert(id, waited);
        }
        self.nanos = nanos;
        Duration::from_nanos(longest)
    }
}

const TICK: Duration = Duration::from_millis(10);
/// Shorter delays explain nothing.
const WORTH_IT: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_blocked_runtime_is_no_fault_of_the_machine() {
        let stalls = Stalls::watch();
        tokio::time::sleep(3 * TICK).await;
        let from = Instant::now();
        thread::sleep(Duration::from_millis(300));
        tokio::time::sleep(3 * TICK).await;
        let stall = stalls.between(from, Instant::now());
        assert!(stall.task >= Duration::from_millis(250), "{stall:?}");
        assert!(stall.of_the_machine() < stall.task, "{stall:?}");
        let later = Instant::now() + Duration::from_secs(1);
        assert_eq!(stalls.between(later, later), Stall::default());
    }
}
