//! Guests count in nanoseconds, and may say anything.

use std::time::Duration;

use tokio::time::Instant;

/// This long after `now`; a length that the clock might not count to stands for 30 years.
pub(crate) fn after(now: Instant, length: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    now + length.min(FAR)
}

/// A length beyond the guest's 584 years becomes the longest it can be told.
pub(crate) fn to_guest(length: Duration) -> u64 {
    u64::try_from(length.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_length_overflows() {
        let now = Instant::now();
        assert!(after(now, Duration::from_nanos(u64::MAX)) > now);
        assert_eq!(
            after(now, Duration::MAX),
            after(now, Duration::from_nanos(u64::MAX))
        );
        assert_eq!(to_guest(Duration::MAX), u64::MAX);
        assert_eq!(to_guest(Duration::from_nanos(u64::MAX)), u64::MAX);
        assert_eq!(to_guest(Duration::from_millis(1)), 1_000_000);
    }
}
