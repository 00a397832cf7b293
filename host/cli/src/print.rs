//! What the program prints about itself. Standard output belongs to results and to plugins.

use std::io::{IsTerminal as _, Write as _, stderr, stdout};

use serde_json::json;

use crate::failure::Failure;

/// One result on standard output. A reader that went away is no failure of ours.
pub(crate) fn line(text: impl std::fmt::Display) {
    let _ = writeln!(stdout(), "{text}");
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
    let (red, plain) = if stderr().is_terminal() {
        ("\x1b[1;31m", "\x1b[0m")
    } else {
        ("", "")
    };
    let _ = writeln!(stderr(), "{red}error:{plain} {message}");
    if let Some(remedy) = remedy {
        let _ = writeln!(stderr(), "  {remedy}");
    }
}
