//! `wasi:logging`: what a plugin logs is an event of the host's log.

use wasmtime::component::{Linker, Val};
use wasmtime::{StoreContextMut, bail};

/// The levels of `wasi:logging`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// An error that ends something.
    Critical,
    /// For whoever looks for a mistake.
    Debug,
    /// An error.
    Error,
    /// For whoever watches.
    Info,
    /// Every step.
    Trace,
    /// Something that may be wrong.
    Warn,
}

impl LogLevel {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "critical" => Self::Critical,
            "debug" => Self::Debug,
            "error" => Self::Error,
            "info" => Self::Info,
            "trace" => Self::Trace,
            "warn" => Self::Warn,
            _ => return None,
        })
    }
}

/// Where what a plugin logs goes: what the data of a store implements for [`linker`](crate::linker).
pub trait LogView {
    /// The plugin logs a message. Both texts are its own: they may be of any length that it may pass, and have
    /// line breaks and control characters in them.
    fn log(&mut self, level: LogLevel, context: &str, message: &str);
}

/// Writes an event of target `plugin`, as what plugins print is, with its `plugin`, `context` and `line`.
pub fn log_event(plugin: &str, level: LogLevel, context: &str, line: &str) {
    // As string fields, which are escaped: a guest chose what is in them.
    match level {
        LogLevel::Critical => {
            let critical = true;
            tracing::error!(target: "plugin", plugin, context, line, critical);
        }
        LogLevel::Debug => tracing::debug!(target: "plugin", plugin, context, line),
        LogLevel::Error => tracing::error!(target: "plugin", plugin, context, line),
        LogLevel::Info => tracing::info!(target: "plugin", plugin, context, line),
        LogLevel::Trace => tracing::trace!(target: "plugin", plugin, context, line),
        LogLevel::Warn => tracing::warn!(target: "plugin", plugin, context, line),
    }
}

pub(crate) fn add_to_linker<T: LogView + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    for name in NAMES {
        linker.instance(name)?.func_new("log", log)?;
    }
    Ok(())
}

fn log<T: LogView>(
    mut store: StoreContextMut<'_, T>,
    _: wasmtime::component::types::ComponentFunc,
    arguments: &[Val],
    _: &mut [Val],
) -> wasmtime::Result<()> {
    // A component may say another type of the function, which nobody has looked at before.
    let [Val::Enum(level), Val::String(context), Val::String(message)] = arguments else {
        bail!("`wasi:logging/logging.log` takes a level, a context and a message");
    };
    let Some(level) = LogLevel::of(level) else {
        bail!("`wasi:logging/logging` has no such level");
    };
    store.data_mut().log(level, context, message);
    Ok(())
}

/// As it was published, and as guests import it that were made before it had a version.
const NAMES: [&str; 2] = ["wasi:logging/logging", "wasi:logging/logging@0.1.0-draft"];
