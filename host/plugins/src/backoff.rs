//! Pauses of a plugin that traps again and again.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// Lets invocations in until several in a row have trapped; then there are pauses, each twice as long as
/// the one before, until one ends well.
#[derive(Debug, Default)]
pub(crate) struct Backoff(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// How many in a row.
    traps: u32,
    until: Option<Instant>,
}

/// A pause, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pause {
    /// How long it still is.
    pub(crate) left: Duration,
    pub(crate) traps: u32,
}

impl Backoff {
    /// The pause that it is in.
    pub(crate) fn pause(&self, now: Instant) -> Option<Pause> {
        let State { traps, until } = *self.0.lock();
        let left = until?.checked_duration_since(now)?;
        (!left.is_zero()).then_some(Pause { left, traps })
    }

    pub(crate) fn ended_well(&self) {
        *self.0.lock() = State::default();
    }

    /// The pause that begins with this trap, if one does. Those that were at work meanwhile begin none.
    pub(crate) fn trapped(&self, now: Instant) -> Option<Pause> {
        let mut state = self.0.lock();
        if state.until.is_some_and(|until| now < until) {
            return None;
        }
        state.traps = state.traps.saturating_add(1);
        let doubled = state.traps.checked_sub(TRAPS)?;
        let left = FIRST.saturating_mul(1 << doubled.min(16)).min(LONGEST);
        state.until = now.checked_add(left);
        Some(Pause {
            left,
            traps: state.traps,
        })
    }
}

/// Fewer may be bad luck with what they were asked.
const TRAPS: u32 = 5;
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_double_and_end_with_what_ends_well() {
        let backoff = Backoff::default();
        let mut now = Instant::now();
        for _ in 1..TRAPS {
            assert_eq!(backoff.trapped(now), None);
            assert_eq!(backoff.pause(now), None);
        }
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            let pause = backoff.trapped(now).unwrap();
            assert_eq!(pause.left, Duration::from_secs(seconds));
            assert_eq!(backoff.pause(now), Some(pause));
            // What was at work when it began.
            assert_eq!(backoff.trapped(now), None);
            now += pause.left;
            assert_eq!(backoff.pause(now), None);
        }
        backoff.ended_well();
        assert_eq!(backoff.trapped(now), None);
    }
}
