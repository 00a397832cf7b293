//! A plugin's file: what it is, its hash, and the component made of it.

use std::io;
use std::path::{Path, PathBuf};

use oslo_messaging_policy::Digest;
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

/// The bytes of a component, read and looked at, but not compiled.
#[derive(Clone)]
pub struct ComponentFile {
    path: PathBuf,
    bytes: Vec<u8>,
    sha256: Digest,
}

impl ComponentFile {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`ComponentError`] if it cannot be read, or is not a component in its binary form.
    pub fn read(path: &Path) -> Result<Self, ComponentError> {
        let bytes = std::fs::read(path).map_err(|source| ComponentError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::of_bytes(path, bytes)
    }

    /// Takes what came from elsewhere. Errors call it by this path, where nothing is read.
    ///
    /// # Errors
    ///
    /// [`ComponentError::NoComponent`] if it is not a component in its binary form.
    pub fn of_bytes(path: &Path, bytes: Vec<u8>) -> Result<Self, ComponentError> {
        let sha256 = Digest::from_bytes(Sha256::digest(&bytes).into());
        let file = Self {
            path: path.to_owned(),
            bytes,
            sha256,
        };
        match kind(&file.bytes) {
            Kind::Component => Ok(file),
            Kind::CoreModule => Err(file.no_component(
                "is a core WebAssembly module, not a component",
                Some("make a component of it, as with `wasm-tools component new`"),
            )),
            Kind::Text => Err(file.no_component(
                "is WebAssembly text, not a binary",
                Some("make a binary of it, as with `wasm-tools parse`"),
            )),
            Kind::Other => Err(file.no_component("is not WebAssembly", None)),
        }
    }

    /// Where it is, or what it is called.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The hash of the file.
    #[must_use]
    pub const fn sha256(&self) -> &Digest {
        &self.sha256
    }

    /// Compiles it, or takes it from the engine's cache, which finds it by its bytes.
    ///
    /// # Errors
    ///
    /// [`ComponentError::NoComponent`] if it is not valid.
    pub fn compile(&self, engine: &Engine) -> Result<Component, ComponentError> {
        Component::new(engine, &self.bytes).map_err(|error| {
            self.no_component(&format!("is not a valid component: {error:#}"), None)
        })
    }

    fn no_component(&self, what: &str, remedy: Option<&'static str>) -> ComponentError {
        ComponentError::NoComponent {
            path: self.path.clone(),
            what: what.to_owned(),
            remedy,
        }
    }
}

impl std::fmt::Debug for ComponentFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ComponentFile")
            .field("path", &self.path)
            .field("sha256", &self.sha256)
            .finish_non_exhaustive()
    }
}

/// Why a file is no plugin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ComponentError {
    /// It is not a component.
    #[error("{path} {what}", path = path.display())]
    #[non_exhaustive]
    NoComponent {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        what: String,
        /// What to do about it, if that is known.
        remedy: Option<&'static str>,
    },
    /// It cannot be read.
    #[error("{path} cannot be read: {source}", path = path.display())]
    #[non_exhaustive]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl ComponentError {
    /// What to do about it, if that is known.
    #[must_use]
    pub const fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::NoComponent { remedy, .. } => *remedy,
            Self::Unreadable { .. } => None,
        }
    }
}

/// The names of what a component imports, in the order it has them.
#[must_use]
pub fn imports(component: &Component) -> Vec<String> {
    let types = component.component_type();
    let imports = types.imports(component.engine());
    imports.map(|(name, _)| name.to_owned()).collect()
}

/// The names of what a component exports, in the order it has them.
#[must_use]
pub fn exports(component: &Component) -> Vec<String> {
    let types = component.component_type();
    let exports = types.exports(component.engine());
    exports.map(|(name, _)| name.to_owned()).collect()
}

enum Kind {
    Component,
    CoreModule,
    Other,
    Text,
}

/// The layer and version bytes after the magic number tell a component from a module.
fn kind(bytes: &[u8]) -> Kind {
    match bytes {
        [b'\0', b'a', b's', b'm', _, _, 1, 0, ..] => Kind::Component,
        [b'\0', b'a', b's', b'm', ..] => Kind::CoreModule,
        _ if bytes.trim_ascii_start().starts_with(b"(") => Kind::Text,
        _ => Kind::Other,
    }
}
