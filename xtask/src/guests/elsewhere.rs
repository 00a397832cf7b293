//! Builds plugins that lie anywhere.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use super::plugin::{Place, Plugin};
use super::{COMMAND, Language, component, folder, make, rust, stamp, wit};

/// What `cargo xtask build` is given.
#[derive(clap::Args)]
pub(crate) struct BuildOptions {
    /// The plugin's folder.
    folder: PathBuf,
}

/// Builds a plugin that is not of this repository, into its own folder, and says where it is.
///
/// # Errors
/// When the folder has no plugin in a known language, a toolchain cannot be had, or the plugin does
/// not compile.
pub(crate) fn build_elsewhere(root: &Path, options: &BuildOptions) -> Result<u8> {
    println!("{}", build_in(root, &options.folder)?.display());
    Ok(0)
}

/// Builds a plugin whose folder is put together from these inputs, unless its component was made from
/// the same, and returns the component.
///
/// # Errors
/// As [`build_elsewhere`], and when it cannot be put together.
pub(crate) fn build_assembled(
    root: &Path,
    folder: &Path,
    inputs: &[&Path],
    assemble: impl FnOnce() -> Result<()>,
) -> Result<PathBuf> {
    let component = component_in(folder)?;
    let stamp = stamp::of(root, inputs)?;
    if !stamp::is(&component, &stamp) {
        assemble()?;
        let bytes = fs::read(build_in(root, folder)?)?;
        stamp::write(&component, &bytes, &stamp)?;
    }
    Ok(component)
}

fn build_in(root: &Path, source: &Path) -> Result<PathBuf> {
    let source = fs::canonicalize(source)
        .with_context(|| format!("there is no folder {}", source.display()))?;
    let Some(language) = Language::of(&source) else {
        let marks = Language::value_variants().iter().flat_map(|it| it.marks());
        bail!(
            "{} has no plugin: none of {} is in it",
            source.display(),
            marks.copied().collect::<Vec<_>>().join(", ")
        );
    };
    let folder = folder(root)?;
    let place = Place {
        root,
        folder: &folder,
    };
    let plugin = plugin(place, &source, name(&source)?)?;
    let module = match language {
        Language::Rust => rust::build(place, &plugin),
        _ => make(place, language, &plugin),
    }
    .with_context(|| format!("cannot build the plugin in {}", source.display()))?;
    let component = component::componentise(component::kind(&module)?, &module)?;
    let path = component_in(&source)?;
    fs::write(&path, component).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

/// A plugin may bring a world of its own, in its folder `wit`.
fn plugin<'a>(place: Place<'_>, source: &Path, name: &'a str) -> Result<Plugin<'a>> {
    let own = source.join("wit");
    let (package, world) = if own.is_dir() {
        (own, "plugin")
    } else {
        (place.root.join("guest/wit"), COMMAND)
    };
    Ok(Plugin {
        name,
        source: source.to_owned(),
        wit: wit::assemble(place, &package, &format!("elsewhere-{name}"))?,
        world,
    })
}

fn component_in(folder: &Path) -> Result<PathBuf> {
    Ok(folder.join(name(folder)?).with_extension("wasm"))
}

fn name(folder: &Path) -> Result<&str> {
    let name = folder.file_name().and_then(|name| name.to_str());
    name.context("the plugin's folder has no name")
}
