//! Entries of a message's context that the host writes over the guest's.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use oslo_messaging::ContextFields;
use oslo_messaging::raw::Entries;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use crate::bindings::types::Error;
use crate::check::json_object;
use crate::error::invalid_argument;

/// Entries of a message's context that the host answers for, in the form in which they are sent. It is made
/// once for many messages: a clone shares the entries.
///
/// ```
/// use oslo_messaging_wasmtime::{Grant, Stamp};
/// use serde_json::json;
///
/// let plugin = Stamp::from(json!({"plugin": "rebalance"}).as_object().cloned().unwrap_or_default());
/// // For each invocation; its messages have `plugin` and `request_id`, whatever the guest says.
/// let stamp = plugin.with([("request_id", json!("req-1"))]);
/// let grant = Grant::default().context(stamp.clone());
/// # let _ = grant;
/// ```
#[derive(Clone, Default)]
pub struct Stamp(Option<Arc<Stamped>>);

struct Stamped {
    entries: Vec<Entry>,
    /// The same as messages have them.
    fields: ContextFields,
}

#[derive(Clone)]
struct Entry {
    name: Arc<str>,
    value: Arc<RawValue>,
}

impl Stamp {
    fn new(entries: Vec<Entry>) -> Self {
        if entries.is_empty() {
            return Self(None);
        }
        let mut fields = ContextFields::default();
        for entry in &entries {
            fields.push(&entry.name, &entry.value);
        }
        Self(Some(Arc::new(Stamped { entries, fields })))
    }

    /// These entries and more. An entry of the same name is replaced.
    #[must_use]
    pub fn with<'a>(&self, more: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        let mut entries = self.entries().to_vec();
        for (name, value) in more {
            entries.retain(|entry| *entry.name != *name);
            entries.push(Entry::new(name, &value));
        }
        Self::new(entries)
    }

    fn entries(&self) -> &[Entry] {
        self.0.as_deref().map_or(&[], |stamped| &stamped.entries)
    }

    fn has(&self, name: &str) -> bool {
        self.entries().iter().any(|entry| *entry.name == *name)
    }

    /// The guest's entries without those that the host writes, and then these. The guest's other entries keep
    /// their text, so that no number loses a digit. With room for so many [`written_bytes`] of the guest's.
    pub(crate) fn fields_over(&self, guest: &Entries<'_>, written: usize) -> ContextFields {
        let stamped = self.0.as_deref();
        let stamped = stamped.map_or(0, |stamped| stamped.fields.bytes());
        let mut fields = ContextFields::with_capacity(written.saturating_add(stamped));
        for (name, value) in guest.iter() {
            if !self.has(name) {
                fields.push(name, value);
            }
        }
        if let Some(stamped) = &self.0 {
            fields.append(&stamped.fields);
        }
        fields
    }

    /// The same as an object.
    pub(crate) fn object_over<'a>(
        &'a self,
        mut guest: Entries<'a>,
    ) -> Result<Box<RawValue>, Error> {
        guest.retain(|name| !self.has(name));
        for entry in self.entries() {
            guest.push(&*entry.name, Cow::Borrowed(&*entry.value));
        }
        guest.write().map_err(|error| unreadable(&error))
    }

    /// The same of a context that nobody has read, which is left as it is if the host writes nothing.
    pub(crate) fn write_over(&self, context: Box<RawValue>) -> Result<Box<RawValue>, Error> {
        if self.0.is_none() {
            return Ok(context);
        }
        let guest = Entries::read(&context).map_err(|error| unreadable(&error))?;
        self.object_over(guest)
    }
}

/// The entries of a guest's context, which is read here and nowhere else.
pub(crate) fn read(context: &str) -> Result<Entries<'_>, Error> {
    serde_json::from_str(context).map_err(|error| {
        // As of arguments, if it is not even that.
        match json_object("context", context.to_owned()) {
            Err(refused) => refused,
            Ok(_) => unreadable(&error),
        }
    })
}

/// How many bytes these have in a message, which may be several times what the guest wrote.
pub(crate) fn written_bytes(guest: &Entries<'_>) -> usize {
    let bytes = guest
        .iter()
        .map(|(name, value)| ContextFields::bytes_of(name, value));
    bytes.fold(0, usize::saturating_add)
}

fn unreadable(error: &serde_json::Error) -> Error {
    invalid_argument("context", format!("its names cannot be read: {error}"))
}

impl Entry {
    fn new(name: &str, value: &Value) -> Self {
        // A value is always JSON. Were one not, the guest's must still not stand for it.
        let value = to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned());
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

impl From<Map<String, Value>> for Stamp {
    fn from(entries: Map<String, Value>) -> Self {
        let entries = entries.iter();
        Self::new(
            entries
                .map(|(name, value)| Entry::new(name, value))
                .collect(),
        )
    }
}

/// The names: among the values may be tokens.
impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.entries().iter().map(|entry| &entry.name);
        f.debug_set().entries(names).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_host_has_the_last_word() {
        let entries = json!({"plugin": "p", "tenant": {"id": 1}});
        let stamp = Stamp::from(entries.as_object().unwrap().clone());
        let check = |context: &str, stamped: &str| {
            let object = RawValue::from_string(context.to_owned()).unwrap();
            let result = stamp.write_over(object).unwrap();
            assert_eq!(result.get(), stamped);
            let guest = read(context).unwrap();
            let fields = stamp.fields_over(&guest, written_bytes(&guest));
            assert_eq!(fields.to_object().unwrap().get(), stamped);
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
        let stamp = Stamp::from(Map::new());
        assert_eq!(stamp.write_over(context).unwrap().get(), r#"{"a" :1}"#);
    }

    #[test]
    fn what_is_no_context_is_refused_with_a_reason() {
        let check = |context: &str, why: &str| match read(context) {
            Err(Error::InvalidArgument(error)) => {
                assert_eq!(error.argument, "context");
                assert!(error.message.starts_with(why), "{}", error.message);
            }
            other => panic!("{other:?}"),
        };
        check("", "it is not JSON: ");
        check(r#"{"a": 1} 2"#, "it is not JSON: ");
        check("[1", "it is not JSON: ");
        check("[1]", "it must be a JSON object, such as {}");
        check("null", "it must be a JSON object, such as {}");
        // Half of a surrogate pair is no name that can be compared.
        check(r#"{"\ud800": 1}"#, "its names cannot be read: ");
    }

    #[test]
    fn more_is_added_and_shares_what_was_there() {
        let entries = json!({"plugin": "p", "request_id": "none", "token": "secret"});
        let plugin = Stamp::from(entries.as_object().unwrap().clone());
        let stamp = plugin.with([("request_id", json!("req-1"))]);
        let context = RawValue::from_string(r#"{"request_id": 1, "n": 1e400}"#.to_owned()).unwrap();
        let expected = r#"{"n":1e400,"plugin":"p","token":"secret","request_id":"req-1"}"#;
        assert_eq!(stamp.write_over(context).unwrap().get(), expected);
        let [before, after] = [&plugin, &stamp].map(|it| Arc::as_ptr(&it.entries()[0].value));
        assert!(std::ptr::addr_eq(before, after));
        assert_eq!(format!("{stamp:?}"), r#"{"plugin", "token", "request_id"}"#);
        assert!(Stamp::default().with([]).0.is_none());
    }
}
