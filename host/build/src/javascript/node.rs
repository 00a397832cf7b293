//! Node.js, which has to be there.

use std::process::Command;

use crate::builder::Builder;
use crate::error::{Result, ensure};
use crate::install;

/// Makes sure that there is Node.js of a version that the packages of the toolchain run on.
///
/// # Errors
/// When there is none, or an older one, with what to do.
pub(super) fn ensure_node(builder: &Builder) -> Result<()> {
    let mut found = version("node");
    if found.is_none() {
        install(builder)?;
        found = version("node");
    }
    let version = found.unwrap_or_default();
    ensure!(
        is_enough(&version),
        "{REASON}, and the `node` that is found first is {version}: install a later one, or put its folder \
         first into PATH"
    );
    Ok(())
}

/// Makes sure that there is npm.
///
/// # Errors
/// When it cannot be installed.
pub(super) fn ensure_npm(builder: &Builder) -> Result<()> {
    match version("npm") {
        Some(_) => Ok(()),
        None => install(builder),
    }
}

fn install(builder: &Builder) -> Result<()> {
    install::packages(&["nodejs", "npm"], REASON, builder.installs_packages)
}

/// What a program of Node.js says its version is, if it can be run.
fn version(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(said)
}

/// Versions are as in `v20.11.1`.
fn is_enough(version: &str) -> bool {
    let number = version.strip_prefix('v').unwrap_or(version);
    let major = number.split('.').next().and_then(|it| it.parse().ok());
    major.is_some_and(|major: u32| major >= LEAST)
}

const LEAST: u32 = 20;
const REASON: &str = "plugins in JavaScript and TypeScript are built with Node.js 20 or later";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        for version in ["v20.0.0", "v22.11.0", "v100.1.0", "20.1.2"] {
            assert!(is_enough(version), "{version}");
        }
        for version in ["v18.20.4", "v8.0.0", "v2.0.0", "v19.9.9", "", "nonsense"] {
            assert!(!is_enough(version), "{version}");
        }
        assert!(REASON.contains(&format!(" {LEAST} ")));
    }
}
