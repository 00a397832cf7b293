//! How much memory this process has allocated, and how much it had at most.

use std::alloc::System;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bytes that are allocated now.
pub(crate) fn allocated() -> usize {
    let stats = ALLOCATOR.stats();
    stats
        .bytes_allocated
        .saturating_sub(stats.bytes_deallocated)
}

/// Looks at the memory all the time, until it is dropped.
pub(crate) struct Watch {
    before: usize,
    most: Arc<AtomicUsize>,
    ended: Arc<AtomicBool>,
}

impl Watch {
    pub(crate) fn start() -> Self {
        let before = allocated();
        let most = Arc::new(AtomicUsize::new(before));
        let ended = Arc::new(AtomicBool::new(false));
        thread::spawn({
            let (most, ended) = (Arc::clone(&most), Arc::clone(&ended));
            move || {
                while !ended.load(Ordering::Relaxed) {
                    most.fetch_max(allocated(), Ordering::Relaxed);
                    thread::sleep(Duration::from_micros(500));
                }
            }
        });
        Self {
            before,
            most,
            ended,
        }
    }

    /// By how many MiB there was more than at the start, at most.
    pub(crate) fn most(&self) -> usize {
        let most = self.most.load(Ordering::Relaxed).max(allocated());
        mebibytes(most.saturating_sub(self.before))
    }

    /// By how many MiB there is more than at the start.
    pub(crate) fn now(&self) -> usize {
        mebibytes(allocated().saturating_sub(self.before))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

fn mebibytes(bytes: usize) -> usize {
    bytes / (1024 * 1024)
}
