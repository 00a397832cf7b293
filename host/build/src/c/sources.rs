//! Finds the sources of a plugin.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Result};

use super::zig;

/// The sources of a plugin, in the order of their paths.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Sources {
    /// Its author's.
    pub(crate) own: Vec<PathBuf>,
    /// Those of others, in its folder `vendor`.
    pub(crate) vendor: Vec<PathBuf>,
    /// Where headers of others are: `vendor`, the folders in it, and what they call `include`.
    pub(crate) vendor_headers: Vec<PathBuf>,
}

impl Sources {
    /// All `.c` and `.cpp` files of a folder and the folders in it, but for tests, which have a
    /// `main` of their own.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub(crate) fn of(folder: &Path) -> Result<Self> {
        let mut sources = Self::default();
        collect(folder, &mut |path| {
            path.file_name().is_none_or(|name| name != VENDOR)
        })?
        .into_iter()
        .for_each(|path| sources.own.push(path));
        let vendor = folder.join(VENDOR);
        if vendor.is_dir() {
            sources.vendor = collect(&vendor, &mut |_| true)?;
            sources.vendor_headers = headers(vendor)?;
        }
        Ok(sources)
    }

    /// The languages that they are in.
    pub(crate) fn languages(&self) -> Vec<&'static str> {
        let all = || self.own.iter().chain(&self.vendor);
        let in_c = all().any(|path| zig::is_c(path)).then_some("C");
        let in_cpp = all().any(|path| zig::is_cpp(path)).then_some("C++");
        in_c.into_iter().chain(in_cpp).collect()
    }
}

/// The sources in a folder, not in the folders in it.
pub(crate) fn in_folder(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = entries(folder)?.into_iter();
    Ok(entries.filter(|path| is_source(path)).collect())
}

fn collect(folder: &Path, enters: &mut dyn FnMut(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() {
            let name = path.file_name().and_then(|name| name.to_str());
            let is_hidden =
                name.is_none_or(|name| name.starts_with('.') || NO_CODE.contains(&name));
            if !is_hidden && enters(&path) {
                all.extend(collect(&path, enters)?);
            }
        } else if is_source(&path) {
            all.push(path);
        }
    }
    Ok(all)
}

fn headers(vendor: PathBuf) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for library in entries(&vendor)?.into_iter().filter(|path| path.is_dir()) {
        let include = library.join("include");
        all.push(library);
        if include.is_dir() {
            all.push(include);
        }
    }
    all.insert(0, vendor);
    Ok(all)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?
            .map(|entry| Ok(entry?.path()))
            .collect()
    };
    let mut all = read().with_context(|| format!("cannot read {}", folder.display()))?;
    all.sort();
    Ok(all)
}

fn is_source(path: &Path) -> bool {
    path.is_file() && (zig::is_c(path) || zig::is_cpp(path))
}

const VENDOR: &str = "vendor";

/// Folders with tests, examples, or what tools made.
const NO_CODE: [&str; 7] = [
    "build", "example", "examples", "target", "test", "tests", "wit",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_is_told_from_what_the_author_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for path in [
            "plugin.c",
            "plugin.h",
            "parts/deep/one.cpp",
            "tests/test.c",
            ".git/hook.c",
            "vendor/single.c",
            "vendor/big/src/big.cc",
            "vendor/big/include/big.h",
            "vendor/big/test/main.c",
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let paths = |names: &[&str]| names.iter().map(|name| root.join(name)).collect::<Vec<_>>();
        assert_eq!(
            Sources::of(root).unwrap(),
            Sources {
                own: paths(&["parts/deep/one.cpp", "plugin.c"]),
                vendor: paths(&["vendor/big/src/big.cc", "vendor/single.c"]),
                vendor_headers: paths(&["vendor", "vendor/big", "vendor/big/include"]),
            }
        );
    }
}
