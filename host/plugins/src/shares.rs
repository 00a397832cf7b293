//! How many instances plugins have, and that each can have one whatever the others do.

mod most;
mod version;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use oslo_messaging_policy::Plugin;
use oslo_messaging_wasmtime::instances::Spare;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

pub(crate) use self::most::AT_ONCE;
pub use self::most::Overbooked;
pub(crate) use self::version::VersionShare;

/// The instances of a host.
pub(crate) struct Shares {
    all: u32,
    in_use: AtomicUsize,
    /// Of those that are nobody's yet.
    common: Arc<Semaphore>,
    /// How many more plugins may have one for themselves: half of all are for whoever comes first, so that a host with
    /// more plugins than instances is of use to all of them.
    reservable: Arc<Semaphore>,
}

impl Shares {
    pub(crate) fn new(all: u32) -> Arc<Self> {
        let places = |count: u32| {
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)))
        };
        Arc::new(Self {
            all,
            in_use: AtomicUsize::new(0),
            common: places(all),
            reservable: places(all / 2),
        })
    }

    /// That of a plugin which is new.
    pub(crate) fn share(self: &Arc<Self>) -> Arc<Share> {
        let reserved = Arc::new(Semaphore::new(0));
        Arc::new(Share {
            host: Arc::clone(self),
            in_use: AtomicUsize::new(0),
            _reservation: self.reserve(&reserved),
            reserved,
            spare: Mutex::default(),
            waiting: AtomicUsize::new(0),
        })
    }

    /// Reserves one instance. Where others have all that there are to reserve, or all are in use, it is the next one.
    fn reserve(&self, reserved: &Arc<Semaphore>) -> Reservation {
        let (reservable, common) = (&self.reservable, &self.common);
        let one_of = Arc::clone(reservable).try_acquire_owned().ok();
        let place = one_of
            .as_ref()
            .and_then(|_| Arc::clone(common).try_acquire_owned().ok());
        if let (Some(one_of), Some(place)) = (one_of, place) {
            reserved.add_permits(1);
            return Reservation::Made {
                _one_of: one_of,
                _place: place,
            };
        }
        let (reservable, common) = (Arc::clone(reservable), Arc::clone(common));
        let reserved = Arc::clone(reserved);
        let mut task = JoinSet::new();
        task.spawn(async move {
            // Neither is ever closed.
            let one_of = reservable.acquire_owned().await;
            let place = common.acquire_owned().await;
            reserved.add_permits(1);
            // Until nobody has the share any more.
            std::future::pending::<()>().await;
            drop((one_of, place));
        });
        Reservation::Awaited { _task: task }
    }

    pub(crate) const fn all(&self) -> u32 {
        self.all
    }

    pub(crate) fn in_use(&self) -> usize {
        self.in_use.load(Ordering::Relaxed)
    }
}

/// A plugin's, over all of its versions.
pub(crate) struct Share {
    host: Arc<Shares>,
    in_use: AtomicUsize,
    /// What nobody else gets.
    reserved: Arc<Semaphore>,
    _reservation: Reservation,
    /// Of the pools of all triggers of all versions: one that is replaced has places until it has ended.
    spare: Mutex<Vec<Weak<dyn Spare>>>,
    /// How many wait for a place.
    waiting: AtomicUsize,
}

/// Given back when it is dropped.
enum Reservation {
    Made {
        _one_of: OwnedSemaphorePermit,
        _place: OwnedSemaphorePermit,
    },
    /// Others had all when it was asked for.
    Awaited { _task: JoinSet<()> },
}

impl Share {
    fn keeps(&self, pool: Weak<dyn Spare>) {
        let mut spare = self.spare.lock();
        // A trigger that is tried again has another one each time.
        spare.retain(|pool| pool.strong_count() > 0);
        spare.push(pool);
    }

    fn end_one(&self) -> bool {
        let spare: Vec<_> = self.spare.lock().iter().filter_map(Weak::upgrade).collect();
        spare.iter().any(|pool| pool.end_one())
    }

    /// What a version may have of it.
    pub(crate) fn of_version(self: &Arc<Self>, policy: &Plugin) -> Arc<VersionShare> {
        Arc::new(VersionShare::new(Arc::clone(self), policy))
    }

    pub(crate) fn in_use(&self) -> usize {
        self.in_use.load(Ordering::Relaxed)
    }

    fn try_take(&self) -> Option<OwnedSemaphorePermit> {
        let own = Arc::clone(&self.reserved).try_acquire_owned();
        own.or_else(|_| Arc::clone(&self.host.common).try_acquire_owned())
            .ok()
    }

