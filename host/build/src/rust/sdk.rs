//! Where cargo finds the SDK that a plugin names by its version.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::clean;
use crate::builder::Builder;
use crate::embedded;
use crate::error::{Context, Result, ensure};

/// What a plugin's manifest says of the SDK.
pub(super) struct Manifest {
    /// Whether a crate of the plugin wants it as a registry has it. Another path is its author's choice.
    by_version: bool,
}

impl Manifest {
    /// Asks cargo.
    ///
    /// # Errors
    /// When there is no cargo, or it cannot read the manifest.
    pub(super) fn read(plugin: &Path) -> Result<Self> {
        let mut cargo = Command::new("cargo");
        clean(&mut cargo);
        let output = cargo
            .args(["metadata", "--no-deps", "--format-version=1"])
            .current_dir(plugin)
            .output()
            .context("plugins in Rust are built with cargo, and it cannot be run: install Rust")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}", said.trim_end());
        let metadata: Value =
            serde_json::from_slice(&output.stdout).context("cargo did not print JSON")?;
        let packages = list(&metadata, "packages");
        let mut wanted = packages.flat_map(|it| list(it, "dependencies"));
        Ok(Self {
            by_version: wanted.any(|it| {
                let text = |key| it.get(key).and_then(Value::as_str).unwrap_or_default();
                text("name") == CRATE && text("source").starts_with("registry+")
            }),
        })
    }

    /// The arguments by which cargo takes the builder's.
    pub(super) fn patch(&self, builder: &Builder) -> Vec<String> {
        if !self.by_version {
            return Vec::new();
        }
        let path = quoted(builder);
        vec![
            "--config".to_owned(),
            format!("patch.crates-io.{CRATE}.path={path}"),
        ]
    }

    /// Writes the same into the plugin's `.cargo/config.toml`, unless its author has one of his own.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn link(&self, builder: &Builder, plugin: &Path) -> Result<()> {
        let path = plugin.join(".cargo/config.toml");
        let known = fs::read_to_string(&path).unwrap_or_default();
        let is_ours = |line: &str| {
            ["", MARK, "[patch.crates-io]"].contains(&line)
                || line.starts_with(&format!("{CRATE}.path = "))
        };
        if !self.by_version || embedded::is_authors(&known, MARK, is_ours) {
            return Ok(());
        }
        let text = format!(
            "{MARK}\n\n[patch.crates-io]\n{CRATE}.path = {}\n",
            quoted(builder)
        );
        if known == text {
            return Ok(());
        }
        embedded::write(&path, text.as_bytes())
    }
}

fn list<'a>(object: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    let list = object.get(key).and_then(Value::as_array);
    list.into_iter().flatten()
}

/// The SDK's folder as TOML has texts.
fn quoted(builder: &Builder) -> String {
    let path = builder.sdk.join("guest/rust").display().to_string();
    Value::from(path).to_string()
}

/// The SDK.
pub(super) const CRATE: &str = "oslo-messaging-guest";
const MARK: &str = "# Written by the build, so that editors and cargo find the SDK of this machine. Not for \
                    version control.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_author_wrote_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let builder = Builder::in_folder(&folder.path().join("cache"), None).unwrap();
        let plugin = folder.path().join("plugin");
        let write = |name: &str, text: &str| {
            let path = plugin.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "../sdk/Cargo.toml",
            "[package]\nname = \"oslo-messaging-guest\"\n",
        );
        write("../sdk/src/lib.rs", "");
        let config = || fs::read_to_string(plugin.join(".cargo/config.toml")).ok();
        let manifest = |dependency: &str| {
            write(
                "Cargo.toml",
                &format!(
                    "[package]\nname = \"p\"\nversion = \"0.1.0\"\n[workspace]\n[dependencies]\n{dependency}\n"
                ),
            );
            write("src/main.rs", "fn main() {}\n");
            let manifest = Manifest::read(&plugin).unwrap();
            manifest.link(&builder, &plugin).unwrap();
            manifest.patch(&builder)
        };
        assert!(manifest("").is_empty());
        assert!(manifest("oslo-messaging-guest = { path = \"../sdk\" }").is_empty());
        assert_eq!(config(), None);

        let patch = manifest("oslo-messaging-guest = \"0.1\"");
        assert!(
            patch.last().unwrap().ends_with("/guest/rust\""),
            "{patch:?}"
        );
        assert!(
            config()
                .unwrap()
                .contains("oslo-messaging-guest.path = \"/")
        );
        write(".cargo/config.toml", "[net]\n");
        manifest("oslo-messaging-guest = \"0.1\"");
        assert_eq!(config().unwrap(), "[net]\n");
    }
}
