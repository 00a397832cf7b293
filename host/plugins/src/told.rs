//! What is in the log, and what is only counted.

use std::time::Instant;

use oslo_messaging_policy::{Bucket, Rate};
use parking_lot::Mutex;

/// Lets so much of one plugin into the log, and no more: one that is refused something all the time must not
/// fill it.
#[derive(Debug)]
pub(crate) struct Told(Mutex<Option<Bucket>>);

impl Told {
    /// Whether one more is in the log.
    pub(crate) fn is_one_more(&self) -> bool {
        let mut told = self.0.lock();
        let told = told.as_mut();
        told.is_none_or(|told| told.take(Instant::now()).is_ok())
    }
}

impl Default for Told {
    fn default() -> Self {
        Self(Mutex::new(TOLD.parse::<Rate>().ok().map(Bucket::new)))
    }
}

const TOLD: &str = "10/s";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_are_told_and_the_rest_is_not() {
        let told = Told::default();
        let told = (0..1000).filter(|_| told.is_one_more()).count();
        assert!((10..20).contains(&told), "{told}");
    }
}
