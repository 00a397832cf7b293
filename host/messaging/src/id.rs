//! Random names of calls, messages and queues.

use std::cell::RefCell;

use uuid::Uuid;

/// A random id that nobody can guess: whoever could guess a call's could answer it.
///
/// The system's random numbers are fetched many at a time, because a call takes two or three ids and
/// asking the system takes longer than all the rest of making one.
pub(crate) fn random() -> Uuid {
    POOL.with_borrow_mut(|pool| {
        let bytes = pool.take();
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    })
}

struct Pool {
    bytes: [u8; IDS * LENGTH],
    used: usize,
}

impl Pool {
    fn take(&mut self) -> [u8; LENGTH] {
        if self.used >= IDS {
            if getrandom::fill(&mut self.bytes).is_err() {
                // It has none; then this id is as good as the standard library's keys for hash maps.
                return by_hashing();
            }
            self.used = 0;
        }
        let (ids, _) = self.bytes.as_chunks_mut::<LENGTH>();
        let Some(id) = ids.get_mut(self.used) else {
            return by_hashing();
        };
        self.used += 1;
        // What was given out is not kept.
        std::mem::take(id)
    }
}

fn by_hashing() -> [u8; LENGTH] {
    use std::hash::{BuildHasher as _, RandomState};
    let half = || RandomState::new().hash_one(std::time::Instant::now());
    (u128::from(half()) << 64 | u128::from(half())).to_be_bytes()
}

thread_local! {
    static POOL: RefCell<Pool> = const {
        RefCell::new(Pool {
            bytes: [0; IDS * LENGTH],
            used: IDS,
        })
    };
}

const IDS: usize = 32;
const LENGTH: usize = 16;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_id_comes_twice_and_all_are_of_version_4() {
        let ids: HashSet<_> = (0..10 * IDS).map(|_| random()).collect();
        assert_eq!(ids.len(), 10 * IDS);
        assert!(ids.iter().all(|id| id.get_version_num() == 4));
        assert_ne!(by_hashing(), by_hashing());
    }
}
