//! A Python script that speaks JSON lines, as a child process.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// A running peer. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: Arc<Mutex<VecDeque<String>>>,
}

impl Process {
    /// Starts a script, and returns with the lines that it prints when it has printed that it is
    /// ready.
    ///
    /// # Errors
    ///
    /// Fails when it is not ready in time; the message has the end of its log.
    pub async fn start(
        script: &Path,
        arguments: &[&str],
    ) -> Result<(Self, Lines<BufReader<ChildStdout>>)> {
        let python = python()?;
        let mut child = Command::new(&python)
            .arg(script)
            .args(arguments)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            // A third of the time that oslo.messaging takes to import. No peer asks eventlet for the address of a name.
            .env("EVENTLET_NO_GREENDNS", "yes")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot run {}", python.display()))?;
        let output = child
            .stdout
            .take()
            .context("the peer has a standard output")?;
        let errors = child
            .stderr
            .take()
            .context("the peer has a standard error")?;
        let log = Arc::new(Mutex::new(VecDeque::new()));
        tokio::spawn(keep_the_end(errors, Arc::clone(&log)));
        let process = Self { child, log };

        let mut lines = BufReader::new(output).lines();
        match timeout(START, lines.next_line()).await {
            Ok(Ok(Some(line))) if line.contains("\"ready\"") => Ok((process, lines)),
            Ok(_) => bail!("{} did not start\n{}", script.display(), process.log()),
            Err(_) => bail!(
                "{} was not ready in time\n{}",
                script.display(),
                process.log()
            ),
        }
    }

    /// Its standard input, which can be had once.
    ///
    /// # Errors
    ///
    /// Fails the second time.
    pub fn input(&mut self) -> Result<ChildStdin> {
        self.child.stdin.take().context("its input is in use")
    }

    /// Ends its standard input, and waits for it to end. An [`input`](Self::input) that was taken
    /// has to be dropped before.
    ///
    /// # Errors
    ///
    /// Fails when it does not end well within ten seconds.
    pub async fn stop(mut self) -> Result<()> {
        drop(self.child.stdin.take());
        match timeout(PATIENCE, self.child.wait()).await {
            Ok(status) => {
                let status = status?;
                anyhow::ensure!(
                    status.success(),
                    "the peer ended with {status}\n{}",
                    self.log()
                );
                Ok(())
            }
            Err(_) => bail!("the peer did not stop\n{}", self.log()),
        }
    }

    /// The end of what it has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.iter().cloned().collect::<Vec<_>>().join("\n")
    }
}

async fn keep_the_end(errors: impl AsyncRead + Unpin, log: Arc<Mutex<VecDeque<String>>>) {
    let mut lines = BufReader::new(errors).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push_back(line);
        if log.len() > KEPT_LINES {
            log.pop_front();
        }
    }
}

/// The Python that has oslo.messaging.
///
/// # Errors
///
/// Fails outside of `cargo xtask`.
pub fn python() -> Result<std::path::PathBuf> {
    let path: OsString = std::env::var_os("OSLO_TEST_PYTHON").context(
        "OSLO_TEST_PYTHON is not set: run this test with `cargo xtask test`, or set it to a \
         Python that has oslo.messaging",
    )?;
    Ok(path.into())
}

const KEPT_LINES: usize = 60;
const START: Duration = Duration::from_secs(40);
const PATIENCE: Duration = Duration::from_secs(10);
