//! Runs cargo for WebAssembly, inside the environment of a cargo that runs us.

mod toolchain;

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use self::toolchain::Toolchain;
use super::catalogue::{self, Guest, Kind};
use super::language::Language;
use super::plugin::{Place, Plugin};
use crate::process::run;

/// Compiles guests to modules, or to components where the target makes them, and says where they
/// are, in the order of the guests.
///
/// # Errors
/// When no toolchain can be had, or a guest does not compile.
pub(super) fn compile(place: Place<'_>, guests: &[&Guest]) -> Result<Vec<PathBuf>> {
    if guests.is_empty() {
        return Ok(Vec::new());
    }
    let toolchain = &Toolchain::find(place.folder)?;
    // One run for each target: cargo looks at everything again in each run. All guests of the
    // target are in it, asked for or not, because the features of what they share depend on the
    // whole set, and another set compiles all of that again.
    for wasi in [false, true] {
        if !guests.iter().any(|guest| guest.kind.needs_wasi() == wasi) {
            continue;
        }
        let mut cargo = toolchain.cargo();
        clean(&mut cargo);
        cargo
            .current_dir(place.root)
            .args(["build", "--locked", "--profile", "guest"])
            .args(["--target", toolchain.target(wasi)])
            .arg("--target-dir")
            .arg(place.folder.join(toolchain.folder()));
        for guest in catalogue::all()
            .filter(|guest| guest.language == Language::Rust && guest.kind.needs_wasi() == wasi)
        {
            cargo.args(["--package", guest.name]);
        }
        toolchain.configure(&mut cargo);
        run(&mut cargo)?;
    }
    Ok(guests
        .iter()
        .map(|guest| output(place.folder, toolchain, guest))
        .collect())
}

/// Compiles a plugin of its own, a program.
///
/// # Errors
/// When no toolchain can be had, or it does not compile.
pub(super) fn build(place: Place<'_>, plugin: &Plugin<'_>) -> Result<PathBuf> {
    let toolchain = Toolchain::find(place.folder)?;
    let target = toolchain.target(true);
    let folder = place.scratch(plugin)?;
    let mut cargo = toolchain.cargo();
    clean(&mut cargo);
    cargo
        .current_dir(&plugin.source)
        .args(["build", "--release", "--target", target, "--target-dir"])
        .arg(&folder);
    toolchain.configure(&mut cargo);
    run(&mut cargo)?;
    Ok(folder
        .join(target)
        .join("release")
        .join(plugin.name)
        .with_extension("wasm"))
}

fn output(folder: &Path, toolchain: &Toolchain, guest: &Guest) -> PathBuf {
    let file = match guest.kind {
        Kind::Command => guest.name.to_owned(),
        // Libraries are named as Rust names crates.
        Kind::Library | Kind::Reactor => guest.name.replace('-', "_"),
    };
    folder
        .join(toolchain.folder())
        .join(toolchain.target(guest.kind.needs_wasi()))
        .join("guest")
        .join(file)
        .with_extension("wasm")
}

/// Takes away what the outer cargo and the developer set for native builds: flags, wrappers,
/// another compiler, another target folder.
pub(super) fn clean(command: &mut Command) {
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(is_for_native_builds) {
            command.env_remove(OsStr::new(&name));
        }
    }
}

fn is_for_native_builds(name: &str) -> bool {
    // How to reach the network stays as it is, and so does the choice of a toolchain.
    const KEPT: &[&str] = &[
        "CARGO_HOME",
        "CARGO_HTTP_",
        "CARGO_NET_",
        "CARGO_REGISTR",
        "CARGO_SOURCE_",
        "CARGO_TERM_",
        "RUSTUP_",
    ];
    (name.starts_with("CARGO") || name.starts_with("RUST"))
        && !KEPT.iter().any(|kept| name.starts_with(kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_for_native_builds_is_taken_away() {
        for name in [
            "CARGO",
            "CARGO_TARGET_DIR",
            "CARGO_ENCODED_RUSTFLAGS",
            "RUSTFLAGS",
            "RUSTC",
        ] {
            assert!(is_for_native_builds(name), "{name}");
        }
        for name in [
            "CARGO_HOME",
            "CARGO_NET_OFFLINE",
            "RUSTUP_TOOLCHAIN",
            "PATH",
            "HTTPS_PROXY",
        ] {
            assert!(!is_for_native_builds(name), "{name}");
        }
    }
}
