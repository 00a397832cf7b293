//! Entries of a message's context that the host writes over the guest's.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use crate::bindings::types::Error;
use crate::error::invalid_argument;

/// The guest's context without the entries that the host writes, and then those. The guest's
/// other entries keep their text, so that no number loses a digit.
pub(crate) fn stamp(
    context: Box<RawValue>,
    entries: &Map<String, Value>,
) -> Result<Box<RawValue>, Error> {
    if entries.is_empty() {
        return Ok(context);
    }
    let guest: Entries<'_> = serde_json::from_str(context.get())
        .map_err(|error| invalid_argument("context", format!("it cannot be read: {error}")))?;
    to_raw_value(&Stamped { guest, entries })
        .map_err(|error| invalid_argument("context", format!("it cannot be written: {error}")))
}

/// An object's entries in the order of the text.
struct Entries<'a>(Vec<(Name<'a>, &'a RawValue)>);

/// A name as it reads, whatever escapes the text has: `\u0061` is no way around `a`.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

struct Stamped<'a> {
    guest: Entries<'a>,
    entries: &'a Map<String, Value>,
}

impl Serialize for Stamped<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (Name(name), value) in &self.guest.0 {
            if !self.entries.contains_key(name.as_ref()) {
                map.serialize_entry(name, value)?;
            }
        }
        for (name, value) in self.entries {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_host_has_the_last_word() {
        let entries = json!({"plugin": "p", "tenant": {"id": 1}});
        let check = |context: &str, stamped: &str| {
            let context = RawValue::from_string(context.to_owned()).unwrap();
            let result = stamp(context, entries.as_object().unwrap()).unwrap();
            assert_eq!(result.get(), stamped);
        };
        let host = r#""plugin":"p","tenant":{"id":1}"#;
        check("{}", &format!("{{{host}}}"));
        check(r#"{"user": "u"}"#, &format!(r#"{{"user":"u",{host}}}"#));
        check(
            r#"{"plugin": "other", "plugin": 2}"#,
            &format!("{{{host}}}"),
        );
        check(r#"{"\u0070lugin": "other"}"#, &format!("{{{host}}}"));
        check(
            r#"{"n": 123456789012345678901234567890.10, "Plugin": 1}"#,
            &format!(r#"{{"n":123456789012345678901234567890.10,"Plugin":1,{host}}}"#),
        );
    }

    #[test]
    fn nothing_to_write_leaves_the_text_alone() {
        let context = RawValue::from_string(r#"{"a" :1}"#.to_owned()).unwrap();
        assert_eq!(stamp(context, &Map::new()).unwrap().get(), r#"{"a" :1}"#);
    }
}
