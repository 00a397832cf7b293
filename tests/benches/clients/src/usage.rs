//! What this process has used.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// The processor time and the voluntary context switches of this process so far.
pub(crate) fn usage() -> Result<(Duration, u64)> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).context("getrusage")?;
    let seconds = |time: TimeVal| {
        Duration::from_secs(time.tv_sec().unsigned_abs())
            + Duration::from_micros(time.tv_usec().unsigned_abs())
    };
    Ok((
        seconds(usage.user_time()) + seconds(usage.system_time()),
        usage.voluntary_context_switches().unsigned_abs(),
    ))
}

/// How many threads this process has.
///
/// # Errors
///
/// Fails where `/proc` cannot be read.
pub fn threads() -> Result<u64> {
    Ok(fs::read_dir("/proc/self/task")
        .context("cannot read /proc/self/task")?
        .count() as u64)
}
