//! Running other programs, and saying so.

use std::io::{IsTerminal, stderr};
use std::process::{Command, Stdio};

use crate::error::{Context, Result, bail};

/// Tells the person in front of the terminal, on standard error, what takes the time.
pub fn announce(what: &str) {
    if stderr().is_terminal() {
        eprintln!("\x1b[1;36m>\x1b[0m {what}");
    } else {
        eprintln!("> {what}");
    }
}

/// Runs a command that must succeed, with its output shown.
///
/// # Errors
/// When it cannot be started, or does not succeed.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot run `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed: {status}", shown(command));
    }
    Ok(())
}

/// Runs a command that must succeed, with its output shown only if it does not.
///
/// # Errors
/// When it cannot be started, or does not succeed, with all that it printed.
pub fn run_quietly(command: &mut Command) -> Result<()> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run `{}`", shown(command)))?;
    if !output.status.success() {
        bail!(
            "`{}` failed: {}\n{}{}",
            shown(command),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
    }
    Ok(())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}
