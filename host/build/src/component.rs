//! Turns a core module into a component.

use std::fs;
use std::path::{Path, PathBuf};

use wasi_preview1_component_adapter_provider as adapter;
use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

use crate::built_with::BuiltWith;
use crate::error::{Context, Error, Result};

/// What a module is, which decides its adapter, and in Rust its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModuleKind {
    /// A program with `main`, on WASI.
    Command,
    /// A library that uses WASI.
    Reactor,
    /// A library that needs nothing but this project's interfaces.
    Library,
}

impl ModuleKind {
    /// Whether it needs anything of WASI.
    #[must_use]
    pub const fn needs_wasi(self) -> bool {
        !matches!(self, Self::Library)
    }
}

/// What a toolchain made of a plugin.
#[derive(Clone, Debug)]
pub struct Module {
    /// The file: a module, or a component where the toolchain makes these.
    pub file: PathBuf,
    /// What it was made with.
    pub built_with: BuiltWith,
}

/// The component that a module becomes: itself, if it is one already. It says what it was built with.
///
/// # Errors
/// When the file cannot be read, or the module does not say what it is made for.
pub fn componentise(kind: ModuleKind, module: &Module) -> Result<Vec<u8>> {
    let bytes =
        fs::read(&module.file).with_context(|| format!("cannot read {}", module.file.display()))?;
    let component = if is_component(&bytes) {
        bytes
    } else {
        encode(kind, &bytes)?
    };
    module.built_with.write(&component)
}

/// Whether it is a component: the version and layer after the magic bytes.
fn is_component(bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(&[0x0d, 0x00, 0x01, 0x00])
}

/// What a module is: a program, if it has what starts one, and otherwise a library.
///
/// # Errors
/// When the file cannot be read or is no module.
pub fn kind(module: &Path) -> Result<ModuleKind> {
    let bytes = fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
    for payload in Parser::new(0).parse_all(&bytes) {
        if let Payload::ExportSection(exports) = payload.map_err(Error::malformed)? {
            for export in exports {
                if export.map_err(Error::malformed)?.name == "_start" {
                    return Ok(ModuleKind::Command);
                }
            }
        }
    }
    Ok(ModuleKind::Reactor)
}

fn encode(kind: ModuleKind, module: &[u8]) -> Result<Vec<u8>> {
    let wasi = match kind {
        ModuleKind::Command => Some(adapter::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER),
        ModuleKind::Reactor => Some(adapter::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER),
        ModuleKind::Library => None,
    };
    let mut encoder = ComponentEncoder::default()
        .validate(true)
        .module(module)
        .context("the module does not say which world it is made for")?;
    if let Some(wasi) = wasi {
        encoder = encoder
            .adapter(adapter::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, wasi)
            .context("cannot adapt the module to WASI 0.2")?;
    }
    encoder
        .encode()
        .context("cannot make a component of the module")
}
