//! Words of which there are few.

use toml::de::DeValue;

use super::quoted;
use crate::file::{Item, Told};
use crate::nearest::suggest;

/// Makes a type one whose values are these words in a file.
macro_rules! choice {
    ($name:ident, $what:literal, $($word:literal => $value:ident),* $(,)?) => {
        impl $name {
            /// Each with the word for it.
            pub(crate) const WORDS: &'static [(&'static str, Self)] =
                &[$(($word, Self::$value)),*];
        }

        impl $crate::file::Read for $name {
            fn read(
                item: &$crate::file::Item<'_>,
                told: &mut $crate::file::Told,
            ) -> Option<Self> {
                $crate::value::choice::read($what, Self::WORDS, item, told)
            }

            fn schema() -> serde_json::Value {
                serde_json::json!({"type": "string", "enum": [$($word),*]})
            }

            fn example() -> String {
                let words = [$($word),*];
                format!("\"{}\"", words.join("\" or \""))
            }
        }
    };
}
pub(crate) use choice;

/// The word of a value.
pub(crate) fn word<T: PartialEq>(words: &[(&'static str, T)], value: &T) -> &'static str {
    let found = words.iter().find(|(_, known)| known == value);
    found.map_or("", |(word, _)| word)
}

pub(crate) fn read<T: Copy>(
    what: &str,
    words: &[(&str, T)],
    item: &Item<'_>,
    told: &mut Told,
) -> Option<T> {
    let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
    let DeValue::String(text) = item.value else {
        item.wrong_type(what, &format!("\"{}\"", known.join("\" or \"")), told);
        return None;
    };
    let found = words.iter().find(|(word, _)| word == text);
    if found.is_none() {
        let message = format!("{} is not {what}", quoted(text));
        told.error(&item.spot, message, suggest(text, &known));
    }
    found.map(|(_, value)| *value)
}
