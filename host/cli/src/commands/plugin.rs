//! A plugin's file, compiled; and what it needs and offers.

use std::path::Path;

use wasmtime::component::Component;
use wasmtime::{Cache, Config, Engine};

use crate::failure::{Exit, Failure};

/// An engine whose guests can be interrupted at any time.
pub(super) fn engine(cache: Option<Cache>) -> Result<Engine, Failure> {
    let mut config = Config::new();
    config.cache(cache);
    config.epoch_interruption(true);
    Engine::new(&config)
        .map_err(|error| Failure::new(Exit::Failed, format!("wasmtime does not start: {error:#}")))
}

/// Reads and compiles a component.
pub(super) fn load(engine: &Engine, path: &Path) -> Result<Component, Failure> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| {
        Failure::new(
            Exit::UnreadablePlugin,
            format!("{shown} cannot be read: {error}"),
        )
    })?;
    let not_a_component =
        |what: String| Failure::new(Exit::NotAComponent, format!("{shown} {what}"));
    match kind(&bytes) {
        Kind::Component => {}
        Kind::CoreModule => {
            return Err(not_a_component(
                "is a core WebAssembly module, not a component".to_owned(),
            )
            .remedy("make a component of it, as with `wasm-tools component new`"));
        }
        Kind::Text => {
            return Err(
                not_a_component("is WebAssembly text, not a binary".to_owned())
                    .remedy("make a binary of it, as with `wasm-tools parse`"),
            );
        }
        Kind::Other => return Err(not_a_component("is not WebAssembly".to_owned())),
    }
    Component::new(engine, bytes)
        .map_err(|error| not_a_component(format!("is not a valid component: {error:#}")))
}

/// The names of what a component imports and exports, in the order it has them.
pub(super) fn imports(component: &Component) -> Vec<String> {
    let types = component.component_type();
    types
        .imports(component.engine())
        .map(|(name, _)| name.to_owned())
        .collect()
}

pub(super) fn exports(component: &Component) -> Vec<String> {
    let types = component.component_type();
    types
        .exports(component.engine())
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// Whether it has methods to serve.
pub(super) fn serves(component: &Component) -> bool {
    let is_endpoint = |name: &String| name.starts_with("oslo:messaging/rpc-endpoint");
    exports(component).iter().any(is_endpoint)
}

/// How a plugin is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// `wasi:cli/run@0.2`: a plain function.
    Plain,
    /// `wasi:cli/run@0.3`: an `async func`.
    Asynchronous,
}

impl Entry {
    pub(super) fn of(component: &Component) -> Option<Self> {
        let exports = exports(component);
        let has = |prefix: &str| exports.iter().any(|name| name.starts_with(prefix));
        if has("wasi:cli/run@0.3.") {
            Some(Self::Asynchronous)
        } else {
            has("wasi:cli/run@0.2.").then_some(Self::Plain)
        }
    }
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
