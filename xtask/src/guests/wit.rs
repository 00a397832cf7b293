//! The WIT packages of plugins, each in a folder with what it needs: the form in which the
//! generators of every language take it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::crates;
use super::plugin::Place;

/// Puts a package, the files of a folder, together with `oslo:messaging` and WASI 0.2 in a folder
/// of this name. Files that are the same already stay as they are.
///
/// # Errors
/// When files cannot be read or written, or WASI's are not found.
pub(super) fn assemble(place: Place<'_>, package: &Path, name: &str) -> Result<PathBuf> {
    let folder = place.folder.join("wit").join(name);
    let wasi = crates::folder(place, "wasmtime-wasi")?.join("src/p2/wit/deps");
    let messaging = folder.join("deps/oslo-messaging");
    // A file that is no more would still be a part of the package.
    if messaging.exists() {
        fs::remove_dir_all(&messaging)?;
    }
    // The texts are the ones that the host itself is compiled from.
    for (from, to) in [
        (package, &folder),
        (&wasi, &folder.join("deps")),
        (&place.root.join("wit"), &messaging),
    ] {
        copy(from, to).with_context(|| {
            format!(
                "cannot copy the WIT files of {} to {}",
                from.display(),
                to.display()
            )
        })?;
    }
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let file = entry?.path();
        if file.extension().is_none_or(|extension| extension != "wit") {
            continue;
        }
        let (text, name) = (fs::read(&file)?, file.file_name().unwrap_or_default());
        let target = to.join(name);
        if !fs::read(&target).is_ok_and(|known| known == text) {
            fs::write(target, text)?;
        }
    }
    Ok(())
}
