use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::target::Target;

/// A request that a method was found for, without its arguments.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) method: String,
    pub(crate) context: Box<RawValue>,
    pub(crate) namespace: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) call_monitor_timeout: Option<Duration>,
    pub(crate) message_id: Option<String>,
    pub(crate) served_by: Target,
}

impl Request {
    /// The method, as the caller named it.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// What the caller says beside the arguments, as it came: a JSON object. A call that is made on
    /// behalf of this one gets it as its context.
    #[must_use]
    pub fn context(&self) -> &RawValue {
        &self.context
    }

    /// The context as a type of the plugin's; none if it is not of that type.
    #[must_use]
    pub fn context_as<C: DeserializeOwned>(&self) -> Option<C> {
        serde_json::from_str(self.context.get()).ok()
    }

    /// The namespace that the caller asked for.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The version that the caller was written for, as it said it; none counts as `1.0`.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// How long the caller waits for a sign of life, which the host sends; none: it does not monitor
    /// the call.
    #[must_use]
    pub const fn call_monitor_timeout(&self) -> Option<Duration> {
        self.call_monitor_timeout
    }

    /// The id of the message, which no other message has.
    #[must_use]
    pub fn message_id(&self) -> Option<&str> {
        self.message_id.as_deref()
    }

    /// The server that got it, with its exchange, topic and name.
    #[must_use]
    pub const fn served_by(&self) -> &Target {
        &self.served_by
    }
}
