use std::time::Duration;

use crate::config::RabbitOptions;

/// How long to pause between two rounds of connecting. Upstream's series, 1, 3, 5 … 30 seconds by
/// default, with jitter, so that a fleet does not come back in step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    first: Duration,
    step: Duration,
    longest: Duration,
}

impl Backoff {
    pub(super) const fn new(options: &RabbitOptions) -> Self {
        Self {
            first: options.rabbit_retry_interval,
            step: options.rabbit_retry_backoff,
            longest: if options.rabbit_interval_max.as_secs() < DAY.as_secs() {
                options.rabbit_interval_max
            } else {
                DAY
            },
        }
    }

    /// The pause after so many rounds have failed in a row. `chance` is from 0 to 1; it moves the
    /// pause within its upper half.
    pub(super) fn pause(&self, failed_rounds: u32, chance: f64) -> Duration {
        let steps = self.step.saturating_mul(failed_rounds.saturating_sub(1));
        let full = self.first.saturating_add(steps).min(self.longest);
        full.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
    }

    /// The pause before a lost connection is replaced, see [`quick_losses`].
    pub(super) fn pause_after_loss(&self, quick_losses: u32, chance: f64) -> Duration {
        match quick_losses {
            ..=1 => Duration::ZERO,
            _ => self.pause(quick_losses - 1, chance),
        }
    }

    /// The shortest time between the end of a failed round and the beginning of the next, however
    /// urgent it is.
    pub(super) fn least(&self) -> Duration {
        self.first.min(self.longest) / 2
    }
}

/// How many connections in a row were lost at once or never made. The first such loss is mended
/// without a pause; a broker that takes connections only to drop them is not asked all the time.
pub(super) fn quick_losses(before: u32, held: Duration) -> u32 {
    if held < Duration::from_secs(1) {
        before.saturating_add(1)
    } else {
        0
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A number from 0 to 1 that differs between processes.
pub(super) fn chance() -> f64 {
    // The first 32 bits of a version 4 UUID are random.
    let random = crate::id::random().as_fields().0;
    f64::from(random) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_by_a_step_up_to_the_longest() {
        let backoff = Backoff::new(&RabbitOptions::default());
        let check = |failed_rounds, chance, millis| {
            assert_eq!(
                backoff.pause(failed_rounds, chance),
                Duration::from_millis(millis),
                "after {failed_rounds} rounds, chance {chance}"
            );
        };
        check(0, 1.0, 1_000);
        check(1, 1.0, 1_000);
        check(1, 0.0, 500);
        check(2, 1.0, 3_000);
        check(3, 1.0, 5_000);
        check(15, 1.0, 29_000);
        check(16, 1.0, 30_000);
        check(17, 0.5, 22_500);
        check(u32::MAX, 1.0, 30_000);
    }

    #[test]
    fn losses_are_mended_at_once_unless_they_come_in_a_row() {
        let backoff = Backoff::new(&RabbitOptions::default());
        let check = |held: &[u64], millis| {
            let losses = held.iter().fold(0, |before, held| {
                quick_losses(before, Duration::from_secs(*held))
            });
            let pause = backoff.pause_after_loss(losses, 1.0);
            assert_eq!(pause, Duration::from_millis(millis), "{held:?}");
        };
        check(&[60], 0);
        check(&[0], 0);
        check(&[0, 0], 1_000);
        check(&[0, 0, 0], 3_000);
        check(&[0, 0, 60], 0);
    }

    #[test]
    fn a_longest_below_the_first_wins() {
        let options = RabbitOptions {
            rabbit_retry_interval: Duration::from_secs(9),
            rabbit_interval_max: Duration::from_secs(2),
            ..RabbitOptions::default()
        };
        assert_eq!(Backoff::new(&options).pause(1, 1.0), Duration::from_secs(2));
    }

    #[test]
    fn chance_is_within_bounds() {
        for _ in 0..1000 {
            assert!((0.0..=1.0).contains(&chance()));
        }
    }
}
