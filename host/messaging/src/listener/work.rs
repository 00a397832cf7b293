//! Which notifications are being handled or have been, so that one that comes again, because its
//! connection was lost, is not handled beside itself or after itself.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::mutex::Mutex;

use crate::driver::{Receipt, Settlement};
use crate::duplicates::Duplicates;

/// By their `_unique_id`s.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<Contents>);

#[derive(Debug, Default)]
struct Contents {
    handled: Duplicates,
    /// With the receipts of those that came again meanwhile.
    in_work: HashMap<String, Vec<Box<dyn Receipt>>>,
}

/// One that is being handled. Dropped, it is not, and can be begun again.
#[derive(Debug)]
pub(super) struct Work<'a> {
    known: &'a Known,
    id: Option<&'a str>,
    receipt: Option<Box<dyn Receipt>>,
}

impl Known {
    /// Begins to handle one. None if it was handled, or is being handled by who settles this one, too.
    pub(super) fn begin<'a>(
        &'a self,
        id: Option<&'a str>,
        receipt: Box<dyn Receipt>,
    ) -> Option<Work<'a>> {
        let mut contents = self.0.lock();
        if contents.handled.has(id) {
            drop(contents);
            tracing::info!("dropped a duplicate notification");
            receipt.settle(Settlement::Handled);
            return None;
        }
        if let Some(id) = id {
            match contents.in_work.entry(id.to_owned()) {
                Entry::Occupied(mut entry) => {
                    let again = entry.get_mut();
                    // Those of a lost connection. Others are copies, and their queue waits for each.
                    let void: Vec<_> = again.extract_if(.., |known| !known.is_valid()).collect();
                    again.push(receipt);
                    drop(contents);
                    tracing::info!("a notification that is being handled came again");
                    drop(void);
                    return None;
                }
                Entry::Vacant(entry) => entry.insert(Vec::new()),
            };
        }
        Some(Work {
            known: self,
            id,
            receipt: Some(receipt),
        })
    }
}

impl Work<'_> {
    /// Settles it, and what came again of it.
    pub(super) fn settle(mut self, settlement: Settlement) {
        let again = self.end(|handled, id| {
            // The acknowledgement may be lost with its connection.
            if settlement == Settlement::Handled {
                handled.remember(id);
            }
        });
        for receipt in self.receipt.take().into_iter().chain(again) {
            receipt.settle(settlement);
        }
    }

    fn end(&self, before: impl FnOnce(&mut Duplicates, Option<&str>)) -> Vec<Box<dyn Receipt>> {
        let mut contents = self.known.0.lock();
        before(&mut contents.handled, self.id);
        let again = self.id.and_then(|id| contents.in_work.remove(id));
        again.unwrap_or_default()
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        // After it was settled, somebody else may have begun it.
        if self.receipt.is_some() {
            drop(self.end(|_, _| {}));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    type Log = Arc<Mutex<Vec<(u8, Option<Settlement>)>>>;

    /// The one whose connection is lost.
    const VOID: u8 = 3;

    #[derive(Debug)]
    struct Logging {
        number: u8,
        settlement: Option<Settlement>,
        log: Log,
    }

    impl Receipt for Logging {
        fn is_valid(&self) -> bool {
            self.number != VOID
        }

        fn settle(mut self: Box<Self>, settlement: Settlement) {
            self.settlement = Some(settlement);
        }
    }

    impl Drop for Logging {
        fn drop(&mut self) {
            self.log.lock().push((self.number, self.settlement));
        }
    }

    #[test]
    fn one_that_comes_again_is_settled_with_the_first() {
        use Settlement::{Handled, Requeued};

        let (known, log) = (Known::default(), Log::default());
        let receipt = |number| {
            Box::new(Logging {
                number,
                settlement: None,
                log: Arc::clone(&log),
            })
        };
        let check = |expected: &[(u8, Option<Settlement>)]| {
            assert_eq!(std::mem::take(&mut *log.lock()), expected);
        };
        let first = known.begin(Some("a"), receipt(1)).unwrap();
        let other = known.begin(Some("b"), receipt(2)).unwrap();
        assert!(known.begin(Some("a"), receipt(VOID)).is_none());
        assert!(known.begin(Some("a"), receipt(4)).is_none());
        check(&[(VOID, None)]);
        assert!(known.begin(Some("a"), receipt(9)).is_none());
        check(&[]);
        first.settle(Requeued);
        check(&[
            (1, Some(Requeued)),
            (4, Some(Requeued)),
            (9, Some(Requeued)),
        ]);
        let again = known.begin(Some("a"), receipt(5)).unwrap();
        drop(other);
        check(&[(2, None)]);
        again.settle(Handled);
        assert!(known.begin(Some("a"), receipt(6)).is_none());
        check(&[(5, Some(Handled)), (6, Some(Handled))]);
        // Those without an id have nothing to do with each other.
        let works = [7, 8].map(|number| known.begin(None, receipt(number)).unwrap());
        works.into_iter().for_each(|work| work.settle(Handled));
        check(&[(7, Some(Handled)), (8, Some(Handled))]);
        assert!(known.0.lock().in_work.is_empty());
    }
}
