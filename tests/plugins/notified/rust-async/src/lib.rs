//! Handles notifications as `tests/python/notified_endpoints.py` does, and waits with `async`.

#[path = "../../rust/src/told.rs"]
mod told;

use oslo_messaging_guest::Result;
use oslo_messaging_guest::notifications::{Notification, NotificationResult};

use self::told::{Wanted, filter, notifier, read};

async fn handle(told: Notification) -> NotificationResult {
    match read(&told) {
        Wanted::Again => NotificationResult::Requeue,
        answer => answered(answer).await.into(),
    }
}

async fn answered(answer: Wanted) -> Result<()> {
    let Wanted::Answer {
        topic,
        priority,
        context,
        event_type,
        payload,
    } = answer
    else {
        return Ok(());
    };
    let notifier = notifier(&topic)?;
    let sent = notifier.notify_async(priority, &context, event_type, &payload);
    sent.await
}

oslo_messaging_guest::handle_notifications_async!(filter, handle);
