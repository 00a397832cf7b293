//! What goes wrong, and with what.

use std::error::Error as StdError;
use std::fmt::Display;
use std::{io, num};

/// Why a plugin was not made, built or tested.
///
/// It names what it is about and, where somebody can do something about it, what that is. Its sources say
/// more: see [`Error::chain`].
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error that says this.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
        }
    }

    /// All that is known, from the outside to the cause, in one text.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = self.message.clone();
        let mut next = self.source();
        while let Some(cause) = next {
            let said = cause.to_string();
            // Some errors say what their sources say as well.
            if !text.ends_with(&said) {
                text = format!("{text}: {said}");
            }
            next = cause.source();
        }
        text
    }

    /// That a component or a module is not what it should be.
    pub(crate) fn malformed(error: wasmparser::BinaryReaderError) -> Self {
        Self::of("the module is not well-formed", error)
    }

    fn of(message: impl Display, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            message: message.to_string(),
            source: Some(source.into()),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::of("cannot use a file", error)
    }
}

impl From<num::TryFromIntError> for Error {
    fn from(error: num::TryFromIntError) -> Self {
        Self::of("the module is too large", error)
    }
}

/// Says what was being done when something went wrong.
pub(crate) trait Context<T> {
    fn context(self, message: impl Display) -> Result<T>;
    fn with_context<D: Display>(self, message: impl FnOnce() -> D) -> Result<T>;
}

impl<T, E: Into<Box<dyn StdError + Send + Sync>>> Context<T> for Result<T, E> {
    fn context(self, message: impl Display) -> Result<T> {
        self.map_err(|error| Error::of(message, error))
    }

    fn with_context<D: Display>(self, message: impl FnOnce() -> D) -> Result<T> {
        self.map_err(|error| Error::of(message(), error))
    }
}

impl<T> Context<T> for Option<T> {
    fn context(self, message: impl Display) -> Result<T> {
        self.ok_or_else(|| Error::new(message.to_string()))
    }

    fn with_context<D: Display>(self, message: impl FnOnce() -> D) -> Result<T> {
        self.ok_or_else(|| Error::new(message().to_string()))
    }
}

macro_rules! bail {
    ($($words:tt)*) => {
        return Err($crate::error::Error::new(format!($($words)*)))
    };
}

macro_rules! ensure {
    ($so:expr, $($words:tt)*) => {
        if !$so {
            $crate::error::bail!($($words)*);
        }
    };
}

pub(crate) use {bail, ensure};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_once_and_in_their_order() {
        let cause = io::Error::other("no such file");
        let error = Err::<(), _>(cause).context("cannot read a.wit");
        let error = error.context("cannot build `a`").unwrap_err();
        assert_eq!(error.to_string(), "cannot build `a`");
        assert_eq!(
            error.chain(),
            "cannot build `a`: cannot read a.wit: no such file"
        );
    }
}
