use std::fmt;
use std::str::FromStr;

/// The version of an interface: `major.minor`, or `major.minor.revision`.
///
/// Upstream accepts whatever Python's `int()` does (blanks, signs, underscores); here the parts
/// are decimal digits. A fourth part is accepted and ignored, as there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    major: u32,
    minor: u32,
    revision: u32,
}

impl Version {
    /// What a request without version is taken for.
    pub(crate) const ONE: Self = Self::new(1, 0);

    pub(crate) const fn new(major: u32, minor: u32) -> Self {
        Self {
            major,
            minor,
            revision: 0,
        }
    }

    /// Whether something that implements `self` can serve a request for `requested` (upstream
    /// `oslo_messaging/_utils.py`, `version_is_compatible`).
    pub(crate) const fn serves(self, requested: Self) -> bool {
        self.major == requested.major
            && (requested.minor < self.minor
                || (requested.minor == self.minor && requested.revision <= self.revision))
    }
}

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let mut parts = text.split('.');
        let mut part = || {
            let part = parts.next()?;
            // `u32::from_str` alone would let a plus sign through.
            part.bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| part.parse().ok())
        };
        match (part(), part(), part()) {
            (Some(Some(major)), Some(Some(minor)), None) if text.matches('.').count() == 1 => {
                Ok(Self {
                    major,
                    minor,
                    revision: 0,
                })
            }
            (Some(Some(major)), Some(Some(minor)), Some(Some(revision))) => Ok(Self {
                major,
                minor,
                revision,
            }),
            _ => Err(InvalidVersion {
                text: text.to_owned(),
            }),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct InvalidVersion {
    text: String,
}

impl fmt::Display for InvalidVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a version is `major.minor` or `major.minor.revision`, not `{}`",
            self.text
        )
    }
}

/// Whether a cap lets a version through: no cap lets everything through, a cap lets nothing
/// through that has no version.
pub(crate) fn fits_cap(cap: Option<Version>, requested: Option<Version>) -> bool {
    match (cap, requested) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(cap), Some(requested)) => cap.serves(requested),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caps_follow_upstreams_table() {
        let parse = |text: Option<&str>| text.map(|text| text.parse::<Version>().unwrap());
        let check = |cap, requested, fits| {
            assert_eq!(
                fits_cap(parse(cap), parse(requested)),
                fits,
                "{cap:?} {requested:?}"
            );
        };
        check(None, None, true);
        check(None, Some("1.0"), true);
        check(Some("1.0"), None, false);
        check(Some("1.0"), Some("1.0"), true);
        check(Some("1.1"), Some("1.0"), true);
        check(Some("1.0"), Some("1.1"), false);
        check(Some("2.0"), Some("1.0"), false);
        check(Some("1.0"), Some("2.0"), false);
        check(Some("1.10"), Some("1.9"), true);
        check(Some("1.9"), Some("1.10"), false);
        check(Some("1.23"), Some("1.23.1"), false);
        check(Some("1.23.1"), Some("1.23.2"), false);
        check(Some("1.23.2"), Some("1.23.1"), true);
        check(Some("1.24"), Some("1.23.1"), true);
        check(Some("1.23.0"), Some("1.23"), true);
        check(Some("1.23"), Some("1.23.0"), true);
        check(Some("1.2.3.4"), Some("1.2.3.9"), true);
        check(Some("01.02"), Some("1.2"), true);
    }

    #[test]
    fn what_is_not_a_version_is_refused() {
        for text in [
            "", "5", "5.", ".5", "5.a", "5.5.a", "1.2.", "-1.0", "+1.0", " 1.0", "1_0.2",
        ] {
            let error = text.parse::<Version>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{text}`")), "{error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn versions_are_read_as_they_are_written(
            major in 0u32.., minor in 0u32.., revision in proptest::option::of(0u32..),
        ) {
            let text = match revision {
                None => format!("{major}.{minor}"),
                Some(revision) => format!("{major}.{minor}.{revision}"),
            };
            let revision = revision.unwrap_or(0);
            proptest::prop_assert_eq!(
                text.parse::<Version>().unwrap(),
                Version { major, minor, revision }
            );
        }

        #[test]
        fn serving_is_an_order_within_a_major_version(
            parts in proptest::array::uniform3((0u32..3, 0u32..4, 0u32..4)),
        ) {
            let [a, b, c] = parts.map(|(major, minor, revision)| Version { major, minor, revision });
            proptest::prop_assert!(a.serves(a));
            proptest::prop_assert!(!(a.serves(b) && b.serves(a)) || a == b);
            proptest::prop_assert!(!(a.serves(b) && b.serves(c)) || a.serves(c));
            proptest::prop_assert_eq!(a.serves(b) || b.serves(a), a.major == b.major);
        }

        #[test]
        fn whatever_is_a_version_or_not(text in "[0-9.+_ -]{0,12}|.*") {
            if let Ok(version) = text.parse::<Version>() {
                proptest::prop_assert!(version.serves(version));
                proptest::prop_assert!(text.contains('.'), "{}", text);
            }
        }
    }
}
