//! A plugin that handles notifications.

use oslo_messaging_guest::Priority;
use oslo_messaging_guest::notifications::{Filter, Notification, NotificationResult};
use serde_json::Value;

/// Which notifications it wants.
fn filter() -> Filter {
    Filter::new()
        .priority(Priority::Info)
        .event_type(r"^compute\.instance\.")
}

fn handle(notification: Notification) -> NotificationResult {
    match notification.payload::<Value>() {
        Ok(payload) => println!("there is news of {}", payload["id"]),
        // It would be no better the next time.
        Err(error) => eprintln!("this is no JSON: {error}"),
    }
    NotificationResult::Handled
}

oslo_messaging_guest::handle_notifications!(filter, handle);

#[cfg(test)]
mod tests {
    use oslo_messaging_guest::testing::notification;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_told_is_handled() {
        let event = "compute.instance.create.end";
        let told = notification(Priority::Info, &json!({}), event, &json!({"id": 7}));
        assert!(matches!(handle(told), NotificationResult::Handled));
    }
}
