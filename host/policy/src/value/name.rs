use std::fmt;
use std::str::FromStr;

use super::{InvalidValue, Word};

/// A topic, exchange, server, namespace or pool by its own name: no `*` in it, no control
/// characters, and at most the 255 bytes that AMQP has room for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Box<str>);

impl Name {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Name {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let remedy = "write one name, as the other side has it";
        check(text, remedy)?;
        if text.contains('*') {
            return Err(InvalidValue::new(text, "stands for many names", remedy));
        }
        Ok(Self(text.into()))
    }
}

impl Word for Name {
    const WHAT: &'static str = "a name";
    const PATTERN: &'static str = "^[^*\\x00-\\x1f\\x7f]{1,255}$";
    const EXAMPLE: &'static str = "NAME";
}

/// What every name in AMQP, and every pattern of names, keeps to.
pub(crate) fn check(text: &str, remedy: &str) -> Result<(), InvalidValue> {
    const LONGEST: usize = 255;
    let why = if text.is_empty() {
        "is no name"
    } else if text.contains("://") {
        // It may be that of a transport, and names are printed.
        "is no name"
    } else if text.len() > LONGEST {
        "is longer than the 255 bytes that AMQP has room for"
    } else if text.chars().any(char::is_control) {
        "has a control character in it"
    } else {
        return Ok(());
    };
    Err(InvalidValue::new(text, why, remedy))
}
