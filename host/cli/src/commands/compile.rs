//! Compiling plugins before they are run.

use std::time::Instant;

use oslo_messaging_plugins::{ComponentFile, HostLinker};

use super::plugin;
use crate::args::CompileArgs;
use crate::failure::{Exit, Failure};
use crate::{cache, print};

/// Fills the cache, so that the next start takes no time. What is kept is found by the plugin's
/// bytes: no file is made that `run` would have to trust as machine code.
pub(crate) fn compile(args: &CompileArgs, json: bool) -> Result<u8, Failure> {
    let engine = plugin::engine(Some(cache::open(&args.cache)?))?;
    // The daemon reserves memory in another way, which is in the machine code.
    let host = HostLinker::new(Some(cache::open(&args.cache)?));
    let host = host.map_err(|error| Failure::new(Exit::Failed, error))?;
    for path in &args.plugins {
        let started = Instant::now();
        plugin::load(&engine, path)?;
        // What is too large for the daemon is not for others.
        if let Err(error) = ComponentFile::read(path)?.compile(host.engine()) {
            print::notice(&format!("for `host`: {error}"), json);
        }
        print::line(format_args!(
            "{} is ready after {:.2} s",
            path.display(),
            started.elapsed().as_secs_f64()
        ));
    }
    Ok(0)
}
