//! Which instance gets a request or a notification.

use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::Store;

use super::idle::Idle;
use super::{Exports, Instance, Instances, Places, Spare};
use crate::MessagingView;

/// Instances of a component, as [`Instances`] says.
pub struct Pool<T: 'static, E: Exports<T>> {
    exports: E,
    new_store: NewStore<T>,
    /// None: there may be as many as the pool allows.
    places: Option<Arc<dyn Places>>,
    /// None: instances are not kept.
    kept: Option<Kept<T, E>>,
}

/// Makes the store of an instance.
pub type NewStore<T> = Arc<dyn Fn() -> Store<T> + Send + Sync>;

struct Kept<T: 'static, E: Exports<T>> {
    /// Of instances that are at work.
    places: Semaphore,
    idle: Arc<Idle<T, E>>,
    /// After how many an instance is replaced; none: never.
    invocations: Option<u32>,
}

/// An instance at work. Dropped, it is gone: so is one that trapped or was stopped, which is of no more use.
pub struct Working<'a, T: 'static, E: Exports<T>> {
    /// The instance.
    pub instance: Instance<T, E>,
    place: Option<SemaphorePermit<'a>>,
}

impl<T: MessagingView + 'static, E: Exports<T>> Pool<T, E> {
    /// Without any instance yet.
    #[must_use]
    pub fn new(exports: E, new_store: NewStore<T>, instances: Instances) -> Self {
        let kept = |most: usize, idle, invocations| Kept {
            places: Semaphore::new(most.clamp(1, Semaphore::MAX_PERMITS)),
            idle: Arc::new(Idle::new(idle)),
            invocations,
        };
        let kept = match instances {
            Instances::Fresh => None,
            Instances::Kept(most) => Some(kept(most, None, None)),
            Instances::Pooled {
                concurrency,
                idle,
                invocations,
            } => Some(kept(concurrency, Some(idle), Some(invocations.max(1)))),
        };
        Self {
            exports,
            new_store,
            places: None,
            kept,
        }
    }

    /// Where each of its instances has a place. Default: nowhere, and none is refused.
    #[must_use]
    pub fn places(mut self, places: impl Into<Option<Arc<dyn Places>>>) -> Self {
        self.places = places.into();
        if let (Some(places), Some(kept)) = (&self.places, &self.kept) {
            let idle: Arc<dyn Spare> = Arc::clone(&kept.idle) as _;
            places.keeps(Arc::downgrade(&idle));
        }
        self
    }

    /// An instance that is idle, or a fresh one. Where all that there may be are at work, it waits for one.
    ///
    /// # Errors
    ///
    /// As [`Exports::instantiate`], and [`Places::place`].
    ///
    /// # Cancel safety
    ///
    /// Dropped, it takes none.
    pub async fn take(&self) -> wasmtime::Result<Working<'_, T, E>> {
        let (place, idle) = match &self.kept {
            None => (None, None),
            Some(kept) => {
                // It is never closed.
                let place = kept.places.acquire().await?;
                (Some(place), kept.idle.take())
            }
        };
        let instance = match idle {
            Some(instance) => instance,
            None => {
                let place = match &self.places {
                    Some(places) => Some(places.place().await?),
                    None => None,
                };
                Instance::start(&self.exports, place, (self.new_store)()).await?
            }
        };
        Ok(Working { instance, place })
    }

    /// Keeps an instance that has done its work well, if instances are kept and its time is not over.
    pub fn give_back(&self, mut working: Working<'_, T, E>) {
        let Some(kept) = &self.kept else { return };
        let invocations = working.instance.invocations;
        if kept.invocations.is_some_and(|most| invocations >= most) {
            tracing::debug!(invocations, "an instance is replaced");
        } else if working.instance.is_good() {
            kept.idle.give_back(working.instance);
            // Asked behind that, so that who waits has either seen it idle or is seen here.
            if self.places.as_ref().is_some_and(|it| it.is_wanted()) {
                kept.idle.end_one();
            }
        } else {
            tracing::warn!("an instance is replaced, because it keeps what it was handed");
        }
        // Only now another may look for it.
        drop(working.place);
    }
}
