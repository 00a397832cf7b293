use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::filter::NotificationFilter;
use super::notification::Notification;
use crate::priority::Priority;

/// What becomes of a notification (upstream `oslo_messaging.NotificationResult`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotificationResult {
    /// It is done with.
    Handled,
    /// It should come again. Counts only if the listener
    /// [allows it](super::NotificationListenerBuilder::allow_requeue).
    Requeue,
}

/// What to do with notifications of some priorities. Only priorities that something is registered for
/// are listened to.
///
/// A panic counts as [`NotificationResult::Requeue`], as an exception does upstream.
pub struct NotificationEndpoint {
    pub(super) filter: NotificationFilter,
    pub(super) handlers: BTreeMap<Priority, Handler>,
}

pub(super) type Handler =
    Arc<dyn Fn(Notification) -> BoxFuture<'static, NotificationResult> + Send + Sync>;

impl NotificationEndpoint {
    /// An endpoint without priorities, which everything passes.
    #[must_use]
    pub fn new() -> Self {
        Self {
            filter: NotificationFilter::new(),
            handlers: BTreeMap::new(),
        }
    }

    /// Which notifications it is given (upstream's `filter_rule`).
    #[must_use]
    pub fn filter(mut self, filter: NotificationFilter) -> Self {
        self.filter = filter;
        self
    }

    /// What to do with notifications of a priority.
    #[must_use]
    pub fn on<F, Fut>(self, priority: Priority, handler: F) -> Self
    where
        F: Fn(Notification) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = NotificationResult> + Send + 'static,
    {
        self.on_each([priority], handler)
    }

    /// What to do with notifications of several priorities.
    #[must_use]
    pub fn on_each<F, Fut>(
        mut self,
        priorities: impl IntoIterator<Item = Priority>,
        handler: F,
    ) -> Self
    where
        F: Fn(Notification) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = NotificationResult> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |notification| handler(notification).boxed());
        for priority in priorities {
            self.handlers.insert(priority, Arc::clone(&handler));
        }
        self
    }
}

impl Default for NotificationEndpoint {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for NotificationEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotificationEndpoint")
            .field("filter", &self.filter)
            .field("priorities", &self.handlers.keys())
            .finish()
    }
}
