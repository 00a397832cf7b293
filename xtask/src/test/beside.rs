//! Test programs side by side: most of them wait for most of their time.

use std::collections::VecDeque;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
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
/// When a single one cannot be started.
pub(super) fn run(mut runs: Vec<Run>, at_once: usize) -> Result<usize> {
    if let [alone] = runs.as_mut_slice() {
        let ended = status(&mut alone.command)?;
        if !ended.success() {
            announce(&format!("FAILED: {}: {ended}", alone.title));
        }
        return Ok(usize::from(!ended.success()));
    }
    let count = runs.len();
    let started = Instant::now();
    let waiting = Mutex::new(VecDeque::from(runs));
    let failed = Mutex::new(Vec::new());
    let next = || locked(&waiting).pop_front();
    let work = || {
        while let Some(run) = next() {
            let title = run.title.clone();
            // Whoever stops a run that hangs knows where.
            announce(&format!("begins: {title}"));
            let ended = kept(run);
            let mut failed = locked(&failed);
            match ended {
                Ok((passed, output)) => {
                    // One after the other, as the list of those that failed.
                    let shown = io::stdout().write_all(&output);
                    if let (false, _) | (_, Err(_)) = (passed, shown) {
                        failed.push(title);
                    }
                }
                Err(error) => failed.push(format!("{title}: {error:#}")),
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..at_once.min(count) {
            scope.spawn(work);
        }
    });
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

fn locked<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
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
    let ended = run.command.status().context("cannot be started")?;
    let how = match ended.success() {
        true => "passed".to_owned(),
        false => format!("FAILED, {ended},"),
    };
    let (title, seconds) = (&run.title, started.elapsed().as_secs());
    let mut output = format!("\n     Ran {title}: {how} in {seconds} s\n").into_bytes();
    file.rewind()?;
    file.read_to_end(&mut output)?;
    Ok((ended.success(), output))
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
            output.contains("Ran it: FAILED, exit status: 3, in 0 s\none\ntwo\nthree\n"),
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
    fn what_cannot_be_started_has_failed_and_the_others_run() {
        let missing = Run {
            title: "that one".to_owned(),
            command: Command::new("/no/such/program"),
        };
        let runs = vec![missing, shell("a", "exit 0"), shell("b", "exit 4")];
        assert_eq!(run(runs, 1).expect("the others run"), 2);
    }
}
