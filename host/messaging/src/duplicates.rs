use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, Hasher, RandomState};

/// The `_unique_id`s seen last: a request or notification that comes again is dropped. Upstream remembers 16, too few to bridge the redelivery after a lost connection.
///
/// What is remembered is a keyed hash of 128 bits: an id may have any length, and whoever sends it does
/// not know the key.
#[derive(Debug, Default)]
pub(crate) struct Duplicates {
    keys: [RandomState; 2],
    order: VecDeque<[u64; 2]>,
    seen: HashSet<[u64; 2]>,
}

impl Duplicates {
    /// Whether it was seen, and remembers it. A message without id is never one.
    pub(crate) fn is_duplicate(&mut self, unique_id: Option<&str>) -> bool {
        if self.has(unique_id) {
            return true;
        }
        self.remember(unique_id);
        false
    }

    /// Whether it is remembered.
    pub(crate) fn has(&self, unique_id: Option<&str>) -> bool {
        unique_id.is_some_and(|id| self.seen.contains(&self.hash(id)))
    }

    pub(crate) fn remember(&mut self, unique_id: Option<&str>) {
        let Some(id) = unique_id.map(|id| self.hash(id)) else {
            return;
        };
        if !self.seen.insert(id) {
            return;
        }
        self.order.push_back(id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
    }

    fn hash(&self, id: &str) -> [u64; 2] {
        self.keys.each_ref().map(|key| {
            let mut hasher = key.build_hasher();
            hasher.write(id.as_bytes());
            hasher.finish()
        })
    }
}

const REMEMBERED: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_remembered_for_a_while() {
        let mut duplicates = Duplicates::default();
        assert!(!duplicates.is_duplicate(Some("a")));
        assert!(duplicates.is_duplicate(Some("a")));
        assert!(!duplicates.is_duplicate(None) && !duplicates.is_duplicate(None));
        for id in 0..REMEMBERED {
            assert!(!duplicates.is_duplicate(Some(&id.to_string())));
        }
        assert!(!duplicates.is_duplicate(Some("a")));
        assert_eq!(duplicates.order.len(), duplicates.seen.len());
    }
}
