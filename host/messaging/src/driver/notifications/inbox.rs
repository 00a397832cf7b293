//! Where a driver puts messages for a listener, and takes back what has become void.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::mutex::Mutex;
use tokio::sync::Notify;

use super::Unsettled;

/// An inbox, and what takes from it.
pub(crate) fn inbox() -> (Inbox, Unhandled) {
    let shared = Arc::new(Shared::default());
    shared.contents.lock().inboxes = 1;
    (Inbox(Arc::clone(&shared)), Unhandled(shared))
}

/// A driver's end. Messages are taken in their order until the last clone is dropped.
#[derive(Debug)]
pub(crate) struct Inbox(Arc<Shared>);

/// A listener's end.
#[derive(Debug)]
pub(crate) struct Unhandled(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    contents: Mutex<Contents>,
    came: Notify,
    wanted: Notify,
    closed: Notify,
}

#[derive(Debug, Default)]
struct Contents {
    messages: VecDeque<Unsettled>,
    inboxes: usize,
    /// Somebody waits for one.
    is_wanted: bool,
    /// Nobody takes any more.
    is_closed: bool,
}

// A message that is dropped may come back to where it is put: never under the lock.
impl Inbox {
    /// Puts a message behind the others. When nobody takes any more, it is dropped.
    pub(crate) fn put(&self, message: Unsettled) {
        let mut contents = self.0.contents.lock();
        if contents.is_closed {
            drop(contents);
            drop(message);
            return;
        }
        contents.messages.push_back(message);
        drop(contents);
        self.0.came.notify_one();
    }

    /// Drops what nobody has taken.
    #[cfg(feature = "rabbit")]
    pub(crate) fn clear(&self) {
        let messages = std::mem::take(&mut self.0.contents.lock().messages);
        drop(messages);
    }

    /// Whether somebody waits for a message, and so has nothing else to do.
    #[cfg_attr(
        not(feature = "rabbit"),
        allow(dead_code, reason = "memory has no connection to lose")
    )]
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.contents.lock().is_wanted
    }

    /// Waits until somebody waits for a message, or nobody takes any more.
    ///
    /// Cancel safe.
    #[cfg_attr(
        not(feature = "rabbit"),
        allow(dead_code, reason = "memory has no connection to lose")
    )]
    pub(crate) async fn wanted(&self) {
        loop {
            let wanted = self.0.wanted.notified();
            {
                let contents = self.0.contents.lock();
                if contents.is_wanted || contents.is_closed {
                    return;
                }
            }
            wanted.await;
        }
    }

    /// Waits until nobody takes any more.
    ///
    /// Cancel safe.
    pub(crate) async fn closed(&self) {
        loop {
            let closed = self.0.closed.notified();
            if self.0.contents.lock().is_closed {
                return;
            }
            closed.await;
        }
    }
}

impl Clone for Inbox {
    fn clone(&self) -> Self {
        self.0.contents.lock().inboxes += 1;
        Self(Arc::clone(&self.0))
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        let mut contents = self.0.contents.lock();
        contents.inboxes -= 1;
        let is_last = contents.inboxes == 0;
        drop(contents);
        if is_last {
            self.0.came.notify_one();
        }
    }
}

impl Unhandled {
    /// The next message; none when no more come.
    ///
    /// Cancel safe.
    #[expect(
        clippy::needless_pass_by_ref_mut,
        reason = "one is woken for each message"
    )]
    pub(crate) async fn recv(&mut self) -> Option<Unsettled> {
        loop {
            {
                let mut contents = self.0.contents.lock();
                let next = contents.messages.pop_front();
                if next.is_some() || contents.inboxes == 0 {
                    return next;
                }
                contents.is_wanted = true;
            }
            let _waiting = Waiting(&self.0);
            self.0.wanted.notify_waiters();
            self.0.came.notified().await;
        }
    }
}

/// Somebody who waits for a message. Dropped, nobody does.
struct Waiting<'a>(&'a Shared);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.contents.lock().is_wanted = false;
    }
}

impl Drop for Unhandled {
    fn drop(&mut self) {
        let messages = {
            let mut contents = self.0.contents.lock();
            contents.is_closed = true;
            std::mem::take(&mut contents.messages)
        };
        self.0.closed.notify_waiters();
        self.0.wanted.notify_waiters();
        drop(messages);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;
    use crate::driver::{Incoming, Receipt, Settlement};

    /// Counts those that were dropped.
    #[derive(Debug)]
    struct Dropped(Arc<Mutex<usize>>);

    impl Receipt for Dropped {
        fn is_valid(&self) -> bool {
            true
        }

        fn settle(self: Box<Self>, _: Settlement) {}
    }

    impl Drop for Dropped {
        fn drop(&mut self) {
            *self.0.lock() += 1;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn messages_are_taken_in_order_cleared_and_dropped_at_the_end() {
        let dropped = Arc::<Mutex<usize>>::default();
        let message = |body: &'static str| Unsettled {
            incoming: Incoming {
                content_type: None,
                compression: None,
                body: body.into(),
            },
            redelivered: false,
            receipt: Box::new(Dropped(Arc::clone(&dropped))),
        };
        let (inbox, mut unhandled) = inbox();
        let other = inbox.clone();
        inbox.put(message("one"));
        other.put(message("two"));
        assert_eq!(unhandled.recv().await.unwrap().incoming.body, "one");
        inbox.clear();
        assert_eq!(*dropped.lock(), 2);
        let long = Duration::from_secs(60);
        assert!(timeout(long, unhandled.recv()).await.is_err());
        let (next, ()) = tokio::join!(unhandled.recv(), async { other.put(message("three")) });
        assert_eq!(next.unwrap().incoming.body, "three");
        assert!(timeout(long, inbox.closed()).await.is_err());
        other.put(message("four"));
        let ((), ()) = tokio::join!(inbox.closed(), async { drop(unhandled) });
        inbox.put(message("five"));
        assert_eq!(*dropped.lock(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_message_is_wanted_as_long_as_somebody_waits_for_one() {
        let (inbox, mut unhandled) = inbox();
        let long = Duration::from_secs(60);
        assert!(!inbox.is_wanted());
        assert!(timeout(long, inbox.wanted()).await.is_err());
        tokio::select! {
            biased;
            () = inbox.wanted() => {}
            message = unhandled.recv() => panic!("{message:?}"),
        }
        assert!(!inbox.is_wanted());
        drop(unhandled);
        inbox.wanted().await;
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_put_is_taken_before_the_end() {
        let (inbox, mut unhandled) = inbox();
        let receipt = Box::new(Dropped(Arc::default()));
        inbox.put(Unsettled {
            incoming: Incoming {
                content_type: None,
                compression: None,
                body: "one".into(),
            },
            redelivered: false,
            receipt,
        });
        let other = inbox.clone();
        drop(inbox);
        assert!(unhandled.recv().await.is_some());
        let (next, ()) = tokio::join!(unhandled.recv(), async { drop(other) });
        assert!(next.is_none());
    }
}
