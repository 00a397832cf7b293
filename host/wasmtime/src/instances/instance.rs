//! One instance of a component, in a store of its own.

use std::time::Duration;

use wasmtime::Store;

use super::Place;
use crate::{MessagingCtxView, MessagingView};

/// An interface that a plugin exports with `async func`s or with plain ones.
#[derive(Clone)]
pub(crate) enum Form<A, P> {
    Asynchronous(A),
    Plain(P),
}

/// What a component exports, ready to be instantiated.
pub trait Exports<T: 'static>: Clone + Send + Sync + 'static {
    /// The exports of an instance.
    type Plugin: Send;

    /// An instance in this store.
    ///
    /// # Errors
    ///
    /// Whatever keeps the component from being instantiated, among it a trap of its start.
    fn instantiate(
        &self,
        store: &mut Store<T>,
    ) -> impl Future<Output = wasmtime::Result<Self::Plugin>> + Send;
}

/// An instance, and the store that it has for itself.
pub struct Instance<T: 'static, E: Exports<T>> {
    /// Its store.
    pub store: Store<T>,
    /// What it exports.
    pub plugin: E::Plugin,
    /// How many have begun. To be asked what it serves or wants is none.
    pub(super) invocations: u32,
    /// The last one, because it is free when there is room again.
    pub(super) _place: Option<Place>,
}

impl<T: MessagingView + 'static, E: Exports<T>> Instance<T, E> {
    /// The place is given back behind the store, also when this fails.
    pub(super) async fn start(
        exports: &E,
        place: Option<Place>,
        mut store: Store<T>,
    ) -> wasmtime::Result<Self> {
        let plugin = exports.instantiate(&mut store).await?;
        Ok(Self {
            store,
            plugin,
            invocations: 0,
            _place: place,
        })
    }

    /// An invocation begins, for which this much time is left. Who knows on whose behalf it is says so to the
    /// [hooks](crate::MessagingHooks::invoked).
    pub fn begin(&mut self, left: Duration) -> MessagingCtxView<'_> {
        self.invocations = self.invocations.saturating_add(1);
        let view = self.store.data_mut().messaging();
        view.ctx.start_invocation(left);
        view
    }

    /// Whether it can go on: one that never drops what it was handed grows.
    pub(super) fn is_good(&mut self) -> bool {
        let view = self.store.data_mut().messaging();
        view.ctx.open_requests <= KEPT && view.ctx.open_notifications <= KEPT
    }
}

/// Languages with a garbage collector may drop them late.
const KEPT: usize = 256;
