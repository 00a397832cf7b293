//! What componentize-py says when it fails, for people.

/// The part of its output that is about the plugin: it prints the exception of the plugin's module
/// between a traceback of its own program and a backtrace of its library.
pub(crate) fn explain(output: &str) -> String {
    let start = output.find(BEFORE).map_or(0, |at| at + BEFORE.len());
    let about = output.get(start..).unwrap_or(output);
    let end = about.find(AFTER).unwrap_or(about.len());
    let about = about.get(..end).unwrap_or(about).trim();
    let (what, cause) = about.split_once(CAUSE).unwrap_or((about, ""));
    // A Python exception is said twice.
    if cause.trim() == what.trim() {
        return format!("the plugin cannot be imported:\n{}", what.trim());
    }
    format!("componentize-py failed:\n{about}")
}

const BEFORE: &str = "AssertionError: ";
const CAUSE: &str = "\nCaused by:";
const AFTER: &str = "\nStack backtrace:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authors_error_is_what_is_left() {
        let check = |output: &str, about: &str| {
            assert_eq!(explain(output), about);
        };
        check(
            "Traceback (most recent call last):\n  File \"componentize-py\", line 8\n\
             AssertionError: ImportError: no\n\n\nCaused by:\n    ImportError: no\n\n\
             Stack backtrace:\n   0: main\n",
            "the plugin cannot be imported:\nImportError: no",
        );
        check(
            "something else\n",
            "componentize-py failed:\nsomething else",
        );
    }
}
