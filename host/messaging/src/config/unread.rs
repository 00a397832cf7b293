//! What nobody reads in a configuration, and why.

use std::fmt;
use std::path::Path;

use super::place::Place;

/// An option or a section of a configuration that is not read, or has no effect. The rest of the
/// configuration holds, as it does for oslo.messaging.
///
/// Printed, it names file, line and option, and what became of the option or what it was probably
/// meant to be. It never shows a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigWarning {
    pub(super) place: Place,
    pub(super) section: String,
    /// None if it is about the section.
    pub(super) option: Option<String>,
    pub(super) unread: Unread,
}

impl ConfigWarning {
    /// The file; none if what was read is no file.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.place.file()
    }

    /// The line, counted from 1.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        self.place.line()
    }

    /// The section, as it is written.
    #[must_use]
    pub fn section(&self) -> &str {
        &self.section
    }

    /// The option, as it is written; none if it is about the section.
    #[must_use]
    pub fn option(&self) -> Option<&str> {
        self.option.as_deref()
    }

    /// Why it is not read.
    #[must_use]
    pub const fn unread(&self) -> &Unread {
        &self.unread
    }

    /// The message without its place.
    pub(super) fn subject(&self) -> String {
        let section = &self.section;
        let option = self.option().unwrap_or_default();
        let meant = |nearest: &Option<&str>| {
            nearest
                .map(|nearest| format!(", did you mean `{nearest}`?"))
                .unwrap_or_default()
        };
        match &self.unread {
            Unread::Misplaced { section: right } => {
                format!(
                    "option `{option}` in `[{section}]` is not read: it belongs into `[{right}]`"
                )
            }
            Unread::Removed {
                since,
                became,
                changes,
            } => {
                let changes = changes
                    .map(|changes| format!("; {changes}"))
                    .unwrap_or_default();
                format!(
                    "option `{option}` in `[{section}]` is not read since oslo.messaging {since}: \
                     {became}{changes}"
                )
            }
            Unread::UnknownOption { nearest } => {
                format!(
                    "unknown option `{option}` in `[{section}]`{}",
                    meant(nearest)
                )
            }
            Unread::UnknownSection { nearest } => {
                format!("unknown section `[{section}]`, did you mean `[{nearest}]`?")
            }
            Unread::WithoutEffect { reason } => {
                format!("option `{option}` in `[{section}]` has no effect here: {reason}")
            }
        }
    }
}

impl fmt::Display for ConfigWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.place, self.subject())
    }
}

/// Why an option or a section is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unread {
    /// It is one of another section.
    Misplaced {
        /// Where it is read.
        section: &'static str,
    },
    /// oslo.messaging had it once.
    Removed {
        /// Since which release it is not read any more.
        since: &'static str,
        /// What there is in its place.
        became: &'static str,
        /// What differs from what the file says, because it is not read; none if nothing does.
        changes: Option<&'static str>,
    },
    /// There is no such option, and there never was.
    UnknownOption {
        /// The option that it was probably meant to be.
        nearest: Option<&'static str>,
    },
    /// A section that is all but the one that is read.
    UnknownSection {
        /// The section that it was probably meant to be.
        nearest: &'static str,
    },
    /// oslo.messaging has it, and there is nothing here that it could change.
    WithoutEffect {
        /// Why not.
        reason: &'static str,
    },
}
