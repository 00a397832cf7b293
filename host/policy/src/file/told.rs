//! Problems while they are being found.

use std::collections::BTreeSet;

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
    /// The keys of the errors.
    wrong: BTreeSet<String>,
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
        self.wrong.insert(spot.key.clone());
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
        let below = |separator: char| {
            let start = format!("{key}{separator}");
            let first = self.wrong.range(start.clone()..).next();
            first.is_some_and(|first| first.starts_with(&start))
        };
        self.wrong.contains(key) || below('.') || below('[')
    }

    /// The warnings, or the errors if there are any.
    pub(crate) fn end(self, file: &str, text: &str) -> Result<Vec<Problem>, Problems> {
        let lines = Lines::of(text);
        let locate = |mut found: Vec<Found>| {
            found.sort_by_key(|found| found.spot.at);
            let found = found.into_iter();
            found.map(|found| found.locate(file, &lines)).collect()
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

    fn locate(self, file: &str, lines: &Lines<'_>) -> Problem {
        let Self {
            spot,
            message,
            remedy,
        } = self;
        let (line, column) = lines.place(spot.at);
        Problem {
            column,
            file: file.to_owned(),
            key: spot.key,
            line,
            message,
            remedy,
        }
    }
}

/// Where the lines of a text begin.
pub(crate) struct Lines<'a> {
    starts: Vec<usize>,
    text: &'a str,
}

impl<'a> Lines<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let ends = text.match_indices('\n').map(|(newline, _)| newline + 1);
        Self {
            starts: std::iter::once(0).chain(ends).collect(),
            text,
        }
    }

    /// The line and the column of a byte, counted from 1.
    pub(crate) fn place(&self, at: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts.get(line.saturating_sub(1)).copied();
        let before = self.text.get(start.unwrap_or_default()..at);
        (line, before.unwrap_or_default().chars().count() + 1)
    }
}
