//! Problems while they are being found.

use crate::problem::{Problem, Problems};
use crate::value::{InvalidValue, quoted};

/// Where something stands in the file, and what it is called.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spot {
    /// In bytes from the start.
    pub(crate) at: usize,
    pub(crate) key: String,
}

impl Spot {
    /// A key below this one. It is text from the file as much as any value.
    pub(crate) fn below(&self, at: usize, name: &str) -> Self {
        let name = quoted(name);
        let name = name.trim_matches('`');
        let key = match &*self.key {
            "" => name.to_owned(),
            key => format!("{key}.{name}"),
        };
        Self { at, key }
    }
}

/// What was found so far. Reading goes on after an error, so that all are told at once.
#[derive(Debug, Default)]
pub(crate) struct Told {
    errors: Vec<Found>,
    warnings: Vec<Found>,
}

#[derive(Debug)]
struct Found {
    spot: Spot,
    message: String,
    remedy: String,
}

impl Told {
    pub(crate) fn error(
        &mut self,
        spot: &Spot,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.errors.push(Found::new(spot, message, remedy));
    }

    pub(crate) fn invalid(&mut self, spot: &Spot, error: InvalidValue) {
        self.error(spot, error.message(), error.remedy);
    }

    pub(crate) fn warning(
        &mut self,
        spot: &Spot,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.warnings.push(Found::new(spot, message, remedy));
    }

    /// Whether there was an error at this key or below it: what follows from its value would be
    /// a second complaint about one mistake.
    pub(crate) fn is_wrong(&self, key: &str) -> bool {
        self.errors.iter().any(|found| {
            let rest = found.spot.key.strip_prefix(key);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
    }

    /// The warnings, or the errors if there are any.
    pub(crate) fn end(self, file: &str, text: &str) -> Result<Vec<Problem>, Problems> {
        let locate = |mut found: Vec<Found>| {
            found.sort_by_key(|found| found.spot.at);
            let found = found.into_iter();
            found.map(|found| found.locate(file, text)).collect()
        };
        if self.errors.is_empty() {
            Ok(locate(self.warnings))
        } else {
            Err(Problems(locate(self.errors)))
        }
    }
}

impl Found {
    fn new(spot: &Spot, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            spot: spot.clone(),
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    fn locate(self, file: &str, text: &str) -> Problem {
        let Self {
            spot,
            message,
            remedy,
        } = self;
        let before = text.get(..spot.at).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Problem {
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            file: file.to_owned(),
            key: spot.key,
            line: before.matches('\n').count() + 1,
            message,
            remedy,
        }
    }
}
