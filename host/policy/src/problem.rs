//! What is wrong with a file, and where.

use std::error::Error as StdError;
use std::fmt;

/// One thing that is wrong, or dubious, in a policy file.
///
/// Printed as `plugins.toml:12:5: plugins.rebalance.allow[0].timeout: what is wrong; what to do`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub(crate) column: usize,
    pub(crate) file: String,
    pub(crate) key: String,
    pub(crate) line: usize,
    pub(crate) message: String,
    pub(crate) remedy: String,
}

impl Problem {
    /// The column, counted in characters from 1.
    #[must_use]
    pub const fn column(&self) -> usize {
        self.column
    }

    /// The file's name, as whoever parsed it gave it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The key, such as `plugins.rebalance.allow[0].timeout`; entries of lists count from 0. Empty
    /// when the text is not TOML.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The line, counted from 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            column,
            file,
            key,
            line,
            message,
            remedy,
        } = self;
        write!(f, "{file}:{line}:{column}: ")?;
        if !key.is_empty() {
            write!(f, "{key}: ")?;
        }
        write!(f, "{message}; {remedy}")
    }
}

/// Everything that is wrong with a file, in the order of the file.
///
/// Printed one a line. No value that may be a secret is ever part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub(crate) Vec<Problem>);

impl Problems {
    /// The problems, at least one.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.0.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl StdError for Problems {}
