//! Behind the macros: the exports of a plugin that handles notifications. The macros run in the
//! plugin's crate, so that a plugin that handles none exports nothing.

use serde_json::value::RawValue;

use super::{Filter, Notification, NotificationResult};
pub use crate::bindings::generated::oslo::messaging::notification as wit;

#[expect(missing_docs, reason = "generated code")]
pub mod plain {
    wit_bindgen::generate!({
        path: "wit",
        world: "oslo:messaging/notification-listener",
        with: {
            "oslo:messaging/notification@0.1.0": crate::bindings::generated::oslo::messaging::notification,
            "oslo:messaging/types@0.1.0": crate::bindings::generated::oslo::messaging::types,
        },
        pub_export_macro: true,
        export_macro_name: "export_notification_listener",
    });
}

#[expect(missing_docs, reason = "generated code")]
pub mod asynchronous {
    wit_bindgen::generate!({
        path: "wit",
        world: "oslo:messaging/notification-listener-async",
        with: {
            "oslo:messaging/notification@0.1.0": crate::bindings::generated::oslo::messaging::notification,
            "oslo:messaging/types@0.1.0": crate::bindings::generated::oslo::messaging::types,
        },
        pub_export_macro: true,
        export_macro_name: "export_notification_listener_async",
    });
}

/// The host's filter of what a plugin wants.
#[must_use]
pub fn filter_rule(filter: Filter) -> wit::Filter {
    let Filter {
        priorities,
        publisher_id,
        event_type,
        context,
        metadata,
        payload,
    } = filter;
    let rule = wit::Filter::new();
    for priority in priorities {
        rule.add_priority(priority.as_str());
    }
    if let Some(regex) = publisher_id {
        rule.set_publisher_id(&regex);
    }
    if let Some(regex) = event_type {
        rule.set_event_type(&regex);
    }
    for (name, regex) in context {
        rule.add_context(&name, &regex);
    }
    for (name, regex) in metadata {
        rule.add_metadata(&name, &regex);
    }
    for (name, regex) in payload {
        rule.add_payload(&name, &regex);
    }
    rule
}

/// What the host's notification says.
#[must_use]
pub fn told(notification: wit::Notification) -> Notification {
    // The host has read it.
    let raw = |text| RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned());
    Notification {
        priority: notification.priority(),
        publisher_id: notification.publisher_id(),
        event_type: notification.event_type(),
        message_id: notification.message_id(),
        timestamp: notification.timestamp(),
        context: raw(notification.context()),
        payload: raw(notification.payload()),
        redelivered: notification.redelivered(),
    }
}

/// What the host is told.
///
/// # Errors
/// When it should come again.
#[expect(clippy::result_unit_err, reason = "it is what the bindings have")]
pub fn ended(result: impl Into<NotificationResult>) -> Result<(), ()> {
    match result.into() {
        NotificationResult::Handled => Ok(()),
        NotificationResult::Requeue => Err(()),
    }
}
