//! Bindings, which an author never sees: the SDK's own, and those of a world with exports.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Result};
use wit_bindgen_core::Files;
use wit_bindgen_go::{Format, Opts};
use wit_parser::{Resolve, WorldId};

use crate::builder::Builder;
use crate::embedded;
use crate::wit;

/// The module of the SDK.
pub(crate) const SDK: &str = "github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go";

/// The folder of a module that its bindings are in.
pub(crate) const FOLDER: &str = "bindings";

/// The folder among bindings of what calls a plugin's exports.
const EXPORTED: &str = "wit_exports";

/// What the generator takes to be the module of what bindings need at run time. Its crate brings it,
/// and it becomes a part of the SDK's bindings, so that the SDK needs no other module.
const RUNTIME: &str = "go.bytecodealliance.org/pkg/";

/// Files by their paths in a module.
pub(crate) type Written = BTreeMap<PathBuf, Vec<u8>>;

/// The interfaces that a plugin exports when it imports a package of the SDK, whose name is the second.
pub(crate) const EXPORTS: [(&str, &str); 2] = [
    ("rpc-endpoint", "serves"),
    ("notification-endpoint", "listens"),
];

/// A world of the SDK: `sdk` of what it imports, and another for each of [`EXPORTS`].
///
/// # Errors
/// When the WIT files do not have what it is made of.
pub(crate) fn world(resolve: &mut Resolve, name: &str) -> Result<WorldId> {
    let package = |namespace: &str, name: &str| {
        let mut names = resolve.package_names.keys();
        let found = names.find(|it| it.namespace == namespace && it.name == name);
        let found = found.with_context(|| format!("there is no {namespace}:{name}"))?;
        let version = found.version.as_ref().map(|version| format!("@{version}"));
        Ok::<_, crate::Error>(version.unwrap_or_default())
    };
    let (messaging, clocks) = (package("oslo", "messaging")?, package("wasi", "clocks")?);
    let mut text = "package oslo:sdk;\n\nworld sdk {\n".to_owned();
    for import in IMPORTS {
        text += &format!("    import oslo:messaging/{import}{messaging};\n");
    }
    text += &format!("    import wasi:clocks/monotonic-clock{clocks};\n}}\n");
    for (interface, world) in EXPORTS {
        let export = format!("export oslo:messaging/{interface}{messaging};");
        text += &format!("world {world} {{ {export} }}\n");
    }
    let package = resolve
        .push_str("sdk.wit", &text)
        .context("the WIT files lack what the SDK for Go is made of")?;
    wit::world(resolve, package, name)
}

const IMPORTS: [&str; 7] = [
    "client",
    "limits",
    "notification",
    "notifier",
    "rpc-poll",
    "serving",
    "types",
];

/// The bindings of the SDK, in its module.
///
/// # Errors
/// When the generator does not know what to do with the world, or its crate lacks a file.
pub(crate) fn of_sdk(builder: &Builder, resolve: &Resolve) -> Result<Written> {
    let imports = in_world(resolve, "sdk", SDK)?;
    let mut written = imports;
    // There is nothing to export.
    written.retain(|path, _| !path.starts_with(Path::new(FOLDER).join(EXPORTED)));
    for (_, name) in EXPORTS {
        let exports = in_world(resolve, name, &format!("{SDK}/internal"))?;
        let file = Path::new(EXPORTED).join("wit_exports.go");
        let text = exports.get(&Path::new(FOLDER).join(&file));
        let text = text.with_context(|| format!("the bindings lack {}", file.display()))?;
        let file = Path::new(FOLDER).join(name).join(file);
        written.insert(file, text.clone());
    }
    let package = builder.third_party.join("go");
    let mut folders = vec![PathBuf::from("wit")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(package.join(&folder))? {
            let path = folder.join(entry?.file_name());
            if package.join(&path).is_dir() {
                folders.push(path);
            } else {
                let text = fs::read(package.join(&path))?;
                written.insert(Path::new(FOLDER).join(&path), in_sdk(&text));
            }
        }
    }
    let licence = fs::read(package.join("LICENSE"))?;
    written.insert(Path::new(FOLDER).join("wit/LICENSE"), licence);
    Ok(written)
}

/// The bindings of a world of the SDK.
fn in_world(resolve: &Resolve, name: &str, exported: &str) -> Result<Written> {
    let mut resolve = resolve.clone();
    let world = world(&mut resolve, name)?;
    written(resolve, world, SDK, exported)
}

/// The bindings of a world, in the module of a plugin. Functions that the world exports are expected
/// in its package `export_wit_world`.
///
/// # Errors
/// When the generator does not know what to do with the world.
pub(crate) fn generate(resolve: Resolve, world: WorldId, module: &str) -> Result<Written> {
    written(resolve, world, module, module)
}

fn written(mut resolve: Resolve, world: WorldId, module: &str, exported: &str) -> Result<Written> {
    let mut files = Files::default();
    Opts {
        format: Format::False,
        pkg_name: Some(format!("{module}/{FOLDER}")),
        export_pkg_name: Some(exported.to_owned()),
        ..Opts::default()
    }
    .build()
    .generate(&mut resolve, world, &mut files)
    .context("cannot generate the bindings")?;
    let written = files
        .iter()
        .map(|(name, text)| (Path::new(FOLDER).join(name), in_sdk(text)));
    Ok(written.collect())
}

/// A text in which what bindings need at run time is in the SDK.
fn in_sdk(text: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(text) {
        Ok(text) => text
            .replace(RUNTIME, &format!("{SDK}/{FOLDER}/"))
            .into_bytes(),
        Err(_) => text.to_owned(),
    }
}

/// Writes files into a folder. What is the same already stays as it is.
///
/// # Errors
/// When one cannot be written.
pub(crate) fn write(written: &Written, folder: &Path) -> Result<()> {
    for (name, text) in written {
        embedded::update(&folder.join(name), text)?;
    }
    Ok(())
}
