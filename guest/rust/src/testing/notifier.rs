//! `notifier` and `notifier-async`, played; and notifications for what handles them.

#![expect(
    clippy::result_large_err,
    reason = "the bindings have the error by value, and these stand for them"
)]

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::host::client::{object, played};
use super::host::types::{Error, InvalidArgumentError};
use super::{Played, Transport};
use crate::notifications::Notification;
use crate::priority::Priority;

/// A notification that a plugin sent.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Notified {
    /// How urgent.
    pub priority: String,
    /// Who said it.
    pub publisher_id: Option<String>,
    /// The topics that it went to.
    pub topics: Vec<String>,
    /// The context.
    pub context: Value,
    /// What happened.
    pub event_type: String,
    /// What was told.
    pub payload: Value,
    /// How long it might have taken.
    pub timeout: Duration,
}

impl Transport {
    /// The notifications that were sent so far, in the order in which they were.
    #[must_use]
    pub fn notified(&self) -> Vec<Notified> {
        self.played.notified.borrow().clone()
    }

    /// From now on notifications fail with what the function says; with none again they are sent.
    pub fn notifications_fail(
        &self,
        how: impl Fn(&Notified) -> Option<crate::Error> + 'static,
    ) -> &Self {
        *self.played.notifications_fail.borrow_mut() = Some(Rc::new(how));
        self
    }
}

/// A notification to give to a plugin's function, with a publisher, an id and a time.
///
/// # Panics
/// When the payload or the context does not become JSON.
#[must_use]
#[expect(clippy::panic, reason = "a mistake in a test ends the test")]
pub fn notification(
    priority: Priority,
    context: &(impl Serialize + ?Sized),
    event_type: &str,
    payload: &(impl Serialize + ?Sized),
) -> Notification {
    let raw = |what: &str, made: serde_json::Result<Box<RawValue>>| match made {
        Ok(raw) => raw,
        Err(error) => panic!("the {what} does not become JSON: {error}"),
    };
    Notification {
        priority: priority.as_str().to_owned(),
        publisher_id: Some("publisher".to_owned()),
        event_type: Some(event_type.to_owned()),
        message_id: Some("6e1a9c5e-8d4b-4c39-9d0f-0f6a5a2a3f11".to_owned()),
        timestamp: Some("2026-01-02 03:04:05.000600".to_owned()),
        context: raw("context", to_raw_value(context)),
        payload: raw("payload", to_raw_value(payload)),
        redelivered: false,
    }
}

pub(crate) struct Notifier {
    played: Rc<Played>,
    settings: RefCell<Settings>,
}

#[derive(Debug)]
struct Settings {
    publisher_id: Option<String>,
    topics: Vec<String>,
    timeout: Duration,
}

impl std::fmt::Debug for Notifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.settings.borrow().fmt(f)
    }
}

impl Notifier {
    pub(crate) fn open(transport: &str, publisher_id: Option<&str>) -> Result<Self, Error> {
        let settings = Settings {
            publisher_id: publisher_id.map(ToOwned::to_owned),
            topics: vec!["notifications".to_owned()],
            timeout: DEFAULT_TIMEOUT,
        };
        Ok(Self {
            played: played(transport)?,
            settings: RefCell::new(settings),
        })
    }

    pub(crate) fn set_topics(&self, topics: Option<&[String]>) -> Result<(), Error> {
        if topics.is_some_and(|topics| topics.is_empty() || topics.contains(&String::new())) {
            return Err(Error::InvalidArgument(InvalidArgumentError {
                argument: "topics".to_owned(),
                message: "there has to be one, and none may be empty".to_owned(),
            }));
        }
        let topics = topics.map_or_else(|| vec!["notifications".to_owned()], <[_]>::to_vec);
        self.settings.borrow_mut().topics = topics;
        Ok(())
    }

    pub(crate) fn set_timeout(&self, timeout: Option<u64>) {
        let timeout = timeout.map_or(DEFAULT_TIMEOUT, Duration::from_nanos);
        self.settings.borrow_mut().timeout = timeout;
    }

    pub(crate) const fn set_retry(&self, _: Option<u32>) {}
}

