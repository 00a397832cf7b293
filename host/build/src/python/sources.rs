//! The folders of modules that a component is made from. They are copies: Python writes beside
//! what it imports.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Context, Result, ensure};

use crate::process::run_quietly;

/// Where modules are looked for.
pub(crate) struct Sources {
    /// In this order.
    pub(crate) folders: Vec<PathBuf>,
    /// The plugin's own module.
    pub(crate) main: PathBuf,
    /// The folders, among these, of the plugin itself.
    own: Vec<PathBuf>,
}

impl Sources {
    /// The plugin's folder, the folders that its `plugin.pth` names, the package that has the name
    /// of upstream's, those that its `requirements.txt` names, and the SDK.
    pub(crate) fn gather(sdk: &Path, plugin: &Path, python: &Path, scratch: &Path) -> Result<Self> {
        let copies = scratch.join("sources");
        if copies.exists() {
            fs::remove_dir_all(&copies)?;
        }
        let mut own = Vec::new();
        for (number, folder) in folders(plugin)?.iter().enumerate() {
            let copied = copies.join(number.to_string());
            copy(folder, &copied)
                .with_context(|| format!("cannot copy the sources in {}", folder.display()))?;
            own.push(copied);
        }
        let mut all = own.clone();
        for package in ["oslo_messaging_guest", "oslo_component"] {
            copy(&sdk.join(package), &copies.join("sdk").join(package))?;
        }
        // Before the plugin's packages: some of them bring the real one along.
        all.push(copies.join("sdk/oslo_messaging_guest/alias"));
        let requirements = plugin.join("requirements.txt");
        if requirements.exists() {
            all.push(install(&requirements, python, &copies.join("packages"))?);
        }
        all.push(copies.join("sdk"));
        let main = copies.join("0/plugin.py");
        ensure!(main.exists(), "{} has no plugin.py", plugin.display());
        Ok(Self {
            folders: all,
            main,
            own,
        })
    }

    /// Whether this is true of any of the plugin's own source files.
    pub(crate) fn any(&self, is_so: impl Fn(&str) -> bool) -> Result<bool> {
        let mut folders = self.own.clone();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "py")
                    && is_so(&String::from_utf8_lossy(&fs::read(path)?))
                {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// A plugin's folder, and those that `plugin.pth` in it names, a line each, seen from there.
pub(crate) fn folders(plugin: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = vec![plugin.to_owned()];
    let more = plugin.join("plugin.pth");
    if more.exists() {
        let text = fs::read_to_string(more)?;
        let lines = text.lines().map(str::trim);
        let named = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        folders.extend(named.map(|line| plugin.join(line)));
    }
    Ok(folders)
}

/// Installs packages into a folder. Only those in pure Python can be imported there.
pub(super) fn install(requirements: &Path, python: &Path, folder: &Path) -> Result<PathBuf> {
    run_quietly(
        Command::new(python)
            .args(["-m", "pip", "install", "--quiet", "--no-compile"])
            .args(["--disable-pip-version-check", "--no-input", "--target"])
            .arg(folder)
            .arg("--requirement")
            .arg(requirements),
    )?;
    Ok(folder.to_owned())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let target = to.join(&name);
        // Neither is a link that leads nowhere, as an editor's lock does, or a pipe.
        if entry.path().is_file() {
            fs::copy(entry.path(), target)?;
        } else if entry.path().is_dir()
            && !name.to_str().is_some_and(is_skipped)
            && !entry.path().join("pyvenv.cfg").exists()
        {
            copy(&entry.path(), &target)?;
        }
    }
    Ok(())
}

fn is_skipped(name: &str) -> bool {
    name.starts_with('.') || matches!(name, "__pycache__" | "build" | "node_modules" | "target")
}
