use std::fmt;
use std::str::FromStr;

use crate::value::{InvalidValue, Word};

/// Which versions of an interface: `*`, `6.*`, `6.1.*`, `6.1` or `6.1.2`.
///
/// Versions are compared as numbers, as servers compare them: `06.1` is `6.1`, and a request without
/// version is one for `1.0`. `6.1` is `6.1.0` and no other revision.
///
/// ```
/// use oslo_messaging_policy::VersionPattern;
///
/// let sixth: VersionPattern = "6.*".parse()?;
/// assert!(sixth.matches(Some("6.12")));
/// assert!(!sixth.matches(Some("5.0")));
/// assert!(!sixth.matches(None));
/// # Ok::<(), oslo_messaging_policy::InvalidValue>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VersionPattern {
    /// `*`: any version, and what is no version.
    Any,
    /// `6.1` and `6.1.2`.
    Exactly {
        /// The first number.
        major: u32,
        /// The second number.
        minor: u32,
        /// The third number, 0 if it is not written.
        revision: u32,
    },
    /// `6.*`.
    Major {
        /// The first number.
        major: u32,
    },
    /// `6.1.*`.
    Minor {
        /// The first number.
        major: u32,
        /// The second number.
        minor: u32,
    },
}

impl VersionPattern {
    /// Whether the version of a request fits; `None` is a request without one. It allocates
    /// nothing.
    #[must_use]
    pub fn matches(&self, version: Option<&str>) -> bool {
        let numbers = numbers(version.unwrap_or("1.0"));
        match (self, numbers) {
            (Self::Any, _) => true,
            (_, None) => false,
            (
                Self::Exactly {
                    major,
                    minor,
                    revision,
                },
                Some(numbers),
            ) => [*major, *minor, *revision] == numbers,
            (Self::Major { major }, Some([first, ..])) => *major == first,
            (Self::Minor { major, minor }, Some([first, second, _])) => {
                (*major, *minor) == (first, second)
            }
        }
    }

    /// Whether every version that fits `other` fits this.
    pub(crate) fn covers(self, other: Self) -> bool {
        let parts = self.parts().into_iter().zip(other.parts());
        // What comes after a `*` is free.
        let mut fixed = parts.take_while(|(mine, _)| mine.is_some());
        fixed.all(|(mine, others)| mine == others)
    }

    const fn parts(self) -> [Option<u32>; 3] {
        match self {
            Self::Any => [None; 3],
            Self::Exactly {
                major,
                minor,
                revision,
            } => [Some(major), Some(minor), Some(revision)],
            Self::Major { major } => [Some(major), None, None],
            Self::Minor { major, minor } => [Some(major), Some(minor), None],
        }
    }
}

impl fmt::Display for VersionPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Exactly {
                major,
                minor,
                revision: 0,
            } => write!(f, "{major}.{minor}"),
            Self::Exactly {
                major,
                minor,
                revision,
            } => write!(f, "{major}.{minor}.{revision}"),
            Self::Major { major } => write!(f, "{major}.*"),
            Self::Minor { major, minor } => write!(f, "{major}.{minor}.*"),
        }
    }
}

impl FromStr for VersionPattern {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let mut parts = text.split('.');
        let parts = [(); 4].map(|()| parts.next());
        let pattern = match parts {
            [Some("*"), None, ..] => Some(Self::Any),
            [Some(major), Some("*"), None, _] => number(major).map(|major| Self::Major { major }),
            [Some(major), Some(minor), Some("*"), None] => number(major)
                .zip(number(minor))
                .map(|(major, minor)| Self::Minor { major, minor }),
            [Some(_), Some(_), _, None] => {
                numbers(text).map(|[major, minor, revision]| Self::Exactly {
                    major,
                    minor,
                    revision,
                })
            }
            _ => None,
        };
        pattern.ok_or_else(|| {
            let remedy = "write `*`, `6.*`, `6.1.*`, `6.1` or `6.1.2`";
            InvalidValue::new(text, "is no pattern of versions", remedy)
        })
    }
}

impl Word for VersionPattern {
    const WHAT: &'static str = "a pattern of versions";
    const PATTERN: &'static str = r"^(\*|[0-9]+\.\*|[0-9]+\.[0-9]+(\.([0-9]+|\*))?)$";
    const EXAMPLE: &'static str = "6.*";
}

/// A version as the client of this project reads it: two or three numbers, and what comes after
/// them is ignored.
fn numbers(version: &str) -> Option<[u32; 3]> {
    let mut parts = version.split('.');
    let major = number(parts.next()?)?;
    let minor = number(parts.next()?)?;
    let revision = parts.next().map_or(Some(0), number)?;
    Some([major, minor, revision])
}

fn number(text: &str) -> Option<u32> {
    // `parse` alone would let a plus sign through.
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> VersionPattern {
        text.parse().unwrap()
    }

    #[test]
    fn versions_are_numbers() {
        let check = |text: &str, version: Option<&str>, fits: bool| {
            assert_eq!(pattern(text).matches(version), fits, "{text} {version:?}");
        };
        check("*", None, true);
        check("*", Some("nonsense"), true);
        check("1.*", None, true);
        check("1.0", None, true);
        check("6.*", None, false);
        check("6.*", Some("6.0"), true);
        check("6.*", Some("6.12.3"), true);
        check("6.*", Some("06.1"), true);
        check("6.*", Some("60.1"), false);
        check("6.*", Some("6"), false);
        check("6.*", Some("+6.1"), false);
        check("6.*", Some("6.x"), false);
        check("6.1", Some("6.1"), true);
        check("6.1", Some("6.1.0"), true);
        check("6.1", Some("6.1.2"), false);
        check("6.1.*", Some("6.1.2"), true);
        check("6.1.*", Some("6.10"), false);
        check("6.1.2", Some("6.1.2.9"), true);
    }

    #[test]
    fn patterns_are_read_and_printed() {
        for text in ["*", "6.*", "6.1.*", "6.1", "6.1.2"] {
            assert_eq!(pattern(text).to_string(), text);
        }
        for text in [
            "",
            "6",
            "6.",
            "*.1",
            "6.*.1",
            "6.1*",
            "6.1.2.3",
            "6.1.2.*",
            "v6.1",
            "6.-1",
            "6.*.*",
            "4294967296.0",
            ">=6.1",
        ] {
            let error = text.parse::<VersionPattern>().unwrap_err().to_string();
            assert!(error.contains("write `*`, `6.*`"), "{error}");
        }
    }

    #[test]
    fn one_pattern_covers_another() {
        let order = ["*", "6.*", "6.1.*", "6.1.2"];
        for (wide, text) in order.iter().enumerate() {
            for (narrow, other) in order.iter().enumerate() {
                let covers = pattern(text).covers(pattern(other));
                assert_eq!(covers, wide <= narrow, "{text} {other}");
            }
        }
        assert!(!pattern("6.1").covers(pattern("6.2")));
        assert!(!pattern("5.*").covers(pattern("6.2")));
        assert!(pattern("6.1").covers(pattern("6.1.0")));
    }
}
