//! `cargo xtask wit --since`: whether what was built with the package of an earlier revision still fits.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use wit_component::semver_check;
use wit_parser::{PackageName, Resolve};

use crate::process;

/// Compares the package with the one of a git revision. The code is 1 when components of then do not fit,
/// although the versions say that they do.
pub(super) fn run(root: &Path, revision: &str) -> Result<u8> {
    let folder = tempfile::tempdir().context("cannot make a folder for the package of before")?;
    unpack(root, revision, folder.path())?;
    let (said, code) = match compare(&folder.path().join("wit"), &root.join("wit"))? {
        Verdict::Breaks(what) => (
            format!(
                "wit/ breaks what was built with it at {revision}, and its version does not say so:\n  {}\n\
                 Put back what was there, or give the package another version.",
                what.join("\n  ")
            ),
            1,
        ),
        Verdict::Fits(worlds) => (
            format!("wit/ is compatible with {revision} in all of its {worlds} worlds"),
            0,
        ),
        Verdict::IsAnother(before, after) => (
            format!(
                "{before} of {revision} is {after} now, which promises nothing to plugins of before"
            ),
            0,
        ),
    };
    println!("{said}");
    Ok(code)
}

/// Writes `wit/` of a revision into a folder.
fn unpack(root: &Path, revision: &str, into: &Path) -> Result<()> {
    let archive = into.join("wit.tar");
    let mut git = Command::new("git");
    git.current_dir(root)
        .args(["archive", "--format=tar", "--output"])
        .arg(&archive)
        // A name that begins with a dash is no option.
        .args(["--end-of-options", revision, "wit"]);
    process::run_quietly(&mut git)
        .with_context(|| format!("cannot read wit/ of the revision `{revision}`"))?;
    let mut tar = Command::new("tar");
    tar.arg("--extract").arg("--file").arg(&archive);
    process::run_quietly(tar.arg("--directory").arg(into))
}

#[derive(Debug, PartialEq)]
enum Verdict {
    /// The worlds that changed, each with how.
    Breaks(Vec<String>),
    /// In so many worlds.
    Fits(usize),
    /// The versions say that they do not belong together: what it was, and what it is.
    IsAnother(PackageName, PackageName),
}

fn compare(before: &Path, after: &Path) -> Result<Verdict> {
    let mut resolve = Resolve::default();
    let (before, _) = resolve.push_dir(before)?;
    let was = resolve.packages[before].name.clone();

    let mut today = Resolve::default();
    let (after, _) = today.push_dir(after)?;
    let is = today.packages[after].name.clone();
    ensure!(
        (&was.namespace, &was.name) == (&is.namespace, &is.name),
        "{was} and {is} are different packages"
    );
    if promise(&was) != promise(&is) {
        return Ok(Verdict::IsAnother(was, is));
    }

    // Versions do not count when worlds are compared, and two packages cannot have the same one.
    let mut other = is.clone();
    let version = other.version.as_mut();
    version.context("the package has no version")?.major += 1;
    today.packages[after].name = other.clone();
    today.package_names.swap_remove(&is);
    today.package_names.insert(other, after);
    let after = resolve.merge(today)?.packages[after.index()];

    let worlds = resolve.packages[before].worlds.clone();
    let mut broken = Vec::new();
    for (name, &old) in &worlds {
        let Some(&new) = resolve.packages[after].worlds.get(name) else {
            broken.push(format!("{name}: there is no such world any more"));
            continue;
        };
        if let Err(error) = semver_check(resolve.clone(), old, new) {
            let error = format!("{error:#}").replace('\n', " ");
            broken.push(format!("{name}: {error}"));
        }
    }
    Ok(if broken.is_empty() {
        Verdict::Fits(worlds.len())
    } else {
        Verdict::Breaks(broken)
    })
}

/// The numbers of a version that are the same for as long as nothing breaks: those up to the first that is
/// not 0.
fn promise(name: &PackageName) -> Option<(u64, u64, u64)> {
    let version = name.version.as_ref()?;
    Some(match (version.major, version.minor) {
        (0, 0) => (0, 0, version.patch),
        (0, minor) => (0, minor, 0),
        (major, _) => (major, 0, 0),
    })
}

#[cfg(test)]
mod tests;
