//! `cargo xtask new`: a fresh plugin, anywhere.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::guests::Language;

#[derive(Args)]
pub(crate) struct Options {
    /// What the plugin is written in.
    language: Language,
    /// The folder to make; its last part is the plugin's name.
    folder: PathBuf,
}

pub(crate) fn run(root: &Path, options: &Options) -> Result<u8> {
    let Options { language, folder } = options;
    let name = name(folder)?;
    if folder.exists() {
        bail!("{} exists already; nothing was changed", folder.display());
    }
    let template = root.join("guest").join(language.name()).join("template");
    copy(
        &template,
        folder,
        &[("NAME", &name), ("CHECKOUT", &root.display().to_string())],
    )?;
    let shown = folder.display();
    println!(
        "{shown} is a plugin in {}; its README.md says more",
        language.name()
    );
    println!("build it:  cargo xtask build {shown}");
    println!("run it:    cargo run -- run --serve-demo {shown}/{name}.wasm");
    Ok(0)
}

/// The plugin's name: one that every language takes for a package.
fn name(folder: &Path) -> Result<String> {
    let name = folder.file_name().and_then(|name| name.to_str());
    let name = name.with_context(|| format!("{} has no name", folder.display()))?;
    let starts_well = name.starts_with(|first: char| first.is_ascii_lowercase());
    let goes_on_well = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    ensure!(
        starts_well && goes_on_well,
        "`{name}` is no name for a plugin: take small letters, digits and `-`, a letter first"
    );
    Ok(name.to_owned())
}

fn copy(from: &Path, to: &Path, words: &[(&str, &str)]) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    let entries = fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy(&source, &target, words)?;
            continue;
        }
        let text = fs::read_to_string(&source)
            .with_context(|| format!("cannot read {}", source.display()))?;
        let text = words
            .iter()
            .fold(text, |text, (word, value)| text.replace(word, value));
        fs::write(&target, text).with_context(|| format!("cannot write {}", target.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_every_language_takes() {
        for good in ["plugin", "of/mine/my-plugin-2"] {
            assert!(name(Path::new(good)).is_ok(), "{good}");
        }
        for bad in ["", "..", "Plugin", "my_plugin", "2nd", "-x", "plug in", "é"] {
            assert!(name(Path::new(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_there_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            language: Language::Rust,
            folder: folder.path().join("plugin"),
        };
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        assert_eq!(run(root, &options).unwrap(), 0);
        let manifest = fs::read_to_string(options.folder.join("Cargo.toml")).unwrap();
        assert!(manifest.contains("name = \"plugin\""), "{manifest}");
        assert!(run(root, &options).is_err());
    }
}
