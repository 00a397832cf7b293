use std::collections::BTreeMap;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::wire::TRACEPARENT;

/// What a caller says beside the arguments (in OpenStack: user, project, request id), one JSON
/// value per name.
#[derive(Clone, Debug, Default)]
pub struct Context {
    values: BTreeMap<String, Box<RawValue>>,
    monitor: Option<Duration>,
    method: String,
    namespace: Option<String>,
    version: Option<String>,
    unique_id: Option<String>,
}

impl Context {
    /// Of a request, whose own context and arguments have been taken.
    pub(crate) fn new(values: Vec<(String, Box<RawValue>)>, request: Request) -> Self {
        let Request {
            monitor,
            method,
            namespace,
            version,
            unique_id,
        } = request;
        Self {
            values: values.into_iter().collect(),
            monitor,
            method,
            namespace,
            version,
            unique_id,
        }
    }

    /// The method that is called, as the caller named it.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The namespace that the caller asked for.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The version that the caller was written for; none counts as 1.0.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The id of the message, which no other message has.
    #[must_use]
    pub fn unique_id(&self) -> Option<&str> {
        self.unique_id.as_deref()
    }

    /// The trace that the call belongs to (W3C Trace Context), if its caller says so.
    #[must_use]
    pub fn traceparent(&self) -> Option<String> {
        self.get(TRACEPARENT)
    }

    /// The value of a name as JSON text.
    #[must_use]
    pub fn get_raw(&self, name: &str) -> Option<&RawValue> {
        self.values.get(name).map(AsRef::as_ref)
    }

    /// The value of a name, if there is one and it fits the type.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.get_raw(name)?.get()).ok()
    }

    /// The names in alphabetical order, with their values as JSON text.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_ref()))
    }

    /// The caller's `call_monitor_timeout`, which upstream calls `client_timeout` here.
    #[must_use]
    pub const fn call_monitor_timeout(&self) -> Option<Duration> {
        self.monitor
    }
}

/// What a context says of its request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) monitor: Option<Duration>,
    pub(crate) method: String,
    pub(crate) namespace: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) unique_id: Option<String>,
}
