//! What Python's `json` writes and JSON does not have: bare `NaN` and `Infinity`, and escaped
//! halves of surrogate pairs. Only looked for when a strict parser has refused.

use serde_json::value::RawValue;

/// A text made strict, and what it took.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Repaired {
    /// Bare words replaced by `null`, lone surrogates by U+FFFD.
    pub(super) text: String,
    /// The first bare word that was replaced.
    pub(super) not_a_number: Option<&'static str>,
}

/// A string; none if it is another value.
pub(crate) fn text(value: &RawValue) -> Option<String> {
    let text = value.get();
    if !text.starts_with('"') {
        return None;
    }
    serde_json::from_str(text)
        .ok()
        .or_else(|| serde_json::from_str(&without_lone_surrogates(text)?).ok())
}

/// A JSON text that can be read by who takes no halves of surrogate pairs: each is U+FFFD. None when it
/// has none.
pub(crate) fn without_lone_surrogates(text: &str) -> Option<String> {
    Some(repair(text)?.text)
}

/// None when there is nothing to repair.
pub(super) fn repair(text: &str) -> Option<Repaired> {
    let bytes = text.as_bytes();
    let mut fixed = String::new();
    let mut copied = 0;
    let mut not_a_number = None;
    let mut in_string = false;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let mut length = 1;
        let mut replacement = None;
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => match escaped_unit(bytes, at) {
                Some(0xD800..=0xDBFF)
                    if matches!(escaped_unit(bytes, at + 6), Some(0xDC00..=0xDFFF)) =>
                {
                    length = 12;
                }
                Some(0xD800..=0xDFFF) => {
                    length = 6;
                    replacement = Some("\\ufffd");
                }
                _ => length = 2,
            },
            b'N' | b'I' | b'-' if !in_string => {
                if let Some(&word) = BARE_WORDS.iter().find(|word| {
                    bytes
                        .get(at..)
                        .is_some_and(|rest| rest.starts_with(word.as_bytes()))
                }) {
                    length = word.len();
                    replacement = Some("null");
                    not_a_number.get_or_insert(word);
                }
            }
            _ => {}
        }
        if let Some(replacement) = replacement {
            fixed.push_str(&text[copied..at]);
            fixed.push_str(replacement);
            copied = at + length;
        }
        at += length;
    }
    if copied == 0 {
        return None;
    }
    fixed.push_str(&text[copied..]);
    Some(Repaired {
        text: fixed,
        not_a_number,
    })
}

/// The UTF-16 code unit of a `\uXXXX` escape at this place.
fn escaped_unit(bytes: &[u8], at: usize) -> Option<u16> {
    let escape = bytes.get(at..at + 6)?;
    let digits = escape.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

const BARE_WORDS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_json_lacks_is_replaced() {
        let check = |text: &str, fixed: Option<(&str, Option<&'static str>)>| {
            let expected = fixed.map(|(text, not_a_number)| Repaired {
                text: text.to_owned(),
                not_a_number,
            });
            assert_eq!(repair(text), expected, "{text}");
        };
        check(r#"{"a": [1, -2, "NaN", "\"Infinity"]}"#, None);
        check(r#"{"a": NaN}"#, Some((r#"{"a": null}"#, Some("NaN"))));
        check(
            "[-Infinity,Infinity, NaN]",
            Some(("[null,null, null]", Some("-Infinity"))),
        );
        check(r#""\ud83d\ude00 \\ud800""#, None);
        check(r#""\ud800""#, Some((r#""\ufffd""#, None)));
        check(r#""\udc00\ud800x""#, Some((r#""\ufffd\ufffdx""#, None)));
        check(
            r#""\ud800\ud83d\ude00""#,
            Some((r#""\ufffd\ud83d\ude00""#, None)),
        );
        check("\"\\u12", None);
        check("\"\\", None);
        check("", None);
    }
}
