//! One instance of a component that handles notifications, in a store of its own.

use std::sync::Arc;
use std::time::Duration;

use oslo_messaging::Notification;
use wasmtime::Store;
use wasmtime::component::InstancePre;

use super::ListenError;
use super::bindings::{asynchronous, plain};
use crate::MessagingView;
use crate::notification::Filter;

/// Which of the two interfaces a component exports.
pub(super) enum Exports<T: 'static> {
    Asynchronous(asynchronous::NotificationListenerAsyncPre<T>),
    Plain(plain::NotificationListenerPre<T>),
}

impl<T: 'static> Exports<T> {
    pub(super) fn of(plugin: InstancePre<T>) -> Result<Self, ListenError> {
        // Looked up by name and type, so that a component with another version has neither.
        if let Ok(exports) = asynchronous::NotificationListenerAsyncPre::new(plugin.clone()) {
            return Ok(Self::Asynchronous(exports));
        }
        plain::NotificationListenerPre::new(plugin)
            .map(Self::Plain)
            .map_err(|_| ListenError::NoEndpoint)
    }
}

impl<T: 'static> Clone for Exports<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Asynchronous(exports) => Self::Asynchronous(exports.clone()),
            Self::Plain(exports) => Self::Plain(exports.clone()),
        }
    }
}

pub(super) struct Instance<T: 'static> {
    store: Store<T>,
    plugin: Plugin,
}

enum Plugin {
    Asynchronous(asynchronous::NotificationListenerAsync),
    Plain(plain::NotificationListener),
}

impl<T: MessagingView + 'static> Instance<T> {
    pub(super) async fn start(exports: &Exports<T>, mut store: Store<T>) -> wasmtime::Result<Self> {
        let plugin = match exports {
            Exports::Asynchronous(exports) => {
                Plugin::Asynchronous(exports.instantiate_async(&mut store).await?)
            }
            Exports::Plain(exports) => Plugin::Plain(exports.instantiate_async(&mut store).await?),
        };
        Ok(Self { store, plugin })
    }

    pub(super) async fn filter(&mut self) -> wasmtime::Result<Filter> {
        let store = &mut self.store;
        let filter = match &self.plugin {
            Plugin::Asynchronous(plugin) => {
                let exports = plugin.oslo_messaging_notification_endpoint_async();
                exports.call_filter_rule(store).await?
            }
            Plugin::Plain(plugin) => {
                let exports = plugin.oslo_messaging_notification_endpoint();
                exports.call_filter_rule(store).await?
            }
        };
        self.store.data_mut().messaging().take_filter(filter)
    }

    /// Handles a notification. After a trap, or dropped before its end, the instance is of no more use.
    pub(super) async fn handle(
        &mut self,
        notification: Arc<Notification>,
        left: Duration,
    ) -> wasmtime::Result<Result<(), ()>> {
        let mut view = self.store.data_mut().messaging();
        view.ctx.start_invocation(left);
        let notification = view.push_notification(notification)?;
        let number = notification.rep();
        let store = &mut self.store;
        let ended = match &self.plugin {
            Plugin::Asynchronous(plugin) => {
                let exports = plugin.oslo_messaging_notification_endpoint_async();
                let running = store.run_concurrent(async |accessor| {
                    exports.call_handle(accessor, notification).await
                });
                running.await?
            }
            Plugin::Plain(plugin) => {
                let exports = plugin.oslo_messaging_notification_endpoint();
                exports.call_handle(store, notification).await
            }
        };
        self.store.data_mut().messaging().end_notification(number);
        ended
    }

    /// Whether it can go on: one that never drops its notifications grows.
    pub(super) fn is_good(&mut self) -> bool {
        self.store.data_mut().messaging().ctx.open_notifications <= KEPT_NOTIFICATIONS
    }
}

/// Languages with a garbage collector may drop them late.
const KEPT_NOTIFICATIONS: usize = 256;
