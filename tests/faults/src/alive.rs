//! What there is of this process beside the values that it owns: tasks and threads.

use std::fs;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

/// How much is alive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alive {
    /// Tasks of the current runtime.
    pub tasks: u64,
    /// Threads, without those of runtimes, which come and go as these like.
    pub threads: u64,
}

impl Alive {
    /// Counts.
    #[must_use]
    pub fn now() -> Self {
        let threads = fs::read_dir("/proc/self/task").into_iter().flatten();
        let names = threads.flatten().filter_map(|thread| {
            // A thread that ends in this moment has no name.
            fs::read_to_string(thread.path().join("comm")).ok()
        });
        Self {
            tasks: Handle::current().metrics().num_alive_tasks() as u64,
            threads: names
                .filter(|name| !RUNTIMES.contains(&name.trim()))
                .count() as u64,
        }
    }

    /// What there is more than before, once that is nothing, or when it does not become so in time.
    pub async fn more_than(before: Self, limit: Duration) -> Self {
        let begin = Instant::now();
        loop {
            let now = Self::now();
            let more = Self {
                tasks: now.tasks.saturating_sub(before.tasks),
                threads: now.threads.saturating_sub(before.threads),
            };
            if more == Self::default() || begin.elapsed() > limit {
                return more;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
}

/// The kernel's name for the threads of a runtime.
const RUNTIMES: [&str; 1] = ["tokio-rt-worker"];

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_stays_is_counted() {
        let before = Alive::now();
        let wait = std::sync::Arc::new(std::sync::Barrier::new(THREADS + 1));
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                let wait = std::sync::Arc::clone(&wait);
                std::thread::spawn(move || wait.wait())
            })
            .collect();
        let task = tokio::spawn(std::future::pending::<()>());
        let more = Alive::more_than(before, Duration::ZERO).await;
        assert_eq!(more.tasks, 1);
        // Other tests have threads too, which come and go meanwhile.
        assert!(more.threads >= THREADS as u64 / 2, "{more:?}");
        task.abort();
        wait.wait();
        for thread in threads {
            drop(thread.join());
        }
        let more = Alive::more_than(before, Duration::from_secs(10)).await;
        assert_eq!(more.tasks, 0);
    }

    /// More than all other tests together.
    const THREADS: usize = 64;
}
