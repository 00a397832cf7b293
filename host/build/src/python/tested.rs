//! A plugin's own tests, in an interpreter of this machine.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{python, sources};
use crate::builder::Builder;
use crate::error::{Context, Result, bail};
use crate::plugin::Plugin;
use crate::process::run;

/// Runs them with pytest where the plugin's `requirements-test.txt` or `requirements.txt` has it, and with
/// unittest otherwise. The SDK and what both files name can be imported.
///
/// # Errors
/// When Python or a package cannot be had, there are no tests, or one fails.
pub(crate) fn test(builder: &Builder, plugin: &Plugin<'_>) -> Result<()> {
    if !has_tests(&plugin.source)? {
        bail!(
            "there are no tests: write {}, with what `oslo_messaging_guest.testing` has",
            plugin.source.join("plugin_test.py").display()
        );
    }
    let python = python(builder)?;
    let packages = packages(&python, plugin, &builder.scratch(plugin)?)?;
    let mut path = sources::folders(&plugin.source)?;
    path.extend(packages.clone());
    path.push(builder.sdk.join("guest/python"));
    let path = env::join_paths(path).context("a folder of the plugin has a `:` in its name")?;
    let has_pytest = packages.is_some_and(|folder| folder.join("pytest").is_dir());
    let words: &[&str] = if has_pytest {
        &["-m", "pytest", "-p", "no:cacheprovider", "."]
    } else {
        &["-c", UNITTEST]
    };
    run(Command::new(python)
        .args(words)
        .current_dir(&plugin.source)
        .env_remove("PYTHONHOME")
        .env_remove("VIRTUAL_ENV")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONPATH", path))
}

/// Python before 3.12 takes it for a success that no test was found.
const UNITTEST: &str = "\
import sys, unittest
words = ['unittest', 'discover', '--pattern', '*test*.py']
result = unittest.main(module=None, argv=words, exit=False).result
if not result.testsRun:
    sys.exit('no test was found: a folder of tests needs an __init__.py')
sys.exit(not result.wasSuccessful())
";

/// Whether a file of a plugin is named as tests are.
fn has_tests(folder: &Path) -> Result<bool> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.unwrap_or_default();
        let is_test = name.ends_with("_test.py")
            || (name.starts_with("test") && (path.is_dir() || name.ends_with(".py")));
        if is_test {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The folder of what the plugin and its tests require, installed when that has changed.
fn packages(python: &Path, plugin: &Plugin<'_>, scratch: &Path) -> Result<Option<PathBuf>> {
    let files = ["requirements.txt", "requirements-test.txt"].map(|name| plugin.source.join(name));
    let mut wanted = String::new();
    let mut there = Vec::new();
    for file in files.iter().filter(|file| file.exists()) {
        wanted +=
            &fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        there.push(file.as_path());
    }
    if there.is_empty() {
        return Ok(None);
    }
    let folder = scratch.join("tested-packages");
    let stamp = folder.join("installed-requirements.txt");
    if !fs::read_to_string(&stamp).is_ok_and(|known| known == wanted) {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        for file in there {
            sources::install(file, python, &folder)?;
        }
        fs::create_dir_all(&folder)?;
        fs::write(stamp, wanted)?;
    }
    Ok(Some(folder))
}
