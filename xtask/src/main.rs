//! `cargo xtask`: the project's chores. Each command installs what it needs, says so, and leaves
//! no process and no temporary folder behind.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use oslo_messaging_tests::contain;

mod capture;
mod demo;
mod guests;
mod measure;
mod process;
mod services;
mod setup;
mod test;
mod wit;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about,
    max_term_width = 100
)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

/// The chores of the oslo.messaging for WebAssembly project.
#[derive(Subcommand)]
enum Chore {
    /// Start a private RabbitMQ node, print its URL, and keep it until Ctrl-C.
    Broker(test::Node),
    /// Capture the golden messages of host/messaging/tests/golden from real Python peers again.
    Capture,
    /// Build everything, watch sandboxed plugins make RPCs, and one be replaced while it is called.
    Demo(demo::Options),
    /// Build the plugins as WebAssembly components, into target/guests.
    Guests(guests::Options),
    /// Measure our client beside others and what plugins cost, and write the tables of docs/performance.md.
    Measure(measure::Options),
    /// Get the registry of OCI that tests start, and say where it is.
    Registry,
    /// Make the archive that the SDK of C or Go is obtained by.
    Sdk(guests::SdkOptions),
    /// Run every test, against real RabbitMQ and the real Python oslo.messaging.
    Test(test::Options),
    /// Check the WIT package and write docs/wit.md from it, or compare it with an earlier one.
    Wit(wit::Options),
}

fn main() -> ExitCode {
    let chore = Arguments::parse().chore;
    let outcome = contain::run(|| {
        let root = root()?;
        match chore {
            Chore::Broker(node) => test::broker(&node),
            Chore::Capture => capture::run(&root),
            Chore::Demo(options) => demo::run(&root, &options),
            Chore::Guests(options) => guests::run(&root, &options),
            Chore::Measure(options) => measure::run(&root, &options),
            Chore::Registry => {
                println!("{}", setup::registry()?.display());
                Ok(0)
            }
            Chore::Sdk(options) => guests::sdk(&root, &options),
            Chore::Test(options) => test::run(&root, &options),
            Chore::Wit(options) => wit::run(&root, &options),
        }
    });
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn root() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    Ok(root.context("xtask lies in the workspace")?.to_owned())
}
