use std::time::Duration;

use tokio::time::Instant;

/// The moment at which something has to be over. It never moves; every wait inside it uses what
/// is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    /// This long after `now`; a length beyond what the clock can count stands for 30 years.
    pub(crate) fn after(now: Instant, length: Duration) -> Self {
        const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
        Self(now + length.min(FAR))
    }

    /// That moment.
    pub(crate) const fn at(instant: Instant) -> Self {
        Self(instant)
    }

    pub(crate) const fn instant(self) -> Instant {
        self.0
    }

    pub(crate) fn remaining(self, now: Instant) -> Duration {
        self.0.saturating_duration_since(now)
    }

    /// What is left in whole milliseconds, rounded up, as AMQP's `expiration` wants it.
    #[cfg(any(feature = "rabbit", test))]
    pub(crate) fn remaining_millis(self, now: Instant) -> u128 {
        self.remaining(now).as_nanos().div_ceil(1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_left_never_goes_below_zero_and_rounds_up() {
        let now = Instant::now();
        let deadline = Deadline::after(now, Duration::from_millis(1500));
        let check = |later_us: u64, millis: u128| {
            assert_eq!(
                deadline.remaining_millis(now + Duration::from_micros(later_us)),
                millis,
                "{later_us} us later"
            );
        };
        check(0, 1500);
        check(1, 1500);
        check(1_000, 1499);
        check(1_500_000, 0);
        check(9_000_000, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_length_beyond_the_clock_does_not_overflow() {
        let now = Instant::now();
        assert!(Deadline::after(now, Duration::MAX) > Deadline::after(now, Duration::from_secs(1)));
    }
}
