//! Installs what the tests need and the machine lacks.

mod apt;
mod rabbitmq;
mod registry;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use oslo_messaging_build::install::{self, PythonEnvironment};

pub(crate) use self::rabbitmq::rabbitmq;
pub(crate) use self::registry::registry;

/// Makes sure that there is a Python with the peers' packages, and returns its path.
pub(crate) fn python(root: &Path) -> Result<PathBuf> {
    python_environment(
        &target(root).join("python"),
        &root.join("tests/python/requirements.txt"),
        "the tests have Python peers",
        &[],
    )
}

/// Makes sure that there is a Python with released modules of OpenStack, and returns its path.
pub(crate) fn released_modules(root: &Path) -> Result<PathBuf> {
    python_environment(
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
    python_environment(
        &folder,
        &root.join("tests/real/requirements.txt"),
        "plugins call real services",
        // As above, and the file pins what services share in versions that some of them do not name.
        &["--no-deps"],
    )?;
    Ok(folder)
}

/// Makes sure that a folder has a Python with the packages that a file requires, and returns the path of
/// that Python.
fn python_environment(
    folder: &Path,
    requirements: &Path,
    reason: &str,
    options: &[&str],
) -> Result<PathBuf> {
    let environment = PythonEnvironment {
        folder,
        requirements,
        reason,
        options,
        installs_packages: true,
    };
    Ok(environment.ensure()?)
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
    Ok(install::packages(packages, reason, true)?)
}
