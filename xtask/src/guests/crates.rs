//! The sources of crates that this workspace depends on: some bring more than Rust.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::plugin::Place;
use crate::process::cargo;

/// The folder of a crate in the lock file.
///
/// # Errors
/// When cargo does not know of it or cannot get it.
pub(super) fn folder(place: Place<'_>, name: &str) -> Result<PathBuf> {
    // Cargo takes a good part of a second to answer, and its answer changes with the lock file.
    let known = place.folder.join(format!("crate-{name}.txt"));
    if let (Ok(path), true) = (fs::read_to_string(&known), is_newer(place, &known)) {
        let path = PathBuf::from(path);
        if path.is_dir() {
            return Ok(path);
        }
    }

    let output = cargo()
        .args(["metadata", "--format-version=1", "--locked"])
        .current_dir(place.root)
        .output()
        .context("cannot run cargo metadata")?;
    ensure!(
        output.status.success(),
        "cargo metadata failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value =
        serde_json::from_slice(&output.stdout).context("cargo metadata did not print JSON")?;
    let packages = metadata["packages"].as_array();
    let manifest = packages
        .into_iter()
        .flatten()
        .find(|package| package["name"] == name)
        .and_then(|package| package["manifest_path"].as_str())
        .with_context(|| format!("Cargo.lock has no crate `{name}`"))?;
    let path = PathBuf::from(manifest)
        .parent()
        .with_context(|| format!("{manifest} is in no folder"))?
        .to_owned();
    fs::write(known, path.display().to_string())?;
    Ok(path)
}

fn is_newer(place: Place<'_>, known: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|it| it.modified()).ok();
    modified(known) > modified(&place.root.join("Cargo.lock"))
}
