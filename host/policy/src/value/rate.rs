use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{InvalidValue, Word};

/// How often something may happen: a whole number, `/`, and `s`, `m` or `h`.
///
/// `20/s` also is how many may happen at once after a pause: see [`Bucket`](crate::Bucket).
///
/// ```
/// use std::time::Duration;
///
/// use oslo_messaging_policy::Rate;
///
/// let rate: Rate = "20/s".parse()?;
/// assert_eq!((rate.times(), rate.period()), (20, Duration::from_secs(1)));
/// # Ok::<(), oslo_messaging_policy::InvalidValue>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    times: u32,
    unit: Unit,
}

impl Rate {
    /// How many times in each period, at least one and at most a million.
    #[must_use]
    pub const fn times(self) -> u32 {
        self.times
    }

    /// A second, a minute or an hour.
    #[must_use]
    pub const fn period(self) -> Duration {
        Duration::from_secs(match self.unit {
            Unit::Second => 1,
            Unit::Minute => 60,
            Unit::Hour => 3600,
        })
    }

    pub(crate) const fn per_second(times: u32) -> Self {
        Self {
            times,
            unit: Unit::Second,
        }
    }

    /// Whether this lets more through than another, in the long run.
    pub(crate) fn is_above(self, other: Self) -> bool {
        let in_hours = |rate: Self| u64::from(rate.times) * (3600 / rate.period().as_secs());
        in_hours(self) > in_hours(other)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Second => "s",
            Unit::Minute => "m",
            Unit::Hour => "h",
        };
        write!(f, "{}/{unit}", self.times)
    }
}

impl FromStr for Rate {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let invalid = |why: &str| {
            let remedy = "write a whole number, `/`, and `s`, `m` or `h`, such as `20/s`";
            InvalidValue::new(text, why, remedy)
        };
        let not_a_rate = || invalid("is not a rate");
        let (times, unit) = text.split_once('/').ok_or_else(not_a_rate)?;
        let unit = match unit {
            "s" => Unit::Second,
            "m" => Unit::Minute,
            "h" => Unit::Hour,
            _ => return Err(not_a_rate()),
        };
        if times.is_empty() || !times.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(not_a_rate());
        }
        match times.parse() {
            Ok(0) => Err(invalid("lets nothing through")),
            Ok(times @ ..=MOST) => Ok(Self { times, unit }),
            _ => Err(invalid("is more than a million at once")),
        }
    }
}

impl Word for Rate {
    const WHAT: &'static str = "a rate";
    const PATTERN: &'static str = "^[0-9]+/(s|m|h)$";
    const EXAMPLE: &'static str = "20/s";
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Unit {
    Second,
    Minute,
    Hour,
}

/// No broker does more in a second; the interval between two stays well above a nanosecond.
const MOST: u32 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_and_printed() {
        for text in ["1/s", "20/s", "1000000/s", "30/m", "7/h"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "20",
            "/s",
            "20/",
            "20/d",
            "20 / s",
            "0/s",
            "-1/s",
            "+1/s",
            "1.5/s",
            "1000001/s",
            "99999999999/s",
            "20/s/s",
        ] {
            let error = text.parse::<Rate>().unwrap_err().to_string();
            assert!(error.contains("such as `20/s`"), "{error}");
        }
    }

    #[test]
    fn rates_are_compared_over_time() {
        let above = |left: &str, right: &str| {
            let [left, right] = [left, right].map(|text| text.parse::<Rate>().unwrap());
            left.is_above(right)
        };
        assert!(above("2/s", "1/s"));
        assert!(above("61/m", "1/s"));
        assert!(!above("60/m", "1/s"));
        assert!(!above("3600/h", "1/s"));
        assert!(above("1/s", "3599/h"));
    }
}
