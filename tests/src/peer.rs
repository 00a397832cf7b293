//! Real oslo.messaging servers and clients, as child processes that speak JSON lines.
//!
//! Both end when their standard input does, so they outlive neither the value that owns them nor
//! the process of the test.

mod notifications;
mod process;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::ChildStdin;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};
use tokio::time::timeout;

pub use self::notifications::{PythonListener, PythonNotifier};
pub use self::process::{Process, python};

/// The URL of the broker that `cargo xtask test` provides.
///
/// # Errors
///
/// Fails outside of `cargo xtask test`.
pub fn transport_url() -> Result<String> {
    std::env::var("OSLO_TEST_TRANSPORT_URL").context(
        "OSLO_TEST_TRANSPORT_URL is not set: run this test with `cargo xtask test`, or set it",
    )
}

/// The folder of the plugins that `cargo xtask test` builds.
///
/// # Errors
///
/// Fails outside of `cargo xtask test`.
pub fn guests() -> Result<PathBuf> {
    let folder = std::env::var_os("OSLO_TEST_GUESTS")
        .context("OSLO_TEST_GUESTS names the folder of the guests; `cargo xtask test` sets it")?;
    Ok(folder.into())
}

/// Where what is compiled of guests is kept, as `oslo-plugin --cache` takes it: whole components are in `components`
/// there, beside what wasmtime does not know and would remove.
///
/// # Errors
///
/// As [`guests`].
pub fn compiled() -> Result<PathBuf> {
    Ok(guests()?.join("compiled"))
}

/// A name that no other test uses, for a topic or an exchange: tests share one virtual host.
#[must_use]
pub fn unique_name(what: &str) -> String {
    format!("{what}-{}", crate::contain::unique())
}

/// A running `tests/python/server.py`.
#[derive(Debug)]
pub struct PythonServer {
    process: Process,
    invocations: mpsc::UnboundedReceiver<Value>,
}

impl PythonServer {
    /// Starts a server and returns when its queues exist.
    ///
    /// # Errors
    ///
    /// Fails when it is not ready in time; the message has the end of its log.
    pub async fn start(url: &str, topic: &str, server: &str) -> Result<Self> {
        Self::start_with(url, topic, server, &[]).await
    }

    /// As [`start`](Self::start), with more arguments, such as `--exchange`.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub async fn start_with(url: &str, topic: &str, server: &str, more: &[&str]) -> Result<Self> {
        let arguments = ["--url", url, "--topic", topic, "--server", server];
        let (process, mut lines) =
            Process::start(&script("server.py"), &[&arguments[..], more].concat()).await?;
        let (sender, invocations) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Ok(line) = serde_json::from_str(&line)
                    && sender.send(line).is_err()
                {
                    break;
                }
            }
        });
        Ok(Self {
            process,
            invocations,
        })
    }

    /// The next invocation of a method: `{"invoked": "add", "server": …, "args": …, "context": …}`.
    ///
    /// # Errors
    ///
    /// Fails when there is none within ten seconds.
    pub async fn next_invocation(&mut self) -> Result<Value> {
        match timeout(PATIENCE, self.invocations.recv()).await {
            Ok(Some(invocation)) => Ok(invocation),
            _ => bail!("the server was not invoked\n{}", self.process.log()),
        }
    }

    /// How many invocations have been reported that nobody took. One that is on its way is not
    /// counted, so wait for something that came later first.
    #[must_use]
    pub fn waiting_invocations(&self) -> usize {
        self.invocations.len()
    }

    /// Stops the server in good order; dropping it kills it.
    ///
    /// # Errors
    ///
    /// Fails when it does not end within ten seconds.
    pub async fn stop(self) -> Result<()> {
        self.process.stop().await
    }

    /// What it has logged so far, or the end of it.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.log()
    }
}

/// A running `tests/python/client.py`. Requests may be made at the same time.
#[derive(Debug)]
pub struct PythonClient {
    process: Process,
    input: AsyncMutex<ChildStdin>,
    waiting: Arc<Mutex<HashMap<u64, oneshot::Sender<Value>>>>,
    next_id: AtomicU64,
}

impl PythonClient {
    /// Starts a client; it connects with its first request.
    ///
    /// # Errors
    ///
    /// Fails when it is not ready in time; the message has the end of its log.
    pub async fn start(url: &str, more: &[&str]) -> Result<Self> {
        let arguments = [&["--url", url], more].concat();
        let (mut process, mut lines) = Process::start(&script("client.py"), &arguments).await?;
        let input = process.input()?;
        let waiting = Arc::new(Mutex::new(HashMap::<u64, oneshot::Sender<Value>>::new()));
        tokio::spawn({
            let waiting = Arc::clone(&waiting);
            async move {
                while let Ok(Some(line)) = lines.next_line().await {
                    let Ok(answer) = serde_json::from_str::<Value>(&line) else {
                        continue;
                    };
                    let id = answer["id"].as_u64().unwrap_or_default();
                    let waiter = waiting
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .remove(&id);
                    if let Some(waiter) = waiter {
                        let _ = waiter.send(answer);
                    }
                }
                // Nobody is left to answer.
                waiting
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clear();
            }
        });
        Ok(Self {
            process,
            input: AsyncMutex::new(input),
            waiting,
            next_id: AtomicU64::new(1),
        })
    }

    /// Calls a method; the answer has `elapsed` and either `result` or `error`
    /// (`class`, `module`, `message`, `args`, `remote_type`, `remote_value`).
    ///
    /// # Errors
    ///
    /// Fails when the client does not answer within ninety seconds.
    pub async fn call(&self, target: &Value, method: &str, args: &Value) -> Result<Value> {
        self.request(json!({"op": "call", "target": target, "method": method, "args": args}))
            .await
    }

    /// Casts; answered as [`call`](Self::call), with a result of null.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub async fn cast(&self, target: &Value, method: &str, args: &Value) -> Result<Value> {
        self.request(json!({"op": "cast", "target": target, "method": method, "args": args}))
            .await
    }

    /// Sends any request that `client.py` documents, without its `id`.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub async fn request(&self, mut request: Value) -> Result<Value> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        request["id"] = json!(id);
        let (sender, answer) = oneshot::channel();
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, sender);
        self.input
            .lock()
            .await
            .write_all(format!("{request}\n").as_bytes())
            .await?;
        match timeout(LONGEST_CALL, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            _ => bail!("no answer to {request}\n{}", self.process.log()),
        }
    }

    /// Stops the client; dropping it kills it.
    ///
    /// # Errors
    ///
    /// Fails when it does not end within ten seconds.
    pub async fn stop(self) -> Result<()> {
        drop(self.input);
        self.process.stop().await
    }
}

/// A script of `tests/python`.
fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("python")
        .join(name)
}

const PATIENCE: Duration = Duration::from_secs(10);
const LONGEST_CALL: Duration = Duration::from_secs(90);
