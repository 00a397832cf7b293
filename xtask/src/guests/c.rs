//! Builds plugins in C and C++ with Zig's compiler, which comes as a Python package and has its own
//! C and C++ libraries.

mod bindings;
mod zig;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use self::bindings::Bindings;
use self::zig::{Source, Zig};
use super::crates;
use super::plugin::{Place, Plugin};

/// Compiles a plugin to a module: the `.c` and `.cpp` files of its folder, the SDK's, and the
/// bindings of its world. A plugin of the world `command`, or of one that exports `wasi:cli/run` of
/// WASI 0.3, is a program with `main`, any other a library.
///
/// # Errors
/// When the compiler cannot be had, or something does not compile.
pub(super) fn build(place: Place<'_>, plugin: &Plugin<'_>) -> Result<PathBuf> {
    let scratch = place.scratch(plugin)?;
    let zig = Zig::find(place)?;
    let bindings = bindings::generate(plugin, scratch.join("bindings"))?;
    let sdk = place.root.join("guest/c");
    // Linked into every plugin; the linker leaves out what is not used, which is all of it in most.
    let json = crates::folder(place, "yyjson-sys")?.join("yyjson/src");

    let own = sources(&plugin.source)?;
    ensure!(
        !own.is_empty(),
        "{} has no .c or .cpp file",
        plugin.source.display()
    );
    let is_cpp = own.iter().any(|path| zig::is_cpp(path));
    let mut objects = Vec::new();
    let mut compile = |kind, path: &Path, includes: &[&Path]| -> Result<()> {
        if path.extension().is_some_and(|extension| extension == "o") {
            objects.push(path.to_owned());
            return Ok(());
        }
        let object = scratch.join(format!("{:03}.o", objects.len()));
        zig.compile(kind, path, includes, &object)?;
        objects.push(object);
        Ok(())
    };
    let headers = sdk.join("include");
    for path in &own {
        let includes = [
            plugin.source.as_path(),
            &headers,
            &json,
            // Only who exports functions of his own has a use for the generated header.
            &bindings.folder,
        ];
        let shown = if bindings.has_main { 3 } else { 4 };
        compile(Source::Ours, path, &includes[..shown])?;
    }
    let src = sdk.join("src");
    for path in sdk_sources(&src, &bindings)? {
        compile(Source::Ours, &path, &[&headers, &src, &bindings.folder])?;
    }
    for path in &bindings.sources {
        compile(Source::Theirs, path, &[&bindings.folder])?;
    }
    compile(Source::Theirs, &json.join("yyjson.c"), &[])?;

    let module = scratch.join("plugin.wasm");
    zig.link(&objects, is_cpp, bindings.has_main, &module)?;
    Ok(module)
}

/// What every plugin has of the SDK, and the folders of the interfaces that its world has.
fn sdk_sources(src: &Path, bindings: &Bindings) -> Result<Vec<PathBuf>> {
    let mut all = sources(src)?;
    for interface in &bindings.interfaces {
        let folder = src.join(interface);
        if folder.is_dir() {
            all.extend(sources(&folder)?);
        }
    }
    Ok(all)
}

/// The sources in a folder, in the order of their names.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let path = entry?.path();
        if zig::is_c(&path) || zig::is_cpp(&path) {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}
