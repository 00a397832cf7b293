//! How often something may happen. Time is an argument: nothing here reads a clock or sleeps.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::decision::{Allow, Rules};
use crate::value::Rate;

/// A token bucket: it holds as many tokens as its rate has in a period, is full at first, and
/// refills evenly. So after a pause a period's worth may happen at once, and in the long run no
/// more than the rate.
///
/// It has one moment in it, and so does not grow.
///
/// ```
/// use std::time::{Duration, Instant};
///
/// use oslo_messaging_policy::Bucket;
///
/// let start = Instant::now();
/// let mut bucket = Bucket::new("2/s".parse()?);
/// assert_eq!(bucket.take(start), Ok(()));
/// assert_eq!(bucket.take(start), Ok(()));
/// assert_eq!(bucket.take(start), Err(Duration::from_millis(500)));
/// assert_eq!(bucket.take(start + Duration::from_millis(500)), Ok(()));
/// # Ok::<(), oslo_messaging_policy::InvalidValue>(())
/// ```
#[derive(Clone, Debug)]
pub struct Bucket {
    interval: Duration,
    period: Duration,
    /// None: nothing was taken yet.
    taken: Option<Taken>,
}

#[derive(Clone, Copy, Debug)]
struct Taken {
    /// When the bucket will be full again if nothing more is taken.
    full_at: Instant,
    last: Instant,
}

impl Bucket {
    /// A full one.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        let interval = rate.period() / rate.times();
        Self {
            interval,
            // What the division lost must not cost a token.
            period: interval * rate.times(),
            taken: None,
        }
    }

    /// Takes a token. A moment before the last that was taken at counts as that one.
    ///
    /// # Errors
    ///
    /// How long it takes until there is one, if there is none.
    pub fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let wait = self.wait(now);
        if !wait.is_zero() {
            return Err(wait);
        }
        let last = self.taken.map_or(now, |taken| taken.last.max(now));
        let full = self.taken.map_or(last, |taken| taken.full_at.max(last));
        let full_at = full.checked_add(self.interval).unwrap_or(full);
        self.taken = Some(Taken { full_at, last });
        Ok(())
    }

    /// How long it takes until there is a token; nothing if there is one.
    #[must_use]
    pub fn wait(&self, now: Instant) -> Duration {
        let Some(Taken { full_at, last }) = self.taken else {
            return Duration::ZERO;
        };
        let missing = full_at.saturating_duration_since(now.max(last));
        (missing + self.interval).saturating_sub(self.period)
    }
}

/// The rates of one plugin: its own, and those of its rules. All of its instances share them.
#[derive(Debug)]
pub struct Rates {
    buckets: Mutex<Buckets>,
    rate: Rate,
}

#[derive(Debug)]
struct Buckets {
    plugin: Bucket,
    /// One for each rule that has a rate.
    rules: Vec<Option<Bucket>>,
}

impl Rates {
    /// Full buckets for a plugin's rate and its rules.
    #[must_use]
    pub fn new(rate: Rate, rules: &Rules) -> Self {
        Self {
            buckets: Mutex::new(Buckets {
                plugin: Bucket::new(rate),
                rules: rules
                    .iter()
                    .map(|rule| rule.rate().map(Bucket::new))
                    .collect(),
            }),
            rate,
        }
    }

    /// Takes a token of the rule that allowed a request and one of the plugin, or none of both. It
    /// allocates nothing unless it refuses.
    ///
    /// # Errors
    ///
    /// [`RateExceeded`] if one has none.
    pub fn take(&self, allow: &Allow<'_>, now: Instant) -> Result<(), RateExceeded> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let Buckets { plugin, rules } = &mut *buckets;
        let rule = rules.get_mut(allow.position()).and_then(Option::as_mut);
        let by_rule = rule.as_ref().map_or(Duration::ZERO, |rule| rule.wait(now));
        let by_plugin = plugin.wait(now);
        // The one that takes longer, because waiting for the other would not help.
        if let (Some(rate), true) = (allow.rate(), by_rule >= by_plugin && !by_rule.is_zero()) {
            return Err(RateExceeded {
                rate,
                rule: Some(allow.rule().name().into()),
                wait: by_rule,
            });
        }
        if !by_plugin.is_zero() {
            return Err(RateExceeded {
                rate: self.rate,
                rule: None,
                wait: by_plugin,
            });
        }
        // Both were asked, and nobody else took a token since.
        if let Some(rule) = rule {
            rule.take(now).unwrap_or_default();
        }
        plugin.take(now).unwrap_or_default();
        Ok(())
    }
}

/// It was allowed, but happens too often.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rate of {} of {rate} is exceeded, there is room in {wait:?}", self.whose())]
#[non_exhaustive]
pub struct RateExceeded {
    /// The rate.
    pub rate: Rate,
    /// The rule whose rate it is; none: the plugin's own.
    pub rule: Option<Box<str>>,
    /// How long until there is room for one.
    pub wait: Duration,
}

impl RateExceeded {
    fn whose(&self) -> String {
        match &self.rule {
            Some(rule) => format!("rule `{rule}`"),
            None => "the plugin".to_owned(),
        }
    }
}
