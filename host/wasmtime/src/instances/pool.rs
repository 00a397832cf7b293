//! Which instance gets a request or a notification.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::Store;

use super::{Exports, Instance, Instances};
use crate::MessagingView;

pub(crate) struct Pool<T: 'static, E: Exports<T>> {
    exports: E,
    new_store: NewStore<T>,
    /// None: instances are not kept.
    kept: Option<Kept<T, E>>,
}

pub(crate) type NewStore<T> = Arc<dyn Fn() -> Store<T> + Send + Sync>;

struct Kept<T: 'static, E: Exports<T>> {
    /// Of instances that are at work.
    places: Semaphore,
    idle: Mutex<Vec<Instance<T, E>>>,
}

impl<T: 'static, E: Exports<T>> Kept<T, E> {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Instance<T, E>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An instance at work. Dropped, it is gone.
pub(crate) struct Working<'a, T: 'static, E: Exports<T>> {
    pub(crate) instance: Instance<T, E>,
    place: Option<SemaphorePermit<'a>>,
}

impl<T: MessagingView + 'static, E: Exports<T>> Pool<T, E> {
    pub(crate) fn new(exports: E, new_store: NewStore<T>, instances: Instances) -> Self {
        let kept = match instances {
            Instances::Fresh => None,
            Instances::Kept(most) => Some(Kept {
                places: Semaphore::new(most.clamp(1, Semaphore::MAX_PERMITS)),
                idle: Mutex::default(),
            }),
        };
        Self {
            exports,
            new_store,
            kept,
        }
    }

    /// An instance that is idle, or a fresh one.
    pub(crate) async fn take(&self) -> wasmtime::Result<Working<'_, T, E>> {
        let (place, idle) = match &self.kept {
            None => (None, None),
            Some(kept) => {
                // It is never closed.
                let place = kept.places.acquire().await?;
                (Some(place), kept.idle().pop())
            }
        };
        let instance = match idle {
            Some(instance) => instance,
            None => Instance::start(&self.exports, (self.new_store)()).await?,
        };
        Ok(Working { instance, place })
    }

    /// Keeps an instance that has done its work well.
    pub(crate) fn give_back(&self, mut working: Working<'_, T, E>) {
        let Some(kept) = &self.kept else { return };
        if working.instance.is_good() {
            kept.idle().push(working.instance);
        } else {
            tracing::warn!("an instance is replaced, because it keeps what it was handed");
        }
        // Only now another may look for it.
        drop(working.place);
    }
}
