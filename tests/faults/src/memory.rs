//! How much memory this process has over time, and whether that stays the same.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

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
}

impl Memory {
    /// Begins.
    #[must_use]
    pub fn watch() -> Self {
        let shared = Arc::new(Shared::default());
        let watching = Arc::clone(&shared);
        Self {
            shared,
            thread: Some(thread::spawn(move || watch(&watching))),
        }
    }

    /// What there is to say by now, if it was long enough to say something.
    #[must_use]
    pub fn course(&self) -> Option<Course> {
        let samples = self.shared.samples.lock();
        Course::of(&samples.unwrap_or_else(PoisonError::into_inner))
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

/// A run's memory after its first tenth, in thirds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// The median of each third, in KiB. A connection that is being opened has megabytes of buffers
    /// for a moment, so the highest values say more about chance than about growth.
    pub medians: [u64; 3],
    /// The highest of each third, in KiB.
    pub highest: [u64; 3],
    /// The whole run, at most twenty values in KiB.
    pub overview: Vec<u64>,
}

impl Course {
    /// One sample for each second.
    fn of(samples: &[u64]) -> Option<Self> {
        let warm = samples.get(samples.len() / 10..)?;
        let third = warm.len() / 3;
        if third == 0 {
            return None;
        }
        let thirds = [0, 1, 2].map(|number| {
            let mut third = warm[number * third..(number + 1) * third].to_vec();
            third.sort_unstable();
            third
        });
        let step = samples.len().div_ceil(20);
        Some(Self {
            medians: thirds.each_ref().map(|third| third[third.len() / 2]),
            highest: thirds.each_ref().map(|third| third[third.len() - 1]),
            overview: samples.iter().copied().step_by(step).collect(),
        })
    }

    /// Whether the last third has no more than the first, but for a tenth and two megabytes.
    #[must_use]
    pub const fn is_flat(&self) -> bool {
        let [first, _, last] = self.medians;
        last <= first + first / 10 + 2048
    }
}

impl fmt::Display for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.is_flat() { "flat" } else { "NOT FLAT" };
        writeln!(
            f,
            "resident memory is {verdict}: medians of the thirds after the first tenth {:?} KiB, \
             highest {:?} KiB",
            self.medians, self.highest
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
            let course = Course::of(&samples).unwrap();
            assert_eq!(course.is_flat(), flat, "{course}");
            assert_eq!(course.overview.len(), 20);
        };
        check(|_| 20_000, true);
        check(|second| if second < 60 { 5_000 } else { 20_000 }, true);
        check(|second| 20_000 + (second % 7 / 6) * 20_000, true);
        // Eight megabytes in ten minutes.
        check(|second| 20_000 + second * 14, false);
        assert_eq!(Course::of(&[1, 2]), None);
    }

    #[test]
    fn the_kernel_is_asked() {
        let memory = Memory::watch();
        let begin = Instant::now();
        while memory.course().is_none() && begin.elapsed() < Duration::from_secs(20) {
            thread::sleep(Duration::from_millis(50));
        }
        let course = memory.course().unwrap();
        assert!(course.medians[0] > 1000, "{course}");
    }
}
