use std::fmt;
use std::str::FromStr;

use super::{InvalidValue, Word};

/// The SHA-256 of a component: 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Of what a hash function made.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let invalid = || {
            let remedy = "write its 64 hexadecimal digits, as `sha256sum` prints them";
            InvalidValue::new(text, "is not a SHA-256", remedy)
        };
        let (pairs, rest) = text.as_bytes().as_chunks();
        let mut bytes = [0; 32];
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return Err(invalid());
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            let digit = |digit: &u8| char::from(*digit).to_digit(16);
            let (Some(high), Some(low)) = (digit(high), digit(low)) else {
                return Err(invalid());
            };
            *byte = u8::try_from(high * 16 + low).unwrap_or_default();
        }
        Ok(Self(bytes))
    }
}

impl Word for Digest {
    const WHAT: &'static str = "a SHA-256";
    const PATTERN: &'static str = "^[0-9a-fA-F]{64}$";
    const EXAMPLE: &'static str =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_read_and_printed() {
        let text = Digest::EXAMPLE;
        assert_eq!(text.parse::<Digest>().unwrap().to_string(), text);
        let digest: Digest = text.to_uppercase().parse().unwrap();
        assert_eq!(digest.to_string(), text);
        assert_eq!(digest.bytes()[..2], [0xe3, 0xb0]);
        for text in [
            "",
            "e3",
            &text[1..],
            &format!("{text}0"),
            &text.replace('e', "g"),
            &"é".repeat(32),
        ] {
            let error = text.parse::<Digest>().unwrap_err().to_string();
            assert!(error.contains("64 hexadecimal digits"), "{error}");
        }
    }
}
