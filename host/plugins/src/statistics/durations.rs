//! How long something took, counted by length.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How many things took how long: a histogram, whose [`BOUNDS`](Self::BOUNDS) are always the same, so that
/// those of several plugins can be added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    counts: [u64; BUCKETS],
    sum: Duration,
}

impl Durations {
    /// Each is the longest of its bucket; what is longer than the last has a bucket of its own. They are those of
    /// upstream's oslo.metrics, and shorter ones, because a call inside of one data centre takes less than a
    /// millisecond.
    pub const BOUNDS: [Duration; BUCKETS - 1] = [
        Duration::from_micros(250),
        Duration::from_micros(500),
        Duration::from_millis(1),
        Duration::from_micros(2500),
        Duration::from_millis(5),
        Duration::from_millis(10),
        Duration::from_millis(25),
        Duration::from_millis(50),
        Duration::from_millis(75),
        Duration::from_millis(100),
        Duration::from_millis(250),
        Duration::from_millis(500),
        Duration::from_millis(750),
        Duration::from_secs(1),
        Duration::from_millis(2500),
        Duration::from_secs(5),
        Duration::from_millis(7500),
        Duration::from_secs(10),
        Duration::from_secs(25),
        Duration::from_secs(50),
        Duration::from_secs(75),
        Duration::from_secs(100),
    ];

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How long all of them took together.
    #[must_use]
    pub const fn sum(&self) -> Duration {
        self.sum
    }

    /// Each bucket's bound, none for that of what is longer than any, and how many are in it.
    pub fn buckets(&self) -> impl Iterator<Item = (Option<Duration>, u64)> {
        let bounds = Self::BOUNDS.into_iter().map(Some).chain([None]);
        bounds.zip(self.counts)
    }

    /// How long this part of them took at most, 0.5 for one half: about, because it is taken as evenly spread
    /// within its bucket. What is longer than the last bound counts as that bound. None if there were none.
    #[must_use]
    pub fn quantile(&self, part: f64) -> Option<Duration> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        let wanted = part.clamp(0.0, 1.0) * to_float(count);
        let (mut before, mut shortest) = (0.0, Duration::ZERO);
        for (bound, count) in self.buckets() {
            let Some(longest) = bound else { break };
            let count = to_float(count);
            if count > 0.0 && before + count >= wanted {
                let into = ((wanted - before) / count).clamp(0.0, 1.0);
                return Some(shortest + (longest - shortest).mul_f64(into));
            }
            (before, shortest) = (before + count, longest);
        }
        Some(shortest)
    }

    /// With those of another.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        self.sum += other.sum;
        self
    }
}

/// Counts while it happens, without a lock.
#[derive(Debug, Default)]
pub(crate) struct DurationCounters {
    counts: [AtomicU64; BUCKETS],
    sum_nanos: AtomicU64,
}

impl DurationCounters {
    pub(crate) fn add(&self, took: Duration) {
        let bucket = Durations::BOUNDS.partition_point(|bound| *bound < took);
        if let Some(count) = self.counts.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.sum_nanos.fetch_add(nanos, Ordering::Relaxed);
    }

    pub(crate) fn durations(&self) -> Durations {
        Durations {
            counts: std::array::from_fn(|bucket| {
                let count = self.counts.get(bucket);
                count.map_or(0, |count| count.load(Ordering::Relaxed))
            }),
            sum: Duration::from_nanos(self.sum_nanos.load(Ordering::Relaxed)),
        }
    }
}

/// Exact up to 2⁵³, which no counter reaches.
#[expect(clippy::cast_precision_loss, reason = "it is for an estimate")]
const fn to_float(count: u64) -> f64 {
    count as f64
}

/// The bounds, and what is longer.
const BUCKETS: usize = 23;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_grow() {
        assert!(Durations::BOUNDS.is_sorted_by(|shorter, longer| shorter < longer));
    }

    #[test]
    fn each_length_is_in_the_bucket_that_holds_it() {
        let counters = DurationCounters::default();
        let longest = Durations::BOUNDS.into_iter();
        for bound in longest.chain([Duration::from_secs(3600)]) {
            counters.add(bound);
        }
        let durations = counters.durations();
        assert!(durations.buckets().all(|(_, count)| count == 1));
        assert_eq!(durations.count(), 23);
        let sum = Durations::BOUNDS.iter().sum::<Duration>() + Duration::from_secs(3600);
        assert_eq!(durations.sum(), sum);
    }

    #[test]
    fn quantiles_are_spread_within_their_bucket() {
        assert_eq!(Durations::default().quantile(0.5), None);
        let counters = DurationCounters::default();
        for _ in 0..98 {
            counters.add(Duration::from_millis(2));
        }
        counters.add(Duration::from_secs(4));
        counters.add(Duration::from_secs(1000));
        let durations = counters.durations();
        // Half of 100 is 50 of 98, between 1 and 2.5 ms.
        let half = durations.quantile(0.5).unwrap().as_secs_f64();
        assert!(
            (half - (0.001 + 0.0015 * 50.0 / 98.0)).abs() < 1e-6,
            "{half}"
        );
        assert_eq!(durations.quantile(0.99), Some(Duration::from_secs(5)));
        assert_eq!(durations.quantile(1.0), Some(Duration::from_secs(100)));
        let both = durations.and(&durations);
        assert_eq!(both.count(), 200);
        assert_eq!(both.quantile(0.5), durations.quantile(0.5));
    }
}
