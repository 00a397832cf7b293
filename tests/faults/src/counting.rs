//! The referee's witnesses: Python servers that count executions, connected to the broker itself.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use oslo_messaging_tests::peer::Process;
use serde_json::Value;
use tokio::io::{AsyncWriteExt, BufReader, Lines};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::time::timeout;

/// A running `python/counting_server.py`. It ends when this value is dropped.
#[derive(Debug)]
pub struct CountingServer {
    process: Process,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl CountingServer {
    /// Starts a server and returns when its queues exist.
    ///
    /// It tells first deliveries from those that the broker repeats, because the server's own
    /// acknowledgement was lost.
    ///
    /// # Errors
    ///
    /// Fails when it is not ready in time; the message has its log.
    pub async fn start(url: &str, topic: &str, server: &str) -> Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/counting_server.py");
        let arguments = ["--url", url, "--topic", topic, "--server", server];
        let (mut process, output) = Process::start(&script, &arguments).await?;
        let input = process.input()?;
        Ok(Self {
            process,
            input,
            output,
        })
    }

    /// How often each request was executed so far: when it was delivered first, and when the
    /// broker delivered it again.
    ///
    /// # Errors
    ///
    /// Fails when the server does not answer; the message has its log.
    pub async fn table(&mut self) -> Result<HashMap<String, [u64; 2]>> {
        self.input.write_all(b"table\n").await?;
        let answer = self.answer().await?;
        let table = answer["table"].as_object().context("not a table")?;
        let counted = |(id, counts): (&String, &Value)| {
            Some((id.clone(), [counts[0].as_u64()?, counts[1].as_u64()?]))
        };
        Ok(table.iter().filter_map(counted).collect())
    }

    async fn answer(&mut self) -> Result<Value> {
        match timeout(PATIENCE, self.output.next_line()).await {
            Ok(Ok(Some(line))) => Ok(serde_json::from_str(&line)?),
            outcome => bail!(
                "the counting server does not answer: {outcome:?}\n{}",
                self.process.log()
            ),
        }
    }
}

/// The executions that all servers counted. What a broker delivered again adds nothing: the client
/// sent it once.
///
/// # Errors
///
/// Fails when one of them does not answer.
pub async fn executions(servers: &mut [CountingServer]) -> Result<HashMap<String, u64>> {
    let mut all: HashMap<String, [u64; 2]> = HashMap::new();
    for server in servers {
        for (id, [first, again]) in server.table().await? {
            let counts = all.entry(id).or_default();
            counts[0] += first;
            counts[1] += again;
        }
    }
    let sent = |[first, again]: [u64; 2]| first.max(again.min(1));
    Ok(all
        .into_iter()
        .map(|(id, counts)| (id, sent(counts)))
        .collect())
}

const PATIENCE: Duration = Duration::from_secs(40);
