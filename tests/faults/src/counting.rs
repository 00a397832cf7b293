//! The referee's witnesses: Python servers that count executions, connected to the broker itself.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// A running `python/counting_server.py`. It ends when this value is dropped.
#[derive(Debug)]
pub struct CountingServer {
    _child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    log: File,
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
        let python = std::env::var_os("OSLO_TEST_PYTHON").context(
            "OSLO_TEST_PYTHON is not set: set it to a Python that has oslo.messaging, such as the \
             one that `cargo xtask test` makes",
        )?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/counting_server.py");
        let log = tempfile::tempfile()?;
        let mut child = Command::new(python)
            .arg(script)
            .args(["--url", url, "--topic", topic, "--server", server])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.try_clone()?)
            .kill_on_drop(true)
            .spawn()
            .context("cannot run the counting server")?;
        let input = child.stdin.take().context("it has a standard input")?;
        let output = child.stdout.take().context("it has a standard output")?;
        let mut server = Self {
            _child: child,
            input,
            output: BufReader::new(output).lines(),
            log,
        };
        let ready = server.answer().await?;
        anyhow::ensure!(ready["ready"] == true, "not ready: {ready}");
        Ok(server)
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
            outcome => {
                let mut log = String::new();
                self.log.seek(SeekFrom::Start(0))?;
                self.log.read_to_string(&mut log)?;
                bail!("the counting server does not answer: {outcome:?}\n{log}")
            }
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
