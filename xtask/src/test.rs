//! `cargo xtask test` and `cargo xtask broker`.

mod beside;
mod plan;
mod programs;

use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::{env, thread};

use anyhow::{Result, ensure};
use clap::Args;
use oslo_messaging_tests::broker::{Broker, Installed};

use self::beside::Run;
use self::plan::Job;
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
    /// Run everything on RabbitMQ 3, and on RabbitMQ 4 as well what depends on the broker's version.
    #[arg(long, conflicts_with_all = ["rabbitmq", "released_modules", "real_services"])]
    each_rabbitmq: bool,
    /// How many test programs run at the same time; by default one more than there are processors,
    /// because most of them wait for most of their time.
    #[arg(long, value_name = "PROGRAMS", conflicts_with_all = ["released_modules", "real_services"])]
    at_once: Option<NonZero<usize>>,
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
    /// The packages to test, with all features: with those that a package alone asks for, cargo would compile what all
    /// packages have in common once more.
    fn selection(&self) -> Vec<String> {
        let packages = self.packages.iter();
        let packages = packages.map(|package| format!("--package={package}"));
        let every = self.packages.is_empty().then(|| "--workspace".to_owned());
        let features = "--all-features".to_owned();
        packages.chain(every).chain([features]).collect()
    }

    /// Whether any of the packages runs components.
    fn components(&self) -> bool {
        let none = |package: &String| WITHOUT_COMPONENTS.contains(&package.as_str());
        self.packages.is_empty() || !self.packages.iter().all(none)
    }

    fn tests_the_program(&self) -> bool {
        self.packages.is_empty() || self.packages.iter().any(|package| package == "oslo-plugin")
    }

    /// Cargo's own command for them, without programs.
    fn cargo_test(&self, root: &Path) -> Command {
        let mut test = cargo();
        test.args(["test", "--locked"])
            .args(self.selection())
            .current_dir(root);
        test
    }

    /// What runs a job, without the names of tests and without the environment that tests have.
    fn run(&self, root: &Path, job: &Job<'_>) -> Run {
        match job.program {
            Some(program) => {
                let mut command = program.command();
                // What is in front of the compiler here is not meant for the plugins that tests build.
                command.env_remove("RUSTC_WORKSPACE_WRAPPER");
                Run {
                    title: program.title(),
                    command,
                }
            }
            None => {
                let mut command = self.cargo_test(root);
                command.args(["--doc", "--no-fail-fast", "--"]);
                Run {
                    title: "the tests in documents".to_owned(),
                    command,
                }
            }
        }
    }

    fn at_once(&self) -> usize {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        self.at_once.map_or(processors + 1, NonZero::get)
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
    let versions: &[_] = match options.each_rabbitmq {
        true => &[Some(3), Some(4)],
        false => &[options.node.rabbitmq],
    };
    let installed = versions.iter().map(|version| setup::rabbitmq(*version));
    let installed = installed.collect::<Result<Vec<_>>>()?;
    if options.tests_the_program() {
        // Before two programs of it look for one.
        setup::registry()?;
    }
    let compile = || programs::compile(options.cargo_test(root).args(options.programs()));
    let programs = match options.components() {
        true => guests::build_beside::<&str, _>(root, &[], compile)?.1,
        false => compile()?,
    };
    let Some(programs) = programs else {
        return Ok(1);
    };
    if options.no_run {
        return Ok(0);
    }

    // They live until the tests have ended.
    let mut brokers = Vec::new();
    let at = match env::var(TRANSPORT_URL) {
        Ok(url) if !options.each_rabbitmq => {
            announce(&format!("using the broker that {TRANSPORT_URL} names"));
            vec![url]
        }
        _ => {
            for rabbitmq in &installed {
                announce(&format!(
                    "starting a private node of RabbitMQ {} (about ten seconds)",
                    rabbitmq.version()
                ));
                brokers.push(Broker::start_as(rabbitmq, "")?);
            }
            brokers.iter().map(|broker| broker.url("/")).collect()
        }
    };
    // As cargo itself: not when programs are named, and not for packages without a library.
    let documents =
        options.programs().is_empty() && programs.iter().any(|program| program.is_library);
    let mut runs = Vec::new();
    for job in plan::jobs(&programs, documents, installed.len()) {
        let rabbitmq = installed[job.broker].version();
        let mut run = options.run(root, &job);
        if installed.len() > 1 {
            run.title += &format!(" (RabbitMQ {rabbitmq})");
        }
        run.command
            .args(&options.name)
            .args(&options.arguments)
            .env(PYTHON, &python)
            .env(GUESTS, root.join("target/guests"))
            .env(XTASK, env::current_exe()?)
            .env(TRANSPORT_URL, &at[job.broker])
            .env(Installed::CHOICE, rabbitmq.major().to_string());
        runs.push(run);
    }
    ensure!(
        !runs.is_empty(),
        "there is no test to run: services' and modules' tests have flags of their own, --real-services and \
         --released-modules"
    );
    let failed = beside::run(runs, options.at_once())?;
    Ok(u8::from(failed > 0))
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

/// The packages whose tests run no component.
const WITHOUT_COMPONENTS: [&str; 5] = [
    "oslo-amqp",
    "oslo-messaging",
    "oslo-messaging-faults",
    "oslo-messaging-policy",
    "xtask",
];
