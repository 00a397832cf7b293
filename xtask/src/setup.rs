//! Installs what the tests need and the machine lacks.

mod rabbitmq;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail};

pub(crate) use self::rabbitmq::rabbitmq;
use crate::process::{announce, run_quietly};

/// Makes sure that there is a Python with the peers' packages, and returns its path.
pub(crate) fn python(root: &Path) -> Result<PathBuf> {
    python_environment(
        &target(root).join("python"),
        &root.join("tests/python/requirements.txt"),
        "the tests have Python peers",
    )
}

/// Makes sure that there is a Python with released modules of OpenStack, and returns its path.
pub(crate) fn released_modules(root: &Path) -> Result<PathBuf> {
    python_environment_with(
        &target(root).join("released-modules"),
        &root.join("guest/python/tests/modules/requirements.txt"),
        "they run on the Python SDK",
        // The file has all that is needed; what the services need besides are hundreds.
        &["--no-deps"],
    )
}

/// Makes sure that there is a Python with real services of OpenStack, and returns its environment.
pub(crate) fn real_services(root: &Path) -> Result<PathBuf> {
    let folder = target(root).join("real-services");
    python_environment_with(
        &folder,
        &root.join("tests/real/requirements.txt"),
        "plugins call real services",
        // As above, and the file pins what services share in versions that some of them do not name.
        &["--no-deps"],
    )?;
    Ok(folder)
}

/// Makes sure that a folder has a Python with the packages that a file requires, and returns the
/// path of that Python.
///
/// # Errors
/// When there is no Python and none can be installed, or a package cannot be installed.
pub(crate) fn python_environment(
    folder: &Path,
    requirements: &Path,
    reason: &str,
) -> Result<PathBuf> {
    python_environment_with(folder, requirements, reason, &[])
}

fn python_environment_with(
    folder: &Path,
    requirements: &Path,
    reason: &str,
    options: &[&str],
) -> Result<PathBuf> {
    let text = fs::read_to_string(requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let stamp = folder.join("installed-requirements.txt");
    let python = folder.join("bin/python");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|known| known == text) {
        return Ok(python);
    }

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
        install(&["python3", "python3-venv"], reason)?;
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    run_quietly(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
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
            .args(options)
            .arg("--requirement")
            .arg(requirements),
    )?;
    // Written last: an installation that was interrupted is not taken for a finished one.
    fs::write(stamp, text)?;
    Ok(python)
}

/// Makes sure that programs in C can be compiled with librabbitmq.
pub(crate) fn librabbitmq() -> Result<()> {
    let works = Command::new("cc")
        .args([
            "-fsyntax-only",
            "-include",
            "amqp.h",
            "-x",
            "c",
            "/dev/null",
        ])
        .output()
        .is_ok_and(|it| it.status.success());
    if works {
        return Ok(());
    }
    install(
        &["gcc", "libc6-dev", "librabbitmq-dev"],
        "our client is measured beside C's",
    )
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
