//! What an instance of a component that handles notifications is asked.

use std::sync::Arc;
use std::time::Duration;

use oslo_messaging::Notification;
use wasmtime::Store;
use wasmtime::component::InstancePre;

use super::ListenError;
use super::bindings::asynchronous::{NotificationListenerAsync, NotificationListenerAsyncPre};
use super::bindings::plain::{NotificationListener, NotificationListenerPre};
use crate::instances::{Exports, Form, Instance};
use crate::notification::Filter;
use crate::{MessagingView, Origin};

/// `notification-endpoint-async` or `notification-endpoint`, whichever a component exports.
pub(super) type Handlers<T> = Form<NotificationListenerAsyncPre<T>, NotificationListenerPre<T>>;

pub(super) fn handlers<T: 'static>(plugin: InstancePre<T>) -> Result<Handlers<T>, ListenError> {
    // Looked up by name and type, so that a component with another version has neither.
    if let Ok(exports) = NotificationListenerAsyncPre::new(plugin.clone()) {
        return Ok(Form::Asynchronous(exports));
    }
    NotificationListenerPre::new(plugin)
        .map(Form::Plain)
        .map_err(|_| ListenError::NoEndpoint)
}

impl<T: Send + 'static> Exports<T> for Handlers<T> {
    type Plugin = Form<NotificationListenerAsync, NotificationListener>;

    async fn instantiate(&self, store: &mut Store<T>) -> wasmtime::Result<Self::Plugin> {
        Ok(match self {
            Self::Asynchronous(exports) => {
                Form::Asynchronous(exports.instantiate_async(store).await?)
            }
            Self::Plain(exports) => Form::Plain(exports.instantiate_async(store).await?),
        })
    }
}

impl<T: MessagingView + 'static> Instance<T, Handlers<T>> {
    pub(super) async fn filter(&mut self) -> wasmtime::Result<Filter> {
        let store = &mut self.store;
        let filter = match &self.plugin {
            Form::Asynchronous(plugin) => {
                let exports = plugin.oslo_messaging_notification_endpoint_async();
                exports.call_filter_rule(store).await?
            }
            Form::Plain(plugin) => {
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
        origin: &Origin,
        left: Duration,
    ) -> wasmtime::Result<Result<(), ()>> {
        let notification = self.begin(left).push_notification(notification, origin)?;
        let number = notification.rep();
        let store = &mut self.store;
        let ended = match &self.plugin {
            Form::Asynchronous(plugin) => {
                let exports = plugin.oslo_messaging_notification_endpoint_async();
                let running = store.run_concurrent(async |accessor| {
                    exports.call_handle(accessor, notification).await
                });
                running.await?
            }
            Form::Plain(plugin) => {
                let exports = plugin.oslo_messaging_notification_endpoint();
                exports.call_handle(store, notification).await
            }
        };
        self.store.data_mut().messaging().end_notification(number);
        ended
    }
}
