//! Which endpoints a notification is for (upstream `oslo_messaging/notify/dispatcher.py`). No I/O.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;

use super::endpoint::{Handler, NotificationEndpoint, NotificationResult};
use super::matching::Endpoints;
use super::notification::Notification;
use crate::priority::Priority;
use crate::serializer::{Serializer, SerializerError};
use crate::wire::IncomingNotification;

#[derive(Debug)]
pub(super) struct Dispatcher {
    endpoints: Arc<Endpoints>,
    serializer: Option<Arc<dyn Serializer>>,
}

impl Dispatcher {
    pub(super) fn new(
        endpoints: Vec<NotificationEndpoint>,
        serializer: Option<Arc<dyn Serializer>>,
    ) -> Self {
        Self {
            endpoints: Arc::new(Endpoints::new(endpoints)),
            serializer,
        }
    }

    /// Those that anything is registered for.
    pub(super) fn priorities(&self) -> BTreeSet<Priority> {
        let handlers = self.endpoints.iter().map(|endpoint| &endpoint.handlers);
        handlers
            .flat_map(|handlers| handlers.keys().copied())
            .collect()
    }

    /// Gives a notification to those endpoints that want it, until one wants it requeued. One of an
    /// unknown priority is done with, as upstream. None when the runtime ends before anybody was given
    /// it.
    pub(super) async fn dispatch(
        &self,
        incoming: IncomingNotification,
        redelivered: bool,
    ) -> Option<NotificationResult> {
        let Some(priority) = incoming
            .priority
            .as_deref()
            .and_then(|text| text.parse().ok())
        else {
            tracing::warn!("dropped a notification of an unknown priority");
            return Some(NotificationResult::Handled);
        };
        // What is wrong may be in the words of the message, which no log gets.
        let Ok(notification) = self.read(incoming, priority, redelivered) else {
            tracing::warn!("a notification cannot be deserialized");
            return Some(NotificationResult::Requeue);
        };
        let (notification, mut wanting) = match self.endpoints.wanting(notification).await {
            Ok(found) => found,
            Err(error) if error.is_cancelled() => return None,
            Err(_) => {
                tracing::error!("looking for the endpoints of a notification panicked");
                return Some(NotificationResult::Requeue);
            }
        };
        let Some(last) = wanting.pop() else {
            return Some(NotificationResult::Handled);
        };
        for handler in wanting {
            if handle(&handler, notification.clone()).await == NotificationResult::Requeue {
                return Some(NotificationResult::Requeue);
            }
        }
        Some(handle(&last, notification).await)
    }

    fn read(
        &self,
        incoming: IncomingNotification,
        priority: Priority,
        redelivered: bool,
    ) -> Result<Notification, SerializerError> {
        let IncomingNotification {
            message_id,
            publisher_id,
            event_type,
            timestamp,
            mut payload,
            mut context,
            ..
        } = incoming;
        if let Some(serializer) = &self.serializer {
            context = serializer.deserialize_context(&context)?.into_owned();
            payload = serializer
                .deserialize_entity(&context, &payload)?
                .into_owned();
        }
        Ok(Notification {
            priority,
            publisher_id,
            event_type,
            message_id,
            timestamp,
            payload,
            context,
            redelivered,
        })
    }
}

async fn handle(handler: &Handler, notification: Notification) -> NotificationResult {
    // A handler makes its future at once, and may panic doing it.
    let running = AssertUnwindSafe(async { handler(notification).await });
    running.catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("handling a notification panicked");
        NotificationResult::Requeue
    })
}

#[cfg(test)]
mod tests {
    use crate::mutex::Mutex;

    use super::*;
    use crate::listener::NotificationFilter;
    use crate::wire::decode_notification;

    type Log = Arc<Mutex<Vec<&'static str>>>;

    fn endpoint(log: &Log, name: &'static str, result: NotificationResult) -> NotificationEndpoint {
        let log = Arc::clone(log);
        NotificationEndpoint::new().on_each([Priority::Info, Priority::Error], move |_| {
            log.lock().push(name);
            async move { result }
        })
    }

    async fn check(
        endpoints: impl FnOnce(&Log) -> Vec<NotificationEndpoint>,
        message: &str,
        result: NotificationResult,
        called: &[&str],
    ) {
        let log = Log::default();
        let dispatcher = Dispatcher::new(endpoints(&log), None);
        let incoming = decode_notification(message.as_bytes()).unwrap();
        assert_eq!(dispatcher.dispatch(incoming, false).await, Some(result));
        assert_eq!(*log.lock(), called, "{message}");
    }

    #[tokio::test]
    async fn endpoints_get_what_they_want_until_one_wants_it_requeued() {
        use NotificationResult::{Handled, Requeue};

        let info = r#"{"priority": "INFO", "event_type": "a.b"}"#;
        let three = |log: &Log| {
            let filter = NotificationFilter::new().event_type("^x").unwrap();
            vec![
                endpoint(log, "one", Handled),
                endpoint(log, "filtered", Requeue).filter(filter),
                endpoint(log, "two", Handled),
            ]
        };
        check(three, info, Handled, &["one", "two"]).await;
        let requeueing =
            |log: &Log| vec![endpoint(log, "one", Requeue), endpoint(log, "two", Handled)];
        check(requeueing, info, Requeue, &["one"]).await;
        let panicking = |log: &Log| {
            let panics = |_: Notification| async { panic!("on purpose") };
            vec![
                NotificationEndpoint::new().on(Priority::Info, panics),
                endpoint(log, "two", Handled),
            ]
        };
        check(panicking, info, Requeue, &[]).await;
        let other = r#"{"priority": "debug"}"#;
        check(requeueing, other, Handled, &[]).await;
        for unknown in [r#"{"priority": "loud"}"#, "{}", r#"{"priority": 7}"#] {
            check(requeueing, unknown, Handled, &[]).await;
        }
    }

    #[test]
    fn only_priorities_of_endpoints_are_listened_to() {
        let log = Log::default();
        let both = [
            endpoint(&log, "one", NotificationResult::Handled),
            NotificationEndpoint::new()
                .on(Priority::Audit, |_| async { NotificationResult::Handled }),
        ];
        let dispatcher = Dispatcher::new(both.into(), None);
        let priorities = [Priority::Audit, Priority::Info, Priority::Error];
        assert_eq!(dispatcher.priorities(), priorities.into());
    }
}
