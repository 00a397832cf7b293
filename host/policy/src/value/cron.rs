use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use croner::parser::{CronParser, Seconds, Year};

use super::{InvalidValue, Word};

/// When to do something again and again: the five fields of cron, in UTC.
///
/// Minute, hour, day of the month, month, day of the week; with lists, ranges, steps and names, as
/// in `*/15 8-17 * * MON-FRI`.
#[derive(Clone)]
pub struct Cron {
    // It is large: a table for each of its fields.
    schedule: Box<croner::Cron>,
    text: Box<str>,
}

impl Cron {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first moment after `time` that it names; none if there is no such moment in what the
    /// calendar can express.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use oslo_messaging_policy::Cron;
    ///
    /// let hourly: Cron = "0 * * * *".parse()?;
    /// let next = hourly.next_after(SystemTime::UNIX_EPOCH + Duration::from_secs(10));
    /// assert_eq!(next, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(3600)));
    /// # Ok::<(), oslo_messaging_policy::InvalidValue>(())
    /// ```
    #[must_use]
    pub fn next_after(&self, time: SystemTime) -> Option<SystemTime> {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        let seconds = i64::try_from(since.as_secs()).ok()?;
        let time = DateTime::<Utc>::from_timestamp(seconds, since.subsec_nanos())?;
        let next = self.schedule.find_next_occurrence(&time, false).ok()?;
        let seconds = u64::try_from(next.timestamp()).ok()?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
    }
}

impl PartialEq for Cron {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Cron {}

impl fmt::Debug for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cron({self})")
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Cron {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let invalid = |why: &str| {
            let remedy =
                "write minute, hour, day, month and weekday, such as `*/15 8-17 * * MON-FRI`";
            InvalidValue::new(text, why, remedy)
        };
        // Its own nicknames, its seconds and other characters are not cron's everywhere.
        let plain = |c: char| c.is_ascii_alphanumeric() || " *,-/".contains(c);
        let fields = text.split(' ').filter(|field| !field.is_empty()).count();
        // The parser passes over entries of lists that are empty.
        let gap = text
            .split(' ')
            .any(|field| field.contains(',') && field.split(',').any(str::is_empty));
        if text.len() > LONGEST || fields != 5 || gap || !text.chars().all(plain) {
            return Err(invalid("is no cron schedule"));
        }
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let schedule = parser
            .parse(text)
            .map_err(|_| invalid("is no cron schedule"))?;
        let cron = Self {
            schedule: Box::new(schedule),
            text: text.into(),
        };
        // From a fixed moment: whether a date exists does not depend on when one asks.
        if cron.next_after(SystemTime::UNIX_EPOCH).is_none() {
            return Err(invalid("names a date that never comes"));
        }
        Ok(cron)
    }
}

impl Word for Cron {
    const WHAT: &'static str = "a cron schedule";
    const PATTERN: &'static str = "^[A-Za-z0-9 *,/-]+$";
    const EXAMPLE: &'static str = "*/15 8-17 * * MON-FRI";
}

const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_in_utc() {
        let check = |text: &str, after: u64, next: u64| {
            let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            let cron: Cron = text.parse().unwrap();
            assert_eq!(cron.next_after(at(after)), Some(at(next)), "{text}");
        };
        const DAY: u64 = 24 * 3600;
        check("* * * * *", 0, 60);
        check("* * * * *", 59, 60);
        check("*/15 * * * *", 60, 900);
        check("30 4 * * *", 0, 4 * 3600 + 1800);
        check("30 4 * * *", 4 * 3600 + 1800, DAY + 4 * 3600 + 1800);
        // 1970 began on a Thursday.
        check("0 0 * * MON", 0, 4 * DAY);
        check("0 0 * * 7", 0, 3 * DAY);
        check("0 0 1 FEB *", 0, 31 * DAY);
        check("0 0 29 2 *", 0, (2 * 365 + 31 + 28) * DAY);
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for text in [
            "",
            "*",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "@daily",
            "a b c d e",
            "0 0 30 2 *",
            "*/0 * * * *",
            "5-1 * * * *",
            "0 0 * * MON#2",
            "1,,2 * * * *",
            "- - - - -",
            "* * * * FOO",
            "-1 * * * *",
            "99999999999999999999 * * * *",
        ] {
            let error = text.parse::<Cron>().unwrap_err().to_string();
            assert!(error.contains("such as `*/15 8-17"), "{text}: {error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_a_schedule_or_not(text in "[0-9A-Z*,/ -]{0,24}|([0-9*,/-]{1,6} ){4}[0-7A-Z*-]{1,5}|.*") {
            if let Ok(cron) = text.parse::<Cron>() {
                proptest::prop_assert!(cron.next_after(SystemTime::UNIX_EPOCH).is_some());
            }
        }
    }
}
