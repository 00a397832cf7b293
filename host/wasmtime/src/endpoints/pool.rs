//! Which instance gets a request.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::Store;

use super::Instances;
use super::instance::{Exports, Instance};
use crate::MessagingView;
use crate::bindings::serving::Endpoint;

pub(super) struct Pool<T: 'static> {
    exports: Exports<T>,
    new_store: Arc<dyn Fn() -> Store<T> + Send + Sync>,
    /// None: instances are not kept.
    kept: Option<Kept<T>>,
}

struct Kept<T: 'static> {
    /// Of instances that are at work.
    places: Semaphore,
    idle: Mutex<Vec<Instance<T>>>,
}

impl<T: 'static> Kept<T> {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Instance<T>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An instance at work. Dropped, it is gone.
pub(super) struct Working<'a, T: 'static> {
    pub(super) instance: Instance<T>,
    place: Option<SemaphorePermit<'a>>,
}

impl<T: MessagingView + 'static> Pool<T> {
    pub(super) fn new(
        exports: Exports<T>,
        new_store: Arc<dyn Fn() -> Store<T> + Send + Sync>,
        instances: Instances,
    ) -> Self {
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

    /// What an instance says that it serves.
    pub(super) async fn endpoints(&self) -> wasmtime::Result<Vec<Endpoint>> {
        let mut working = self.take().await?;
        let endpoints = working.instance.endpoints().await?;
        self.give_back(working);
        Ok(endpoints)
    }

    /// An instance that is idle, or a fresh one.
    pub(super) async fn take(&self) -> wasmtime::Result<Working<'_, T>> {
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

    /// Keeps an instance whose method has ended well.
    pub(super) fn give_back(&self, mut working: Working<'_, T>) {
        let Some(kept) = &self.kept else { return };
        if working.instance.is_good() {
            kept.idle().push(working.instance);
        } else {
            tracing::warn!("an instance is replaced, because it keeps the requests it has served");
        }
        // Only now another request may look for it.
        drop(working.place);
    }
}
