//! The arguments of a message from the words of a command line.

use std::io::Read as _;

use serde_json::value::RawValue;

use crate::failure::{Exit, Failure};

/// One JSON object, `-` for standard input, or words of the form NAME=VALUE.
pub(crate) fn arguments(words: &[String]) -> Result<Box<RawValue>, Failure> {
    match words {
        [word] if word == "-" => {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(|error| {
                    Failure::new(
                        Exit::InvalidArgument,
                        format!("the arguments cannot be read from standard input: {error}"),
                    )
                })?;
            object("the arguments", &text)
        }
        [word] if word.trim_start().starts_with(['{', '[', '"']) => object("the arguments", word),
        words => pairs(words),
    }
}

/// A JSON text that is an object.
pub(crate) fn object(what: &str, text: &str) -> Result<Box<RawValue>, Failure> {
    let raw: Box<RawValue> = serde_json::from_str(text).map_err(|error| {
        Failure::new(
            Exit::InvalidArgument,
            format!("{what} are not JSON: {error}: {text}"),
        )
    })?;
    if !raw.get().starts_with('{') {
        return Err(Failure::new(
            Exit::InvalidArgument,
            format!("{what} must be a JSON object such as {{\"name\": 1}}, not {text}"),
        ));
    }
    Ok(raw)
}

fn pairs(words: &[String]) -> Result<Box<RawValue>, Failure> {
    let mut text = String::from("{");
    for word in words {
        let Some((name, value)) = word.split_once('=') else {
            return Err(Failure::new(
                Exit::InvalidArgument,
                format!("`{word}` is neither NAME=VALUE nor a JSON object"),
            ));
        };
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&quoted(name));
        text.push(':');
        match serde_json::from_str::<&RawValue>(value) {
            Ok(json) => text.push_str(json.get()),
            Err(_) => text.push_str(&quoted(value)),
        }
    }
    text.push('}');
    object("the arguments", &text)
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_an_object_or_a_clear_error() {
        let check = |words: &[&str], expected: Result<&str, &str>| {
            let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
            match (arguments(&words), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found.get(), expected),
                (Err(failure), Err(expected)) => {
                    assert_eq!(failure.exit, Exit::InvalidArgument);
                    assert!(failure.message.contains(expected), "{}", failure.message);
                }
                (found, _) => panic!("{words:?}: {found:?}"),
            }
        };
        check(&[], Ok("{}"));
        check(&[r#"{"a": 1}"#], Ok(r#"{"a": 1}"#));
        check(
            &["a=1", "b=text", "c=\"1\"", "d=[1,null]", "e=", "f=x=y"],
            Ok(r#"{"a":1,"b":"text","c":"1","d":[1,null],"e":"","f":"x=y"}"#),
        );
        check(
            &["big=123456789012345678901234567890"],
            Ok(r#"{"big":123456789012345678901234567890}"#),
        );
        check(&[r#"{"a": }"#], Err("not JSON"));
        check(&["[1]"], Err("must be a JSON object"));
        check(&["loose"], Err("neither NAME=VALUE"));
    }
}
