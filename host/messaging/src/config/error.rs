use std::path::Path;

#[cfg(feature = "rabbit")]
use super::option_error::OptionError;
use super::place::Place;
use super::unread::ConfigWarning;
use super::url::UrlError;

/// Why a configuration cannot be used. Never shows a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}{problem}")]
pub struct ConfigError {
    place: Place,
    problem: ConfigProblem,
}

impl ConfigError {
    pub(super) const fn new(place: Place, problem: ConfigProblem) -> Self {
        Self { place, problem }
    }

    /// The file; none if it is not about one, or if what was read is no file.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.place.file()
    }

    /// The line, counted from 1; none if it is not about a line.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        self.place.line()
    }

    /// What is wrong.
    #[must_use]
    pub const fn problem(&self) -> &ConfigProblem {
        &self.problem
    }
}

/// As it is refused by a [strict](super::ConfigFiles::strict) reader.
impl From<ConfigWarning> for ConfigError {
    fn from(warning: ConfigWarning) -> Self {
        let place = warning.place.clone();
        Self::new(place, ConfigProblem::Unread(Box::new(warning)))
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
    /// A value that is read is not text.
    #[error("the value of option `{name}` is not UTF-8: write the file as UTF-8")]
    NotUtf8 {
        /// The option.
        name: String,
    },
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
    /// A value refers to an option that no file sets, or to itself.
    #[error(
        "the value refers to {}, which is not set here (a `$` is written `$$`)",
        name.as_ref().map_or_else(|| "an option".to_owned(), |name| format!("option `{name}`"))
    )]
    UnknownReference {
        /// The option; none in `transport_url`, where it may be a part of a password.
        name: Option<String>,
    },
    /// An option or section that nobody reads; only when reading is strict.
    #[error("{}", .0.subject())]
    Unread(Box<ConfigWarning>),
    /// The file or folder cannot be read.
    #[error("the configuration cannot be read: {reason}")]
    Unreadable {
        /// The system's reason.
        reason: String,
    },
}