    async fn take(&self) -> Option<OwnedSemaphorePermit> {
        // Neither is ever closed.
        tokio::select! {
            biased;
            own = Arc::clone(&self.reserved).acquire_owned() => own.ok(),
            common = Arc::clone(&self.host.common).acquire_owned() => common.ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};
    use std::time::Duration;

    use oslo_messaging_policy::Policy;
    use oslo_messaging_wasmtime::instances::Places as _;
    use oslo_messaging_wasmtime::{Halt, Halted};
    use tokio::time::{Instant, sleep};

    use super::version::Taken;
    use super::*;

    /// A plugin with a trigger whose invocations have this limit, and this long.
    fn version(share: &Arc<Share>, instances: u32) -> Arc<VersionShare> {
        share.of_version(&plugin(&format!(
            "[limits]\ninstances = {instances}\ntime = \"2s\""
        )))
    }

    pub(super) fn plugin(more: &str) -> Plugin {
        let text = "[transports.default]\nurl = \"memory://\"\n[plugins.a]\ncomponent = \"a\"\n\
                    [[plugins.a.on]]\nrpc = { topic = \"a\", server = \"a\" }\n";
        let policy = Policy::parse("plugins.toml", &format!("{text}{more}"));
        let policy = policy.unwrap_or_else(|error| panic!("{error}"));
        policy.plugin("a").cloned().unwrap()
    }

    fn why(taken: Result<Taken, Halted>) -> String {
        let halted = taken.err().unwrap();
        assert_eq!(halted.halt(), Halt::NoRoom);
        halted.to_string()
    }

    #[tokio::test(start_paused = true)]
    async fn a_neighbour_has_one_whatever_another_takes() {
        let host = Shares::new(8);
        let (greedy, calm) = (host.share(), host.share());
        let (many, few) = (version(&greedy, 64), version(&calm, 64));
        let mut taken = Vec::new();
        for _ in 0..7 {
            taken.push(many.take().await.unwrap());
        }
        let start = Instant::now();
        let says = "the host has as many instances as it may have: 8";
        assert_eq!(why(many.take().await), says);
        assert_eq!(start.elapsed(), Duration::from_secs(1));
        let own = few.take().await.unwrap();
        assert_eq!(start.elapsed(), Duration::from_secs(1));
        assert_eq!((greedy.in_use(), calm.in_use(), host.in_use()), (7, 1, 8));
        // It may wait for its own as well as for others'.
        let (next, ()) = tokio::join!(few.take(), async { drop(own) });
        drop(taken);
        let more = few.take().await.unwrap();
        assert_eq!((greedy.in_use(), calm.in_use(), host.in_use()), (0, 2, 2));
        drop((next, more));
        assert_eq!((calm.in_use(), host.in_use()), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_plugin_that_comes_when_all_are_in_use_has_the_next_that_is_free() {
        let host = Shares::new(4);
        let greedy = host.share();
        let many = version(&greedy, 64);
        let mut taken = Vec::new();
        for _ in 0..4 {
            taken.push(many.take().await.unwrap());
        }
        let calm = host.share();
        let few = version(&calm, 1);
        // It waits for it from now on.
        tokio::task::yield_now().await;
        let next = async {
            tokio::task::yield_now().await;
            drop(taken.pop());
        };
        let (more, own, ()) = tokio::join!(many.take(), few.take(), next);
        assert!(own.is_ok() && more.is_err());
        drop(own);
        assert!(many.take().await.is_err());
        // Until it is nobody's any more.
        drop((few, calm));
        tokio::task::yield_now().await;
        assert!(many.take().await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn half_of_all_are_for_whoever_comes_first() {
        let host = Shares::new(4);
        let mut shares: Vec<_> = (0..6).map(|_| host.share()).collect();
        let versions: Vec<_> = shares.iter().map(|share| version(share, 2)).collect();
        for version in &versions {
            assert!(version.take().await.is_ok());
        }
        let reserved = |shares: &[Arc<Share>]| -> Vec<_> {
            shares
                .iter()
                .map(|share| share.reserved.available_permits())
                .collect()
        };
        assert_eq!(reserved(&shares), [1, 1, 0, 0, 0, 0]);
        // What is left by one is another's.
        drop((shares.remove(0), versions));
        sleep(Duration::from_millis(1)).await;
        assert_eq!(reserved(&shares), [1, 1, 0, 0, 0]);
    }

    /// An instance that has nothing to do, and its place.
    struct Idle(Mutex<Option<Taken>>);

    impl Spare for Idle {
        fn end_one(&self) -> bool {
            self.0.lock().take().is_some()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_instance_makes_way_for_the_version_that_comes() {
        let host = Shares::new(2);
        let (greedy, calm) = (host.share(), host.share());
        let _all = version(&greedy, 64).take().await.unwrap();
        let old = version(&calm, 2);
        let idle: Arc<dyn Spare> = Arc::new(Idle(Mutex::new(old.take().await.ok())));
        old.keeps(Arc::downgrade(&idle));
        let start = Instant::now();
        let new = version(&calm, 2);
        assert!(new.take().await.is_ok());
        assert_eq!(start.elapsed(), Duration::ZERO);
        // What becomes idle while the next one waits is not kept.
        let busy = old.take().await.unwrap();
        let (taken, ()) = tokio::join!(new.take(), async {
            tokio::task::yield_now().await;
            assert!(old.is_wanted());
            drop(busy);
        });
        assert!(taken.is_ok() && !old.is_wanted());
    }

    #[tokio::test(start_paused = true)]
    async fn a_version_has_no_more_than_its_limit_and_whoever_waits_can_leave() {
        let host = Shares::new(8);
        let share = host.share();
        let old = version(&share, 2);
        let held = [old.take().await.unwrap(), old.take().await.unwrap()];
        let says = "the plugin has as many instances as it may have: 2";
        assert_eq!(why(old.take().await), says);
        {
            let mut left = pin!(old.take());
            let polled = left.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(matches!(polled, Poll::Pending));
        }
        // The next one may have less, and has it at once.
        let new = version(&share, 1);
        let one = new.take().await.unwrap();
        assert!(new.take().await.is_err());
        assert_eq!(share.in_use(), 3);
        drop((held, one));
        assert_eq!((share.in_use(), host.in_use()), (0, 0));
        assert!(old.take().await.is_ok() && new.take().await.is_ok());
    }
}
