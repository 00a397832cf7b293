use std::fmt;
use std::str::FromStr;

use crate::value::{InvalidValue, Word, name};

/// A pattern of names: `*` stands for any characters, or none, and everything else for itself.
///
/// ```
/// use oslo_messaging_policy::Glob;
///
/// let reads: Glob = "get_*".parse()?;
/// assert!(reads.matches("get_free_memory"));
/// assert!(!reads.matches("forget_me"));
/// # Ok::<(), oslo_messaging_policy::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Glob(Box<str>);

impl Glob {
    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a name fits. It allocates nothing, and takes no longer than the product of both
    /// lengths.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        matches(self.0.as_bytes(), Pieces::one(name))
    }

    /// Whether every name that fits `other` fits this.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        // A `*` of the other is a character that only a `*` of this one stands for.
        self.matches(&other.0)
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Glob {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let remedy = "write a name, with `*` for any characters";
        name::check(text, remedy)?;
        // Whoever writes these expects something of them.
        if text.contains(['?', '[', ']', '{', '}', '|', '^', '$', '\\', '(', ')', '+']) {
            let why = "has a special character other than `*`";
            return Err(InvalidValue::new(text, why, remedy));
        }
        Ok(Self(text.into()))
    }
}

impl Word for Glob {
    const WHAT: &'static str = "a name or pattern";
    const PATTERN: &'static str = r"^[^?\[\]{}|^$\\()+\x00-\x1f\x7f]{1,255}$";
    const EXAMPLE: &'static str = "NAME";
}

/// Text in up to three pieces, so that nothing has to be joined.
#[derive(Clone, Copy)]
pub(super) struct Pieces<'a>(pub(super) [&'a str; 3]);

impl<'a> Pieces<'a> {
    const fn one(text: &'a str) -> Self {
        Self([text, "", ""])
    }

    fn byte(self, mut position: usize) -> Option<u8> {
        for piece in self.0 {
            if let Some(byte) = piece.as_bytes().get(position) {
                return Some(*byte);
            }
            position -= piece.len();
        }
        None
    }
}

/// The usual way: on a mismatch the last `*` takes one byte more. Bytes are enough, because `*` is
/// ASCII and so never part of another character.
pub(super) fn matches(pattern: &[u8], text: Pieces<'_>) -> bool {
    let (mut here, mut at) = (0, 0);
    let mut star = None;
    loop {
        let byte = text.byte(at);
        match pattern.get(here) {
            Some(b'*') => {
                here += 1;
                star = Some((here, at));
            }
            Some(wanted) if Some(*wanted) == byte => {
                here += 1;
                at += 1;
            }
            None if byte.is_none() => return true,
            _ => {
                let Some((after, taken)) = &mut star else {
                    return false;
                };
                if text.byte(*taken).is_none() {
                    return false;
                }
                *taken += 1;
                (here, at) = (*after, *taken);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn glob(text: &str) -> Glob {
        text.parse().unwrap()
    }

    #[test]
    fn a_star_stands_for_anything() {
        let check = |pattern: &str, name: &str, fits: bool| {
            assert_eq!(glob(pattern).matches(name), fits, "{pattern} {name}");
        };
        check("*", "", true);
        check("*", "anything.at all", true);
        check("get", "get", true);
        check("get", "get_", false);
        check("get", "ge", false);
        check("get_*", "get_", true);
        check("get_*", "get_x", true);
        check("get_*", "got_x", false);
        check("*_get", "x_get", true);
        check("*_get", "x_get_", false);
        check("a*b*c", "abc", true);
        check("a*b*c", "a_b_b_c_c", true);
        check("a*b*c", "acb", false);
        check("a**c", "abc", true);
        check("a*ab", "aab", true);
        check("a*ab", "aaab", true);
        check("*é*", "café au lait", true);
        check("é", "è", false);
    }

    #[test]
    fn one_pattern_covers_another() {
        let check = |wide: &str, narrow: &str, covers: bool| {
            assert_eq!(glob(wide).covers(&glob(narrow)), covers, "{wide} {narrow}");
        };
        check("*", "*", true);
        check("*", "get_*", true);
        check("get_*", "get_free*", true);
        check("get_*", "get_free", true);
        check("get_*", "*", false);
        check("get_*", "g*", false);
        check("get", "get*", false);
        check("*a*", "b*a", true);
    }

    #[test]
    fn other_special_characters_are_refused() {
        for text in [
            "", "get_?", "[a-z]", "{a,b}", "a|b", "^a", "a$", r"\w", "a\n", "(a)", "a+",
        ] {
            let error = text.parse::<Glob>().unwrap_err().to_string();
            assert!(error.ends_with("with `*` for any characters"), "{error}");
        }
        assert!("x".repeat(255).parse::<Glob>().is_ok());
        assert!("x".repeat(256).parse::<Glob>().is_err());
    }

    /// The plainest meaning of a pattern, exponential and obviously right.
    fn plainly(pattern: &[u8], text: &[u8]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((b'*', rest)) => (0..=text.len()).any(|taken| plainly(rest, &text[taken..])),
            Some((wanted, rest)) => text.first() == Some(wanted) && plainly(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn matching_has_its_plain_meaning(
            pattern in "[ab.*]{1,8}", text in "[ab.]{0,8}", cut in 0usize..9, again in 0usize..9,
        ) {
            let meant = plainly(pattern.as_bytes(), text.as_bytes());
            prop_assert_eq!(glob(&pattern).matches(&text), meant);
            let (head, tail) = text.split_at(cut.min(text.len()));
            let (middle, tail) = tail.split_at(again.min(tail.len()));
            prop_assert_eq!(matches(pattern.as_bytes(), Pieces([head, middle, tail])), meant);
        }

        #[test]
        fn what_is_covered_is_matched(
            wide in "[ab*]{1,6}", narrow in "[ab*]{1,6}", name in "[ab]{0,6}",
        ) {
            let (wide, narrow) = (glob(&wide), glob(&narrow));
            if wide.covers(&narrow) && narrow.matches(&name) {
                prop_assert!(wide.matches(&name));
            }
        }
    }
}
