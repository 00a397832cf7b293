//! The SDK in `node_modules` of a plugin, where its editor and its tests look for it.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::builder::Builder;
use crate::error::{Context, Result};

/// Links it there, unless its author has installed one, or the plugin is a part of the SDK's own
/// repository.
///
/// # Errors
/// When a link cannot be made.
pub(crate) fn link(builder: &Builder, plugin: &Path) -> Result<()> {
    let sdk = builder.sdk.join("guest/javascript");
    let link = plugin.join("node_modules").join(NAME);
    let is_kept = |known: &Path| known == sdk || !is_a_builders(known);
    let is_there = link.exists() && fs::read_link(&link).map_or(true, |known| is_kept(&known));
    if is_there || plugin.starts_with(&builder.sdk) || is_installed_above(plugin) {
        return Ok(());
    }
    let make = || {
        if link.is_symlink() {
            match fs::remove_file(&link) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::create_dir_all(plugin.join("node_modules"))?;
        std::os::unix::fs::symlink(&sdk, &link)
    };
    match make() {
        // Another process was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other.with_context(|| format!("cannot link {}", link.display())),
    }
}

/// Whether a link leads to what a builder of any version has unpacked; `npm link` makes others.
fn is_a_builders(target: &Path) -> bool {
    let unpacked = target.ancestors().nth(2).and_then(Path::file_name);
    target.ends_with("guest/javascript")
        && unpacked.is_some_and(|name| name.to_string_lossy().starts_with("sdk-"))
}

/// As in a workspace of npm, whose folder has the packages of all.
fn is_installed_above(plugin: &Path) -> bool {
    let mut above = plugin.ancestors().skip(1);
    above.any(|folder| folder.join("node_modules").join(NAME).exists())
}

const NAME: &str = "oslo-messaging-guest";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_follows_the_builder_and_an_installed_package_stays() {
        let folder = tempfile::tempdir().unwrap();
        let builder = |name: &str| Builder::in_folder(&folder.path().join(name), None).unwrap();
        let (old, new) = (builder("old"), builder("new"));
        let plugin = folder.path().join("plugin");
        let there = plugin.join("node_modules").join(NAME);
        link(&old, &plugin).unwrap();
        assert!(there.join("package.json").exists());
        link(&new, &plugin).unwrap();
        assert_eq!(
            fs::read_link(&there).unwrap(),
            new.sdk.join("guest/javascript")
        );
        // One that leads nowhere is made anew.
        fs::remove_file(&there).unwrap();
        std::os::unix::fs::symlink(folder.path().join("gone"), &there).unwrap();
        link(&new, &plugin).unwrap();
        assert!(there.join("package.json").exists());

        fs::remove_file(&there).unwrap();
        fs::create_dir(&there).unwrap();
        link(&new, &plugin).unwrap();
        assert!(fs::read_link(&there).is_err());
    }
}
