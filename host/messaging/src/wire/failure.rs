//! The exception inside a failed reply.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::repeated::{Fields, present, read_last, text};
use super::tolerant;
use crate::raw;
use crate::remote_error::RemoteError;

/// Reads the `failure` text of a reply. What is missing is empty, as upstream has it; a text that
/// is not an object at all is an error, and says so.
pub(crate) fn decode_failure(text: &str) -> Result<RemoteError, serde_json::Error> {
    let repaired;
    let failure: Failure<'_> = match read_last(text) {
        Ok(failure) => failure,
        Err(error) => {
            let Some(fixed) = tolerant::repair(text) else {
                return Err(error);
            };
            repaired = fixed.text;
            read_last(&repaired)?
        }
    };
    Ok(RemoteError {
        class: failure.class.unwrap_or_default().into_owned(),
        // Python 2 servers call it `exceptions`.
        module: match failure.module.unwrap_or_default() {
            module if module == "exceptions" => "builtins".to_owned(),
            module => module.into_owned(),
        },
        message: failure.message.unwrap_or_default().into_owned(),
        args: failure
            .args
            .map_or_else(raw::empty_array, ToOwned::to_owned),
        kwargs: failure
            .kwargs
            .map_or_else(raw::empty_object, ToOwned::to_owned),
        traceback: failure.tb.unwrap_or_default(),
        expected: false,
    })
}

/// Writes the `failure` text of a reply.
pub(crate) fn encode_failure(error: &RemoteError) -> String {
    let failure = Failure {
        class: Some(Cow::Borrowed(&error.class)),
        module: Some(Cow::Borrowed(&error.module)),
        message: Some(Cow::Borrowed(&error.message)),
        tb: Some(error.traceback.clone()),
        args: Some(&error.args),
        kwargs: Some(&error.kwargs),
    };
    // Strings and raw JSON always serialize.
    serde_json::to_string(&failure).unwrap_or_default()
}

#[derive(Default, Deserialize, Serialize)]
struct Failure<'a> {
    #[serde(borrow)]
    class: Option<Cow<'a, str>>,
    #[serde(borrow)]
    module: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message: Option<Cow<'a, str>>,
    tb: Option<Box<[String]>>,
    #[serde(borrow)]
    args: Option<&'a RawValue>,
    #[serde(borrow)]
    kwargs: Option<&'a RawValue>,
}

impl<'a> Fields<'a> for Failure<'a> {
    fn set(&mut self, name: &str, value: &'a RawValue) -> serde_json::Result<()> {
        match name {
            "class" => self.class = text(value)?,
            "module" => self.module = text(value)?,
            "message" => self.message = text(value)?,
            "tb" => self.tb = serde_json::from_str(value.get())?,
            "args" => self.args = present(value),
            "kwargs" => self.kwargs = present(value),
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_survives_both_ways() {
        let text = r#"{"class":"ValueError","module":"builtins","message":"('boom', 42)","tb":["a\n","b\n"],"args":["boom",42],"kwargs":{}}"#;
        let error = decode_failure(text).unwrap();
        assert!(error.is("builtins", "ValueError"));
        assert_eq!(error.args.get(), r#"["boom",42]"#);
        assert_eq!(*error.traceback, ["a\n", "b\n"]);
        assert_eq!(encode_failure(&error), text);
    }

    #[test]
    fn what_is_missing_is_empty_and_what_json_lacks_is_replaced() {
        let error = decode_failure("{}").unwrap();
        assert_eq!(
            (error.class.as_str(), error.args.get(), error.kwargs.get()),
            ("", "[]", "{}")
        );

        let error =
            decode_failure(r#"{"class": "E", "message": "\ud800", "args": [NaN]}"#).unwrap();
        assert_eq!(
            (error.message.as_str(), error.args.get()),
            ("\u{fffd}", "[null]")
        );

        assert_eq!(
            decode_failure(r#"{"module": "exceptions"}"#)
                .unwrap()
                .module,
            "builtins"
        );
        decode_failure("nonsense").unwrap_err();
        decode_failure("[1]").unwrap_err();
    }
}
