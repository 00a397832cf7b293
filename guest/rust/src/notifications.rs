//! Handles notifications: a filter that says which, a function that handles one, and
//! [`handle_notifications!`](crate::handle_notifications) to export them.
//!
//! The operator says of which transport, exchange, topics and pool; the plugin says which of them. The
//! plugin's crate is a `cdylib`.
//!
//! ```
//! use oslo_messaging_guest::Priority;
//! use oslo_messaging_guest::notifications::{Filter, Notification, NotificationResult};
//! use serde_json::Value;
//!
//! fn filter() -> Filter {
//!     Filter::new()
//!         .priority(Priority::Info)
//!         .event_type(r"^compute\.instance\.")
//!         .payload("state", "^active$")
//! }
//!
//! fn handle(notification: Notification) -> NotificationResult {
//!     match notification.payload::<Value>() {
//!         Ok(_) => NotificationResult::Handled,
//!         Err(_) => NotificationResult::Requeue,
//!     }
//! }
//!
//! # #[cfg(target_family = "wasm")]
//! oslo_messaging_guest::handle_notifications!(filter, handle);
//! ```

#[doc(hidden)]
pub mod exports;
mod filter;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

pub use self::filter::Filter;

/// Something that happened. What is absent in the message, or no text where there should be one, is
/// none.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Notification {
    /// How urgent: the name of a [`Priority`](crate::Priority).
    pub priority: String,
    /// Who says it, such as `compute.host-1`.
    pub publisher_id: Option<String>,
    /// What happened, such as `compute.instance.create.end`.
    pub event_type: Option<String>,
    /// The id of the notification, the same for all copies of it.
    pub message_id: Option<String>,
    /// When it was sent, as its sender wrote it. Python writes `2026-01-02 03:04:05.000600`, in UTC.
    pub timestamp: Option<String>,
    /// What the sender says beside the payload, a JSON object.
    pub context: Box<RawValue>,
    /// What is told, as JSON.
    pub payload: Box<RawValue>,
    /// Whether it was handed out before: to somebody who wanted it again, or who ended before it was
    /// done.
    pub redelivered: bool,
}

impl Notification {
    /// The payload.
    ///
    /// # Errors
    /// When it does not fit the type.
    pub fn payload<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(self.payload.get())
    }

    /// The context.
    ///
    /// # Errors
    /// When it does not fit the type.
    pub fn context<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(self.context.get())
    }
}

/// What becomes of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "it says whether the notification should come again"]
pub enum NotificationResult {
    /// It is done with.
    Handled,
    /// It should come again, here or elsewhere; if the operator does not allow that, it is forgotten.
    Requeue,
}

/// An error wants it again.
impl<E> From<Result<(), E>> for NotificationResult {
    fn from(result: Result<(), E>) -> Self {
        match result {
            Ok(()) => Self::Handled,
            Err(_) => Self::Requeue,
        }
    }
}

/// Exports a plugin's endpoint for notifications: two functions, `fn() -> Filter` and
/// `fn(Notification) -> impl Into<NotificationResult>`. See [`notifications`](crate::notifications).
#[macro_export]
macro_rules! handle_notifications {
    ($filter:path, $handle:path) => {
        const _: () = {
            struct Listener;

            impl $crate::notifications::exports::plain::exports::oslo::messaging::notification_endpoint::Guest
                for Listener
            {
                fn filter_rule() -> $crate::notifications::exports::wit::Filter {
                    $crate::notifications::exports::filter_rule($filter())
                }

                fn handle(
                    notification: $crate::notifications::exports::wit::Notification,
                ) -> ::std::result::Result<(), ()> {
                    let told = $crate::notifications::exports::told(notification);
                    $crate::notifications::exports::ended($handle(told))
                }
            }

            $crate::notifications::exports::plain::export_notification_listener!(
                Listener with_types_in $crate::notifications::exports::plain
            );
        };
    };
}

/// Exports a plugin's endpoint for notifications as [`handle_notifications!`](crate::handle_notifications)
/// does, with an `async fn` in the place of the second function.
#[macro_export]
macro_rules! handle_notifications_async {
    ($filter:path, $handle:path) => {
        const _: () = {
            struct Listener;

            impl $crate::notifications::exports::asynchronous::exports::oslo::messaging::notification_endpoint_async::Guest
                for Listener
            {
                fn filter_rule() -> $crate::notifications::exports::wit::Filter {
                    $crate::notifications::exports::filter_rule($filter())
                }

                async fn handle(
                    notification: $crate::notifications::exports::wit::Notification,
                ) -> ::std::result::Result<(), ()> {
                    let told = $crate::notifications::exports::told(notification);
                    $crate::notifications::exports::ended($handle(told).await)
                }
            }

            $crate::notifications::exports::asynchronous::export_notification_listener_async!(
                Listener with_types_in $crate::notifications::exports::asynchronous
            );
        };
    };
}
