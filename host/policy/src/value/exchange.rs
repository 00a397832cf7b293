use std::fmt;
use std::str::FromStr;

use super::{InvalidValue, Name, Word};

/// An exchange by its own name, and not one of those that mean something else: `<topic>_fanout`,
/// which carries fanout whatever a target says, and the broker's own `amq.*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exchange(Name);

impl Exchange {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether this is the name of an exchange that no target may name.
    #[must_use]
    pub fn is_reserved(name: &str) -> bool {
        name.ends_with("_fanout") || name.starts_with("amq.")
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Exchange {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let name: Name = text.parse()?;
        if text.ends_with("_fanout") {
            let remedy = "leave it out, and set `fanout = true`";
            return Err(InvalidValue::new(text, "is an exchange of fanouts", remedy));
        }
        if Self::is_reserved(text) {
            let remedy = "name the exchange of a service";
            return Err(InvalidValue::new(text, "is the broker's own", remedy));
        }
        Ok(Self(name))
    }
}

impl Word for Exchange {
    const WHAT: &'static str = "an exchange";
    const PATTERN: &'static str = Name::PATTERN;
    const EXAMPLE: &'static str = "neutron";
}
