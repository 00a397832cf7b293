//! Running other programs, and saying so.

use std::env;
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
    alone(Command::new(
        env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
    ))
}

/// A command without what cargo has said of this package, which is not for others, nor for their build scripts.
pub(crate) fn alone(mut command: Command) -> Command {
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_MANIFEST_") || text.starts_with("CARGO_PKG_") {
            command.env_remove(&name);
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Build scripts ask for it, and would run again each time that the two take turns.
    #[test]
    fn another_cargo_has_the_environment_that_it_would_have_alone() {
        let cargo = cargo();
        let removed: Vec<_> = cargo
            .get_envs()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| name)
            .collect();
        for name in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
            assert!(env::var_os(name).is_some(), "{name} is not set here");
            assert!(removed.contains(&name.as_ref()), "{name} is in {removed:?}");
        }
    }
}
