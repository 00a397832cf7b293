//! What the services are installed in, and the right answers: those of the real oslo.messaging.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use oslo_messaging_tests::peer::PythonClient;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::call::Call;
use crate::json::Json;

/// A file of `tests/real`.
pub(crate) fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("real")
        .join(name)
}

/// A program, or the Python, of the environment that has the services.
pub(crate) fn program(name: &str) -> Result<PathBuf> {
    Ok(environment()?.join("bin").join(name))
}

/// A file that is kept there from one run to the next.
pub(crate) fn kept(name: &str) -> Result<PathBuf> {
    Ok(environment()?.join(name))
}

fn environment() -> Result<PathBuf> {
    let folder = env::var_os("OSLO_TEST_SERVICES").context(
        "OSLO_TEST_SERVICES names the environment with the services; \
         `cargo xtask test --real-services` makes and sets it",
    )?;
    Ok(folder.into())
}

/// The output of a command that must succeed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("cannot run {command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// What Python's client gets for a call.
pub(crate) async fn ask(python: &PythonClient, context: &str, call: &Call) -> Result<Answer> {
    let request = json!({
        "op": "call",
        "target": call.target,
        "client": {"timeout": TIMEOUT_S},
        "context": serde_json::from_str::<Value>(context)?,
        "method": call.method,
        "args_text": call.args,
        "as_text": true,
    });
    let line = python.request(request).await?;
    Answer::of_python(&Json::parse(&line.to_string())?)
}

/// Whether a server of a topic answers.
pub(crate) async fn pings(python: &PythonClient, exchange: &str, topic: &str) -> Result<bool> {
    let request = json!({
        "op": "call",
        "target": {"exchange": exchange, "topic": topic},
        "client": {"timeout": 2},
        "method": "oslo_rpc_server_ping",
    });
    Ok(python.request(request).await?["result"] == "pong")
}

/// For every way the same.
pub(crate) const TIMEOUT_S: u64 = 40;
