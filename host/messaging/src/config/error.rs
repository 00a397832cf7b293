use std::path::{Path, PathBuf};

#[cfg(feature = "rabbit")]
use super::option_error::OptionError;
use super::url::UrlError;

/// Why a configuration cannot be used. Never shows a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{problem}", place(file.as_deref(), *line))]
pub struct ConfigError {
    file: Option<PathBuf>,
    line: usize,
    problem: ConfigProblem,
}

impl ConfigError {
    pub(super) const fn new(line: usize, problem: ConfigProblem) -> Self {
        Self {
            file: None,
            line,
            problem,
        }
    }

    pub(super) fn in_file(mut self, file: &Path) -> Self {
        self.file = Some(file.to_owned());
        self
    }

    /// The line, counted from 1; none if it is not about a line.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        match self.line {
            0 => None,
            line => Some(line),
        }
    }

    /// What is wrong.
    #[must_use]
    pub const fn problem(&self) -> &ConfigProblem {
        &self.problem
    }
}

fn place(file: Option<&Path>, line: usize) -> String {
    match (file, line) {
        (Some(file), 0) => format!("{}: ", file.display()),
        (Some(file), line) => format!("{}:{line}: ", file.display()),
        (None, 0) => String::new(),
        (None, line) => format!("line {line}: "),
    }
}

/// What is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigProblem {
    /// A line begins like a section and does not end like one.
    #[error("a section is written `[name]`")]
    BadSection,
    /// `rpc_response_timeout` is not a whole number of seconds.
    #[error("option `rpc_response_timeout` cannot be `{value}`: expected a number of seconds")]
    BadTimeout {
        /// Its value.
        value: String,
    },
    /// A line is nothing that a configuration has.
    #[error("expected `name = value`")]
    NoAssignment,
    /// Nothing stands before the `=`.
    #[error("the option has no name")]
    NoName,
    /// An option belongs to no section.
    #[error("the option stands before the first `[section]`")]
    NoSection,
    /// An option of `[oslo_messaging_rabbit]`.
    #[cfg(feature = "rabbit")]
    #[error("{0} in `[oslo_messaging_rabbit]`")]
    Option(#[from] OptionError),
    /// `transport_url` cannot be used.
    #[error("{0}")]
    TransportUrl(UrlError),
    /// A line that continues a value does not follow one.
    #[error("the line begins with a blank, but continues nothing")]
    UnexpectedContinuation,
    /// An option of `[DEFAULT]` that is all but one of those that are read.
    #[error("unknown option `{name}` in `[DEFAULT]`, did you mean `{nearest}`?")]
    UnknownOption {
        /// Its name.
        name: String,
        /// The option that it was probably meant to be.
        nearest: &'static str,
    },
    /// A value refers to an option that the file does not set, or to itself.
    #[error(
        "the value refers to {}, which is not set here (a `$` is written `$$`)",
        name.as_ref().map_or_else(|| "an option".to_owned(), |name| format!("option `{name}`"))
    )]
    UnknownReference {
        /// The option; none in `transport_url`, where it may be a part of a password.
        name: Option<String>,
    },
    /// A section that is all but the one that is read.
    #[error("unknown section `[{name}]`, did you mean `[{nearest}]`?")]
    UnknownSection {
        /// Its name.
        name: String,
        /// The section that it was probably meant to be.
        nearest: &'static str,
    },
    /// The file cannot be read.
    #[error("the configuration cannot be read: {reason}")]
    Unreadable {
        /// The system's reason.
        reason: String,
    },
}
