//! One shell for all of a page, so that folders, variables and what runs beside stay.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use std::{env, thread};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};

pub(super) struct Shell {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl Shell {
    pub(super) fn start(folder: &Path, environment: &[(&str, OsString)]) -> Result<Self> {
        let mut bash = Command::new("bash");
        // What the caller has set for the project's programs is not on the page.
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("OSLO_") {
                bash.env_remove(name);
            }
        }
        let mut child = bash
            .args(["--noprofile", "--norc"])
            .current_dir(folder)
            .env("LC_ALL", "C.UTF-8")
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What it started ends with it.
            .process_group(0)
            .spawn()
            .context("cannot start bash")?;
        let mut input = child.stdin.take().context("bash has no input")?;
        let output = child.stdout.take().context("bash has no output")?;
        let (sender, lines) = channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).split(b'\n').map_while(Result::ok);
            for line in lines {
                if sender
                    .send(String::from_utf8_lossy(&line).into_owned())
                    .is_err()
                {
                    break;
                }
            }
        });
        input.write_all(b"exec 2>&1\n")?;
        Ok(Self {
            child,
            input,
            lines,
        })
    }

    /// Has it run a command to its end: its exit code, and what it printed.
    pub(super) fn run(&mut self, command: &str) -> Result<(i32, String)> {
        // Its commands are no input of the command's.
        let line = format!("{{ {command}\n}} </dev/null\nprintf '\\n{END} %d\\n' \"$?\"\n");
        self.input.write_all(line.as_bytes())?;
        let ends = Instant::now() + PATIENCE;
        let mut printed = Vec::new();
        loop {
            let left = ends.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                let printed = printed.join("\n");
                bail!("`{command}` does not end, or ends the shell: {printed}");
            };
            if let Some(code) = line.strip_prefix(END) {
                let code = code.trim().parse().context("bash gave no exit code")?;
                return Ok((code, text(printed)));
            }
            printed.push(line);
        }
    }
}

/// The last newline is the shell's own.
fn text(mut lines: Vec<String>) -> String {
    if lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

impl Drop for Shell {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::TERM);
        }
        let _ = self.child.wait();
    }
}

/// A first build of a language may install its toolchain.
const PATIENCE: Duration = Duration::from_secs(600);
const END: &str = "that was the command:";
