use std::collections::{HashSet, VecDeque};

/// The `_unique_id`s seen last: a request that comes again is dropped without a reply (dossier
/// §5.4). Upstream remembers 16, too few to bridge the redelivery after a lost connection.
#[derive(Debug, Default)]
pub(super) struct Duplicates {
    order: VecDeque<Box<str>>,
    seen: HashSet<Box<str>>,
}

impl Duplicates {
    /// A request without id is never one.
    pub(super) fn is_duplicate(&mut self, unique_id: Option<&str>) -> bool {
        let Some(id) = unique_id else { return false };
        if self.seen.contains(id) {
            return true;
        }
        if self.order.len() == REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        self.order.push_back(id.into());
        self.seen.insert(id.into());
        false
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
