//! How much memory this process has over time, and whether that stays the same.

use std::alloc::System;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

/// The system's allocator, counted: what is not given back is told to the byte, while what the
/// kernel sees also depends on how the allocator's arenas fill with the threads that come and go.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What this program holds of what it allocated.
#[must_use]
pub fn allocated_bytes() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated.wrapping_sub(stats.bytes_deallocated)
}

/// Asks the kernel every second until it is dropped.
#[derive(Debug)]
pub struct Memory {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    over: AtomicBool,
    samples: Mutex<Vec<u64>>,
    at_rest: Mutex<Vec<usize>>,
}

impl Memory {
    /// Begins. It has room for a run of about this length, which it would else be seen to take.
    #[must_use]
    pub fn watch(length: Duration) -> Self {
        let seconds = usize::try_from(length.as_secs()).unwrap_or_default();
        let shared = Arc::new(Shared {
            samples: Mutex::new(Vec::with_capacity(seconds + seconds / 4)),
            ..Shared::default()
        });
        let watching = Arc::clone(&shared);
        Self {
            shared,
            thread: Some(thread::spawn(move || watch(&watching))),
        }
    }

    /// Notes what is allocated now, at the end of a round, when everything is closed.
    pub fn rest(&self) {
        let at_rest = self.shared.at_rest.lock();
        let mut at_rest = at_rest.unwrap_or_else(PoisonError::into_inner);
        at_rest.push(allocated_bytes());
    }

    /// What there is to say by now, if it was long enough to say something.
    #[must_use]
    pub fn course(&self) -> Option<Course> {
        let samples = self.shared.samples.lock();
        let samples = samples.unwrap_or_else(PoisonError::into_inner);
        let at_rest = self.shared.at_rest.lock();
        let at_rest = at_rest.unwrap_or_else(PoisonError::into_inner);
        Course::of(&samples, &at_rest)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It has nothing to say.
            drop(thread.join());
        }
    }
}

fn watch(shared: &Shared) {
    let begin = Instant::now();
    let mut next = Duration::ZERO;
    while !shared.over.load(Ordering::Relaxed) {
        if begin.elapsed() >= next {
            next += Duration::from_secs(1);
            let samples = shared.samples.lock();
            let mut samples = samples.unwrap_or_else(PoisonError::into_inner);
            samples.extend(resident_kib());
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// What the kernel says this process has in memory.
#[must_use]
pub fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// A run's memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// The median of each third of the run of what the kernel says, in KiB. A connection that is
    /// being opened has megabytes of buffers for a moment, so the highest values say more about
    /// chance than about growth.
    pub medians: [u64; 3],
    /// The highest of each third, in KiB.
    pub highest: [u64; 3],
    /// The whole run, at most twenty values in KiB.
    pub overview: Vec<u64>,
    /// What was allocated at the end of each round, in bytes.
    pub at_rest: Vec<usize>,
}

impl Course {
    /// One sample in KiB for each second, and the bytes at the ends of rounds.
    fn of(samples: &[u64], at_rest: &[usize]) -> Option<Self> {
        let third = samples.len() / 3;
        if third == 0 {
            return None;
        }
        let thirds = [0, 1, 2].map(|number| {
            let mut third = samples[number * third..(number + 1) * third].to_vec();
            third.sort_unstable();
            third
        });
        let step = samples.len().div_ceil(20);
        Some(Self {
            medians: thirds.each_ref().map(|third| third[third.len() / 2]),
            highest: thirds.each_ref().map(|third| third[third.len() - 1]),
            overview: samples.iter().copied().step_by(step).collect(),
            at_rest: at_rest.to_vec(),
        })
    }

    /// Whether nothing was kept that adds up, and the process did not grow.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        self.keeps_nothing() && self.stays_resident()
    }

    /// Whether what is allocated between rounds stays the same, but for a tenth and 32 KiB: less
    /// than two bytes for each request of a round. The least of the last rounds is held against the
    /// least of the first, because a runtime that is still tidying up holds some more.
    fn keeps_nothing(&self) -> bool {
        let rounds = self.at_rest.len();
        let third = rounds / 3;
        let first = self.at_rest[..third].iter().min();
        let last = self.at_rest[rounds - third..].iter().min();
        match (first, last) {
            (Some(first), Some(last)) => *last <= first + first / 10 + 32 * 1024,
            _ => true,
        }
    }

    /// Whether the last third has no more than the one before it, but for a tenth and two
    /// megabytes. The first third warms up: the allocator has an arena for each of the threads that
    /// connections have, and it takes minutes until each of them has been as full as it ever gets.
    const fn stays_resident(&self) -> bool {
        let [_, before, last] = self.medians;
        last <= before + before / 10 + 2048
    }
}

impl fmt::Display for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flat = |is_flat| if is_flat { "flat" } else { "NOT FLAT" };
        writeln!(
            f,
            "allocated between rounds: {}, {:?} bytes",
            flat(self.keeps_nothing()),
            self.at_rest
        )?;
        writeln!(
            f,
            "resident memory: {}, medians of the thirds {:?} KiB, highest {:?} KiB",
            flat(self.stays_resident()),
            self.medians,
            self.highest
        )?;
        writeln!(f, "resident memory over time: {:?} KiB", self.overview)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_told_from_peaks_and_from_warming_up() {
        let check = |sample: fn(u64) -> u64, flat| {
            let samples: Vec<u64> = (0..600).map(sample).collect();
            let course = Course::of(&samples, &[]).unwrap();
            assert_eq!(course.is_flat(), flat, "{course}");
            assert_eq!(course.overview.len(), 20);
        };
        check(|_| 20_000, true);
        check(|second| if second < 190 { 5_000 } else { 20_000 }, true);
        check(|second| 20_000 + (second % 7 / 6) * 20_000, true);
        // Fourteen megabytes in ten minutes.
        check(|second| 20_000 + second * 24, false);
        assert_eq!(Course::of(&[1, 2], &[]), None);
    }

    #[test]
    fn what_adds_up_is_told_from_what_is_there_for_a_moment() {
        let check = |at_rest: fn(usize) -> usize, flat| {
            let at_rest: Vec<usize> = (0..15).map(at_rest).collect();
            let course = Course::of(&[20_000; 600], &at_rest).unwrap();
            assert_eq!(course.is_flat(), flat, "{course}");
        };
        check(|_| 100_000, true);
        check(|round| 100_000 + round % 2 * 500_000, true);
        // A byte of each of a round's 20,000 requests.
        check(|round| 100_000 + round * 20_000, false);
    }

    #[test]
    fn what_is_allocated_is_counted_until_it_is_given_back() {
        let before = allocated_bytes();
        let kept = vec![0_u8; 1 << 26];
        assert!(allocated_bytes() >= before + kept.len() / 2);
        drop(kept);
        assert!(allocated_bytes() < before + (1 << 25));
    }

    #[test]
    fn the_kernel_is_asked() {
        let memory = Memory::watch(Duration::ZERO);
        let begin = Instant::now();
        while memory.course().is_none() && begin.elapsed() < Duration::from_secs(20) {
            thread::sleep(Duration::from_millis(50));
        }
        let course = memory.course().unwrap();
        assert!(course.medians[0] > 1000, "{course}");
    }
}
