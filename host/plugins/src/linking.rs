//! What plugins can import, and what they import besides.

use oslo_messaging_wasmtime::MessagingView;
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi::{WasiView, p2, p3};

use crate::component::imports;
use crate::logging::{self, LogView};

/// All that a plugin can import: `oslo:messaging`, WASI 0.2 and 0.3, and `wasi:logging`. What WASI lets it
/// reach is what its store's context has.
///
/// # Errors
///
/// When two of them define the same thing, which is a mistake of this crate's versions.
pub fn linker<T: LogView + MessagingView + WasiView + 'static>(
    engine: &Engine,
) -> wasmtime::Result<Linker<T>> {
    let mut linker = Linker::new(engine);
    p2::add_to_linker_async(&mut linker)?;
    p3::add_to_linker(&mut linker)?;
    logging::add_to_linker(&mut linker)?;
    oslo_messaging_wasmtime::add_to_linker(&mut linker)?;
    Ok(linker)
}

/// The imports of a component that this [`linker`] lacks: those of packages that it does not know, and the
/// one that its refusal to link names, which may be a version that it does not have.
#[must_use]
pub fn missing_imports(component: &Component, refusal: &str) -> Vec<String> {
    let mut missing = imports(component);
    missing.retain(|name| {
        let is_known = PACKAGES.iter().any(|package| name.starts_with(package));
        !is_known || refusal.contains(&format!("`{name}`"))
    });
    missing
}

/// The packages of which the linker has at least some.
const PACKAGES: [&str; 8] = [
    "oslo:messaging/",
    "wasi:cli/",
    "wasi:clocks/",
    "wasi:filesystem/",
    "wasi:io/",
    "wasi:logging/",
    "wasi:random/",
    "wasi:sockets/",
];
