//! Where what was compiled is kept from one start to the next.

use std::path::{Path, absolute};
use std::sync::Arc;

use wasmtime::{Cache, CacheConfig};

use crate::functions::Functions;

/// Whole components, and the functions that they are made of. By default nothing is kept.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Components, found by their bytes: one that was compiled before is not compiled again.
    pub components: Option<Cache>,
    /// Functions: a component that was changed is compiled as far as it differs from others.
    pub functions: Option<Arc<Functions>>,
}

impl From<Cache> for Kept {
    fn from(components: Cache) -> Self {
        Self {
            components: Some(components),
            functions: None,
        }
    }
}

impl Kept {
    /// Both in a folder that has nothing else, which is made if it is missing: as `oslo-plugin --cache` has it, with
    /// components in `components` and functions in `functions`, at most [`Functions::LIMIT`] bytes of these.
    ///
    /// # Errors
    /// When a folder cannot be made.
    pub fn in_folder(folder: &Path) -> wasmtime::Result<Self> {
        let folder = absolute(folder)?;
        let mut config = CacheConfig::new();
        config.with_directory(folder.join("components"));
        let functions = Functions::in_folder(folder.join("functions"), Functions::LIMIT);
        Ok(Self {
            components: Some(Cache::new(config)?),
            functions: Some(Arc::new(functions)),
        })
    }

    /// Writes what was compiled since the last time. Whole components are written by themselves.
    pub fn write(&self) {
        if let Some(functions) = &self.functions {
            functions.write();
        }
    }
}
