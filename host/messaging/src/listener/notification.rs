use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::priority::Priority;
use crate::raw::Entries;

/// What an endpoint is told. What is absent in the message, or no text where there should be one, is
/// none.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Notification {
    /// How urgent.
    pub priority: Priority,
    /// Who says it, such as `compute.host-1`.
    pub publisher_id: Option<String>,
    /// What happened, such as `compute.instance.create.end`.
    pub event_type: Option<String>,
    /// The id of the notification, the same for all copies of it.
    pub message_id: Option<String>,
    /// When it was sent, as its sender wrote it: Python writes `2026-01-02 03:04:05.000600`, in UTC.
    pub timestamp: Option<String>,
    /// What is told, as JSON.
    pub payload: Box<RawValue>,
    /// What the sender says beside it (in OpenStack: user, project, request id), a JSON object.
    pub context: Box<RawValue>,
    /// Whether it was handed out before: to a listener that put it back, or that ended or lost its
    /// connection before it was done.
    pub redelivered: bool,
}

impl Notification {
    /// The payload, if it fits the type.
    #[must_use]
    pub fn payload<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.payload.get()).ok()
    }

    /// The value of a name of the context, if there is one and it fits the type.
    #[must_use]
    pub fn context<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(value_of(&self.context, name)?.get()).ok()
    }
}

/// The value of a name in an object; of a name that stands twice the last one, as Python has it.
fn value_of<'a>(object: &'a RawValue, name: &str) -> Option<&'a RawValue> {
    let Entries(entries) = Entries::read(object).ok()?;
    let found = entries.into_iter().rev().find(|(known, _)| known == name);
    match found?.1 {
        std::borrow::Cow::Borrowed(value) => Some(value),
        std::borrow::Cow::Owned(_) => None,
    }
}
