//! What a component was made from: whether it is up to date.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Tells files, and folders with all that is in them, from what had their names before, by what they
/// say: neither a checkout nor a copy makes them new. What a build leaves among its sources does not
/// count.
///
/// # Errors
/// When one of them is missing or cannot be read.
pub(super) fn of(root: &Path, inputs: &[&Path]) -> Result<String> {
    let mut lines = Vec::new();
    // This program decides how things are built, and the lock file what it is made of. Not its own file:
    // it is another one whenever it is compiled together with tests.
    for input in ["xtask/src", "host/build/src", "Cargo.lock"] {
        add(root, &root.join(input), &mut lines)?;
    }
    for input in inputs {
        add(root, input, &mut lines)?;
    }
    lines.sort();
    Ok(lines.join("\n"))
}

fn add(root: &Path, path: &Path, lines: &mut Vec<String>) -> Result<()> {
    let metadata = fs::metadata(path).with_context(|| format!("{} is missing", path.display()))?;
    if metadata.is_dir() {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = entry.file_name();
            if !SKIPPED.contains(&name.to_str().unwrap_or_default()) {
                add(root, &entry.path(), lines)?;
            }
        }
        return Ok(());
    }
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let name = path.strip_prefix(root).unwrap_or(path);
    lines.push(format!("{} {:x}", name.display(), Sha256::digest(bytes)));
    Ok(())
}

/// Whether the stamp beside a component says the same.
pub(super) fn is(component: &Path, stamp: &str) -> bool {
    component.exists()
        && fs::read_to_string(component.with_extension(EXTENSION)).is_ok_and(|known| known == stamp)
}

/// Writes a component and its stamp.
pub(super) fn write(component: &Path, bytes: &[u8], stamp: &str) -> Result<()> {
    // Renamed into place: whoever runs the component never sees half of it.
    let half = component.with_extension(format!("{}.half", std::process::id()));
    fs::write(&half, bytes)?;
    fs::rename(&half, component)?;
    fs::write(component.with_extension(EXTENSION), stamp)?;
    Ok(())
}

const EXTENSION: &str = "made-from.txt";
/// What builds leave, and the examples beside an SDK, which are no part of it.
const SKIPPED: [&str; 6] = [
    "__pycache__",
    "bindings",
    "build",
    "examples",
    "node_modules",
    "target",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_the_same_is_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let write = |name: &str, text: &str| {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("Cargo.lock", "1");
        write("xtask/src/main.rs", "1");
        write("host/build/src/lib.rs", "1");
        write("plugin/plugin.py", "1");
        let stamp = || of(root, &[&root.join("plugin")]).unwrap();
        let first = stamp();
        write("plugin/plugin.py", "1");
        write("plugin/__pycache__/plugin.pyc", "1");
        assert_eq!(stamp(), first);
        for name in [
            "plugin/plugin.py",
            "plugin/more.py",
            "xtask/src/main.rs",
            "host/build/src/lib.rs",
            "Cargo.lock",
        ] {
            let before = stamp();
            write(name, "2");
            assert_ne!(stamp(), before, "{name}");
        }
        fs::remove_file(root.join("plugin/more.py")).unwrap();
        assert!(of(root, &[&root.join("gone")]).is_err());
    }
}
