//! Room for the instances of a host.

use wasmtime::{Cache, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::engine::config;
use crate::room::{MOST_INSTANCES, MOST_MEMORIES, MOST_TABLE_ELEMENTS, MOST_TABLES};

/// An [engine](crate::engine) with room for so many instances of components, reserved once; where the address
/// space is too short for it, as under a limit of the process, with room for each when it comes.
pub(crate) fn pooled(cache: Option<Cache>, instances: u32) -> wasmtime::Result<Engine> {
    let mut config = config(cache);
    config.allocation_strategy(pool(instances));
    Engine::new(&config).or_else(|error| {
        let why = format!("{error:#}");
        tracing::warn!(instances, why, "no room is reserved for instances");
        config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
        Engine::new(&config)
    })
}

fn pool(instances: u32) -> PoolingAllocationConfig {
    let of_all = |each: u32| instances.saturating_mul(each);
    let most = |most: usize| u32::try_from(most).unwrap_or(u32::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(of_all(CORE_INSTANCES))
        .total_memories(of_all(MEMORIES))
        .total_tables(of_all(TABLES))
        .total_stacks(instances)
        .max_core_instances_per_component(most(MOST_INSTANCES))
        .max_memories_per_component(most(MOST_MEMORIES))
        .max_memories_per_module(most(MOST_MEMORIES))
        .max_tables_per_component(most(MOST_TABLES))
        .max_tables_per_module(most(MOST_TABLES))
        .table_elements(MOST_TABLE_ELEMENTS)
        .max_unused_warm_slots(WARM)
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(RESIDENT)
        .table_keep_resident(RESIDENT);
    pool
}

/// What an instance of a component has at most, on average: some have a module of their own for WASI.
const CORE_INSTANCES: u32 = 16;
const MEMORIES: u32 = 2;
const TABLES: u32 = 4;
/// How many rooms of instances that are gone wait with what is in them for one of the same component.
const WARM: u32 = 64;
/// How much of what was written to is wiped in such a room instead of given back, which is quicker up to about
/// this size.
const RESIDENT: usize = 256 << 10;
