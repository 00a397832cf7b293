//! Places for calls, casts and notifications: how many run at the same time, and how many may wait to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit, TryAcquireError};
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
    pub(crate) async fn enter(&self, deadline: Instant) -> Option<SemaphorePermit<'_>> {
        match self.places.try_acquire() {
            Ok(place) => return Some(place),
            Err(TryAcquireError::NoPermits | TryAcquireError::Closed) => {}
        }
        match timeout_at(deadline, self.places.acquire()).await {
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
) -> Result<Places<'_>, Error> {
    let mut places = Places {
        admissions,
        taken: 0,
    };
    for admission in admissions {
        let place = admission.enter(deadline).await;
        place
            .ok_or_else(|| timed_out(WaitingFor::Admission, Outcome::NotExecuted, limit))?
            .forget();
        places.taken += 1;
    }
    Ok(places)
}

/// A place in each of the first so many admissions. Dropped, they are free again.
pub(crate) struct Places<'a> {
    admissions: &'a [Admission],
    taken: usize,
}

impl Drop for Places<'_> {
    fn drop(&mut self) {
        for admission in self.admissions.iter().take(self.taken) {
            admission.places.add_permits(1);
        }
    }
}

/// What one store's requests hold between the guest's call and their end, whether they run or wait
/// for a place, and their replies until the guest has them. Without these bounds, a guest with
/// `async` could park requests by the gigabyte.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Rooms>);

#[derive(Debug)]
struct Rooms {
    calls: Room,
    request_bytes: Room,
    reply_bytes: Room,
    most_reply_bytes: usize,
}

/// So much of something, which nobody waits for.
#[derive(Debug)]
struct Room {
    free: AtomicUsize,
}

impl Room {
    const fn new(size: usize) -> Self {
        Self {
            free: AtomicUsize::new(size),
        }
    }

    /// Whether there was so much, which then is taken.
    fn take(&self, wanted: usize) -> bool {
        let rest = |free: usize| free.checked_sub(wanted);
        let taken = self
            .free
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, rest);
        taken.is_ok()
    }

    fn give_back(&self, taken: usize) {
        self.free.fetch_add(taken, Ordering::Release);
    }
}

/// Held by a request while it is pending.
#[derive(Debug)]
pub(crate) struct PendingRequest {
    rooms: Arc<Rooms>,
    has_place: bool,
    bytes: usize,
}

impl PendingRequest {
    /// Its place among the pending, for who counts it longer than the request lasts.
    pub(crate) fn take_place(&mut self) -> Option<Place> {
        let has_place = std::mem::take(&mut self.has_place);
        has_place.then(|| Place(Arc::clone(&self.rooms)))
    }

    /// Room for a reply, or none if there is not enough.
    pub(crate) fn hold_reply(&self, bytes: usize) -> Option<ReplyRoom> {
        self.rooms.reply_bytes.take(bytes).then(|| ReplyRoom {
            rooms: Arc::clone(&self.rooms),
            bytes,
        })
    }

    /// How many bytes of replies there is room for.
    pub(crate) fn most_reply_bytes(&self) -> usize {
        self.rooms.most_reply_bytes
    }
}

impl Drop for PendingRequest {
    fn drop(&mut self) {
        self.rooms.request_bytes.give_back(self.bytes);
        if self.has_place {
            self.rooms.calls.give_back(1);
        }
    }
}

/// A place among the pending requests.
#[derive(Debug)]
pub(crate) struct Place(Arc<Rooms>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.calls.give_back(1);
    }
}

/// Room for a reply that the guest does not have yet.
#[derive(Debug)]
pub(crate) struct ReplyRoom {
    rooms: Arc<Rooms>,
    bytes: usize,
}

impl Drop for ReplyRoom {
    fn drop(&mut self) {
        self.rooms.reply_bytes.give_back(self.bytes);
    }
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self(Arc::new(Rooms {
            calls: Room::new(limits.pending_calls),
            request_bytes: Room::new(limits.pending_bytes),
            reply_bytes: Room::new(limits.held_reply_bytes),
            most_reply_bytes: limits.held_reply_bytes,
        }))
    }

    pub(crate) fn enter(&self, bytes: usize, limits: &Limits) -> Result<PendingRequest, Error> {
        let Self(rooms) = self;
        if !rooms.calls.take(1) {
            let message = format!(
                "at most {} calls, casts and notifications may be pending",
                limits.pending_calls
            );
            return Err(limit_exceeded("pending-calls", message));
        }
        if !rooms.request_bytes.take(bytes) {
            rooms.calls.give_back(1);
            let message = format!(
                "at most {} bytes of requests may be pending",
                limits.pending_bytes
            );
            return Err(limit_exceeded("pending-bytes", message));
        }
        Ok(PendingRequest {
            rooms: Arc::clone(rooms),
            has_place: true,
            bytes,
        })
    }

    pub(crate) fn calls(&self, limits: &Limits) -> usize {
        let free = self.0.calls.free.load(Ordering::Acquire);
        limits.pending_calls.saturating_sub(free)
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

    #[test]
    fn a_place_can_be_kept_longer_than_its_request() {
        let limits = Limits {
            pending_calls: 1,
            pending_bytes: 10,
            ..Limits::default()
        };
        let pending = Budget::new(&limits);
        let mut request = pending.enter(10, &limits).unwrap();
        let place = request.take_place();
        assert!(place.is_some() && request.take_place().is_none());
        drop(request);
        assert_eq!(pending.calls(&limits), 1);
        drop(place);
        assert_eq!(pending.calls(&limits), 0);
        assert!(pending.enter(10, &limits).is_ok());
    }

    #[test]
    fn replies_are_bounded_together() {
        let limits = Limits {
            held_reply_bytes: 10,
            ..Limits::default()
        };
        let pending = Budget::new(&limits);
        let requests = [0, 0].map(|bytes| pending.enter(bytes, &limits).unwrap());
        let [first, second] = requests.each_ref();
        let six = first.hold_reply(6);
        assert!(six.is_some() && second.hold_reply(5).is_none());
        drop(six);
        assert!(second.hold_reply(10).is_some());
        assert!(second.hold_reply(usize::MAX).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn places_are_given_back_together_and_when_one_is_missing() {
        let admissions = [2, 1].map(Admission::new);
        let free = || admissions.each_ref().map(Admission::free);
        let limit = Duration::from_secs(1);
        let enter = || enter_all(&admissions, Instant::now() + limit, limit);
        let places = enter().await.unwrap();
        assert_eq!(free(), [1, 0]);
        // The first is given back by whoever is told that there is no second one, or does not wait for it.
        assert!(matches!(enter().await, Err(Error::Timeout(_))));
        assert_eq!(free(), [1, 0]);
        assert!(timeout_at(Instant::now(), enter()).await.is_err());
        assert_eq!(free(), [1, 0]);
        drop(places);
        assert_eq!(free(), [2, 1]);
    }
}
