//! Compiling plugins before they are run.

use std::time::Instant;

use super::plugin;
use crate::args::CompileArgs;
use crate::failure::Failure;
use crate::{cache, print};

/// Fills the cache, so that the next start takes no time. What is kept is found by the plugin's
/// bytes: no file is made that `run` would have to trust as machine code.
pub(crate) fn compile(args: &CompileArgs) -> Result<u8, Failure> {
    let kept = cache::open(&args.cache)?;
    let engine = plugin::engine(&kept)?;
    for path in &args.plugins {
        let started = Instant::now();
        plugin::load(&engine, &kept, path)?;
        print::line(format_args!(
            "{} is ready after {:.2} s",
            path.display(),
            started.elapsed().as_secs_f64()
        ));
    }
    Ok(0)
}
