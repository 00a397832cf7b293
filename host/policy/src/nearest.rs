//! What a wrong name was probably meant to be.

use std::fmt::Write;

/// Says which of `known` the name was probably meant to be, or else which there are.
pub(crate) fn suggest(name: &str, known: &[&str]) -> String {
    if let Some(nearest) = nearest(name, known) {
        return format!("did you mean `{nearest}`?");
    }
    let mut text = "known here: ".to_owned();
    for (number, known) in known.iter().enumerate() {
        let comma = if number == 0 { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(text, "{comma}`{known}`");
    }
    text
}

fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    // A name this long is none of ours with a slip in it; the bound keeps hostile text cheap.
    if name.len() > 100 {
        return None;
    }
    let name = name.to_lowercase().replace('_', "-");
    known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&name, known), *known))
        .filter(|(distance, known)| {
            let more = name.len() > 2 && (name.starts_with(known) || known.starts_with(&name));
            more || *distance * 2 <= known.len().max(2)
        })
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn what_is_near_is_suggested_and_else_all() {
        let check = |name: &str, text: &str| {
            assert_eq!(suggest(name, &["methods", "version", "kind"]), text);
        };
        check("metods", "did you mean `methods`?");
        check("METHODS", "did you mean `methods`?");
        check("knid", "did you mean `kind`?");
        check("versions-of", "did you mean `version`?");
        check("meth", "did you mean `methods`?");
        check("topic", "known here: `methods`, `version`, `kind`");
        check(
            &"x".repeat(1000),
            "known here: `methods`, `version`, `kind`",
        );
    }
}
