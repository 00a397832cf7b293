//! Runs cargo for WebAssembly, and for tests on this machine, inside the environment of a cargo that may
//! run us.

mod sdk;
mod toolchain;

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use self::sdk::{CRATE, Manifest};
pub use self::toolchain::Toolchain;
use crate::builder::Builder;
use crate::built_with::BuiltWith;
use crate::component::Module;
use crate::error::{Context, Result, bail, ensure};
use crate::plugin::Plugin;
use crate::process::run;

/// Compiles a plugin, a program or a library with exports, and says where the one file is that comes of
/// it.
///
/// What plugins depend on is compiled once for all of them.
///
/// # Errors
/// When no toolchain can be had, it does not compile, or it is not one file.
pub(crate) fn build(builder: &Builder, plugin: &Plugin<'_>) -> Result<Module> {
    let toolchain = Toolchain::find(builder)?;
    let manifest = Manifest::read(&plugin.source)?;
    let folder = builder.work.join("cargo").join(toolchain.folder());
    // Two plugins whose crates have the same name write the same file.
    let _lock = builder.lock("cargo")?;
    let mut cargo = toolchain.cargo();
    clean(&mut cargo);
    cargo
        .current_dir(&plugin.source)
        .args(["build", "--release", "--target", toolchain.target(true)])
        .arg("--target-dir")
        .arg(&folder)
        .args(["--message-format", "json-render-diagnostics"])
        .args(manifest.patch(builder));
    toolchain.configure(&mut cargo);
    let output = cargo
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    // What is wrong was shown by cargo.
    ensure!(
        output.status.success(),
        "cargo build failed: {}",
        output.status
    );
    let messages = String::from_utf8_lossy(&output.stdout);
    let made = made(&messages, &plugin.source.join("Cargo.toml"));
    let [module] = made.as_slice() else {
        let all: Vec<_> = made.iter().map(|it| it.display().to_string()).collect();
        bail!(
            "its crate makes {}, and one file is wanted: have one program, or one library with \
             `crate-type = [\"cdylib\"]`",
            if all.is_empty() {
                "no WebAssembly module".to_owned()
            } else {
                all.join(" and ")
            }
        );
    };
    // The next build may write over it.
    let own = builder.scratch(plugin)?.join("module.wasm");
    std::fs::copy(module, &own).with_context(|| format!("cannot read {}", module.display()))?;
    Ok(Module {
        file: own,
        built_with: built_with(toolchain, sdk_version(&messages).as_deref())?,
    })
}

/// What a plugin of this toolchain is built with, and the SDK in it, if one is.
///
/// # Errors
/// When its compiler does not say its version.
pub fn built_with(toolchain: Toolchain, sdk: Option<&str>) -> Result<BuiltWith> {
    let with = BuiltWith::of_builder()
        .language("Rust", "")
        .tool("rustc", &toolchain.version()?);
    Ok(match sdk {
        Some(version) => with.sdk(CRATE, version),
        None => with,
    })
}

/// Runs its tests on this machine.
///
/// # Errors
/// When there is no cargo, or a test fails.
pub(crate) fn test(builder: &Builder, plugin: &Plugin<'_>) -> Result<()> {
    let manifest = Manifest::read(&plugin.source)?;
    let mut cargo = Command::new("cargo");
    clean(&mut cargo);
    cargo
        .current_dir(&plugin.source)
        .args(["test", "--target-dir"])
        .arg(builder.work.join("cargo/native"))
        .args(manifest.patch(builder));
    run(&mut cargo)
}

/// Lets cargo and editors find the SDK, where the plugin depends on the crate by its version.
///
/// # Errors
/// When the manifest is not well-formed, or a file cannot be written.
pub(crate) fn link(builder: &Builder, plugin: &Path) -> Result<()> {
    Manifest::read(plugin)?.link(builder, plugin)
}

/// The modules that cargo says it has made of the crate with this manifest.
fn made(messages: &str, manifest: &Path) -> Vec<PathBuf> {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let artifacts = messages.filter(|it| {
        let text = |key| it.get(key).and_then(Value::as_str).unwrap_or_default();
        text("reason") == "compiler-artifact" && Path::new(text("manifest_path")) == manifest
    });
    let mut files = Vec::new();
    for artifact in artifacts {
        let names = artifact.get("filenames").and_then(Value::as_array);
        let names = names.into_iter().flatten();
        let paths = names.filter_map(Value::as_str).map(PathBuf::from);
        files.extend(paths.filter(|path| path.extension().is_some_and(|it| it == "wasm")));
    }
    files
}

/// The version of the SDK that cargo says is in what it has made.
fn sdk_version(messages: &str) -> Option<String> {
    let mut messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.find_map(|it| {
        let (source, package) = it.get("package_id")?.as_str()?.rsplit_once('#')?;
        // A path that ends in the name of the crate stands for it.
        let (name, version) = package
            .split_once('@')
            .unwrap_or_else(|| (source.rsplit('/').next().unwrap_or_default(), package));
        (name == CRATE).then(|| version.to_owned())
    })
}

/// Takes away what an outer cargo and the developer set for native builds: flags, wrappers, another
/// compiler, another target folder.
pub fn clean(command: &mut Command) {
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

    #[test]
    fn the_version_of_the_sdk_is_the_one_that_was_compiled() {
        let check = |id: &str, expected: Option<&str>| {
            let messages = format!("{{\"reason\":\"compiler-artifact\",\"package_id\":\"{id}\"}}");
            assert_eq!(sdk_version(&messages).as_deref(), expected, "{id}");
        };
        check(
            "registry+https://example.invalid/index#oslo-messaging-guest@0.1.3",
            Some("0.1.3"),
        );
        check(
            "path+file:///sdk/guest/rust#oslo-messaging-guest@0.2.0",
            Some("0.2.0"),
        );
        check("path+file:///sdk/oslo-messaging-guest#0.3.0", Some("0.3.0"));
        check("path+file:///sdk/another#0.3.0", None);
        check("path+file:///oslo-messaging-guest/x#other@0.3.0", None);
    }

    #[test]
    fn the_crate_may_have_any_name() {
        let messages = r#"{"reason":"compiler-artifact","manifest_path":"/dep/Cargo.toml","filenames":["/t/dep.wasm"]}
{"reason":"compiler-artifact","manifest_path":"/p/Cargo.toml","filenames":["/t/other_name.wasm","/t/other_name.d"]}
{"reason":"build-finished","success":true}"#;
        let made = made(messages, Path::new("/p/Cargo.toml"));
        assert_eq!(made, [Path::new("/t/other_name.wasm")]);
    }
}
