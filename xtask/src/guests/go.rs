//! Builds plugins in Go with the standard toolchain.

mod bindings;
mod command;
mod toolchain;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use wit_component::StringEncoding;
use wit_parser::{Resolve, WorldId};

use self::toolchain::{Compilation, Toolchain};
use super::plugin::{Place, Plugin};
use super::{COMMAND, crates};

/// Compiles a plugin to a core module that says which world it is made for.
///
/// # Errors
/// When there is no toolchain, or the plugin does not compile.
pub(super) fn build(place: Place<'_>, plugin: &Plugin<'_>) -> Result<PathBuf> {
    let manifest = plugin.source.join("go.mod");
    ensure!(
        manifest.exists(),
        "{} is missing; guest/go/template/go.mod is what it should be",
        manifest.display()
    );
    let toolchain = Toolchain::find(place)?;
    let scratch = place.scratch(plugin)?;
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_dir(&plugin.wit)
        .with_context(|| format!("cannot read the WIT files in {}", plugin.wit.display()))?;
    let world = resolve.select_world(&[package], Some(plugin.world))?;

    let is_command = plugin.world == COMMAND;
    let bound = if is_command {
        // The rest of the world is WASI, which Go's own runtime uses, and `main`.
        resolve.select_world(&[package], Some(CLIENTS))?
    } else {
        world
    };
    let bindings = scratch.join("bindings");
    let name = toolchain.module(&manifest)?;
    bindings::generate(resolve.clone(), bound, &name, &bindings)?;

    let modules = scratch.join("go.mod");
    located(place, &toolchain, &manifest, &bindings, &modules)?;

    let module = scratch.join("module.wasm");
    toolchain.compile(&Compilation {
        source: &plugin.source,
        modules: &modules,
        overlay: if is_command {
            Some(command::overlay(&resolve, world, &plugin.source, &scratch)?)
        } else {
            None
        },
        output: &module,
    })?;
    embed(&module, &resolve, world)?;
    Ok(module)
}

/// Writes what the author's `go.mod` says, and where the modules are that no server has. It stands
/// in for that file, which stays as it is.
fn located(
    place: Place<'_>,
    toolchain: &Toolchain,
    manifest: &Path,
    bindings: &Path,
    modules: &Path,
) -> Result<()> {
    fs::copy(manifest, modules)?;
    let runtime = crates::folder(place, "wit-bindgen-go")?.join("src/pkg");
    toolchain.replace(
        modules,
        &[
            (SDK, &place.root.join("guest/go")),
            (bindings::MODULE, bindings),
            (RUNTIME, &runtime),
        ],
    )
}

/// Writes the world into a module, where the encoder of components looks for it.
fn embed(module: &Path, resolve: &Resolve, world: WorldId) -> Result<()> {
    let mut bytes = fs::read(module)?;
    wit_component::embed_component_metadata(&mut bytes, resolve, world, StringEncoding::UTF8)?;
    fs::write(module, bytes).with_context(|| format!("cannot write {}", module.display()))
}

/// The world of what the SDK imports.
const CLIENTS: &str = "oslo:messaging/imports";

/// The module of the SDK.
const SDK: &str = "oslo.messaging/oslo";

/// The module that generated bindings need; the generator's crate brings it.
const RUNTIME: &str = "go.bytecodealliance.org/pkg";

#[cfg(all(test, feature = "broker-tests"))]
mod tests {
    use super::*;

    fn with_place(check: impl FnOnce(Place<'_>)) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let folder = std::env::var_os("OSLO_TEST_GUESTS")
            .map_or_else(|| root.join("target/guests"), PathBuf::from);
        check(Place {
            root,
            folder: &folder,
        });
    }

    /// What Go's own tools say of the SDK, on this machine and not in a component: its tests are of
    /// what needs no host.
    #[test]
    fn the_sdk_is_formatted_and_vetted_and_passes_its_tests() {
        with_place(|place| {
            let toolchain = Toolchain::find(place).unwrap();
            let scratch = place.folder.join("scratch/go");
            let (bindings, modules) = (scratch.join("bindings"), scratch.join("go.mod"));
            let mut resolve = Resolve::default();
            let (package, _) = resolve.push_dir(place.root.join("wit")).unwrap();
            let world = resolve.select_world(&[package], Some(CLIENTS)).unwrap();
            bindings::generate(resolve, world, SDK, &bindings).unwrap();

            let sdk = place.root.join("guest/go");
            let manifest = sdk.join("go.mod");
            located(place, &toolchain, &manifest, &bindings, &modules).unwrap();
            for command in ["vet", "test"] {
                toolchain.check(command, &sdk, &modules).unwrap();
            }
            let plugins = ["tour-go", "traps-go", "conformance-go"]
                .map(|name| place.root.join("guest/plugins").join(name));
            for folder in plugins.iter().chain([&sdk]) {
                assert_eq!(toolchain.unformatted(folder).unwrap(), "");
            }
        });
    }
}
