//! A plugin that calls a service all the time, while that and the broker are restarted.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use oslo_messaging_tests::running::Running;

use crate::client;
use crate::json::Json;

/// A running plugin, and the different lines that it has printed, with how often. Dropping it ends it.
pub(crate) struct Watch {
    plugin: Running,
    lines: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Watch {
    /// What it calls.
    pub(crate) const SERVICE: &str = "heat";

    /// Starts it, and waits until it is answered.
    ///
    /// # Errors
    /// When it cannot be run, or is not answered in time.
    pub(crate) async fn start(url: &str) -> Result<Self> {
        let mut child = client::plugin(url, &["watch"])?
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().context("its output is piped")?;
        let lines = Arc::default();
        let seen: Arc<Mutex<BTreeMap<String, usize>>> = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                *seen.entry(line).or_default() += 1;
            }
        });
        let plugin = Running::alone(child);
        let mut watch = Self { plugin, lines };
        watch.is_answered_again().await?;
        Ok(watch)
    }

    /// Waits until calls are answered that are made from now on, and looks at what became of all.
    ///
    /// # Errors
    /// When there is no answer in time, not all answers are the same, or an error does not say whether
    /// the method was executed.
    pub(crate) async fn check(&mut self) -> Result<()> {
        self.is_answered_again().await?;
        let (answers, failed): (Vec<_>, Vec<_>) = self
            .seen()
            .into_iter()
            .partition(|(line, _)| is_answer(line));
        ensure!(answers.len() == 1, "there are several answers: {answers:?}");
        for (line, _) in &failed {
            let outcome = Json::parse(line)?;
            let outcome = outcome.get("outcome").and_then(Json::text);
            ensure!(
                matches!(outcome, Some("not-executed" | "unknown")),
                "it is not known whether it was executed: {line}"
            );
        }
        if !failed.is_empty() {
            println!("answered: {answers:?}, and not: {failed:?}");
        }
        Ok(())
    }

    async fn is_answered_again(&mut self) -> Result<()> {
        let (begin, before) = (Instant::now(), self.answered());
        // One may have been on its way.
        while self.answered() < before + 3 {
            if self.plugin.has_exited() || begin.elapsed() > PATIENCE {
                bail!("it is not answered: {:?}", self.seen());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    fn answered(&self) -> usize {
        let seen = self.seen();
        let answers = seen.iter().filter(|(line, _)| is_answer(line));
        answers.map(|(_, count)| count).sum()
    }

    fn seen(&self) -> BTreeMap<String, usize> {
        self.lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn is_answer(line: &str) -> bool {
    line.contains(r#""returned""#)
}

/// It may have to be compiled first, and a call whose reply was lost with the broker ends with its
/// timeout, a minute.
const PATIENCE: Duration = Duration::from_secs(300);
