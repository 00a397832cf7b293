//! What componentize-py says when it fails, for people.

/// The part of its output that is about the plugin: it prints the exception of the plugin's module
/// between a traceback of its own program and a backtrace of its library.
pub(crate) fn explain(output: &str) -> String {
    let start = output.find(BEFORE).map_or(0, |at| at + BEFORE.len());
    let about = output.get(start..).unwrap_or(output);
    let end = about.find(AFTER).unwrap_or(about.len());
    let about = about.get(..end).unwrap_or(about).trim();
    let (what, cause) = about.split_once(CAUSE).unwrap_or((about, ""));
    let what = what.trim();
    // A Python exception is said twice.
    if cause.trim() == what || what.starts_with("Traceback ") {
        return format!("the plugin cannot be imported:\n{what}{}", remedy(what));
    }
    format!("componentize-py failed:\n{about}")
}

/// What to do about a module that is not there.
fn remedy(what: &str) -> &'static str {
    let last = what.lines().next_back().unwrap_or_default();
    if last.starts_with("ImportError: library not found") || what.contains(".so\n") {
        return "\na part of that package is compiled for this machine, and a component has packages in \
                pure Python alone";
    }
    if last.starts_with("ModuleNotFoundError: ") {
        return "\na plugin has the modules of its folder, those of Python, and the packages in pure \
                Python that `requirements.txt` beside plugin.py names";
    }
    ""
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
        let of_import = "AssertionError: Traceback (most recent call last):\n  \
                         File \"/0/plugin.py\", line 1\n";
        let told =
            |last: &str| explain(&format!("{of_import}{last}\n\n\nCaused by:\n    {last}\n"));
        let check_last = |last: &str, remedy: &str| {
            let told = told(last);
            assert!(
                told.starts_with("the plugin cannot be imported:\nTraceback"),
                "{told}"
            );
            assert_eq!(told.matches(last).count(), 1, "{told}");
            assert!(told.ends_with(remedy), "{told}");
        };
        check_last("SyntaxError: expected ':'", "SyntaxError: expected ':'");
        check_last(
            "ModuleNotFoundError: No module named 'yaml'",
            "that `requirements.txt` beside plugin.py names",
        );
        check_last(
            "ImportError: library not found",
            "packages in pure Python alone",
        );
        check(
            "something else\n",
            "componentize-py failed:\nsomething else",
        );
    }
}
