//! Python's notifiers and notification listeners.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::io::{AsyncWriteExt, BufReader, Lines};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::time::timeout;

use super::{PATIENCE, Process, script};

/// A running `tests/python/notifier.py`.
#[derive(Debug)]
pub struct PythonNotifier(Spoken);

impl PythonNotifier {
    /// Starts a notifier with the script's arguments; it connects with its first notification.
    ///
    /// # Errors
    ///
    /// Fails when it is not ready in time; the message has the end of its log.
    pub async fn start(url: &str, more: &[&str]) -> Result<Self> {
        let arguments = [&["--url", url], more].concat();
        Ok(Self(Spoken::start("notifier.py", &arguments).await?))
    }

    /// Sends a notification, and returns when the broker has it.
    ///
    /// # Errors
    ///
    /// Fails when that takes more than ten seconds.
    pub async fn notify(
        &mut self,
        priority: &str,
        context: &Value,
        event_type: &str,
        payload: &Value,
    ) -> Result<()> {
        let request = json!({
            "priority": priority, "context": context, "event_type": event_type, "payload": payload,
        });
        self.0.say(&request).await?;
        self.0.next().await.map(drop)
    }
}

/// A running `tests/python/listener.py`.
#[derive(Debug)]
pub struct PythonListener(Spoken);

impl PythonListener {
    /// Starts a listener with the script's arguments, and returns when it listens, or can be asked
    /// whether filters match.
    ///
    /// # Errors
    ///
    /// Fails when it is not ready in time; the message has the end of its log.
    pub async fn start(arguments: &[&str]) -> Result<Self> {
        Ok(Self(Spoken::start("listener.py", arguments).await?))
    }

    /// What an endpoint is given next: `{"notified": "info", "context": …, "publisher_id": …,
    /// "event_type": …, "payload": …, "metadata": …}`.
    ///
    /// # Errors
    ///
    /// Fails when there is none within ten seconds.
    pub async fn next(&mut self) -> Result<Value> {
        self.0.next().await
    }

    /// That an endpoint is given nothing for a while.
    ///
    /// # Errors
    ///
    /// Fails when it is.
    pub async fn nothing(&mut self) -> Result<()> {
        match timeout(MOMENT, self.0.lines.next_line()).await {
            Err(_) => Ok(()),
            Ok(line) => bail!("it was given {line:?}"),
        }
    }

    /// Whether Python's filter of these arguments matches, for one that was started with `--match`.
    ///
    /// # Errors
    ///
    /// Fails when it does not answer within ten seconds.
    pub async fn matches(&mut self, rules: &Value, notification: &Value) -> Result<bool> {
        self.0.say(&json!([rules, notification])).await?;
        let answer = self.0.next().await?;
        answer["matches"].as_bool().context("no answer")
    }
}

/// A script, and its lines in both directions.
#[derive(Debug)]
struct Spoken {
    process: Process,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Spoken {
    async fn start(name: &str, arguments: &[&str]) -> Result<Self> {
        let (mut process, lines) = Process::start(&script(name), arguments).await?;
        Ok(Self {
            input: process.input()?,
            process,
            lines,
        })
    }

    async fn say(&mut self, line: &Value) -> Result<()> {
        Ok(self.input.write_all(format!("{line}\n").as_bytes()).await?)
    }

    async fn next(&mut self) -> Result<Value> {
        match timeout(PATIENCE, self.lines.next_line()).await {
            Ok(Ok(Some(line))) => Ok(serde_json::from_str(&line)?),
            _ => bail!("the peer says nothing\n{}", self.process.log()),
        }
    }
}

/// What comes after that does not come at all.
const MOMENT: Duration = Duration::from_millis(700);
