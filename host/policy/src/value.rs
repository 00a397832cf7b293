//! The values of a policy file. Each is a type that says its grammar when text does not fit it.

pub(crate) mod choice;
mod count;
mod cron;
mod digest;
mod exchange;
mod label;
pub(crate) mod name;
pub(crate) mod place;
mod rate;
mod secret;
mod size;
mod time;

use std::str::FromStr;

pub use self::count::Count;
pub use self::cron::Cron;
pub use self::digest::Digest;
pub use self::exchange::Exchange;
pub(crate) use self::label::{Label, Title};
pub use self::name::Name;
pub use self::rate::Rate;
pub use self::secret::{ExposedSecret, Secret, SecretError, SecretSource, System};
pub use self::size::Size;
pub use self::time::Time;

/// Text that is not the value that it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}; {remedy}", self.message())]
pub struct InvalidValue {
    /// None: it may be a secret.
    pub(crate) text: Option<String>,
    pub(crate) why: String,
    pub(crate) remedy: String,
}

impl InvalidValue {
    pub(crate) fn new(text: &str, why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            text: Some(text.to_owned()),
            why: why.into(),
            remedy: remedy.into(),
        }
    }

    /// Without the text in it, which may be a secret.
    pub(crate) fn hidden(why: &str, remedy: &str) -> Self {
        Self {
            text: None,
            why: why.to_owned(),
            remedy: remedy.to_owned(),
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> String {
        let text = self
            .text
            .as_deref()
            .map_or_else(|| "this".to_owned(), quoted);
        format!("{text} {}", self.why)
    }

    /// What to write instead.
    #[must_use]
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

/// A value that a file has as text.
pub(crate) trait Word: FromStr<Err = InvalidValue> {
    /// As in "it wants a size".
    const WHAT: &'static str;
    /// What the text looks like, as a regular expression for editors.
    const PATTERN: &'static str;
    /// As it is written in a file.
    const EXAMPLE: &'static str;
}

/// Text from a file, for a message: without control characters, not long, and without anything
/// that may be the URL of a transport, which has a password in it.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.contains("://") {
        return "a URL".to_owned();
    }
    let mut shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("`{}`", shown.escape_debug())
}

/// A whole number and a unit: `64MiB`, `500ms`.
fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(end);
    Some((number.parse().ok()?, unit))
}
