//! Where what was compiled is kept from one start to the next.

use std::sync::Arc;

use wasmtime::Cache;

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
    /// Writes what was compiled since the last time. Whole components are written by themselves.
    pub fn write(&self) {
        if let Some(functions) = &self.functions {
            functions.write();
        }
    }
}
