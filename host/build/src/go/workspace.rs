//! `go.work`, by which editors and `go test` find the SDK from a plugin's folder.

use std::fs;
use std::path::Path;

use crate::embedded;
use crate::error::{Context, Result};

/// Writes it, unless its author has one of his own.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write(plugin: &Path, sdk: &Path) -> Result<()> {
    let path = plugin.join("go.work");
    let known = fs::read_to_string(&path).unwrap_or_default();
    let is_ours = |line: &str| {
        ["", MARK, "use ."].contains(&line) || line.starts_with("go ") || line.starts_with("use \"")
    };
    if embedded::is_authors(&known, MARK, is_ours) {
        return Ok(());
    }
    let manifest = sdk.join("go.mod");
    let manifest = fs::read_to_string(&manifest)
        .with_context(|| format!("cannot read {}", manifest.display()))?;
    let version = manifest.lines().find(|line| line.starts_with("go "));
    let version = version.context("the SDK's go.mod says no version of Go")?;
    let sdk = sdk.display();
    let text = format!("{MARK}\n\n{version}\n\nuse .\nuse \"{sdk}\"\n");
    if known != text {
        embedded::write(&path, text.as_bytes())?;
    }
    Ok(())
}

const MARK: &str = "// Written by the build, so that editors and `go test` find the SDK of this \
                    machine. Not for version control.";

#[cfg(test)]
mod tests {
    use super::*;

    /// An editor, or a `go test`, that reads it meanwhile sees all of it.
    #[test]
    fn it_is_replaced_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guest/go");
        let path = folder.path().join("go.work");
        write(folder.path(), &sdk).unwrap();
        let seen = folder.path().join("seen");
        fs::hard_link(&path, &seen).unwrap();
        let text = fs::read_to_string(&seen).unwrap();
        write(folder.path(), &sdk.join("../go")).unwrap();
        assert_ne!(fs::read_to_string(&path).unwrap(), text);
        assert_eq!(fs::read_to_string(&seen).unwrap(), text);
    }

    #[test]
    fn an_authors_own_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guest/go");
        let path = folder.path().join("go.work");
        write(folder.path(), &sdk).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("\nuse .\n"), "{text}");
        assert!(text.contains("guest/go\"\n"), "{text}");
        // Another checkout's replaces it.
        write(folder.path(), &sdk.join("../go")).unwrap();
        assert_ne!(fs::read_to_string(&path).unwrap(), text);
        let more = text + "use ../lib\n";
        fs::write(&path, &more).unwrap();
        write(folder.path(), &sdk.join("../go")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), more);
        fs::write(&path, "go 1.27\n").unwrap();
        write(folder.path(), &sdk).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "go 1.27\n");
    }
}
