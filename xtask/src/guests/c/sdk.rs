//! The SDK as an archive, for whoever builds with a toolchain of his own, or tests natively.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use wit_parser::Resolve;

use super::bindings;
use super::sources::in_folder;
use super::zig::Zig;
use crate::guests::plugin::Place;
use crate::guests::wit;
use crate::process::run_quietly;

/// Makes `oslo-messaging-c-VERSION.tar.gz` in a folder, beside the folder that it is made of:
/// headers, sources, the bindings of a program's world, the played host, and files for pkg-config and
/// CMake. Returns the archive.
///
/// # Errors
/// When a file cannot be read or written, or the archive cannot be made.
pub(in crate::guests) fn archive(place: Place<'_>, folder: &Path) -> Result<PathBuf> {
    let name = format!("oslo-messaging-c-{VERSION}");
    let root = folder.join(&name);
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    let sdk = place.root.join("guest/c");
    for part in ["include", "src", "testing"] {
        copy(&sdk.join(part), &root.join(part))?;
    }
    fs::copy(sdk.join("README.md"), root.join("README.md"))?;
    fs::copy(place.root.join("LICENSE"), root.join("LICENSE"))?;

    let package = wit::assemble(place, &place.root.join("guest/wit"), "plugin")?;
    let mut resolve = Resolve::default();
    resolve.push_dir(&package)?;
    let world = bindings::program(&mut resolve)?;
    bindings::write(&mut resolve, world, &root.join("bindings"))?;
    packaging(&sdk.join("packaging"), &root)?;

    let archive = folder.join(format!("{name}.tar.gz"));
    let zig = Zig::find(place)?;
    run_quietly(
        Command::new(zig.python())
            .args(["-m", "tarfile", "-c"])
            .arg(&archive)
            .arg(&name)
            .current_dir(folder),
    )?;
    Ok(archive)
}

/// Writes the files for pkg-config and CMake, which name the sources.
fn packaging(templates: &Path, root: &Path) -> Result<()> {
    let mut shared = Vec::new();
    for part in [
        "src",
        "src/client",
        "src/limits",
        "src/notifier",
        "src/rpc",
        "src/pending",
        "src/rpc-poll",
    ] {
        shared.extend(names(root, part)?);
    }
    let mut component = shared.clone();
    component.extend(names(root, "src/component")?);
    component.push("bindings/oslo_world.c".to_owned());
    let mut testing = shared;
    testing.extend(names(root, "testing")?);
    let world = ["bindings/oslo_world_component_type.o".to_owned()];
    let with_world = [component.as_slice(), &world].concat();

    let in_prefix = |names: &[String]| {
        let names = names.iter().map(|name| format!("${{prefix}}/{name}"));
        names.collect::<Vec<_>>().join(" ")
    };
    let write = |name: &str, folder: &str, sources: &str| -> Result<()> {
        let text = fs::read_to_string(templates.join(name))
            .with_context(|| format!("cannot read {name} in {}", templates.display()))?
            .replace("@URL@", env!("CARGO_PKG_REPOSITORY"))
            .replace("@VERSION@", VERSION)
            .replace("@SOURCES@", sources)
            .replace("@SDK_SOURCES@", &component.join(" "))
            .replace("@TESTING_SOURCES@", &testing.join(" "));
        fs::create_dir_all(root.join(folder))?;
        Ok(fs::write(root.join(folder).join(name), text)?)
    };
    write(
        "oslo-messaging.pc",
        "lib/pkgconfig",
        &in_prefix(&with_world),
    )?;
    write(
        "oslo-messaging-testing.pc",
        "lib/pkgconfig",
        &in_prefix(&testing),
    )?;
    write(
        "oslo-messaging-config.cmake",
        "lib/cmake/oslo-messaging",
        "",
    )?;
    write(
        "oslo-messaging-config-version.cmake",
        "lib/cmake/oslo-messaging",
        "",
    )
}

/// The sources of a part, by their paths in the archive.
fn names(root: &Path, part: &str) -> Result<Vec<String>> {
    let sources = in_folder(&root.join(part))?.into_iter();
    let name = |path: PathBuf| Some(format!("{part}/{}", path.file_name()?.to_str()?));
    Ok(sources.filter_map(name).collect())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    let entries = fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))?;
    for entry in entries {
        let path = entry?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs::copy(&path, target)?;
        }
    }
    Ok(())
}

/// The SDK's, which its header says as well.
const VERSION: &str = env!("CARGO_PKG_VERSION");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_has_the_version_of_the_workspace() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let header = root.join("guest/c/include/oslo_messaging_types.h");
        let header = fs::read_to_string(header).unwrap();
        let mut numbers = VERSION.split(['.', '-']);
        for part in ["MAJOR", "MINOR", "PATCH"] {
            let number = numbers.next().unwrap();
            let line = format!("#define OSLO_MESSAGING_VERSION_{part} {number}\n");
            assert!(header.contains(&line), "{line}");
        }
        assert!(header.contains(&format!("#define OSLO_MESSAGING_VERSION \"{VERSION}\"\n")));
    }
}