pub(crate) fn notify(
    notifier: &Notifier,
    priority: &str,
    context: &str,
    event_type: &str,
    payload: &str,
) -> Result<(), Error> {
    let notified = {
        let settings = notifier.settings.borrow();
        Notified {
            priority: priority.to_owned(),
            publisher_id: settings.publisher_id.clone(),
            topics: settings.topics.clone(),
            context: object("context", context)?,
            event_type: event_type.to_owned(),
            payload: serde_json::from_str(payload).map_err(|error| {
                Error::InvalidArgument(InvalidArgumentError {
                    argument: "payload".to_owned(),
                    message: format!("it is not JSON: {error}"),
                })
            })?,
            timeout: settings.timeout,
        }
    };
    let fails = notifier.played.notifications_fail.borrow().clone();
    if let Some(error) = fails.and_then(|how| how(&notified)) {
        return Err(error.into());
    }
    notifier.played.notified.borrow_mut().push(notified);
    Ok(())
}

pub(crate) mod asynchronous {
    use super::{Error, Notifier};

    pub(crate) async fn notify(
        notifier: &Notifier,
        priority: String,
        context: String,
        event_type: String,
        payload: String,
    ) -> Result<(), Error> {
        super::notify(notifier, &priority, &context, &event_type, &payload)
    }
}

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use serde_json::json;

    use super::*;
    use crate::notifications::NotificationResult;
    use crate::{Notifier, Outcome};

    #[test]
    fn what_is_notified_can_be_looked_at() {
        let transport = Transport::grant("default");
        let notifier = Notifier::open("default", "compute.host-1").unwrap();
        let payload = json!({"id": 7});
        notifier.info(&(), "a.b", &payload).unwrap();
        let limit = Duration::from_secs(5);
        let elsewhere = Notifier::open("default", None).unwrap();
        let elsewhere = elsewhere.topics(&["one", "two"]).unwrap();
        let elsewhere = elsewhere.timeout(limit).retry(3);
        let context = json!({"user": "u"});
        let sent = elsewhere.critical_async(&context, "c", &[1, 2]);
        sent.now_or_never().unwrap().unwrap();
        let [first, second] = transport.notified().try_into().unwrap();
        let expected = Notified {
            priority: "info".to_owned(),
            publisher_id: Some("compute.host-1".to_owned()),
            topics: vec!["notifications".to_owned()],
            context: json!({}),
            event_type: "a.b".to_owned(),
            payload,
            timeout: DEFAULT_TIMEOUT,
        };
        assert_eq!(first, expected);
        assert_eq!(second.topics, ["one", "two"]);
        assert_eq!((second.publisher_id, second.timeout), (None, limit));
        assert_eq!(
            (&*second.priority, second.context, second.payload),
            ("critical", context, json!([1, 2]))
        );
    }

    #[test]
    fn what_cannot_be_notified_is_told() {
        let denied = Notifier::open("default", "me").unwrap_err();
        assert!(
            matches!(denied, crate::Error::AccessDenied { .. }),
            "{denied}"
        );
        let transport = Transport::grant("default");
        let notifier = || Notifier::open("default", "me").unwrap();
        assert!(notifier().topics(&[]).is_err());
        let refused = notifier().warn(&json!([1]), "a", &()).unwrap_err();
        assert!(
            matches!(refused, crate::Error::InvalidArgument { .. }),
            "{refused}"
        );
        transport.notifications_fail(|notified| {
            (notified.event_type == "b").then(|| crate::Error::DeliveryFailure {
                outcome: Outcome::Unknown,
                message: "the broker is away".to_owned(),
            })
        });
        let failed = notifier().warn(&(), "b", &()).unwrap_err();
        assert_eq!(failed.outcome(), Outcome::Unknown);
        notifier().warn(&(), "a", &()).unwrap();
        assert_eq!(transport.notified().len(), 1);
    }

    #[test]
    fn what_handles_notifications_is_called_with_one() {
        fn handle(notification: Notification) -> Result<(), serde_json::Error> {
            notification.payload::<u64>().map(drop)
        }

        let check = |payload: Value, expected| {
            let told = notification(Priority::Info, &json!({"user": "u"}), "a.b", &payload);
            assert_eq!(told.context::<Value>().unwrap(), json!({"user": "u"}));
            assert_eq!(NotificationResult::from(handle(told)), expected);
        };
        check(json!(7), NotificationResult::Handled);
        check(json!("seven"), NotificationResult::Requeue);
    }
}
