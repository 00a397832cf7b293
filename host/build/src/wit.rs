//! The WIT packages of plugins, each in a folder with what it needs: the form in which the
//! generators of every language take it.

use std::fs;
use std::path::{Path, PathBuf};

use wit_parser::{PackageId, Resolve, WorldId, WorldItem, WorldKey};

use crate::builder::Builder;
use crate::embedded;
use crate::error::{Context, Result};

/// Puts a package, the files of a folder, together with `oslo:messaging` and WASI 0.2 in a folder
/// of this name. Files that are the same already stay as they are.
///
/// # Errors
/// When files cannot be read or written, or WASI's are not found.
pub(crate) fn assemble(builder: &Builder, package: &Path, name: &str) -> Result<PathBuf> {
    let folder = builder.work.join("wit").join(name);
    let wasi = builder.third_party.join("wasi");
    let messaging = folder.join("deps/oslo-messaging");
    // The texts are the ones that the host itself is compiled from.
    for (from, to) in [
        (package, &folder),
        (&wasi, &folder.join("deps")),
        (&builder.sdk.join("wit"), &messaging),
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

/// Reads the package in a folder, with what it needs in `deps` there.
///
/// # Errors
/// When it is not well-formed.
pub(crate) fn read(folder: &Path) -> Result<(Resolve, PackageId)> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_dir(folder)
        .with_context(|| format!("cannot read the WIT files in {}", folder.display()))?;
    Ok((resolve, package))
}

/// A world of a package.
///
/// # Errors
/// When it has none of this name.
pub(crate) fn world(resolve: &Resolve, package: PackageId, name: &str) -> Result<WorldId> {
    resolve
        .select_world(&[package], Some(name))
        .with_context(|| format!("there is no world `{name}`"))
}

/// A world of a text that is a package, added to what was read.
///
/// # Errors
/// When what it names was not read.
pub(crate) fn added(resolve: &mut Resolve, text: &str, name: &str) -> Result<WorldId> {
    let package = resolve
        .push_str(format!("{name}.wit"), text)
        .with_context(|| format!("the WIT files lack what the world `{name}` is made of"))?;
    world(resolve, package, name)
}

/// What a world imports.
pub(crate) fn imports(
    resolve: &Resolve,
    world: WorldId,
) -> impl Iterator<Item = (&WorldKey, &WorldItem)> {
    let world = resolve.worlds.get(world).into_iter();
    world.flat_map(|world| &world.imports)
}

/// What a world exports.
pub(crate) fn exports(
    resolve: &Resolve,
    world: WorldId,
) -> impl Iterator<Item = (&WorldKey, &WorldItem)> {
    let world = resolve.worlds.get(world).into_iter();
    world.flat_map(|world| &world.exports)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let file = entry?.path();
        if file.extension().is_none_or(|extension| extension != "wit") {
            continue;
        }
        let (text, name) = (fs::read(&file)?, file.file_name().unwrap_or_default());
        embedded::update(&to.join(name), &text)?;
    }
    // A file that is no more would still be a part of the package.
    for entry in fs::read_dir(to)? {
        let file = entry?.path();
        let is_wit = file.extension().is_some_and(|extension| extension == "wit");
        if is_wit && !from.join(file.file_name().unwrap_or_default()).exists() {
            fs::remove_file(file)?;
        }
    }
    Ok(())
}
