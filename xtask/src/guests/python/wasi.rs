//! The least WASI: what the plugin's world imports, and nothing of what Python's interpreter does.
//!
//! `--stub-wasi` takes away every import whose namespace is `wasi`, those of the world too. So the
//! world is built with another namespace of the same length, which becomes `wasi` in the component.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

const WASI: &str = "wasi:";
const HIDDEN: &str = "qasi:";

/// A text of WIT with the other namespace.
pub(super) fn hidden(text: &str) -> String {
    text.replace(WASI, HIDDEN)
}

/// Copies packages of WIT, with all that is below their folders, into one folder, with the other
/// namespace.
pub(super) fn hide(packages: &[&Path], to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    for package in packages {
        copy(package, to).with_context(|| format!("cannot copy {}", package.display()))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::write(target, hidden(&fs::read_to_string(entry.path())?))?;
        }
    }
    Ok(())
}

/// A component with the right namespace.
pub(super) fn reveal(mut component: Vec<u8>) -> Vec<u8> {
    let (wasi, hidden) = (WASI.as_bytes(), HIDDEN.as_bytes());
    let mut rest = component.as_mut_slice();
    while let Some(position) = rest.windows(hidden.len()).position(|it| it == hidden) {
        let (found, after) = rest[position..].split_at_mut(hidden.len());
        found.copy_from_slice(wasi);
        rest = after;
    }
    component
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_revealed_in_place() {
        let world = "import wasi:cli/stdout@0.2.12; import wasi:io/streams@0.2.12;";
        let hidden = hidden(world);
        assert!(!hidden.contains(WASI));
        assert_eq!(hidden.len(), world.len());
        assert_eq!(reveal(hidden.into_bytes()), world.as_bytes());
    }
}
