//! Objects in which a name stands twice. Python takes the last one, and what `serde` derives refuses it.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::raw::{Entries, Name};

/// What is read of an object, one entry after the other.
pub(super) trait Fields<'a>: Default + Deserialize<'a> {
    /// An entry, which counts more than those before it. Fails when it has no such value.
    fn set(&mut self, name: &str, value: &'a RawValue) -> serde_json::Result<()>;
}

/// Reads an object. What is as it should be is read the short way.
pub(super) fn read_last<'a, T: Fields<'a>>(text: &'a str) -> serde_json::Result<T> {
    let error = match serde_json::from_str(text) {
        Ok(fields) => return Ok(fields),
        Err(error) => error,
    };
    // What is said of the text is the first thing that is wrong with it.
    let Ok(Entries(entries)) = serde_json::from_str(text) else {
        return Err(error);
    };
    let mut fields = T::default();
    for (name, value) in entries {
        match value {
            Cow::Borrowed(value) => fields.set(&name, value)?,
            Cow::Owned(_) => return Err(error),
        }
    }
    Ok(fields)
}

/// A text, or null, which is none.
pub(super) fn text(value: &RawValue) -> serde_json::Result<Option<Cow<'_, str>>> {
    let text: Option<Name<'_>> = serde_json::from_str(value.get())?;
    Ok(text.map(|Name(text)| text))
}

/// A value, or none if it is null.
pub(super) fn present(value: &RawValue) -> Option<&RawValue> {
    (value.get() != "null").then_some(value)
}
