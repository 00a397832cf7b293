//! What is to be built.

use std::path::PathBuf;

/// A plugin whose parts are named. Whoever has only its folder takes a [`Project`](crate::Project).
#[derive(Debug)]
pub struct Plugin<'a> {
    /// What its intermediate files are named after: no two that are built at once have the same.
    pub name: &'a str,
    /// The folder of its sources.
    pub source: PathBuf,
    /// A folder with the WIT package that has its world, and with the packages that this needs; see
    /// [`Builder::assemble`](crate::Builder::assemble).
    pub wit: PathBuf,
    /// The name of its world in that package.
    pub world: &'a str,
}
