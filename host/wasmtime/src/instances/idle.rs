//! Instances that are kept without work, and for how long.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use super::{Exports, Instance, Spare};

pub(super) struct Idle<T: 'static, E: Exports<T>> {
    waiting: Mutex<Waiting<T, E>>,
    /// None: for ever.
    longest: Option<Duration>,
}

struct Waiting<T: 'static, E: Exports<T>> {
    /// Each with when its time is over; the one that came last is at the end.
    instances: VecDeque<(Option<Instant>, Instance<T, E>)>,
    /// The task that looks for those whose time is over.
    watching: Option<AbortHandle>,
}

impl<T: Send + 'static, E: Exports<T>> Idle<T, E> {
    pub(super) fn new(longest: Option<Duration>) -> Self {
        let waiting = Waiting {
            instances: VecDeque::new(),
            watching: None,
        };
        Self {
            waiting: Mutex::new(waiting),
            longest,
        }
    }

    /// The one that came last.
    pub(super) fn take(&self) -> Option<Instance<T, E>> {
        let (_, instance) = self.waiting().instances.pop_back()?;
        Some(instance)
    }

    pub(super) fn give_back(self: &Arc<Self>, instance: Instance<T, E>) {
        let longest = self.longest;
        let ends = longest.and_then(|longest| Instant::now().checked_add(longest));
        let mut waiting = self.waiting();
        waiting.instances.push_back((ends, instance));
        if ends.is_some() && waiting.watching.is_none() {
            let watching = tokio::spawn(watch(Arc::downgrade(self)));
            waiting.watching = Some(watching.abort_handle());
        }
    }

    /// Takes out those whose time is over. When the next one's is; none: there are no more.
    fn expire(&self, now: Instant) -> Option<Instant> {
        let mut expired = Vec::new();
        let next = {
            let mut waiting = self.waiting();
            loop {
                let ends = waiting.instances.front().and_then(|(ends, _)| *ends);
                match ends {
                    Some(ends) if ends <= now => expired.extend(waiting.instances.pop_front()),
                    Some(ends) => break Some(ends),
                    None => {
                        waiting.watching = None;
                        break None;
                    }
                }
            }
        };
        // To give memory back takes a while, and is done without the lock.
        drop(expired);
        next
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting<T, E>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Send + 'static, E: Exports<T>> Spare for Idle<T, E> {
    fn end_one(&self) -> bool {
        let oldest = self.waiting().instances.pop_front();
        // Without the lock.
        oldest.is_some()
    }
}

/// A pool may be gone long before the time of its instances would have been over.
impl<T: 'static, E: Exports<T>> Drop for Idle<T, E> {
    fn drop(&mut self) {
        let waiting = self
            .waiting
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(watching) = &waiting.watching {
            watching.abort();
        }
    }
}

/// Ends when there is nothing to watch, or nobody whose instances these are.
async fn watch<T: Send + 'static, E: Exports<T>>(idle: Weak<Idle<T, E>>) {
    while let Some(next) = idle.upgrade().and_then(|idle| idle.expire(Instant::now())) {
        sleep_until(next).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;
    use wasmtime::{Engine, Store};

    use super::*;

    #[derive(Clone)]
    struct Counted(Arc<()>);

    impl Exports<()> for Counted {
        type Plugin = Arc<()>;

        async fn instantiate(&self, _: &mut Store<()>) -> wasmtime::Result<Arc<()>> {
            Ok(Arc::clone(&self.0))
        }
    }

    async fn instance(counted: &Counted) -> Instance<(), Counted> {
        let mut store = Store::new(&Engine::default(), ());
        Instance {
            plugin: counted.instantiate(&mut store).await.unwrap(),
            store,
            invocations: 0,
            _place: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_one_that_worked_last_works_next_and_those_without_work_go() {
        let counted = Counted(Arc::new(()));
        let idle = Arc::new(Idle::new(Some(Duration::from_secs(30))));
        let there = || Arc::strong_count(&counted.0) - 1;
        for _ in 0..3 {
            idle.give_back(instance(&counted).await);
        }
        assert_eq!(there(), 3);
        for _ in 0..4 {
            sleep(Duration::from_secs(20)).await;
            let busy = idle.take().unwrap();
            idle.give_back(busy);
        }
        assert_eq!(there(), 1);
        sleep(Duration::from_secs(31)).await;
        assert_eq!(there(), 0);
        assert!(idle.take().is_none());
        // Those that come later go as well.
        idle.give_back(instance(&counted).await);
        sleep(Duration::from_secs(29)).await;
        assert_eq!(there(), 1);
        sleep(Duration::from_secs(2)).await;
        assert_eq!(there(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_watches_when_the_pool_is_gone() {
        let counted = Counted(Arc::new(()));
        let idle = Arc::new(Idle::new(Some(Duration::from_secs(1 << 20))));
        idle.give_back(instance(&counted).await);
        // It has begun to wait.
        sleep(Duration::from_millis(1)).await;
        let tasks = || {
            tokio::runtime::Handle::current()
                .metrics()
                .num_alive_tasks()
        };
        assert_eq!(tasks(), 1);
        drop(idle);
        sleep(Duration::from_millis(1)).await;
        assert_eq!(tasks(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_they_stay_and_go_with_their_pool() {
        let counted = Counted(Arc::new(()));
        let idle = Arc::new(Idle::new(None));
        idle.give_back(instance(&counted).await);
        sleep(Duration::from_secs(1 << 20)).await;
        assert_eq!(Arc::strong_count(&counted.0), 2);
        drop(idle);
        assert_eq!(Arc::strong_count(&counted.0), 1);
    }
}
