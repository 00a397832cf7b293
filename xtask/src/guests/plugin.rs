//! What is to be built, and where.

use std::path::{Path, PathBuf};

/// A plugin to build, in this repository or anywhere else.
pub(super) struct Plugin<'a> {
    /// Its name, which is its component's.
    pub(super) name: &'a str,
    /// The folder of its sources.
    pub(super) source: PathBuf,
    /// A folder with the WIT package that has its world, and with the packages that this needs.
    pub(super) wit: PathBuf,
    /// The name of its world in that package.
    pub(super) world: &'a str,
}

/// Where things are.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The root of this repository.
    pub(super) root: &'a Path,
    /// Where guests and what is needed for them are built.
    pub(super) folder: &'a Path,
}

impl Place<'_> {
    /// A folder of its own for a plugin's intermediate files, made if it is missing.
    pub(super) fn scratch(&self, plugin: &Plugin<'_>) -> std::io::Result<PathBuf> {
        let folder = self.folder.join("scratch").join(plugin.name);
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}
