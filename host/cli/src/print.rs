//! What the program prints about itself. Standard output belongs to results and to plugins.

use std::io::{IsTerminal as _, Write as _, stderr, stdout};

use oslo_messaging::transport::ConfigWarning;
use oslo_messaging_policy::Problem;
use serde_json::json;

use crate::failure::Failure;

/// One result on standard output. A reader that went away is no failure of ours.
pub(crate) fn line(text: impl std::fmt::Display) {
    let _ = writeln!(stdout(), "{text}");
}

/// What an operator should know, and nothing stops for.
pub(crate) fn warning(warning: &ConfigWarning, json: bool) {
    if json {
        let object = json!({"warning": {
            "file": warning.file().map(|file| file.to_string_lossy()), "line": warning.line(),
            "section": warning.section(), "option": warning.option(),
            "message": warning.to_string(),
        }});
        let _ = writeln!(stderr(), "{object}");
        return;
    }
    let (yellow, plain) = colours("\x1b[1;33m");
    let _ = writeln!(stderr(), "{yellow}warning:{plain} {warning}");
}

/// What is probably not meant in a policy.
pub(crate) fn warning_of_policy(warning: &Problem, json: bool) {
    if json {
        let object = json!({"warning": {
            "file": warning.file(), "line": warning.line(), "column": warning.column(),
            "key": warning.key(), "message": warning.message(), "remedy": warning.remedy(),
        }});
        let _ = writeln!(stderr(), "{object}");
        return;
    }
    let (yellow, plain) = colours("\x1b[1;33m");
    let _ = writeln!(stderr(), "{yellow}warning:{plain} {warning}");
}

pub(crate) fn failure(failure: &Failure, json: bool) {
    let Failure {
        exit,
        message,
        remedy,
    } = failure;
    if json {
        let object = json!({"error": {
            "code": exit.code(), "kind": exit.name(), "message": message, "remedy": remedy,
        }});
        let _ = writeln!(stderr(), "{object}");
        return;
    }
    let (red, plain) = colours("\x1b[1;31m");
    let _ = writeln!(stderr(), "{red}error:{plain} {message}");
    if let Some(remedy) = remedy {
        let _ = writeln!(stderr(), "  {remedy}");
    }
}

/// A colour, and its end; neither for a file.
fn colours(colour: &'static str) -> (&'static str, &'static str) {
    if stderr().is_terminal() {
        (colour, "\x1b[0m")
    } else {
        ("", "")
    }
}
