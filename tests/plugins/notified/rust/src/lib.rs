//! Handles notifications as `tests/python/notified_endpoints.py` does.

mod told;

use oslo_messaging_guest::Result;
use oslo_messaging_guest::notifications::{Notification, NotificationResult};

use self::told::{Wanted, filter, notifier, read};

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what the macro hands over"
)]
fn handle(told: Notification) -> NotificationResult {
    match read(&told) {
        Wanted::Again => NotificationResult::Requeue,
        answer => answered(&answer).into(),
    }
}

fn answered(answer: &Wanted) -> Result<()> {
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
    notifier(topic)?.notify(*priority, context, event_type, payload)
}

oslo_messaging_guest::handle_notifications!(filter, handle);
