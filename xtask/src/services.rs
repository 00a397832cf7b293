//! What the tests with real services need besides them: the program, plugins, and one plugin that has
//! the services' own clients in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::process::{announce, cargo, run, run_quietly};
use crate::{guests, setup};

/// The plugins that make the calls, one a language.
pub(crate) const GUESTS: [&str; 5] = [
    "conformance",
    "conformance-python",
    "conformance-javascript",
    "conformance-go",
    "conformance-c",
];

/// Builds `oslo-plugin` and says where it is.
///
/// # Errors
/// When it does not compile.
pub(crate) fn program(root: &Path) -> Result<PathBuf> {
    let mut build = cargo();
    build.args(["build", "--locked", "--quiet", "--bin", "oslo-plugin"]);
    build.arg("--all-features");
    run(build.current_dir(root))?;
    Ok(setup::target(root).join("debug/oslo-plugin"))
}

/// Builds the plugin of `tests/real/clients` with the released modules that it imports, as they are in
/// the environment of the services.
///
/// # Errors
/// When a module is not there, or the plugin cannot be built.
pub(crate) fn clients(root: &Path, services: &Path) -> Result<PathBuf> {
    let real = root.join("tests/real");
    let (source, gather) = (real.join("clients"), real.join("gather.py"));
    let (sdk, worlds) = (root.join("guest/python"), root.join("guest/wit"));
    let values = sdk.join("tests/sdk/values.py");
    let folder = services.join("clients");
    let installed = services.join("installed-requirements.txt");
    let inputs = [&*source, &gather, &sdk, &worlds, &installed];
    guests::build_assembled(root, &folder, &inputs, || {
        announce("building a plugin with the clients of the services (about two minutes)");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(&source)? {
            copy(&entry?.path(), &folder)?;
        }
        copy(&values, &folder)?;
        let mut command = Command::new(services.join("bin/python"));
        command.args(["-W", "ignore"]).arg(&gather).arg(&sdk);
        run_quietly(command.arg(&folder).env("PYTHONDONTWRITEBYTECODE", "1"))
    })
}

fn copy(file: &Path, folder: &Path) -> Result<()> {
    if let (true, Some(name)) = (file.is_file(), file.file_name()) {
        fs::copy(file, folder.join(name))?;
    }
    Ok(())
}
