//! Test programs side by side: most of them wait for most of their time.

use std::collections::VecDeque;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::process::{announce, status};

/// Something to run.
pub(super) struct Run {
    /// What people call it.
    pub(super) title: String,
    pub(super) command: Command,
}

/// Runs all, `at_once` at a time, in their order. What each prints is shown when it has ended; a single one has the
/// terminal for itself. Returns how many failed, after having named them.
///
/// # Errors
/// When one cannot be started, or its output cannot be kept.
pub(super) fn run(mut runs: Vec<Run>, at_once: usize) -> Result<usize> {
    if let [alone] = runs.as_mut_slice() {
        return Ok(usize::from(!status(&mut alone.command)?.success()));
    }
    let count = runs.len();
    let started = Instant::now();
    let waiting = Mutex::new(VecDeque::from(runs));
    let failed = Mutex::new(Vec::new());
    let next = || {
        waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    };
    thread::scope(|scope| {
        let work = || -> Result<()> {
            while let Some(run) = next() {
                let title = run.title.clone();
                let (passed, output) = kept(run)?;
                let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                // One after the other, as the list of those that failed.
                io::stdout()
                    .write_all(&output)
                    .context("cannot show what a test printed")?;
                if !passed {
                    failed.push(title);
                }
            }
            Ok(())
        };
        let threads: Vec<_> = (0..at_once.min(count)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| {
            thread
                .join()
                .unwrap_or_else(|_| anyhow::bail!("a test was not waited for"))
        })
    })?;
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    announce(&format!(
        "{} of {count} test programs passed, in {} s",
        count - failed.len(),
        started.elapsed().as_secs()
    ));
    for title in &failed {
        announce(&format!("FAILED: {title}"));
    }
    Ok(failed.len())
}

/// Runs one and returns whether it passed and all that it printed, under its title.
fn kept(mut run: Run) -> Result<(bool, Vec<u8>)> {
    let started = Instant::now();
    // Not a pipe for each: what it says and what it complains of stay in their order.
    let mut file = tempfile::tempfile().context("cannot keep what a test prints")?;
    run.command
        .stdout(file.try_clone()?)
        .stderr(file.try_clone()?)
        .stdin(Stdio::null());
    let passed = run
        .command
        .status()
        .with_context(|| format!("cannot run {}", run.title))?
        .success();
    let ended = if passed { "passed" } else { "FAILED" };
    let mut output = format!(
        "\n     Ran {}: {ended} in {} s\n",
        run.title,
        started.elapsed().as_secs()
    )
    .into_bytes();
    file.rewind()?;
    file.read_to_end(&mut output)?;
    Ok((passed, output))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(title: &str, script: &str) -> Run {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Run {
            title: title.to_owned(),
            command,
        }
    }

    #[test]
    fn what_one_prints_is_kept_in_its_order_with_how_it_ended() {
        let (passed, output) =
            kept(shell("it", "echo one; echo two >&2; echo three; exit 3")).expect("it runs");
        assert!(!passed);
        let output = String::from_utf8(output).expect("it is text");
        assert!(
            output.contains("Ran it: FAILED in 0 s\none\ntwo\nthree\n"),
            "{output}"
        );
    }

    #[test]
    fn all_are_run_side_by_side_and_those_that_fail_are_counted() {
        // Each waits for the other: one after the other they would never end.
        let folder = tempfile::tempdir().expect("there is room");
        let wait = |own: &str, other: &str, code: u8| {
            let folder = folder.path().display();
            format!(
                "touch '{folder}/{own}'; n=0; until [ -e '{folder}/{other}' ]; do n=$((n+1)); [ $n -lt 100 ] || exit 9; sleep 0.1; done; exit {code}"
            )
        };
        let runs = vec![
            shell("a", &wait("a", "b", 0)),
            shell("b", &wait("b", "a", 1)),
            shell("c", "exit 0"),
        ];
        assert_eq!(run(runs, 2).expect("they run"), 1);
    }

    #[test]
    fn what_cannot_be_started_is_named() {
        let missing = |title: &str| Run {
            title: title.to_owned(),
            command: Command::new("/no/such/program"),
        };
        let error =
            run(vec![missing("this one"), missing("that one")], 1).expect_err("it is not there");
        assert!(format!("{error:#}").contains("this one"), "{error:#}");
    }
}
