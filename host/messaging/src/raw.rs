//! JSON values kept as text.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

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

/// The entries of an object in the order of the text, their values untouched. A name that stands
/// twice is there twice.
pub(crate) struct Entries<'a>(pub(crate) Vec<(Cow<'a, str>, &'a RawValue)>);

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
                    entries.push((name, map.next_value()?));
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor)
    }
}

/// A string that borrows where the text has no escapes.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_keep_text_and_order() {
        let Entries(entries) =
            serde_json::from_str(r#"{"b": 1e400, "a\n": {"x" : [1]}, "b": "\ud800"}"#).unwrap();
        let entries: Vec<_> = entries
            .iter()
            .map(|(name, value)| (name.as_ref(), value.get()))
            .collect();
        assert_eq!(
            entries,
            [
                ("b", "1e400"),
                ("a\n", r#"{"x" : [1]}"#),
                ("b", r#""\ud800""#)
            ]
        );
        assert!(serde_json::from_str::<Entries<'_>>("[1]").is_err());
    }
}
