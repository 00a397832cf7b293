//! Room for the instances of a host.

use oslo_messaging_wasmtime::{Halt, Halted};
use wasmtime::{
    Enabled, Engine, InstanceAllocationStrategy, PoolConcurrencyLimitError, PoolingAllocationConfig,
};

use crate::engine::config;
use crate::kept::Kept;
use crate::room::{MOST_INSTANCES, MOST_MEMORIES, MOST_TABLE_ELEMENTS, MOST_TABLES};

/// An [engine](crate::engine) with room for so many instances of components, reserved once; where the address
/// space is too short for it, as under a limit of the process, with room for each when it comes.
pub(crate) fn pooled(kept: &Kept, instances: u32) -> wasmtime::Result<Engine> {
    let mut config = config(kept)?;
    // A stack is given back but for what is wiped.
    config.async_stack_zeroing(true);
    config.allocation_strategy(pool(instances));
    Engine::new(&config).or_else(|error| {
        let why = format!("{error:#}");
        tracing::warn!(instances, why, "no room is reserved for instances");
        config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
        Engine::new(&config)
    })
}

/// Why there is no instance, where the plugin is not to blame.
pub(crate) fn no_room(error: &wasmtime::Error) -> Option<String> {
    if let Some(halted) = error.downcast_ref::<Halted>() {
        return (halted.halt() == Halt::NoRoom).then(|| halted.to_string());
    }
    let full = error.downcast_ref::<PoolConcurrencyLimitError>()?;
    Some(format!(
        "the host has as many instances as it may have: {full}"
    ))
}

/// Whatever one instance may have, so that none has of another's.
fn pool(instances: u32) -> PoolingAllocationConfig {
    let most = |most: usize| u32::try_from(most).unwrap_or(u32::MAX);
    let of_all = |each: usize| instances.saturating_mul(most(each));
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(of_all(MOST_INSTANCES))
        .total_memories(of_all(MOST_MEMORIES))
        .total_tables(of_all(MOST_TABLES))
        .total_stacks(of_all(STACKS))
        .max_component_instance_size(METADATA)
        .max_core_instance_size(METADATA)
        .max_core_instances_per_component(most(MOST_INSTANCES))
        .max_memories_per_component(most(MOST_MEMORIES))
        .max_memories_per_module(most(MOST_MEMORIES))
        .max_tables_per_component(most(MOST_TABLES))
        .max_tables_per_module(most(MOST_TABLES))
        .table_elements(MOST_TABLE_ELEMENTS)
        .pagemap_scan(Enabled::Auto)
        .async_stack_keep_resident(RESIDENT_STACK)
        .linear_memory_keep_resident(RESIDENT_MEMORY);
    pool
}

/// One that waits has one, and one more for what it is handed meanwhile; a component of several others has
/// more.
const STACKS: usize = 4;
/// What wasmtime notes of an instance: some thirty bytes for each function in a table.
const METADATA: usize = 8 << 20;
/// How much of what an instance wrote to is wiped instead of given back, which is quicker, and stays with the
/// process.
const RESIDENT_MEMORY: usize = 128 << 10;
const RESIDENT_STACK: usize = 16 << 10;
