use std::fmt;
use std::str::FromStr;

use super::{InvalidValue, Word, number_and_unit};

/// A number of bytes: a whole number and `B`, `KiB`, `MiB` or `GiB`.
///
/// ```
/// use oslo_messaging_policy::Size;
///
/// let size: Size = "64MiB".parse()?;
/// assert_eq!(size.bytes(), 64 * 1024 * 1024);
/// assert_eq!(size.to_string(), "64MiB");
/// # Ok::<(), oslo_messaging_policy::InvalidValue>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(u64);

impl Size {
    /// Of so many bytes.
    #[must_use]
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The number of bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut number = self.0;
        let mut units = UNITS.iter().map(|(unit, _)| unit);
        let mut unit = units.next();
        for larger in units {
            if number == 0 || !number.is_multiple_of(1024) {
                break;
            }
            number /= 1024;
            unit = Some(larger);
        }
        write!(f, "{number}{}", unit.unwrap_or(&""))
    }
}

impl FromStr for Size {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let invalid = |why: &str| {
            let remedy = "write a whole number and `B`, `KiB`, `MiB` or `GiB`, such as `64MiB`";
            InvalidValue::new(text, why, remedy)
        };
        let (number, unit) = number_and_unit(text).ok_or_else(|| invalid("is not a size"))?;
        let (_, bytes) = UNITS
            .iter()
            .find(|(known, _)| *known == unit)
            .ok_or_else(|| invalid("is not a size"))?;
        match number.checked_mul(*bytes) {
            None => Err(invalid("is larger than any machine's memory")),
            Some(0) => Err(invalid("lets nothing through")),
            Some(bytes) => Ok(Self(bytes)),
        }
    }
}

impl Word for Size {
    const WHAT: &'static str = "a size";
    const PATTERN: &'static str = "^[0-9]+(B|KiB|MiB|GiB)$";
    const EXAMPLE: &'static str = "64MiB";
}

const UNITS: [(&str, u64); 4] = [
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_printed() {
        let check = |text: &str, bytes: u64, printed: &str| {
            let size: Size = text.parse().unwrap();
            assert_eq!((size.bytes(), size.to_string().as_str()), (bytes, printed));
        };
        check("1B", 1, "1B");
        check("1023B", 1023, "1023B");
        check("1024B", 1024, "1KiB");
        check("64KiB", 65536, "64KiB");
        check("1536KiB", 1536 * 1024, "1536KiB");
        check("2048MiB", 2 << 30, "2GiB");
        check("1024GiB", 1 << 40, "1024GiB");
        for text in [
            "",
            "64",
            "MiB",
            "64 MiB",
            "64MB",
            "64mib",
            "-1B",
            "1.5MiB",
            "+1B",
            "0B",
            "1TiB",
            "99999999999999999999B",
            "99999999999GiB",
            "64MiB ",
            "٣B",
        ] {
            let error = text.parse::<Size>().unwrap_err().to_string();
            assert!(error.contains("such as `64MiB`"), "{error}");
        }
    }
}
