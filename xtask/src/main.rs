//! `cargo xtask`: the project's chores. Each command installs what it needs, says so, and leaves
//! no process and no temporary folder behind.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

mod guests;

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
    /// Build the plugins as WebAssembly components, into target/guests.
    Guests(guests::Options),
}

fn main() -> ExitCode {
    let chore = Arguments::parse().chore;
    let outcome = root().and_then(|root| match chore {
        Chore::Guests(options) => guests::run(&root, &options),
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
