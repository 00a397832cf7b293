//! The ticks at which plugins that compute give way.

use std::io;
use std::thread;
use std::time::Duration;

use wasmtime::Engine;

/// Counts up an engine's epoch, a hundred times in a second, as long as anything has the engine: it may not
/// end before the last store does, which whoever drops a host does not see. On a thread of its own: plugins
/// that compute may have all threads of the runtime, and give them back only because somebody counts.
///
/// # Errors
///
/// When the system has no thread for it.
pub fn tick(engine: &Engine) -> io::Result<()> {
    let engine = engine.weak();
    thread::Builder::new()
        .name("epochs".to_owned())
        .spawn(move || {
            while let Some(engine) = engine.upgrade() {
                engine.increment_epoch();
                drop(engine);
                thread::sleep(TICK);
            }
        })?;
    Ok(())
}

/// How long a plugin may compute before others get a turn.
const TICK: Duration = Duration::from_millis(10);
