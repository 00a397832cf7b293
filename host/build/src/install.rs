//! Installs what toolchains are made of.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::builder::locked;
use crate::error::{Context, Error, Result, bail, ensure};
use crate::process::{announce, run_quietly};

/// A Python environment with packages of its own.
#[derive(Clone, Copy, Debug)]
pub struct PythonEnvironment<'a> {
    /// Where it is, or will be.
    pub folder: &'a Path,
    /// The file that names its packages, with their versions and hashes.
    pub requirements: &'a Path,
    /// What it is for, in a sentence that goes on with what is missing.
    pub reason: &'a str,
    /// What pip is given besides.
    pub options: &'a [&'a str],
    /// Whether packages of the operating system may be installed.
    pub installs_packages: bool,
}

impl PythonEnvironment<'_> {
    /// Makes sure that it is there, and returns its interpreter.
    ///
    /// # Errors
    /// When there is no Python 3 with `venv`, or a package cannot be installed.
    pub fn ensure(&self) -> Result<PathBuf> {
        let Self {
            folder,
            requirements,
            ..
        } = *self;
        let text = fs::read_to_string(requirements)
            .with_context(|| format!("cannot read {}", requirements.display()))?;
        let stamp = folder.join("installed-requirements.txt");
        let python = folder.join("bin/python");
        let is_there =
            || python.exists() && fs::read_to_string(&stamp).is_ok_and(|known| known == text);
        if is_there() {
            return Ok(python);
        }
        let above = folder.parent().unwrap_or(folder);
        fs::create_dir_all(above).with_context(|| format!("cannot make {}", above.display()))?;
        let _lock = locked(&folder.with_extension("lock"))?;
        if is_there() {
            return Ok(python);
        }
        self.install(&python)?;
        // Written last: an installation that was interrupted is not taken for a finished one.
        fs::write(&stamp, text).with_context(|| format!("cannot write {}", stamp.display()))?;
        Ok(python)
    }

    fn install(&self, python: &Path) -> Result<()> {
        let Self {
            folder,
            requirements,
            reason,
            ..
        } = *self;
        if Command::new("python3")
            .args(["-m", "ensurepip", "--version"])
            .output()
            .is_ok_and(|it| it.status.success())
        {
            announce(&format!(
                "installing {} with Python (about half a minute): {reason}",
                requirements.display()
            ));
        } else {
            packages(&["python3", "python3-venv"], reason, self.installs_packages)?;
        }
        if folder.exists() {
            fs::remove_dir_all(folder)
                .with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        run_quietly(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        run_quietly(
            Command::new(python)
                .args(["-m", "pip", "install", "--quiet"])
                .args(["--disable-pip-version-check", "--no-input"])
                .args(self.options)
                .arg("--requirement")
                .arg(requirements),
        )
    }
}

/// A program that a package has in a Python environment. By the package's own command, Python would start first.
///
/// # Errors
/// When it is not there.
pub(crate) fn program(python: &Path, package: &str, name: &str, called: &str) -> Result<PathBuf> {
    let output = Command::new(python)
        .arg("-c")
        .arg(format!("import {package}; print({package}.__path__[0])"))
        .output()
        .with_context(|| format!("cannot run {}", python.display()))?;
    let folder = String::from_utf8_lossy(&output.stdout);
    let program = Path::new(folder.trim()).join(name);
    let environment = python.ancestors().nth(2).unwrap_or(python);
    ensure!(
        program.is_file(),
        "there is no {called} in {}; remove that folder, and it is installed again",
        environment.display()
    );
    Ok(program)
}

/// Installs Debian's packages, if that is allowed and possible.
///
/// # Errors
/// Says what to install where it was not, or what the package manager said.
pub fn packages(packages: &[&str], reason: &str, may: bool) -> Result<()> {
    let command = format!(
        "apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    let debian = Path::new("/usr/bin/apt-get").exists();
    if !may || !debian || !rustix::process::geteuid().is_root() {
        let hint = if debian {
            format!("run `sudo {command}`")
        } else {
            format!("install what Debian calls {}", packages.join(" and "))
        };
        bail!(
            "{reason}, and {} cannot be installed from here: {hint}",
            packages.join(" and ")
        );
    }
    announce(&format!("{command}: {reason}"));
    let apt = |arguments: &[&str]| {
        run_quietly(
            Command::new("apt-get")
                .args(arguments)
                .env("DEBIAN_FRONTEND", "noninteractive"),
        )
    };
    let words = [&["install", "-y", "--no-install-recommends"], packages].concat();
    // A fresh machine has no package lists, or old ones.
    apt(&words).or_else(|_: Error| {
        apt(&["update"])?;
        apt(&words)
    })
}
