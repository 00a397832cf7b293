//! Builds plugins in C and C++ with Zig's compiler, which comes as a Python package and has its own
//! C and C++ libraries.

mod bindings;
mod commands;
mod flags;
mod sdk;
mod sources;
mod tested;
#[cfg(all(test, feature = "broker-tests"))]
mod tests;
mod zig;

use std::path::{Path, PathBuf};

use crate::error::{Result, ensure};

use self::bindings::Bindings;
use self::commands::Commands;
use self::flags::Flags;
pub(crate) use self::sdk::archive;
use self::sources::Sources;
pub(crate) use self::tested::test;
use self::zig::{Code, Zig};
use crate::builder::Builder;
use crate::built_with::BuiltWith;
use crate::component::Module;
use crate::plugin::Plugin;

/// Compiles a plugin to a module: its own files, what is in its folder `vendor`, the SDK, and the
/// bindings of its world. A plugin of the world `command`, or of one that exports `wasi:cli/run` of
/// WASI 0.3, is a program with `main`, any other a library.
///
/// A plugin outside of the repository gets a `compile_commands.json`, for clangd.
///
/// # Errors
/// When the compiler cannot be had, or something does not compile.
pub(crate) fn build(builder: &Builder, plugin: &Plugin<'_>) -> Result<Module> {
    let scratch = builder.scratch(plugin)?;
    let zig = Zig::find(builder)?;
    let bindings = bindings::generate(builder, plugin)?;
    // Linked into every plugin; the linker leaves out what is not used, which is all of it in most.
    let json = builder.third_party.join("yyjson/src");

    let found = Sources::of(&plugin.source)?;
    ensure!(
        !found.own.is_empty(),
        "{} has no .c or .cpp file",
        plugin.source.display()
    );
    let flags = Flags::of(&plugin.source)?;
    let headers = builder.sdk.join("guest/c/include");
    let mut own = Code::ours(&plugin.source);
    own.headers.extend([headers.clone(), json.clone()]);
    // Only who exports functions of his own has a use for the generated header.
    if !bindings.has_main {
        own.headers.push(bindings.folder.clone());
    }
    own.quiet_headers.clone_from(&found.vendor_headers);
    own.flags.clone_from(&flags.compile);
    let mut vendor = Code::theirs(&found.vendor_headers);
    vendor.flags.clone_from(&flags.compile);
    let src = builder.sdk.join("guest/c/src");
    let mut sdk = Code::ours(&headers);
    sdk.headers.extend([src.clone(), bindings.folder.clone()]);
    let generated = Code::theirs(std::slice::from_ref(&bindings.folder));
    let library = Code::theirs(&[]);

    let mut commands = Commands::default();
    let mut objects = Vec::new();
    let json = [json.join("yyjson.c")];
    let of_sdk = sdk_sources(&src, &bindings)?;
    for (code, paths) in [
        (&own, found.own.as_slice()),
        (&vendor, &found.vendor),
        (&sdk, &of_sdk),
        (&generated, &bindings.sources),
        (&library, &json),
    ] {
        for path in paths {
            if path.extension().is_some_and(|extension| extension == "o") {
                objects.push(path.clone());
                continue;
            }
            let object = scratch.join(format!("{:03}.o", objects.len()));
            if path.starts_with(&plugin.source) {
                commands.add(path, code);
            }
            zig.compile(code, path, &object)?;
            objects.push(object);
        }
    }
    if !plugin.source.starts_with(&builder.sdk) {
        commands.write(&zig, &plugin.source)?;
    }
    let module = scratch.join("plugin.wasm");
    let languages = found.languages();
    let is_cpp = languages.contains(&"C++");
    zig.link(&objects, is_cpp, bindings.has_main, &flags.link, &module)?;
    let mut with = BuiltWith::of_builder().sdk("oslo-messaging", env!("CARGO_PKG_VERSION"));
    for language in languages {
        with = with.language(language, "");
    }
    Ok(Module {
        file: module,
        built_with: with.tool("zig", &builder.pinned("c", "ziglang")?),
    })
}

/// What every plugin has of the SDK, and the folders of the interfaces that its world has.
fn sdk_sources(src: &Path, bindings: &Bindings) -> Result<Vec<PathBuf>> {
    let mut all = sources::in_folder(src)?;
    for folder in parts(&bindings.interfaces) {
        all.extend(sources::in_folder(&src.join(folder))?);
    }
    Ok(all)
}

/// The folders of the SDK that a world with these interfaces needs.
fn parts(interfaces: &[String]) -> Vec<&str> {
    let has = |name: &str| interfaces.iter().any(|interface| interface == name);
    let mut parts = vec!["component"];
    let known = ["client", "limits", "notification", "notifier", "rpc", "run"];
    parts.extend(known.into_iter().filter(|name| has(name)));
    // Who imports it exports `rpc-endpoint`.
    if has("serving") {
        parts.push("serve");
    }
    // One of them flies all; `rpc-poll` does it in any exported function.
    let flown_by = ["rpc-poll", "rpc-async"].into_iter().find(|name| has(name));
    if let Some(flown_by) = flown_by {
        parts.extend(["pending", flown_by]);
        if !has("rpc") {
            parts.push("without-rpc");
        }
    }
    parts
}
