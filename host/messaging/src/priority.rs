use std::fmt;
use std::str::FromStr;

/// How urgent a notification is. It is a part of the topic that the notification goes to, so that a
/// listener gets only those of the priorities that it has endpoints for (upstream
/// `oslo_messaging/notify/dispatcher.py`, `PRIORITIES`).
///
/// ```
/// use oslo_messaging::Priority;
///
/// assert_eq!("INFO".parse(), Ok(Priority::Info));
/// assert_eq!(Priority::Info.to_string(), "info");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "upstream gives them no meaning beyond their names"
)]
pub enum Priority {
    Audit,
    Debug,
    Info,
    Warn,
    Error,
    Critical,
    Sample,
}

impl Priority {
    /// All that there are.
    pub const ALL: [Self; 7] = [
        Self::Audit,
        Self::Debug,
        Self::Info,
        Self::Warn,
        Self::Error,
        Self::Critical,
        Self::Sample,
    ];

    /// As it is in topics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Critical => "critical",
            Self::Sample => "sample",
        }
    }

    /// As it is in messages.
    pub(crate) const fn in_messages(self) -> &'static str {
        match self {
            Self::Audit => "AUDIT",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
            Self::Sample => "SAMPLE",
        }
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no [`Priority`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no such priority; there are audit, debug, info, warn, error, critical and sample"
)]
pub struct InvalidPriority(());

/// In upper or lower case.
impl FromStr for Priority {
    type Err = InvalidPriority;

    fn from_str(text: &str) -> Result<Self, InvalidPriority> {
        Self::ALL
            .into_iter()
            .find(|priority| priority.as_str().eq_ignore_ascii_case(text))
            .ok_or(InvalidPriority(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_are_read_as_python_writes_them() {
        for priority in Priority::ALL {
            assert_eq!(priority.as_str().parse(), Ok(priority));
            assert_eq!(priority.in_messages().parse(), Ok(priority));
            assert_eq!(priority.in_messages().to_lowercase(), priority.as_str());
        }
        for text in ["", "warning", " info", "fatal"] {
            assert!(text.parse::<Priority>().is_err(), "{text}");
        }
    }
}
