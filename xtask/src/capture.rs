//! `cargo xtask capture`: the golden messages of `host/messaging/tests/golden`, captured again.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use oslo_messaging_tests::broker::Broker;

use crate::process::{announce, run_quietly};
use crate::setup;

pub(crate) fn run(root: &Path) -> Result<u8> {
    let python = setup::python(root)?;
    let rabbitmq = setup::rabbitmq(None)?;
    announce("starting a private RabbitMQ node");
    let broker = Broker::start_as(&rabbitmq, "")?;
    announce("capturing what oslo.messaging sends");
    run_quietly(
        Command::new(python)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .arg(root.join("tests/python/capture.py"))
            .args(["--url", &broker.url("/")])
            .arg("--folder")
            .arg(root.join("host/messaging/tests/golden")),
    )?;
    Ok(0)
}
