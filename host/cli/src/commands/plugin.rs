//! A plugin's file, compiled; and what it needs and offers.

use std::path::Path;

use oslo_messaging_build::process::taking_long;
use oslo_messaging_plugins::{Command, ComponentError, ComponentFile, Kept, exports, triggers};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::failure::{Exit, Failure};

/// An engine whose guests can be interrupted at any time.
pub(super) fn engine(kept: &Kept) -> Result<Engine, Failure> {
    oslo_messaging_plugins::engine(kept)
        .map_err(|error| Failure::new(Exit::Failed, format!("wasmtime does not start: {error:#}")))
}

/// Reads and compiles a component.
pub(super) fn load(engine: &Engine, kept: &Kept, path: &Path) -> Result<Component, Failure> {
    let file = ComponentFile::read(path)?;
    let what = || {
        format!(
            "compiling {}, which is kept for the next time",
            path.display()
        )
    };
    let component = taking_long(what, || file.compile(engine))?;
    kept.write();
    Ok(component)
}

/// Which command starts a component that another one cannot start.
pub(super) fn starts_with(component: &Component) -> &'static str {
    if Command::of(component).is_some() {
        "`oslo-plugin run` starts it: it is a program"
    } else if exports(component)
        .iter()
        .any(|name| name.starts_with("oslo:messaging/rpc-endpoint"))
    {
        "`oslo-plugin serve` and `oslo-plugin host` start it: it serves methods"
    } else if triggers(component).is_empty() {
        "`oslo-plugin inspect` shows what it exports"
    } else {
        "`oslo-plugin host` starts it, with a policy file that says by what"
    }
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
