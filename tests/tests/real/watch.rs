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

/// A running plugin, and the different lines that it has printed, with how often.
pub(crate) struct Watch {
    plugin: Running,
    lines: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Watch {
    /// What it calls.
    pub(crate) const SERVICE: &str = "heat";

    pub(crate) fn start(url: &str) -> Result<Self> {
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
        Ok(Self { plugin, lines })
    }

    /// Waits until calls are answered that were made from now on.
    ///
    /// # Errors
    /// When there are none in time, or the plugin has ended.
    pub(crate) async fn is_answered_again(&mut self) -> Result<()> {
        let (begin, before) = (Instant::now(), self.answered());
        // One may have been on its way.
        while self.answered() < before + 3 {
            if self.plugin.has_exited() || begin.elapsed() > PATIENCE {
                bail!("it is not answered any more: {:?}", self.seen());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Ends it.
    ///
    /// # Errors
    /// When not all answers were the same, or an error does not say whether the method was executed.
    pub(crate) fn end(mut self) -> Result<()> {
        self.plugin.kill()?;
        let seen = self.seen();
        let answers: Vec<_> = seen.keys().filter(|line| is_answer(line)).collect();
        ensure!(
            answers.len() == 1,
            "there were several answers: {answers:?}"
        );
        for line in seen.keys().filter(|line| !is_answer(line)) {
            let line = Json::parse(line)?;
            let outcome = line.get("outcome").and_then(Json::text);
            ensure!(
                matches!(outcome, Some("not-executed" | "unknown")),
                "{line}"
            );
        }
        let failed = seen.iter().filter(|(line, _)| !is_answer(line));
        println!(
            "while the services and the broker were restarted, {} calls of one plugin were answered \
             and these were not: {:?}",
            self.answered(),
            failed.collect::<Vec<_>>()
        );
        Ok(())
    }

    fn answered(&self) -> usize {
        let seen = self.seen();
        seen.iter()
            .filter(|(line, _)| is_answer(line))
            .map(|(_, count)| count)
            .sum()
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

/// More than the timeout of a call: one whose reply was lost with the broker is waited for.
const PATIENCE: Duration = Duration::from_secs(90);
