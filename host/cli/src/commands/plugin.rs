//! A plugin's file, compiled; and what it needs and offers.

use std::path::Path;

use oslo_messaging_plugins::{ComponentError, ComponentFile};
use wasmtime::component::Component;
use wasmtime::{Cache, Engine};

use crate::failure::{Exit, Failure};

/// An engine whose guests can be interrupted at any time.
pub(super) fn engine(cache: Option<Cache>) -> Result<Engine, Failure> {
    oslo_messaging_plugins::engine(cache)
        .map_err(|error| Failure::new(Exit::Failed, format!("wasmtime does not start: {error:#}")))
}

/// Reads and compiles a component.
pub(super) fn load(engine: &Engine, path: &Path) -> Result<Component, Failure> {
    let file = ComponentFile::read(path)?;
    Ok(file.compile(engine)?)
}

impl From<ComponentError> for Failure {
    fn from(error: ComponentError) -> Self {
        let exit = match error {
            ComponentError::Unreadable { .. } => Exit::UnreadablePlugin,
            _ => Exit::NotAComponent,
        };
        let failure = Self::new(exit, &error);
        match error.remedy() {
            Some(remedy) => failure.remedy(remedy),
            None => failure,
        }
    }
}

/// Counts the ticks at which plugins give way.
pub(super) fn tick(engine: &Engine) -> Result<(), Failure> {
    oslo_messaging_plugins::tick(engine)
        .map_err(|error| Failure::new(Exit::Failed, format!("no thread to count: {error}")))
}
