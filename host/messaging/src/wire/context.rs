//! A context as a message has it: a field for each entry, beside the message's own.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::raw::{Entries, Name};

/// Entries of a context in the form in which a request has them, for whoever has read a context already or
/// sends the same entries with many messages: [`RpcClient::call_written_by`](crate::RpcClient::call_written_by)
/// does not read them again.
///
/// ```
/// use oslo_messaging::ContextFields;
/// use serde_json::value::RawValue;
///
/// let read: &RawValue = serde_json::from_str(r#"{"user": "u", "quota": 1e400}"#)?;
/// let mut fields = ContextFields::read(read)?;
/// fields.push("tenant", serde_json::from_str("7")?);
/// assert_eq!(fields.to_object()?.get(), r#"{"user":"u","quota":1e400,"tenant":7}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ContextFields {
    /// Each with a comma before it.
    text: String,
    has_traceparent: bool,
}

impl ContextFields {
    /// None yet, with room for so many bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            has_traceparent: false,
        }
    }

    /// Those of an object, in its order.
    ///
    /// # Errors
    ///
    /// When it is another value, or a name is no text: half of a surrogate pair.
    pub fn read(object: &RawValue) -> serde_json::Result<Self> {
        let Read(fields) = serde_json::from_str(object.get())?;
        Ok(fields)
    }

    /// Adds an entry at the end, whether or not there is one of its name.
    pub fn push(&mut self, name: &str, value: &RawValue) {
        self.has_traceparent |= name == TRACEPARENT;
        self.text.push_str(r#",""#);
        self.text.push_str(PREFIX);
        push_escaped(&mut self.text, name);
        self.text.push_str(r#"":"#);
        self.text.push_str(value.get());
    }

    /// How many bytes an entry takes, if its name has nothing in it that JSON escapes.
    #[must_use]
    pub fn bytes_of(name: &str, value: &RawValue) -> usize {
        r#","":"#.len() + PREFIX.len() + name.len() + value.get().len()
    }

    /// Adds the entries of another one at the end.
    pub fn append(&mut self, others: &Self) {
        self.has_traceparent |= others.has_traceparent;
        self.text.push_str(&others.text);
    }

    /// How many bytes they have in a message, before it is put into its envelope.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The object that they are made of.
    ///
    /// # Errors
    ///
    /// Those of `serde_json`, which has none for names and JSON.
    pub fn to_object(&self) -> serde_json::Result<Box<RawValue>> {
        let fields = format!("{{{}}}", self.text.strip_prefix(',').unwrap_or_default());
        let Entries(fields) = serde_json::from_str(&fields)?;
        let mut entries = Entries::default();
        for (name, value) in fields {
            let name = name.strip_prefix(PREFIX).unwrap_or(&name).to_owned();
            entries.push(name, value);
        }
        entries.write()
    }

    pub(crate) const fn has_traceparent(&self) -> bool {
        self.has_traceparent
    }

    /// As they stand behind other fields of a message.
    pub(super) const fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

impl From<&Entries<'_>> for ContextFields {
    fn from(entries: &Entries<'_>) -> Self {
        let mut fields = Self::default();
        for (name, value) in entries.iter() {
            fields.push(name, value);
        }
        fields
    }
}

/// How many: among the values may be tokens.
impl fmt::Debug for ContextFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.text.len();
        f.debug_struct("ContextFields")
            .field("bytes", &bytes)
            .finish()
    }
}

/// Appends what stands between the quotes of a JSON string.
fn push_escaped(out: &mut String, text: &str) {
    let is_plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_plain) {
        out.push_str(text);
        return;
    }
    // A text can always be written.
    let quoted = serde_json::to_string(text).unwrap_or_default();
    let inner = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    out.push_str(inner.unwrap_or_default());
}

/// What was read, without being kept in between.
struct Read(ContextFields);

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ReadVisitor;

        impl<'de> Visitor<'de> for ReadVisitor {
            type Value = Read;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut fields = ContextFields::default();
                while let Some(Name(name)) = map.next_key()? {
                    fields.push(&name, map.next_value()?);
                }
                Ok(Read(fields))
            }
        }

        deserializer.deserialize_map(ReadVisitor)
    }
}

/// Before the name of each entry.
pub(super) const PREFIX: &str = "_context_";

/// Where oslo.messaging puts it.
pub(crate) const TRACEPARENT: &str = "traceparent";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(object: &str) -> ContextFields {
        ContextFields::read(serde_json::from_str(object).unwrap()).unwrap()
    }

    #[test]
    fn entries_become_fields_and_entries_again() {
        let check = |object: &str, text: &str| {
            let fields = read(object);
            assert_eq!(fields.text, text);
            let expected = Entries::read(serde_json::from_str(object).unwrap()).unwrap();
            assert_eq!(fields, ContextFields::from(&expected));
            let written = expected.write().unwrap();
            assert_eq!(fields.to_object().unwrap().get(), written.get());
        };
        check("{}", "");
        check(
            r#"{"a": 1e400, "a": {"x" : [1]}}"#,
            r#","_context_a":1e400,"_context_a":{"x" : [1]}"#,
        );
        let escaped = r#"{"\"\\\n\u0001\u00e9": "\ud800"}"#;
        check(
            escaped,
            concat!(r#","_context_\"\\\n\u0001"#, "\u{e9}", r#"":"\ud800""#),
        );
        assert!(ContextFields::read(serde_json::from_str("[1]").unwrap()).is_err());
        let half = serde_json::from_str(r#"{"\ud800": 1}"#).unwrap();
        assert!(ContextFields::read(half).is_err());
    }

    #[test]
    fn fields_are_added_and_a_trace_is_noticed() {
        let mut fields = read(r#"{"a": 1}"#);
        assert!(!fields.has_traceparent());
        fields.append(&read(r#"{"b": 2, "traceparent": "00"}"#));
        assert!(fields.has_traceparent());
        assert_eq!(
            fields.to_object().unwrap().get(),
            r#"{"a":1,"b":2,"traceparent":"00"}"#
        );
        assert_eq!(format!("{fields:?}"), "ContextFields { bytes: 58 }");
        assert_eq!(fields.bytes(), 58);
    }
}
