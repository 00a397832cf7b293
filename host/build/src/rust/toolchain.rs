//! Finds a Rust toolchain that compiles to WebAssembly: rustup's, or Debian's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::clean;
use crate::builder::Builder;
use crate::error::{Error, Result, bail};
use crate::install;

/// A toolchain for plugins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// Debian's compiler, which has no standard library for WebAssembly but the source of it.
    Debian,
    /// The compiler on the path, with the targets installed.
    Installed,
}

impl Toolchain {
    /// The installed targets; else rustup is asked to add them; else Debian's packages, installed
    /// if that is possible.
    ///
    /// # Errors
    /// When there is none, with what would give one.
    pub fn find(builder: &Builder) -> Result<Self> {
        if TARGETS.iter().all(|target| is_installed(target)) {
            return Ok(Self::Installed);
        }
        let rustup = add_targets(&builder.work);
        if rustup.is_ok() && TARGETS.iter().all(|target| is_installed(target)) {
            return Ok(Self::Installed);
        }
        if debian_is_complete() {
            return Ok(Self::Debian);
        }
        let debian = install::packages(
            &PACKAGES,
            "plugins are compiled to WebAssembly",
            builder.installs_packages,
        )
        .map_err(|error| error.chain());
        if debian.is_ok() && debian_is_complete() {
            return Ok(Self::Debian);
        }
        bail!(
            "no Rust toolchain compiles to WebAssembly here. Do one of:\n  \
             rustup target add {}\n  {APT_GET} {}\n(rustup: {}; packages: {})",
            TARGETS.join(" "),
            PACKAGES.join(" "),
            rustup
                .err()
                .unwrap_or_else(|| "the targets are still not there".to_owned()),
            debian
                .err()
                .unwrap_or_else(|| "files are still missing".to_owned()),
        )
    }

    /// Its cargo.
    #[must_use]
    pub fn cargo(self) -> Command {
        Command::new(match self {
            Self::Debian => "/usr/bin/cargo",
            Self::Installed => "cargo",
        })
    }

    /// The version of its compiler, with what tells apart two of the same number, as the compiler itself
    /// has it.
    ///
    /// # Errors
    /// When it does not say so.
    pub fn version(self) -> Result<String> {
        let compiler = match self {
            Self::Debian => DEBIAN_COMPILER,
            Self::Installed => "rustc",
        };
        let said = say(Command::new(compiler).arg("--version")).map_err(Error::new)?;
        Ok(said.strip_prefix("rustc ").unwrap_or(&said).to_owned())
    }

    /// Adds what this toolchain needs to a `cargo build`.
    pub fn configure(self, cargo: &mut Command) {
        match self {
            Self::Debian => cargo
                .arg("-Zbuild-std=std,panic_abort")
                .env("RUSTC", DEBIAN_COMPILER)
                // `build-std` is unstable, and this is a stable compiler.
                .env("RUSTC_BOOTSTRAP", "1")
                .env(
                    "CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS",
                    // Its C library has no functions for threads; the SDK has some that say no.
                    format!("-Lnative={DEBIAN_LIBC} --cfg oslo_libc_without_threads"),
                ),
            Self::Installed => cargo,
        };
    }

    /// The target of what needs WASI, and of what does not.
    #[must_use]
    pub const fn target(self, wasi: bool) -> &'static str {
        match (wasi, self) {
            (false, _) => "wasm32-unknown-unknown",
            // Debian's C library for WebAssembly is too old for `wasm32-wasip2`.
            (true, Self::Debian) => "wasm32-wasip1",
            (true, Self::Installed) => "wasm32-wasip2",
        }
    }

    /// The name of its own folder for what it compiles, so that toolchains do not evict one another.
    #[must_use]
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Debian => "debian",
            Self::Installed => "installed",
        }
    }
}

fn is_installed(target: &str) -> bool {
    // The folder is printed whether it is there or not.
    say(Command::new("rustc").args(["--print", "target-libdir", "--target", target]))
        .is_ok_and(|folder| Path::new(&folder).is_dir())
}

/// Asks rustup for the targets. A refusal is remembered, because it takes long and because it is
/// the same again until the toolchain is another.
fn add_targets(folder: &Path) -> Result<(), String> {
    say(Command::new("rustup").arg("--version"))?;
    let toolchain = say(Command::new("rustc").arg("-vV"))?;
    let refusal = folder.join("rustup-cannot-add-targets.txt");
    if fs::read_to_string(&refusal).is_ok_and(|known| known == toolchain) {
        return Err(format!(
            "refused before; remove {} to try again",
            refusal.display()
        ));
    }
    eprintln!("asking rustup for the targets {}", TARGETS.join(" and "));
    let added = say(Command::new("rustup").args(["target", "add"]).args(TARGETS));
    if added.is_err() {
        fs::write(&refusal, toolchain).map_err(|e| e.to_string())?;
    }
    added.map(drop)
}

fn debian_is_complete() -> bool {
    let sysroot = say(Command::new(DEBIAN_COMPILER).args(["--print", "sysroot"]));
    Path::new("/usr/bin/cargo").exists()
        && Path::new(DEBIAN_LIBC).join("libc.a").exists()
        && sysroot.is_ok_and(|sysroot| {
            PathBuf::from(sysroot)
                .join("lib/rustlib/src/rust/library/std")
                .is_dir()
        })
}

/// What a program says, or why it did not.
fn say(command: &mut Command) -> Result<String, String> {
    clean(command);
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .output()
        .map_err(|error| format!("cannot run {}: {error}", command.get_program().display()))?;
    if status.success() {
        return Ok(String::from_utf8_lossy(&stdout).trim().to_owned());
    }
    let stderr = String::from_utf8_lossy(&stderr);
    Err(stderr
        .lines()
        .rfind(|line| !line.trim().is_empty())
        .unwrap_or("it failed")
        .to_owned())
}

const TARGETS: [&str; 2] = ["wasm32-wasip2", "wasm32-unknown-unknown"];
const DEBIAN_COMPILER: &str = "/usr/bin/rustc";
const DEBIAN_LIBC: &str = "/usr/lib/wasm32-wasi";
const APT_GET: &str = "apt-get install -y --no-install-recommends";
const PACKAGES: [&str; 6] = [
    "rustc-web",
    "cargo-web",
    "rust-web-src",
    "rust-web-llvm",
    "lld-22",
    "wasi-libc",
];
