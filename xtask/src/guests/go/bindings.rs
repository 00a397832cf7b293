//! The bindings of a world, which an author never sees.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use wit_bindgen_core::Files;
use wit_bindgen_go::{Format, Opts};
use wit_parser::{Resolve, WorldId};

/// The module that they are in.
pub(super) const MODULE: &str = "oslo.messaging/bindings";

/// Writes the bindings of a world into a folder. Functions that the world exports are expected in
/// the package `export_wit_world` of the plugin's module.
///
/// # Errors
/// When the generator does not know what to do with the world, or files cannot be written.
pub(super) fn generate(
    mut resolve: Resolve,
    world: WorldId,
    plugin: &str,
    folder: &Path,
) -> Result<()> {
    let mut files = Files::default();
    Opts {
        format: Format::False,
        pkg_name: Some(MODULE.to_owned()),
        export_pkg_name: Some(plugin.to_owned()),
        ..Opts::default()
    }
    .build()
    .generate(&mut resolve, world, &mut files)
    .context("cannot generate the bindings")?;
    files.push("go.mod", manifest().as_bytes());
    for (name, text) in files.iter() {
        write(&folder.join(name), text)?;
    }
    Ok(())
}

fn manifest() -> String {
    let runtime = wit_bindgen_go::remote_pkg_version();
    format!("module {MODULE}\n\ngo 1.25\n\nrequire {runtime}\n")
}

/// What is the same already stays as it is.
fn write(path: &Path, text: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|known| known == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
