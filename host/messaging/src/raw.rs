//! JSON values kept as text.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

pub(crate) fn null() -> Box<RawValue> {
    RawValue::NULL.to_owned()
}

pub(crate) fn empty_array() -> Box<RawValue> {
    literal("[]")
}

pub(crate) fn empty_object() -> Box<RawValue> {
    literal("{}")
}

fn literal(text: &'static str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap_or_else(|_| null())
}

/// The entries of a JSON object in the order of the text, their values kept as text, so that no
/// number loses a digit and depth costs no stack. A name that stands twice is there twice.
///
/// ```
/// use std::borrow::Cow;
///
/// use oslo_messaging::raw::Entries;
/// use serde_json::value::RawValue;
///
/// let object: &RawValue = serde_json::from_str(r#"{"user": "u", "quota": 1e400}"#)?;
/// let mut entries = Entries::read(object)?;
/// entries.retain(|name| name != "user");
/// entries.push("tenant", Cow::Borrowed(serde_json::from_str("7")?));
/// assert_eq!(entries.write()?.get(), r#"{"quota":1e400,"tenant":7}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Entries<'a>(pub(crate) Vec<(Cow<'a, str>, Cow<'a, RawValue>)>);

impl<'a> Entries<'a> {
    /// Reads an object.
    ///
    /// # Errors
    ///
    /// When it is another value.
    pub fn read(object: &'a RawValue) -> serde_json::Result<Self> {
        serde_json::from_str(object.get())
    }

    /// Writes them as an object.
    ///
    /// # Errors
    ///
    /// Those of `serde_json`, which has none for names and JSON.
    pub fn write(&self) -> serde_json::Result<Box<RawValue>> {
        to_raw_value(self)
    }

    /// The entries in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// Keeps only the entries whose names pass. Names are compared as they read, whatever escapes
    /// the text has.
    pub fn retain(&mut self, mut passes: impl FnMut(&str) -> bool) {
        self.0.retain(|(name, _)| passes(name));
    }

    /// Adds an entry at the end, whether or not there is one of its name.
    pub fn push(&mut self, name: impl Into<Cow<'a, str>>, value: Cow<'a, RawValue>) {
        self.0.push((name.into(), value));
    }
}

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut entries = Vec::new();
                while let Some(Name(name)) = map.next_key()? {
                    entries.push((name, Cow::Borrowed(map.next_value()?)));
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor)
    }
}

/// A name or another text, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
pub(crate) struct Name<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_keep_text_and_order() {
        let entries: Entries<'_> =
            serde_json::from_str(r#"{"b": 1e400, "a\n": {"x" : [1]}, "b": "\ud800"}"#).unwrap();
        let texts: Vec<_> = entries
            .iter()
            .map(|(name, value)| (name, value.get()))
            .collect();
        assert_eq!(
            texts,
            [
                ("b", "1e400"),
                ("a\n", r#"{"x" : [1]}"#),
                ("b", r#""\ud800""#)
            ]
        );
        assert_eq!(
            entries.write().unwrap().get(),
            r#"{"b":1e400,"a\n":{"x" : [1]},"b":"\ud800"}"#
        );
        assert!(serde_json::from_str::<Entries<'_>>("[1]").is_err());
    }
}
