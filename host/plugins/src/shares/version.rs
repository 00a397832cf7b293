//! The instances of one version of a plugin.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use oslo_messaging_policy::Plugin;
use oslo_messaging_wasmtime::instances::{Place, Places, Spare, Taking};
use oslo_messaging_wasmtime::{Halt, Halted};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::Share;
use super::most::most;

/// The instances of one version of a plugin, of all its triggers. The version that it replaces has its own until it has
/// ended.
pub(crate) struct VersionShare {
    most: usize,
    places: Arc<Semaphore>,
    share: Arc<Share>,
    /// How long one is waited for: half of an invocation's time, so that there is some left to do something in, and not
    /// so long that a policy is not applied meanwhile.
    patience: Duration,
}

impl VersionShare {
    pub(super) fn new(share: Arc<Share>, policy: &Plugin) -> Self {
        let most = most(policy);
        Self {
            most,
            places: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
            share,
            patience: (policy.limits().time.duration() / 2).min(LONGEST_PATIENCE),
        }
    }

    /// How many there may be at the same time.
    pub(crate) const fn most(&self) -> usize {
        self.most
    }

    fn try_take(&self) -> Option<Taken> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        let of_host = self.share.try_take()?;
        Some(self.taken(place, of_host))
    }

    /// An idle instance of another trigger makes way, or of the version that this one replaces. Otherwise one is waited
    /// for, and is not kept when it has done its work.
    pub(super) async fn take(&self) -> Result<Taken, Halted> {
        if let Some(taken) = self.try_take() {
            return Ok(taken);
        }
        // Before anybody is asked for an idle one, so that those which come to be idle now are not kept.
        let _waiting = Waiting::begin(&self.share.waiting);
        while self.share.end_one() {
            if let Some(taken) = self.try_take() {
                return Ok(taken);
            }
        }
        let ends = Instant::now() + self.patience;
        let place = timeout_at(ends, Arc::clone(&self.places).acquire_owned()).await;
        let Ok(Ok(place)) = place else {
            let most = self.most;
            let why = format!("the plugin has as many instances as it may have: {most}");
            return Err(Halted::new(Halt::NoRoom, why));
        };
        let Ok(Some(of_host)) = timeout_at(ends, self.share.take()).await else {
            let all = self.share.host.all;
            let why = format!("the host has as many instances as it may have: {all}");
            return Err(Halted::new(Halt::NoRoom, why));
        };
        Ok(self.taken(place, of_host))
    }

    fn taken(&self, place: OwnedSemaphorePermit, of_host: OwnedSemaphorePermit) -> Taken {
        self.share.in_use.fetch_add(1, Ordering::Relaxed);
        self.share.host.in_use.fetch_add(1, Ordering::Relaxed);
        Taken {
            share: Arc::clone(&self.share),
            _place: place,
            _of_host: of_host,
        }
    }
}

impl Places for VersionShare {
    fn place(&self) -> Taking<'_> {
        Box::pin(async move {
            let taken = self.take().await?;
            Ok(Box::new(taken) as Place)
        })
    }

    fn keeps(&self, pool: Weak<dyn Spare>) {
        self.share.keeps(pool);
    }

    fn is_wanted(&self) -> bool {
        self.share.waiting.load(Ordering::Relaxed) > 0
    }
}

/// Somebody who waits. Dropped, nobody does.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// An instance's place. Dropped, it is free.
pub(super) struct Taken {
    share: Arc<Share>,
    _place: OwnedSemaphorePermit,
    _of_host: OwnedSemaphorePermit,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.share.in_use.fetch_sub(1, Ordering::Relaxed);
        self.share.host.in_use.fetch_sub(1, Ordering::Relaxed);
    }
}

const LONGEST_PATIENCE: Duration = Duration::from_secs(10);
