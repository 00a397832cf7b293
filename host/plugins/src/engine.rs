//! What plugins run in.

use std::sync::Arc;

use wasmtime::{CacheStore, Config, Engine};

use crate::kept::Kept;

/// An engine for plugins. They can be interrupted at any time ([`tick`](crate::tick)), and each invocation may
/// have 2 MiB of stack, four times what is wasmtime's default: an interpreter counts how deep it goes, and tells
/// its program by an exception, but it counts by a stack of its own, and would come to the end of the machine's
/// before. What takes more traps.
///
/// # Errors
///
/// When WebAssembly cannot be run on this machine.
pub fn engine(kept: &Kept) -> wasmtime::Result<Engine> {
    Engine::new(&config(kept)?)
}

pub(crate) fn config(kept: &Kept) -> wasmtime::Result<Config> {
    let mut config = Config::new();
    config.cache(kept.components.clone());
    if let Some(functions) = &kept.functions {
        config.enable_incremental_compilation(Arc::clone(functions) as Arc<dyn CacheStore>)?;
    }
    config.epoch_interruption(true);
    config.max_wasm_stack(STACK);
    config.async_stack_size(STACK + STACK_OF_THE_HOST);
    Ok(config)
}

const STACK: usize = 2 << 20;

/// What wasmtime leaves by default to what plugins call.
const STACK_OF_THE_HOST: usize = 3 << 19;
