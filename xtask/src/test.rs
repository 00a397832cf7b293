//! `cargo xtask test` and `cargo xtask broker`.

use std::path::Path;
use std::{env, thread};

use anyhow::Result;
use clap::Args;
use oslo_messaging_tests::broker::Broker;

use crate::process::{announce, cargo, exit_code, status};
use crate::setup;

#[derive(Args)]
pub(crate) struct Options {
    /// Passed on to `cargo test`, for example `-p oslo-messaging` or `-- --nocapture`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    cargo: Vec<String>,
}

pub(crate) fn run(root: &Path, options: &Options) -> Result<u8> {
    let python = setup::python(root)?;
    setup::rabbitmq()?;

    let mut test = cargo();
    test.arg("test")
        .arg("--locked")
        .current_dir(root)
        .env("OSLO_TEST_PYTHON", python);
    if !options
        .cargo
        .iter()
        .any(|word| word == "-p" || word.starts_with("--package"))
    {
        test.arg("--workspace").args(["--features", FEATURES]);
    }
    test.args(&options.cargo);

    // Lives until the tests have ended.
    let _broker = match env::var(TRANSPORT_URL) {
        Ok(_) => {
            announce(&format!("using the broker that {TRANSPORT_URL} names"));
            None
        }
        Err(_) => {
            announce("starting a private RabbitMQ node (about ten seconds)");
            let broker = Broker::start()?;
            test.env(TRANSPORT_URL, broker.url("/"));
            Some(broker)
        }
    };
    Ok(exit_code(status(&mut test)?))
}

pub(crate) fn broker() -> Result<u8> {
    setup::rabbitmq()?;
    let broker = Broker::start()?;
    let ready = serde_json::json!({
        "url": broker.url("/"),
        "folder": broker.folder(),
        "processes": broker.process_ids(),
        "environment": broker.control_environment().into_iter().collect::<std::collections::BTreeMap<_, _>>(),
    });
    println!("{ready}");
    loop {
        thread::park();
    }
}

/// Where the tests find their broker.
const TRANSPORT_URL: &str = "OSLO_TEST_TRANSPORT_URL";

/// What turns on the tests that need a broker.
const FEATURES: &str = "oslo-messaging-tests/broker-tests,xtask/broker-tests";
