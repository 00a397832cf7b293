//! Entries of a message's context that the host writes over the guest's.

use std::borrow::Cow;

use oslo_messaging::raw::Entries;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use crate::bindings::types::Error;
use crate::error::invalid_argument;

/// The guest's context without the entries that the host writes, and then those. The guest's
/// other entries keep their text, so that no number loses a digit.
pub(crate) fn stamp(
    context: Box<RawValue>,
    host: &Map<String, Value>,
) -> Result<Box<RawValue>, Error> {
    if host.is_empty() {
        return Ok(context);
    }
    let stamped = || {
        let mut entries = Entries::read(&context)?;
        entries.retain(|name| !host.contains_key(name));
        for (name, value) in host {
            entries.push(name, Cow::Owned(to_raw_value(value)?));
        }
        entries.write()
    };
    stamped()
        .map_err(|error| invalid_argument("context", format!("it cannot be written over: {error}")))
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
