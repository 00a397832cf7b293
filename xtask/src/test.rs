//! `cargo xtask test` and `cargo xtask broker`.

use std::path::Path;
use std::{env, thread};

use anyhow::Result;
use clap::Args;
use oslo_messaging_tests::broker::{Broker, Installed};

use crate::process::{announce, cargo, exit_code, status};
use crate::{guests, services, setup};

/// Of which RabbitMQ a node is.
#[derive(Args)]
pub(crate) struct Node {
    /// The major version of RabbitMQ; by default that of the machine's own.
    #[arg(
        long,
        value_name = "VERSION",
        env = Installed::CHOICE,
        value_parser = clap::value_parser!(u32).range(3..=4)
    )]
    rabbitmq: Option<u32>,
}

#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    node: Node,
    /// Test only this package; may be given several times.
    #[arg(short, long = "package", value_name = "PACKAGE")]
    packages: Vec<String>,
    /// Run only this test program, such as behaviours; may be given several times.
    #[arg(long = "test", value_name = "PROGRAM")]
    programs: Vec<String>,
    /// Run only the tests inside of libraries, besides those of --test.
    #[arg(long)]
    lib: bool,
    /// Run released modules of OpenStack on the Python SDK, and no other tests. About seventy packages
    /// are installed, which takes half a minute.
    #[arg(long, conflicts_with_all = ["packages", "name"])]
    released_modules: bool,
    /// Run real services of OpenStack and compare what plugins get from them with what Python gets, and
    /// no other tests. The first time some two hundred packages are installed under target/, a
    /// plugin is made of some of them, and so are the databases, which takes several minutes.
    #[arg(long, conflicts_with_all = ["packages", "programs", "lib", "released_modules"])]
    real_services: bool,
    /// Install and build what the tests need, and run none of them.
    #[arg(long, conflicts_with_all = ["released_modules", "real_services"])]
    no_run: bool,
    /// Run only the tests whose names contain this.
    name: Option<String>,
    /// Passed on to the test programs, such as --nocapture.
    #[arg(last = true)]
    arguments: Vec<String>,
}

impl Options {
    /// The packages to test, with the tests that need a broker.
    fn selection(&self) -> Vec<String> {
        let feature = |package: &str| match package {
            // What it has only if it is asked for is tested too.
            "oslo-plugin" => format!("--features={package}/broker-tests,{package}/otlp"),
            _ => format!("--features={package}/broker-tests"),
        };
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

    fn programs(&self) -> Vec<String> {
        let programs = self.programs.iter();
        let libraries = self.lib.then(|| "--lib".to_owned());
        let programs = programs.map(|program| format!("--test={program}"));
        libraries.into_iter().chain(programs).collect()
    }
}

pub(crate) fn run(root: &Path, options: &Options) -> Result<u8> {
    if options.released_modules {
        return released_modules(root, options);
    }
    if options.real_services {
        return real_services(root, options);
    }
    let python = setup::python(root)?;
    let rabbitmq = setup::rabbitmq(options.node.rabbitmq)?;
    guests::build::<&str>(root, &[])?;

    let mut test = cargo();
    test.args(["test", "--locked", "--no-fail-fast"])
        .args(options.selection())
        .args(options.programs())
        .args(&options.name)
        .current_dir(root)
        .env(PYTHON, python)
        .env(GUESTS, root.join("target/guests"))
        .env(XTASK, env::current_exe()?)
        .env(Installed::CHOICE, rabbitmq.version().major().to_string());
    if options.no_run {
        test.arg("--no-run");
        return Ok(exit_code(status(&mut test)?));
    }
    test.arg("--").args(&options.arguments);

    // Lives until the tests have ended.
    let _broker = if env::var_os(TRANSPORT_URL).is_some() {
        announce(&format!("using the broker that {TRANSPORT_URL} names"));
        None
    } else {
        announce(&format!(
            "starting a private node of RabbitMQ {} (about ten seconds)",
            rabbitmq.version()
        ));
        let broker = Broker::start_as(&rabbitmq, "")?;
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

/// They have a broker of their own, which they restart.
fn real_services(root: &Path, options: &Options) -> Result<u8> {
    let rabbitmq = setup::rabbitmq(options.node.rabbitmq)?;
    let environment = setup::real_services(root)?;
    guests::build(root, &services::GUESTS)?;
    let clients = services::clients(root, &environment)?;
    let mut test = cargo();
    test.args(["test", "--locked", "--package=oslo-messaging-tests"])
        .args(["--features=real-services", "--test=real"])
        .args(&options.name)
        .arg("--")
        .args(&options.arguments)
        .current_dir(root)
        .env(PYTHON, environment.join("bin/python"))
        .env(GUESTS, root.join("target/guests"))
        .env("OSLO_TEST_SERVICES", &environment)
        .env("OSLO_TEST_CLIENTS", clients)
        .env("OSLO_TEST_PROGRAM", services::program(root)?)
        .env(Installed::CHOICE, rabbitmq.version().major().to_string());
    Ok(exit_code(status(&mut test)?))
}

pub(crate) fn broker(node: &Node) -> Result<u8> {
    let broker = Broker::start_as(&setup::rabbitmq(node.rabbitmq)?, "")?;
    let ready = serde_json::json!({
        "version": broker.version().to_string(),
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
const WITH_BROKER_TESTS: [&str; 8] = [
    "oslo-messaging",
    "oslo-messaging-build",
    "oslo-messaging-faults",
    "oslo-messaging-hosts",
    "oslo-messaging-pages",
    "oslo-messaging-tests",
    "oslo-plugin",
    "xtask",
];
