//! What the program prints about itself. Standard output belongs to results and to plugins.

use std::io::IsTerminal as _;
use std::time::Duration;

use oslo_messaging::transport::ConfigWarning;
use oslo_messaging_policy::Problem;
use serde_json::json;

use crate::failure::Failure;
use crate::output::{Output, stderr, stdout};

/// One result on standard output. A reader that went away is no failure of ours.
pub(crate) fn line(text: impl std::fmt::Display) {
    put(stdout(), text);
}

/// A result that ends what was said on standard error: who reads both in one place reads it last.
pub(crate) fn verdict(text: impl std::fmt::Display) {
    stderr().wait_for_reader(Duration::from_secs(1));
    line(text);
}

/// What an operator should know, and nothing stops for.
pub(crate) fn warning(warning: &ConfigWarning, json: bool) {
    if json {
        let object = json!({"warning": {
            "file": warning.file().map(|file| file.to_string_lossy()), "line": warning.line(),
            "section": warning.section(), "option": warning.option(),
            "message": warning.to_string(),
        }});
        return put(stderr(), object);
    }
    let (yellow, plain) = colours("\x1b[1;33m");
    put(stderr(), format_args!("{yellow}warning:{plain} {warning}"));
}

/// A warning of this program's own.
pub(crate) fn notice(message: &str, json: bool) {
    if json {
        return put(stderr(), json!({"warning": {"message": message}}));
    }
    let (yellow, plain) = colours("\x1b[1;33m");
    put(stderr(), format_args!("{yellow}warning:{plain} {message}"));
}

/// What is probably not meant in a policy.
pub(crate) fn warning_of_policy(warning: &Problem, json: bool) {
    if json {
        let object = json!({"warning": {
            "file": warning.file(), "line": warning.line(), "column": warning.column(),
            "key": warning.key(), "message": warning.message(), "remedy": warning.remedy(),
        }});
        return put(stderr(), object);
    }
    let (yellow, plain) = colours("\x1b[1;33m");
    put(stderr(), format_args!("{yellow}warning:{plain} {warning}"));
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
        return put(stderr(), object);
    }
    let (red, plain) = colours("\x1b[1;31m");
    put(stderr(), format_args!("{red}error:{plain} {message}"));
    if let Some(remedy) = remedy {
        put(stderr(), format_args!("  {remedy}"));
    }
}

/// Waits for a reader of what the program and its plugins have said, but not longer than so long after it
/// last read. What is lost of the output is told to whoever reads the errors.
pub(crate) fn rest(patience: Duration, json: bool) {
    let lost = stdout().wait_for_reader(patience);
    if lost > 0 {
        let message = format!("the last {lost} bytes of the output are lost: nobody read them");
        notice(&message, json);
    }
    stderr().wait_for_reader(patience);
}

/// In the place of what a terminal shows.
pub(crate) fn screen(text: &str) {
    put(stdout(), format_args!("\x1b[H\x1b[2J{text}"));
}

fn put(output: &Output, line: impl std::fmt::Display) {
    let _ = output.push(format!("{line}\n").as_bytes());
}

/// A colour, and its end; neither for a file.
fn colours(colour: &'static str) -> (&'static str, &'static str) {
    if std::io::stderr().is_terminal() {
        (colour, "\x1b[0m")
    } else {
        ("", "")
    }
}
