//! Our native client with an allocator that counts, in a program of its own: counting takes time.

use std::alloc::System;

use anyhow::{Context, Result};
use oslo_messaging_clients::{Runtime, run};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> Result<()> {
    let url = std::env::args().nth(1).context("usage: counted URL")?;
    run(&url, Runtime::CurrentThread, Some(counted))
}

fn counted() -> (u64, u64) {
    let stats = ALLOCATOR.stats();
    (
        (stats.allocations + stats.reallocations) as u64,
        stats
            .bytes_allocated
            .saturating_sub(stats.bytes_deallocated) as u64,
    )
}
