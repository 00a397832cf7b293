//! Lists the files that are embedded: the SDKs with their templates, the WIT texts, and what crates bring
//! that builds of plugins need.
//!
//! The folder `embedded` leads to the SDKs, so that they are in this crate's archive as well. A manifest in it
//! is called `manifest.toml`, because cargo takes a folder with a `Cargo.toml` for another package and leaves
//! it out of the archive.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use serde_json::Value;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = here.join("embedded");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=Cargo.toml");
    // The versions of the crates that files are taken from. An archive has them with it.
    for lock in ["Cargo.lock", "../../Cargo.lock"] {
        let lock = here.join(lock);
        if lock.exists() {
            watch(&lock);
        }
    }
    watch(&root.join(WORKSPACE));

    let mut files = Vec::new();
    for folder in FOLDERS {
        collect(&root.join(folder), folder, true, &mut files)?;
    }
    files.push(("LICENSE".to_owned(), root.join("LICENSE")));
    let packages = packages(&here)?;
    for (name, from, to) in THIRD_PARTY {
        let folder = crate_folder(&packages, name)?.join(from);
        if folder.is_dir() {
            collect(&folder, to, false, &mut files)?;
        } else {
            files.push((to.to_owned(), folder));
        }
    }
    let manifest = out.join("workspace.toml");
    fs::write(
        &manifest,
        workspace(&fs::read_to_string(root.join(WORKSPACE))?),
    )?;
    files.push(("Cargo.toml".to_owned(), manifest));
    files.sort();

    let mut text = "&[\n".to_owned();
    for (name, path) in files {
        text += &format!(
            "    ({name:?}, include_bytes!({:?})),\n",
            path.display().to_string()
        );
    }
    fs::write(out.join("files.rs"), text + "]\n")?;
    Ok(())
}

/// Adds the files below a folder, by their names in what is unpacked.
fn collect(
    folder: &Path,
    name: &str,
    is_ours: bool,
    files: &mut Vec<(String, PathBuf)>,
) -> io::Result<()> {
    let mut below = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(file) = path.file_name().and_then(|file| file.to_str()) else {
            continue;
        };
        if SKIPPED.contains(&file) || ENDINGS.iter().any(|ending| file.ends_with(ending)) {
            continue;
        }
        let name = format!(
            "{name}/{}",
            if file == MANIFEST { "Cargo.toml" } else { file }
        );
        if NOT_NEEDED.contains(&name.as_str()) {
            continue;
        }
        below.push((path, name));
    }
    // Cargo looks at all that is below a folder, and some of that is written by builds: a file that is new there is
    // noticed with the next one that is changed, and by a test.
    if is_ours && !WRITTEN_TO.iter().any(|written| name.starts_with(written)) {
        watch(folder);
    }
    for (path, name) in below {
        if path.is_dir() {
            collect(&path, &name, is_ours, files)?;
        } else {
            if is_ours {
                watch(&path);
            }
            files.push((name, path));
        }
    }
    Ok(())
}

fn watch(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}

/// What cargo knows of every crate in the lock file, fetched if it is not here yet.
fn packages(here: &Path) -> Result<Value, Box<dyn std::error::Error>> {
    let output = Command::new(env::var("CARGO")?)
        .args(["metadata", "--format-version=1", "--manifest-path"])
        .arg(here.join("Cargo.toml"))
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!(
            "cargo does not say where the crates {} are, whose files plugins are built with; run \
             `cargo fetch` where there is a network: {said}",
            THIRD_PARTY.map(|(name, ..)| name).join(", ")
        )
        .into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn crate_folder(metadata: &Value, name: &str) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let found = packages.filter(|package| package["name"] == name);
    let manifest = found
        .filter_map(|package| package["manifest_path"].as_str())
        .next();
    let manifest = manifest.ok_or_else(|| format!("Cargo.lock has no crate `{name}`"))?;
    Ok(Path::new(manifest).with_file_name(""))
}

/// The manifest of a workspace that has the SDK for Rust and nothing else: what that inherits.
fn workspace(manifest: &str) -> String {
    let inherited = manifest
        .split("\n[")
        .skip(1)
        .filter(|section| section.starts_with("workspace."))
        .map(|section| format!("\n[{section}"));
    let inherited: String = inherited.collect();
    format!("[workspace]\nresolver = \"3\"\nmembers = [\"guest/rust\"]\n{inherited}")
}

const MANIFEST: &str = "manifest.toml";

/// The manifest of this project's workspace.
const WORKSPACE: &str = "workspace.toml";

const FOLDERS: &[&str] = &[
    "guest/c",
    "guest/go",
    "guest/javascript",
    "guest/python",
    "guest/rust",
    "guest/template",
    "guest/wit",
    "wit",
];

/// Of which crate what is taken, and where it goes.
const THIRD_PARTY: [(&str, &str, &str); 5] = [
    ("wasmtime-wasi", "src/p2/wit/deps", "third-party/wasi"),
    (
        "wit-bindgen-go",
        "src/pkg/LICENSE",
        "third-party/go/LICENSE",
    ),
    ("wit-bindgen-go", "src/pkg/wit", "third-party/go/wit"),
    ("yyjson-sys", "yyjson/LICENSE", "third-party/yyjson/LICENSE"),
    ("yyjson-sys", "yyjson/src", "third-party/yyjson/src"),
];

/// What an author's plugin is not made of: the SDKs' own tests, and examples, which are plugins themselves.
const NOT_NEEDED: &[&str] = &[
    "guest/c/examples",
    "guest/c/tests",
    "guest/go/examples",
    "guest/javascript/examples",
    "guest/javascript/tests",
    "guest/python/examples",
    "guest/python/tests",
    "guest/rust/examples",
];

/// Where builds leave what is skipped.
const WRITTEN_TO: &[&str] = &["guest/go", "guest/javascript", "guest/python"];

/// What builds leave.
const SKIPPED: &[&str] = &[
    "__pycache__",
    ".mypy_cache",
    ".pytest_cache",
    "bindings",
    "build",
    "dist",
    "go.work",
    "go.work.sum",
    "node_modules",
    "target",
];
const ENDINGS: &[&str] = &[".egg-info", ".pyc", ".tgz", ".wasm"];
