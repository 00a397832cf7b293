//! What an instance may take up of the host.

use std::sync::Arc;

use wasmtime::ResourceLimiter;

use crate::statistics::Counters;

/// The memory, tables and instances of one store.
#[derive(Debug)]
pub(crate) struct Room {
    plugin: Arc<str>,
    memory: usize,
    most_memory: usize,
    table_elements: usize,
    counters: Arc<Counters>,
}

impl Room {
    /// All linear memories together may have so many bytes.
    pub(crate) const fn new(plugin: Arc<str>, most_memory: usize, counters: Arc<Counters>) -> Self {
        Self {
            plugin,
            memory: 0,
            most_memory,
            table_elements: 0,
            counters,
        }
    }
}

impl ResourceLimiter for Room {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let memory = self.memory.saturating_add(desired.saturating_sub(current));
        let fits = memory <= self.most_memory;
        if fits {
            self.memory = memory;
        } else {
            self.counters.memory_refused.add();
            if self.counters.told.is_one_more() {
                let (plugin, most) = (&*self.plugin, self.most_memory);
                tracing::warn!(plugin, most, "memory is refused at its limit");
            }
        }
        Ok(fits)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let grown = desired.saturating_sub(current);
        let table_elements = self.table_elements.saturating_add(grown);
        let fits = table_elements <= MOST_TABLE_ELEMENTS;
        if fits {
            self.table_elements = table_elements;
        } else {
            self.counters.table_refused.add();
            if self.counters.told.is_one_more() {
                let (plugin, most) = (&*self.plugin, MOST_TABLE_ELEMENTS);
                tracing::warn!(plugin, most, "room in tables is refused at its limit");
            }
        }
        Ok(fits)
    }

    fn instances(&self) -> usize {
        MOST_INSTANCES
    }

    fn tables(&self) -> usize {
        MOST_TABLES
    }

    fn memories(&self) -> usize {
        MOST_MEMORIES
    }
}

/// Each is a pointer: at most 1 MiB. An interpreter with all of its library has some ten thousand.
pub(crate) const MOST_TABLE_ELEMENTS: usize = 128 * 1024;

/// Core instances. A component of one module has a handful, one of an interpreter and its libraries some dozens.
/// The host reserves room for so much of each instance, which is address space.
pub(crate) const MOST_INSTANCES: usize = 128;
pub(crate) const MOST_TABLES: usize = 16;
pub(crate) const MOST_MEMORIES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_share_their_limit_and_a_refusal_is_counted() {
        let counters = Arc::new(Counters::default());
        let mut room = Room::new("one".into(), 3 << 16, Arc::clone(&counters));
        let mut grow =
            |from: usize, to: usize| room.memory_growing(from << 16, to << 16, None).unwrap();
        assert!(grow(0, 1));
        assert!(grow(0, 1));
        assert!(!grow(1, 3));
        assert!(grow(1, 2));
        assert!(!grow(2, 3));
        assert_eq!(counters.statistics().memory_refused, 2);
    }

    #[test]
    fn tables_share_theirs() {
        let counters = Arc::new(Counters::default());
        let mut room = Room::new("one".into(), 0, Arc::clone(&counters));
        assert!(room.table_growing(0, MOST_TABLE_ELEMENTS, None).unwrap());
        assert!(!room.table_growing(0, 1, None).unwrap());
        assert_eq!(counters.statistics().table_refused, 1);
    }
}
