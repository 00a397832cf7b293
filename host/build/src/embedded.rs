//! What this crate brings along: SDKs, templates, WIT texts, and what builds need of others.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Context, Result};

/// Unpacks the files whose names start with this into a folder of its own below another one, and returns
/// it. Its name says what is in it, so that another version of this crate has another one.
///
/// Each file is renamed into place. Two processes that do it at once write the same, and what was
/// interrupted, or has lost files since, is made whole the next time.
///
/// # Errors
/// When a file cannot be written.
pub(crate) fn unpack(folder: &Path, start: &str) -> Result<PathBuf> {
    let root = folder.join(format!("sdk-{}", name(FILES.iter().copied())));
    for (name, bytes) in FILES.iter().filter(|(name, _)| name.starts_with(start)) {
        let path = root.join(name);
        let is_there = fs::metadata(&path)
            .is_ok_and(|known| known.is_file() && usize::try_from(known.len()) == Ok(bytes.len()));
        if !is_there {
            write_by(folder, &path, bytes)?;
        }
    }
    Ok(root)
}

/// Writes a file so that whoever reads it meanwhile sees all of it or what was there before.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_by(path.parent().unwrap_or(path), path, bytes)
}

/// The same, unless the file says that already: then it keeps its time, by which what was made of it is known.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn update(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|known| known == bytes) {
        return Ok(());
    }
    write(path, bytes)
}

/// With the half of it in another folder, of the same file system: what is interrupted leaves nothing among
/// files that are copied as they are.
fn write_by(halves: &Path, path: &Path, bytes: &[u8]) -> Result<()> {
    let written = || {
        let folder = path.parent().unwrap_or(path);
        fs::create_dir_all(folder)?;
        let mut half = tempfile::NamedTempFile::new_in(halves)?;
        half.write_all(bytes)?;
        // Temporary files are their maker's alone; these are like any other.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            half.as_file()
                .set_permissions(fs::Permissions::from_mode(0o644))?;
        }
        half.persist(path)?;
        Ok::<_, std::io::Error>(())
    };
    written().with_context(|| format!("cannot write {}", path.display()))
}

/// Whether a file that a build writes is its author's by now: it has no mark of a build's, or a line that no
/// build writes.
pub(crate) fn is_authors(known: &str, mark: &str, is_ours: impl Fn(&str) -> bool) -> bool {
    let is_a_builds = known.starts_with(mark) && known.lines().all(is_ours);
    !(known.is_empty() || is_a_builds)
}

/// A name for files that says what is in them.
pub(crate) fn name<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut digest = Sha256::new();
    for (name, bytes) in files {
        digest.update(name.len().to_le_bytes());
        digest.update(name);
        digest.update(bytes.len().to_le_bytes());
        digest.update(bytes);
    }
    let digest = format!("{:x}", digest.finalize());
    digest.chars().take(16).collect()
}

static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::process::Command;

    use super::*;

    /// What a build left among the sources is in no program that is installed, and nothing is missing.
    #[test]
    fn what_is_embedded_is_what_is_under_version_control() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut git = Command::new("git");
        git.args(["ls-files", "--cached", "--others", "--exclude-standard"]);
        let output = git.args(["guest", "wit"]).current_dir(&root).output();
        let output = output.unwrap();
        if !output.status.success() {
            // An archive of the sources has no more than what is under version control.
            assert!(!root.join(".git").exists());
            return;
        }
        let tracked = String::from_utf8(output.stdout).unwrap();
        let not_needed = |name: &str| {
            let mut folders = name.split('/');
            let is_of_an_sdk = folders.next() == Some("guest") && folders.next().is_some();
            let folder = folders.next().unwrap_or_default();
            is_of_an_sdk && ["examples", "tests"].contains(&folder)
        };
        let tracked: BTreeSet<_> = tracked
            .lines()
            .filter(|name| !not_needed(name))
            // Links: what they lead to is embedded.
            .filter(|name| root.join(name).is_file())
            .collect();
        let embedded = FILES.iter().map(|(name, _)| *name);
        let embedded: BTreeSet<_> = embedded
            .filter(|name| name.starts_with("guest/") || name.starts_with("wit/"))
            .filter(|name| !name.starts_with("guest/rust/wit/"))
            .collect();
        let different: Vec<_> = tracked.symmetric_difference(&embedded).collect();
        assert!(different.is_empty(), "{different:?}");
    }

    #[test]
    fn what_was_lost_is_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let root = unpack(folder.path(), "wit/").unwrap();
        let file = root.join("wit/client.wit");
        let text = fs::read(&file).unwrap();
        fs::write(&file, "half").unwrap();
        assert_eq!(unpack(folder.path(), "wit/").unwrap(), root);
        assert_eq!(fs::read(&file).unwrap(), text);
        assert!(!root.join("guest").exists());
    }

    #[test]
    fn many_may_unpack_at_once() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let root = unpack(folder.path(), "guest/go").unwrap();
                    let manifest = fs::read_to_string(root.join("guest/go/go.mod")).unwrap();
                    assert!(manifest.contains("\ngo "), "{manifest}");
                });
            }
        });
    }
}
