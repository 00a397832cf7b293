//! What operators call things.

use std::str::FromStr;

use super::{InvalidValue, Word};

/// What a plugin or transport is called in this file. It becomes part of metrics and logs, so it
/// is short and plain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Label(pub(crate) String);

impl FromStr for Label {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if text.len() <= 64
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(plain)
        {
            return Ok(Self(text.to_owned()));
        }
        let remedy = "write a letter or digit, then letters, digits, `-`, `_` and `.`, at most 64";
        Err(InvalidValue::new(text, "is no name", remedy))
    }
}

impl Word for Label {
    const WHAT: &'static str = "the name of a transport or plugin";
    const PATTERN: &'static str = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";
    const EXAMPLE: &'static str = "default";
}

/// What a rule is called: any words, on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Title(pub(crate) String);

impl FromStr for Title {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        // A URL may be that of a transport, and names are printed.
        let why = if text.trim().is_empty() || text.contains("://") {
            "is no name"
        } else if text.chars().count() > 100 {
            "is a long name"
        } else if text.chars().any(char::is_control) {
            "has a control character in it"
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(InvalidValue::new(
            text,
            why,
            "write a few words, at most 100 characters",
        ))
    }
}

impl Word for Title {
    const WHAT: &'static str = "the name of a rule";
    const PATTERN: &'static str = "^[^\\x00-\\x1f\\x7f]{1,100}$";
    const EXAMPLE: &'static str = "read compute";
}
