//! Running other programs, and saying so.

use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result};
use oslo_messaging_build::process;
pub(crate) use oslo_messaging_build::process::announce;

/// Runs a command that must succeed, with its output shown.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    Ok(process::run(command)?)
}

/// Runs a command that must succeed, with its output shown only if it does not.
pub(crate) fn run_quietly(command: &mut Command) -> Result<()> {
    Ok(process::run_quietly(command)?)
}

/// Runs a command, with its output shown, and returns how it ended.
pub(crate) fn status(command: &mut Command) -> Result<ExitStatus> {
    command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot run `{}`", command.get_program().display()))
}

/// What this program exits with when another one's end is its own.
pub(crate) fn exit_code(status: ExitStatus) -> u8 {
    status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1)
}

/// `cargo`, as it was when this program was started by it.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
