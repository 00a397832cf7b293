//! Builds a plugin whose folder is put together first.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use oslo_messaging_build::{Builder, Project};

use super::{folder, stamp};

/// Builds a plugin whose folder is put together from these inputs, unless its component was made from
/// the same, and returns the component.
///
/// # Errors
/// When it cannot be put together or built.
pub(crate) fn build_assembled(
    root: &Path,
    source: &Path,
    inputs: &[&Path],
    assemble: impl FnOnce() -> Result<()>,
) -> Result<PathBuf> {
    let stamp = stamp::of(root, inputs)?;
    if let Ok(project) = Project::open(source)
        && stamp::is(&project.component(), &stamp)
    {
        return Ok(project.component());
    }
    assemble()?;
    let builder = Builder::of_checkout(root, &folder(root)?)?;
    let component = Project::open(source)?.build(&builder)?;
    stamp::write(&component, &fs::read(&component)?, &stamp)?;
    Ok(component)
}
