//! `cargo xtask demo`: from a fresh machine to sandboxed plugins that make RPCs, and to the daemon that hosts
//! them.

mod daemon;

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::process::{announce, cargo, exit_code, run as run_command, status};
use crate::{guests, setup};

#[derive(Args)]
pub(crate) struct Options {
    /// The broker to use, such as rabbit://guest:guest@localhost:5672/; by default plugins and
    /// the servers that they call meet in memory, and no broker is needed.
    #[arg(long, value_name = "URL", default_value = "memory://")]
    transport: String,
}

pub(crate) fn run(root: &Path, options: &Options) -> Result<u8> {
    let program = setup::target(root).join("debug/oslo-plugin");
    let mut build = cargo();
    // As the tests have it, so that nothing is compiled twice.
    build
        .args(["build", "--locked", "--bin", "oslo-plugin"])
        .arg("--all-features")
        .current_dir(root);
    if program.exists() {
        // Up to date, or soon.
        build.arg("--quiet");
    } else {
        announce("building the host program (only the first time: some minutes)");
    }
    let plugins = [&TOURS[..], &daemon::PLUGINS].concat();
    let (plugins, ()) = guests::build_beside(root, &plugins, || run_command(&mut build))?;
    let (tours, hosted): (Vec<_>, Vec<_>) = plugins
        .into_iter()
        .partition(|guest| TOURS.contains(&guest.name));
    for guest in tours {
        let code = exit_code(status(&mut plugin(
            &program,
            &options.transport,
            &guest.path,
        ))?);
        if code != 0 {
            return Ok(code);
        }
    }
    let folder = setup::target(root).join("demo");
    daemon::show(&program, &folder, &options.transport, &hosted)?;
    Ok(0)
}

/// Runs a plugin next to a demonstration server that it can call.
fn plugin(program: &Path, transport: &str, component: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(["run", "--transport", transport, "--serve-demo"])
        .arg(component);
    command
}

const TOURS: [&str; 2] = ["tour", "tour-async"];
