//! The SDK as a module that Go's own tools get.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Context, Result};

use super::bindings::{self, SDK};
use super::toolchain::Toolchain;
use crate::builder::Builder;
use crate::process::run_quietly;
use crate::wit;

/// Makes the folder `goproxy` in a folder: a module proxy, as `GOPROXY=file://…` names one, that has
/// this version of the SDK with its bindings in it. Returns it.
///
/// # Errors
/// When a file cannot be read or written, or the archive cannot be made.
pub(crate) fn archive(builder: &Builder, folder: &Path) -> Result<PathBuf> {
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    let proxy = folder.join("goproxy");
    let staged = folder.join("go-module");
    for old in [&proxy, &staged] {
        if old.exists() {
            fs::remove_dir_all(old)?;
        }
    }
    let root = staged.join(format!("{SDK}@{version}"));
    let sdk = builder.sdk.join("guest/go");
    copy(&sdk, &root)?;
    fs::copy(builder.sdk.join("LICENSE"), root.join("LICENSE"))?;
    let package = wit::assemble(builder, &builder.sdk.join("guest/wit"), "plugin")?;
    let (resolve, _) = wit::read(&package)?;
    bindings::write(&bindings::of_sdk(builder, &resolve)?, &root)?;

    let versions = proxy.join(SDK).join("@v");
    fs::create_dir_all(&versions)?;
    fs::write(versions.join("list"), format!("{version}\n"))?;
    let info = serde_json::json!({ "Version": version }).to_string();
    fs::write(versions.join(format!("{version}.info")), info)?;
    fs::copy(sdk.join("go.mod"), versions.join(format!("{version}.mod")))?;
    let python = Toolchain::python(builder)?;
    run_quietly(
        Command::new(python)
            .args(["-c", ZIP])
            .arg(versions.join(format!("{version}.zip")))
            .current_dir(&staged),
    )?;
    Ok(proxy)
}

/// A module's archive has files alone, and no entries of folders.
const ZIP: &str = "\
import pathlib, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as archive:
    for path in sorted(pathlib.Path('github.com').rglob('*')):
        if path.is_file():
            archive.write(path)
";

/// What is the module's: neither template and examples, which are modules of their own, nor what builds it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    let entries = fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() {
            let is_other = ["examples", "template", bindings::FOLDER]
                .iter()
                .any(|it| name == *it);
            if !is_other {
                copy(&path, &to.join(name))?;
            }
        } else if name != "requirements.txt" && name != "go.work" {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
