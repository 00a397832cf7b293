//! Running other programs, and saying so.

use std::io::{IsTerminal, stderr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::error::{Context, Result, bail};

/// Tells the person in front of the terminal, on standard error, what takes the time.
pub fn announce(what: &str) {
    if stderr().is_terminal() {
        eprintln!("\x1b[1;36m>\x1b[0m {what}");
    } else {
        eprintln!("> {what}");
    }
}

/// Does something, and tells the person in front of the terminal what it is if that takes long.
pub fn taking_long<T>(what: impl FnOnce() -> String, action: impl FnOnce() -> T) -> T {
    if !stderr().is_terminal() {
        return action();
    }
    let what = what();
    watched(PATIENCE, move || announce(&what), action)
}

/// How long nobody asks what a program does.
const PATIENCE: Duration = Duration::from_secs(2);

fn watched<T>(
    patience: Duration,
    tell: impl FnOnce() + Send + 'static,
    action: impl FnOnce() -> T,
) -> T {
    let (done, waited) = mpsc::channel::<()>();
    let watch = thread::spawn(move || {
        if waited.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
            tell();
        }
    });
    let made = action();
    drop(done);
    let _ = watch.join();
    made
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

/// A command's line as far as it says what was run: what follows is paths of this machine's caches, in
/// front of what the command itself has to say.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str());
    let mut line = program.to_string_lossy().into_owned();
    for word in command.get_args() {
        let word = word.to_string_lossy();
        let path = Path::new(word.as_ref());
        let name = path.file_name().filter(|_| path.is_absolute());
        let word = name.map_or_else(|| word.clone(), |name| name.to_string_lossy());
        if word.contains('\n') || line.len() + word.len() > LONGEST {
            return line + " …";
        }
        line = format!("{line} {word}");
    }
    line
}

/// Half a line of a terminal.
const LONGEST: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_takes_long_is_told() {
        for (patience, is_told) in [(Duration::from_secs(60), false), (Duration::ZERO, true)] {
            let (tell, told) = mpsc::channel();
            let wait = Duration::from_secs(if is_told { 10 } else { 0 });
            let made = watched(
                patience,
                move || tell.send(()).unwrap(),
                || told.recv_timeout(wait).is_ok(),
            );
            assert_eq!(made, is_told);
        }
    }

    #[test]
    fn a_command_is_told_by_what_it_is() {
        let check = |words: &[&str], told: &str| {
            let (program, words) = words.split_first().unwrap();
            assert_eq!(shown(Command::new(program).args(words)), told);
        };
        check(&["npm", "ci", "--no-audit"], "npm ci --no-audit");
        check(
            &["node", "--test", "/home/you/it/plugin.test.js"],
            "node --test plugin.test.js",
        );
        check(
            &[
                "/home/you/.cache/python/bin/python",
                "-c",
                "import sys\nsys.exit(1)",
            ],
            "python -c …",
        );
        let include = ["-I", "/home/you/.cache/oslo-plugin/sdk/include"].repeat(9);
        let compile = ["/c/python", "-m", "ziglang", "cc", "-target", "wasm32-wasi"];
        check(
            &[&compile[..], &include].concat(),
            "python -m ziglang cc -target wasm32-wasi -I include …",
        );
    }
}
