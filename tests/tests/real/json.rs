//! JSON to the last digit: numbers stay the text that they came as.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, Result};
use serde_json::value::RawValue;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Array(Vec<Self>),
    Number(String),
    Object(BTreeMap<String, Self>),
    /// `null`, `true` and `false`.
    Other(String),
    Text(String),
}

impl Json {
    /// Reads a text.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        Self::read(text.trim()).with_context(|| format!("it is no JSON: {text}"))
    }

    fn read(text: &str) -> Result<Self> {
        Ok(match text.as_bytes().first() {
            Some(b'{') => {
                let entries: BTreeMap<String, &RawValue> = serde_json::from_str(text)?;
                let entries = entries.into_iter();
                let read = entries.map(|(name, it)| Ok((name, Self::read(it.get())?)));
                Self::Object(read.collect::<Result<_>>()?)
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text)?;
                let read = items.into_iter().map(|it| Self::read(it.get()));
                Self::Array(read.collect::<Result<_>>()?)
            }
            Some(b'"') => Self::Text(serde_json::from_str(text)?),
            Some(b't' | b'f' | b'n') => {
                let _: Option<bool> = serde_json::from_str(text)?;
                Self::Other(text.to_owned())
            }
            _ => {
                let _: serde_json::Number = serde_json::from_str(text)?;
                Self::Number(text.to_owned())
            }
        })
    }

    /// The value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(entries) => entries.get(name),
            _ => None,
        }
    }

    /// A text, without quotes.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is a value of the same kind.
    fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Array(items) => {
                let items: Vec<_> = items.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", items.join(", "))
            }
            Self::Number(text) | Self::Other(text) => f.write_str(text),
            Self::Object(entries) => {
                let entries = entries.iter().map(|(name, it)| format!("{name:?}: {it}"));
                write!(f, "{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

/// Where a value differs from the right one, and how.
///
/// What is right may move, as clocks do, and so it is asked for before and after: where the two agree
/// nothing else is right, and where they do not it is a value like them.
pub(crate) fn difference(before: &Json, after: &Json, found: &Json, path: &str) -> Option<String> {
    if same(before, found) || same(after, found) {
        return None;
    }
    match (before, after, found) {
        (Json::Object(before), Json::Object(after), Json::Object(found)) => {
            if let Some(name) = found.keys().find(|name| !before.contains_key(*name)) {
                return Some(format!("at {path}/{name}: it is too much: {}", found[name]));
            }
            before.iter().find_map(|(name, one)| {
                let path = format!("{path}/{name}");
                let Some(found) = found.get(name) else {
                    return Some(format!("at {path}: it is missing, and should be {one}"));
                };
                difference(one, after.get(name).unwrap_or(one), found, &path)
            })
        }
        (Json::Array(before), Json::Array(after), Json::Array(found))
            if before.len() == found.len() =>
        {
            let right = before.iter().enumerate().zip(found);
            right.into_iter().find_map(|((place, one), found)| {
                let path = format!("{path}/{place}");
                difference(one, after.get(place).unwrap_or(one), found, &path)
            })
        }
        _ if !same(before, after) && (before.is_like(found) || after.is_like(found)) => None,
        _ => Some(format!("at {path}: it is {found}, and should be {before}")),
    }
}

/// Whether two values are the same, where numbers may be written in several ways.
fn same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => {
            let is_whole = |text: &str| !text.contains(['.', 'e', 'E']);
            one == other
                || (!is_whole(one)
                    && !is_whole(other)
                    && one.parse::<f64>() == other.parse::<f64>())
        }
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, one)| other.get(name).is_some_and(|other| same(one, other)))
        }
        _ => one == other,
    }
}

/// These would be tests of their own in a program with the usual harness.
pub(crate) fn check() -> Result<(), String> {
    let parse = |text: &str| Json::parse(text).map_err(|error| format!("{error:#}"));
    let cases = [
        // before, after, found, where it differs
        (
            r#"{"a": [1, 2.50]}"#,
            r#"{"a": [1, 2.50]}"#,
            r#"{"a": [1, 2.5]}"#,
            None,
        ),
        (
            r#"{"a": [1]}"#,
            r#"{"a": [1]}"#,
            r#"{"a": [1.0]}"#,
            Some("at /a/0: it is 1.0, and should be 1"),
        ),
        (
            "98765432109876543210987",
            "98765432109876543210987",
            "98765432109876543210988",
            Some("at : it is"),
        ),
        (
            r#"{"t": 1, "b": 2}"#,
            r#"{"t": 5, "b": 2}"#,
            r#"{"t": 3, "b": 2}"#,
            None,
        ),
        (
            r#"{"t": 1, "b": 2}"#,
            r#"{"t": 5, "b": 2}"#,
            r#"{"t": 3, "b": 3}"#,
            Some("at /b: it is 3"),
        ),
        (
            r#"{"t": 1}"#,
            r#"{"t": 5}"#,
            r#"{"t": "3"}"#,
            Some("at /t: it is \"3\""),
        ),
        (
            r#"{"a": null}"#,
            r#"{"a": null}"#,
            "{}",
            Some("at /a: it is missing, and should be null"),
        ),
        (
            "{}",
            "{}",
            r#"{"b": true}"#,
            Some("at /b: it is too much: true"),
        ),
        (
            "[1, 2]",
            "[1, 2]",
            "[1]",
            Some("at : it is [1], and should be [1, 2]"),
        ),
        (r#""é""#, r#""é""#, r#""\u00e9""#, None),
        (
            "null",
            "null",
            "false",
            Some("at : it is false, and should be null"),
        ),
    ];
    for (before, after, found, expected) in cases {
        let came = difference(&parse(before)?, &parse(after)?, &parse(found)?, "");
        let fits = match (&came, expected) {
            (None, None) => true,
            (Some(came), Some(expected)) => came.starts_with(expected),
            _ => false,
        };
        if !fits {
            return Err(format!(
                "{before} {after} {found}: {came:?}, not {expected:?}"
            ));
        }
    }
    for text in ["{", "[1,]", "1.", "nul", ""] {
        if parse(text).is_ok() {
            return Err(format!("{text} is no JSON"));
        }
    }
    Ok(())
}
