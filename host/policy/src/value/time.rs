use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{InvalidValue, Word, number_and_unit};

/// A length of time: a whole number and `ms`, `s`, `m` or `h`. At most a year, never zero.
///
/// ```
/// use std::time::Duration;
///
/// use oslo_messaging_policy::Time;
///
/// let time: Time = "1500ms".parse()?;
/// assert_eq!(time.duration(), Duration::from_millis(1500));
/// # Ok::<(), oslo_messaging_policy::InvalidValue>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    milliseconds: u64,
}

impl Time {
    /// The time as the standard library has it.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_millis(self.milliseconds)
    }

    pub(crate) const fn from_millis(milliseconds: u64) -> Self {
        Self { milliseconds }
    }
}

/// In the largest unit that it is a whole number of.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, length): &&(&str, u64)| self.milliseconds.is_multiple_of(*length);
        let (unit, length) = UNITS.iter().rfind(fits).unwrap_or(&("ms", 1));
        write!(f, "{}{unit}", self.milliseconds / length)
    }
}

impl FromStr for Time {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let invalid = |why: &str| {
            let remedy = "write a whole number and `ms`, `s`, `m` or `h`, such as `500ms`";
            InvalidValue::new(text, why, remedy)
        };
        let (number, unit) = number_and_unit(text).ok_or_else(|| invalid("is not a time"))?;
        let (_, length) = UNITS
            .iter()
            .find(|(known, _)| *known == unit)
            .ok_or_else(|| invalid("is not a time"))?;
        match number.checked_mul(*length) {
            Some(0) => Err(invalid("is no time at all")),
            Some(milliseconds) if milliseconds <= YEAR => Ok(Self { milliseconds }),
            _ => Err(invalid("is longer than a year")),
        }
    }
}

impl Word for Time {
    const WHAT: &'static str = "a time";
    const PATTERN: &'static str = "^[0-9]+(ms|s|m|h)$";
    const EXAMPLE: &'static str = "5s";
}

const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];

/// Longer times are slips, and deadlines made of them overflow clocks.
const YEAR: u64 = 365 * 24 * 3_600_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_printed() {
        let check = |text: &str, milliseconds: u64, printed: &str| {
            let time: Time = text.parse().unwrap();
            assert_eq!(time.duration(), Duration::from_millis(milliseconds));
            assert_eq!(time.to_string(), printed);
        };
        check("1ms", 1, "1ms");
        check("1500ms", 1500, "1500ms");
        check("5000ms", 5000, "5s");
        check("90s", 90_000, "90s");
        check("60m", 3_600_000, "1h");
        check("8760h", YEAR, "8760h");
        for text in [
            "",
            "5",
            "s",
            "5 s",
            "5sec",
            "0s",
            "0ms",
            "-5s",
            "1.5s",
            "8761h",
            "1d",
            "18446744073709551616ms",
            "18446744073709551615h",
            "5S",
        ] {
            let error = text.parse::<Time>().unwrap_err().to_string();
            assert!(error.contains("such as `500ms`"), "{error}");
        }
    }
}
