//! The outer object: a version and the inner object as text.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::repeated::{self, Fields, read_last};
use super::tolerant;
use crate::version::Version;

/// Wraps an inner object.
pub(super) fn wrap(inner: &str) -> Vec<u8> {
    // Escaping adds a backslash per quote: an eighth is what typical messages grow by.
    let mut body = Vec::with_capacity(inner.len() + inner.len() / 8 + 64);
    body.extend_from_slice(br#"{"oslo.version":"2.0","oslo.message":"#);
    write_string(&mut body, inner);
    body.push(b'}');
    body
}

/// Appends a JSON string.
pub(super) fn write_string(out: &mut Vec<u8>, text: &str) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, text).is_err() {
        // Writing a string into a vector cannot fail; should it, the message stays well-formed.
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
}

/// The inner object's text. A body without envelope is its own inner object, as upstream has it.
pub(super) fn unwrap(body: &[u8]) -> Result<Cow<'_, str>, Malformed> {
    let text = std::str::from_utf8(body).map_err(|_| Malformed("the body is not UTF-8"))?;
    let envelope: Envelope<'_> = match read_last(text) {
        Ok(envelope) => envelope,
        // Only a body without envelope can have bare `NaN` at this level; its reader repairs it.
        Err(_) if tolerant::repair(text).is_some_and(|fixed| is_object(&fixed.text)) => {
            return Ok(Cow::Borrowed(text));
        }
        Err(_) => return Err(Malformed::NOT_AN_OBJECT),
    };
    match envelope {
        Envelope {
            version: Some(version),
            message: Some(message),
        } => {
            if !version
                .parse::<Version>()
                .is_ok_and(|version| ENVELOPE.serves(version))
            {
                return Err(Malformed("the envelope's version is not 2.0"));
            }
            Ok(Cow::Owned(message.into_owned()))
        }
        _ => Ok(Cow::Borrowed(text)),
    }
}

fn is_object(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

#[derive(Default, Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "oslo.version", borrow)]
    version: Option<Cow<'a, str>>,
    #[serde(rename = "oslo.message", borrow)]
    message: Option<Cow<'a, str>>,
}

impl<'a> Fields<'a> for Envelope<'a> {
    fn set(&mut self, name: &str, value: &'a RawValue) -> serde_json::Result<()> {
        match name {
            "oslo.version" => self.version = repeated::text(value)?,
            "oslo.message" => self.message = repeated::text(value)?,
            _ => {}
        }
        Ok(())
    }
}

const ENVELOPE: Version = Version::new(2, 0);

/// A body that is not a message. Upstream rejects such messages and logs them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(pub(super) &'static str);

impl Malformed {
    pub(crate) const UNREADABLE: Self = Self("reading it panicked");
    pub(crate) const NOT_AN_OBJECT: Self = Self("the body is not a JSON object");
    pub(crate) const TOO_LARGE: Self = Self("the body is too large when decompressed");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_accepted_as_a_python_peer_accepts_them() {
        let check = |body: &[u8], inner: Result<&str, &str>| {
            let found = unwrap(body);
            let found = found.as_deref().map_err(|Malformed(why)| *why);
            assert_eq!(found, inner, "{}", String::from_utf8_lossy(body));
        };
        check(
            br#"{"oslo.version": "2.0", "oslo.message": "{\"a\": 1}"}"#,
            Ok(r#"{"a": 1}"#),
        );
        check(br#"{"oslo.version":"2.0.0","oslo.message":"{}"}"#, Ok("{}"));
        check(
            br#"{"oslo.version":"2.1","oslo.message":"{}"}"#,
            Err("the envelope's version is not 2.0"),
        );
        check(
            br#"{"oslo.version":"1.0","oslo.message":"{}"}"#,
            Err("the envelope's version is not 2.0"),
        );
        check(br#"{"oslo.message":"{}"}"#, Ok(r#"{"oslo.message":"{}"}"#));
        check(br#"{"method": "m"}"#, Ok(r#"{"method": "m"}"#));
        check(br#"{"result": NaN}"#, Ok(r#"{"result": NaN}"#));
        let not_object = Err("the body is not a JSON object");
        check(br#"{"oslo.version":"2.0","oslo.message":{}}"#, not_object);
        check(b"", not_object);
        check(b"[]", not_object);
        check(b"nonsense", not_object);
        check(b"{} {}", not_object);
        check(b"\xff\xfe", Err("the body is not UTF-8"));
    }

    #[test]
    fn what_is_wrapped_is_unwrapped() {
        let inner = "{\"x\": \"quote \\\" snow \u{2603} zero \\u0000\"}";
        assert_eq!(unwrap(&wrap(inner)).unwrap(), inner);
    }
}
