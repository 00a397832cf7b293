//! Compiles the guests in Rust, which are members of the workspace.

use std::path::{Path, PathBuf};

use anyhow::Result;
use oslo_messaging_build::component::{Module, ModuleKind};
use oslo_messaging_build::rust::{Toolchain, built_with, clean};

use super::Place;
use super::catalogue::Guest;
use crate::process::run;

/// Compiles guests to modules, or to components where the target makes them, and says where they
/// are, in the order of the guests.
///
/// # Errors
/// When no toolchain can be had, or a guest does not compile.
pub(super) fn compile(place: Place<'_>, guests: &[&Guest]) -> Result<Vec<Module>> {
    if guests.is_empty() {
        return Ok(Vec::new());
    }
    let toolchain = &Toolchain::find(place.builder)?;
    // One run for each target: cargo looks at everything again in each run.
    for wasi in [false, true] {
        let of_target = guests.iter().filter(|it| it.kind.needs_wasi() == wasi);
        let packages: Vec<_> = of_target.flat_map(|it| ["--package", it.name]).collect();
        if packages.is_empty() {
            continue;
        }
        let mut cargo = toolchain.cargo();
        clean(&mut cargo);
        cargo
            .current_dir(place.root)
            .args(["build", "--locked", "--profile", "guest"])
            .args(["--target", toolchain.target(wasi)])
            .arg("--target-dir")
            .arg(place.folder.join(toolchain.folder()))
            .args(packages);
        toolchain.configure(&mut cargo);
        run(&mut cargo)?;
    }
    // They are of this workspace, which has one version.
    let with = built_with(*toolchain, Some(env!("CARGO_PKG_VERSION")))?;
    let modules = guests.iter().map(|guest| Module {
        file: output(place.folder, toolchain, guest),
        built_with: with.clone(),
    });
    Ok(modules.collect())
}

fn output(folder: &Path, toolchain: &Toolchain, guest: &Guest) -> PathBuf {
    let file = match guest.kind {
        ModuleKind::Command => guest.name.to_owned(),
        // Libraries are named as Rust names crates.
        ModuleKind::Library | ModuleKind::Reactor => guest.name.replace('-', "_"),
    };
    folder
        .join(toolchain.folder())
        .join(toolchain.target(guest.kind.needs_wasi()))
        .join("guest")
        .join(file)
        .with_extension("wasm")
}
