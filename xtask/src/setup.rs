//! Installs what the tests need and the machine lacks.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail};
use oslo_messaging_tests::broker::Broker;

use crate::process::{announce, run_quietly};

/// Makes sure that RabbitMQ's programs exist. Nothing is started.
pub(crate) fn rabbitmq() -> Result<()> {
    if Path::new(Broker::PROGRAMS).join("rabbitmq-server").exists() {
        return Ok(());
    }
    install(
        &["rabbitmq-server"],
        "the tests start a RabbitMQ node of their own",
    )
}

/// Makes sure that there is a Python with the peers' packages, and returns its path.
pub(crate) fn python(root: &Path) -> Result<PathBuf> {
    let requirements = fs::read_to_string(root.join("tests/python/requirements.txt"))
        .context("cannot read tests/python/requirements.txt")?;
    let folder = target(root).join("python");
    let stamp = folder.join("installed-requirements.txt");
    let python = folder.join("bin/python");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|known| known == requirements) {
        return Ok(python);
    }

    if Command::new("python3")
        .args(["-m", "ensurepip", "--version"])
        .output()
        .is_ok_and(|it| it.status.success())
    {
        announce("creating a Python environment with oslo.messaging (about half a minute)");
    } else {
        install(&["python3", "python3-venv"], "the tests have Python peers")?;
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    run_quietly(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    run_quietly(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-input",
            ])
            .arg("--requirement")
            .arg(root.join("tests/python/requirements.txt")),
    )?;
    // Written last: an installation that was interrupted is not taken for a finished one.
    fs::write(stamp, requirements)?;
    Ok(python)
}

/// Where cargo puts what it builds.
pub(crate) fn target(root: &Path) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |given| root.join(given))
}

/// Installs Debian's packages, or says what to install.
pub(crate) fn install(packages: &[&str], reason: &str) -> Result<()> {
    let command = format!(
        "apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    let debian = Path::new("/usr/bin/apt-get").exists();
    if !debian || !rustix::process::geteuid().is_root() {
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
    apt(&words).or_else(|_| {
        apt(&["update"])?;
        apt(&words)
    })
}
