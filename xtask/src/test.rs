//! `cargo xtask test` and `cargo xtask broker`.

use std::path::Path;
use std::{env, thread};

use anyhow::Result;
use clap::Args;
use oslo_messaging_tests::broker::Broker;

use crate::process::{announce, cargo, exit_code, status};
use crate::{guests, setup};

#[derive(Args)]
pub(crate) struct Options {
    /// Test only this package; may be given several times.
    #[arg(short, long = "package", value_name = "PACKAGE")]
    packages: Vec<String>,
    /// Run released modules of OpenStack on the Python SDK, and no other tests. About seventy packages
    /// are installed, which takes half a minute.
    #[arg(long, conflicts_with_all = ["packages", "name"])]
    released_modules: bool,
    /// Run only the tests whose names contain this.
    name: Option<String>,
    /// Passed on to the test programs, such as --nocapture.
    #[arg(last = true)]
    arguments: Vec<String>,
}

impl Options {
    /// The packages to test, with the tests that need a broker.
    fn selection(&self) -> Vec<String> {
        let feature = |package: &str| format!("--features={package}/broker-tests");
        if self.packages.is_empty() {
            let all = ["--workspace".to_owned()].into_iter();
            return all.chain(WITH_BROKER_TESTS.map(feature)).collect();
        }
        let packages = self
            .packages
            .iter()
            .map(|package| format!("--package={package}"));
        let features = self.packages.iter().map(String::as_str);
        let features = features
            .filter(|package| WITH_BROKER_TESTS.contains(package))
            .map(feature);
        packages.chain(features).collect()
    }
}

pub(crate) fn run(root: &Path, options: &Options) -> Result<u8> {
    if options.released_modules {
        return released_modules(root, options);
    }
    let python = setup::python(root)?;
    setup::rabbitmq()?;
    guests::build::<&str>(root, &[])?;

    let mut test = cargo();
    test.args(["test", "--locked", "--no-fail-fast"])
        .args(options.selection())
        .args(&options.name)
        .arg("--")
        .args(&options.arguments)
        .current_dir(root)
        .env(PYTHON, python)
        .env(GUESTS, root.join("target/guests"))
        .env(XTASK, env::current_exe()?);

    // Lives until the tests have ended.
    let _broker = if env::var_os(TRANSPORT_URL).is_some() {
        announce(&format!("using the broker that {TRANSPORT_URL} names"));
        None
    } else {
        announce("starting a private RabbitMQ node (about ten seconds)");
        let broker = Broker::start()?;
        test.env(TRANSPORT_URL, broker.url("/"));
        Some(broker)
    };
    Ok(exit_code(status(&mut test)?))
}

/// They need no broker and no component.
fn released_modules(root: &Path, options: &Options) -> Result<u8> {
    let python = setup::released_modules(root)?;
    let mut test = cargo();
    test.args(["test", "--locked", "--package=oslo-messaging-tests"])
        .args([
            "--features=released-modules",
            "--test=released_modules",
            "--",
        ])
        .args(&options.arguments)
        .current_dir(root)
        .env(PYTHON, python);
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

/// Where the tests find what this program provides.
const TRANSPORT_URL: &str = "OSLO_TEST_TRANSPORT_URL";
const PYTHON: &str = "OSLO_TEST_PYTHON";
const GUESTS: &str = "OSLO_TEST_GUESTS";
const XTASK: &str = "OSLO_TEST_XTASK";

/// The packages that have tests which need a broker, behind the feature `broker-tests`.
const WITH_BROKER_TESTS: [&str; 5] = [
    "oslo-messaging",
    "oslo-messaging-faults",
    "oslo-messaging-tests",
    "oslo-plugin",
    "xtask",
];
