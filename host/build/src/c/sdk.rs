//! The SDK as an archive, for whoever builds with a toolchain of his own, or tests natively.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Context, Result};

use super::bindings;
use super::sources::in_folder;
use super::zig::Zig;
use crate::builder::Builder;
use crate::process::run_quietly;
use crate::wit;

/// Makes `oslo-messaging-c-VERSION.tar.gz` in a folder, beside the folder that it is made of:
/// headers, sources, the bindings of the worlds of programs, servers and listeners, the played host, and
/// files for pkg-config and CMake. Returns the archive.
///
/// # Errors
/// When a file cannot be read or written, or the archive cannot be made.
pub(crate) fn archive(builder: &Builder, folder: &Path) -> Result<PathBuf> {
    let name = format!("oslo-messaging-c-{VERSION}");
    let root = folder.join(&name);
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    let sdk = builder.sdk.join("guest/c");
    for part in ["include", "src", "testing"] {
        copy(&sdk.join(part), &root.join(part))?;
    }
    fs::copy(sdk.join("README.md"), root.join("README.md"))?;
    fs::copy(builder.sdk.join("LICENSE"), root.join("LICENSE"))?;

    let package = wit::assemble(builder, &builder.sdk.join("guest/wit"), "plugin")?;
    let (mut resolve, _) = wit::read(&package)?;
    for product in &PRODUCTS {
        let world = match &product.exports {
            Some(exports) => bindings::library(&mut resolve, exports.world)?,
            None => bindings::program(&mut resolve)?,
        };
        bindings::write_into(&mut resolve, world, &root.join(product.bindings))?;
    }
    packaging(&sdk.join("packaging"), &root)?;

    let archive = folder.join(format!("{name}.tar.gz"));
    let zig = Zig::find(builder)?;
    run_quietly(
        Command::new(zig.python())
            .args(["-m", "tarfile", "-c"])
            .arg(&archive)
            .arg(&name)
            .current_dir(folder),
    )?;
    Ok(archive)
}

/// What a plugin is linked with, by what it is.
struct Product {
    /// Its file for pkg-config.
    name: &'static str,
    description: &'static str,
    /// The folder of the bindings of its world.
    bindings: &'static str,
    /// None of a program.
    exports: Option<Exports>,
}

struct Exports {
    world: &'static str,
    /// The folder of its sources, and what stands for them in the file for CMake.
    sources: &'static str,
    word: &'static str,
}

const PRODUCTS: [Product; 3] = [
    Product {
        name: "oslo-messaging",
        description: "Calls methods of oslo.messaging servers from WebAssembly programs in C",
        bindings: "bindings/program",
        exports: None,
    },
    Product {
        name: "oslo-messaging-server",
        description: "Serves methods of oslo.messaging in WebAssembly plugins in C",
        bindings: "bindings/server",
        exports: Some(Exports {
            world: "rpc-server",
            sources: "src/serve",
            word: "@SERVER_SOURCES@",
        }),
    },
    Product {
        name: "oslo-messaging-listener",
        description: "Handles notifications of oslo.messaging in WebAssembly plugins in C",
        bindings: "bindings/listener",
        exports: Some(Exports {
            world: "notification-listener",
            sources: "src/notification",
            word: "@LISTENER_SOURCES@",
        }),
    },
];

/// Writes the files for pkg-config and CMake, which name the sources.
fn packaging(templates: &Path, root: &Path) -> Result<()> {
    let mut shared = Vec::new();
    for part in SHARED {
        shared.extend(names(root, part)?);
    }
    let mut component = shared.clone();
    component.extend(names(root, "src/component")?);
    let mut testing = shared;
    testing.extend(names(root, "testing")?);

    let mut words = vec![
        ("@URL@", env!("CARGO_PKG_REPOSITORY").to_owned()),
        ("@VERSION@", VERSION.to_owned()),
        ("@SDK_SOURCES@", component.join(" ")),
        ("@TESTING_SOURCES@", testing.join(" ")),
    ];
    let write = |template: &str, file: &str, words: &[(&str, String)]| -> Result<()> {
        let text = fs::read_to_string(templates.join(template))
            .with_context(|| format!("cannot read {template} in {}", templates.display()))?;
        let text = words
            .iter()
            .fold(text, |text, (word, with)| text.replace(word, with));
        let path = root.join("lib").join(file);
        fs::create_dir_all(path.parent().unwrap_or(root))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    let in_prefix = |names: &[String]| {
        let names = names.iter().map(|name| format!("${{prefix}}/{name}"));
        names.collect::<Vec<_>>().join(" ")
    };
    for product in &PRODUCTS {
        let mut sources = component.clone();
        let mut link = String::new();
        if let Some(exports) = &product.exports {
            let own = names(root, exports.sources)?;
            words.push((exports.word, own.join(" ")));
            sources.extend(own);
            // It has no `main`: the host calls what it exports.
            link.push_str("-mexec-model=reactor ");
        }
        for file in ["oslo_world.c", "oslo_world_component_type.o"] {
            sources.push(format!("{}/{file}", product.bindings));
        }
        let own = [
            ("@NAME@", product.name.to_owned()),
            ("@DESCRIPTION@", product.description.to_owned()),
            ("@BINDINGS@", product.bindings.to_owned()),
            ("@SOURCES@", link + &in_prefix(&sources)),
        ];
        let file = format!("pkgconfig/{}.pc", product.name);
        write("component.pc", &file, &[&words[..], &own].concat())?;
    }
    words.push(("@SOURCES@", in_prefix(&testing)));
    for (file, folder) in [
        ("oslo-messaging-testing.pc", "pkgconfig"),
        ("oslo-messaging-config.cmake", "cmake/oslo-messaging"),
        (
            "oslo-messaging-config-version.cmake",
            "cmake/oslo-messaging",
        ),
    ] {
        write(file, &format!("{folder}/{file}"), &words)?;
    }
    Ok(())
}

/// What a native test is linked with: the SDK and the played host.
///
/// # Errors
/// When a folder of the SDK cannot be read.
pub(crate) fn tested(sdk: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for part in SHARED.into_iter().chain(["testing"]) {
        all.extend(in_folder(&sdk.join(part))?);
    }
    Ok(all)
}

/// The parts that both a program and a native test have.
const SHARED: [&str; 7] = [
    "src",
    "src/client",
    "src/limits",
    "src/notifier",
    "src/rpc",
    "src/pending",
    "src/rpc-poll",
];

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
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
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
