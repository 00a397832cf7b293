use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Where in a configuration something stands. Printed, it goes before what is said about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// None for a text that is no file.
    file: Option<Arc<Path>>,
    /// Counted from 1; 0 is the whole file.
    line: usize,
}

impl Place {
    pub(super) const fn new(file: Option<Arc<Path>>, line: usize) -> Self {
        Self { file, line }
    }

    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    pub(super) const fn line(&self) -> Option<usize> {
        match self.line {
            0 => None,
            line => Some(line),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file(), self.line()) {
            (Some(file), None) => write!(f, "{}: ", file.display()),
            (Some(file), Some(line)) => write!(f, "{}:{line}: ", file.display()),
            (None, None) => Ok(()),
            (None, Some(line)) => write!(f, "line {line}: "),
        }
    }
}
