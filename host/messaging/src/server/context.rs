use std::collections::BTreeMap;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// What a caller says beside the arguments (in OpenStack: user, project, request id), one JSON
/// value per name.
#[derive(Clone, Debug, Default)]
pub struct Context {
    values: BTreeMap<String, Box<RawValue>>,
    monitor: Option<Duration>,
}

impl Context {
    pub(crate) fn new(values: Vec<(String, Box<RawValue>)>, monitor: Option<Duration>) -> Self {
        Self {
            values: values.into_iter().collect(),
            monitor,
        }
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
