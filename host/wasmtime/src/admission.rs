//! Places for calls, casts and notifications: how many run at the same time, and how many may wait to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tokio::time::{Instant, timeout_at};

use crate::Limits;
use crate::bindings::types::{Error, Outcome, WaitingFor};
use crate::error::{limit_exceeded, timed_out};

/// A number of places for calls, casts and notifications that run at the same time, shared by all its
/// clones. A notification has one place, because its topics get it one after the other.
///
/// Give the same one to every [`MessagingCtx`](crate::MessagingCtx) of a plugin, or of the whole host, to bound what
/// they do together: a call needs a place in each, waits for it in order of arrival, and times out
/// (`waiting-for: admission`, `not-executed`) when its own time is up before there is one.
#[derive(Clone, Debug)]
pub struct Admission {
    places: Arc<Semaphore>,
    refused: Arc<AtomicU64>,
}

impl Admission {
    /// This many places.
    #[must_use]
    pub fn new(calls: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(calls.min(Semaphore::MAX_PERMITS))),
            refused: Arc::default(),
        }
    }

    /// How many places are free now.
    #[must_use]
    pub fn free(&self) -> usize {
        self.places.available_permits()
    }

    /// How many calls, casts and notifications have timed out waiting for a place.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Waits for a place until the deadline; one that is free is had even after it.
    ///
    /// Cancel safe: dropped, it leaves the queue.
    pub(crate) async fn enter(&self, deadline: Instant) -> Option<OwnedSemaphorePermit> {
        match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => return Some(place),
            Err(TryAcquireError::NoPermits | TryAcquireError::Closed) => {}
        }
        match timeout_at(deadline, Arc::clone(&self.places).acquire_owned()).await {
            Ok(Ok(place)) => Some(place),
            Ok(Err(_)) | Err(_) => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                None
            }
        }
    }
}

/// A place in each admission, within the deadline; `limit` is told when there is none.
pub(crate) async fn enter_all(
    admissions: &[Admission],
    deadline: Instant,
    limit: Duration,
) -> Result<Vec<OwnedSemaphorePermit>, Error> {
    let mut places = Vec::with_capacity(admissions.len());
    for admission in admissions {
        let place = admission.enter(deadline).await;
        places.push(
            place.ok_or_else(|| timed_out(WaitingFor::Admission, Outcome::NotExecuted, limit))?,
        );
    }
    Ok(places)
}

/// What one store's requests hold between the guest's call and their end, whether they run or wait
/// for a place, and their replies until the guest has them. Without these bounds, a guest with
/// `async` could park requests by the gigabyte.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    calls: Arc<Semaphore>,
    request_bytes: Arc<Semaphore>,
    replies: Replies,
}

/// Held by a request while it is pending.
#[derive(Debug)]
pub(crate) struct PendingRequest {
    call: Option<OwnedSemaphorePermit>,
    _bytes: OwnedSemaphorePermit,
}

impl PendingRequest {
    /// Its place among the pending, for who counts it longer than the request lasts.
    pub(crate) fn take_place(&mut self) -> Option<OwnedSemaphorePermit> {
        self.call.take()
    }
}

/// Room for replies that the guest does not have yet.
#[derive(Clone, Debug)]
pub(crate) struct Replies {
    room: Arc<Semaphore>,
    most: usize,
}

impl Replies {
    /// Room for one, or none if there is not enough.
    pub(crate) fn hold(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes).ok()?;
        Arc::clone(&self.room).try_acquire_many_owned(bytes).ok()
    }

    pub(crate) const fn most(&self) -> usize {
        self.most
    }
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        let semaphore = |size: usize| Arc::new(Semaphore::new(size.min(Semaphore::MAX_PERMITS)));
        Self {
            calls: semaphore(limits.pending_calls),
            request_bytes: semaphore(limits.pending_bytes),
            replies: Replies {
                room: semaphore(limits.held_reply_bytes),
                most: limits.held_reply_bytes,
            },
        }
    }

    pub(crate) fn enter(&self, bytes: usize, limits: &Limits) -> Result<PendingRequest, Error> {
        let call = Arc::clone(&self.calls).try_acquire_owned().map_err(|_| {
            limit_exceeded(
                "pending-calls",
                format!(
                    "at most {} calls, casts and notifications may be pending",
                    limits.pending_calls
                ),
            )
        })?;
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let bytes = Arc::clone(&self.request_bytes)
            .try_acquire_many_owned(bytes)
            .map_err(|_| {
                limit_exceeded(
                    "pending-bytes",
                    format!(
                        "at most {} bytes of requests may be pending",
                        limits.pending_bytes
                    ),
                )
            })?;
        Ok(PendingRequest {
            call: Some(call),
            _bytes: bytes,
        })
    }

    pub(crate) fn replies(&self) -> Replies {
        self.replies.clone()
    }

    pub(crate) fn calls(&self, limits: &Limits) -> usize {
        limits
            .pending_calls
            .saturating_sub(self.calls.available_permits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_place_is_waited_for_until_the_deadline() {
        let admission = Admission::new(1);
        let soon = Instant::now() + Duration::from_secs(1);
        let place = admission.enter(soon).await;
        assert!(place.is_some());
        assert_eq!(admission.free(), 0);
        assert!(admission.enter(soon).await.is_none());
        assert_eq!((Instant::now(), admission.refused()), (soon, 1));
        let later = soon + Duration::from_secs(1);
        let (next, ()) = tokio::join!(admission.enter(later), async { drop(place) });
        assert!(next.is_some());
        assert_eq!((Instant::now(), admission.refused()), (soon, 1));
    }

    #[test]
    fn pending_requests_are_bounded_in_number_and_size() {
        let limits = Limits {
            pending_calls: 2,
            pending_bytes: 10,
            ..Limits::default()
        };
        let check = |result: Result<PendingRequest, Error>, limit: &str| match result {
            Err(Error::LimitExceeded(error)) => assert_eq!(error.limit, limit),
            other => panic!("{other:?}"),
        };
        let pending = Budget::new(&limits);
        let six = pending.enter(6, &limits).unwrap();
        check(pending.enter(6, &limits), "pending-bytes");
        check(pending.enter(usize::MAX, &limits), "pending-bytes");
        let four = pending.enter(4, &limits).unwrap();
        assert_eq!(pending.calls(&limits), 2);
        check(pending.enter(0, &limits), "pending-calls");
        drop((six, four));
        assert_eq!(pending.calls(&limits), 0);
        assert!(pending.enter(10, &limits).is_ok());
    }
}
