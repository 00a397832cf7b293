//! Which endpoints want a notification, found without holding up the runtime.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use tokio::task::JoinError;

use super::endpoint::{Handler, NotificationEndpoint};
use super::filter::NotificationFilter;
use super::notification::Notification;
use crate::raw::Name;
use crate::wire::{tolerant_text, without_lone_surrogates};

/// The endpoints of a listener.
#[derive(Debug)]
pub(super) struct Endpoints {
    endpoints: Vec<NotificationEndpoint>,
    names: Names,
    is_untrusted: bool,
}

impl Endpoints {
    pub(super) fn new(endpoints: Vec<NotificationEndpoint>) -> Self {
        let filters = || endpoints.iter().map(|endpoint| &endpoint.filter);
        Self {
            names: Names::of(filters()),
            is_untrusted: filters().any(NotificationFilter::is_untrusted),
            endpoints,
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &NotificationEndpoint> {
        self.endpoints.iter()
    }

    /// The notification, and what those do with it that want it, in their order.
    ///
    /// # Errors
    ///
    /// The runtime ends, or a filter panicked.
    pub(super) async fn wanting(
        self: &Arc<Self>,
        notification: Notification,
    ) -> Result<(Notification, Vec<Handler>), JoinError> {
        if !self.is_untrusted && self.looks_at(&notification) <= SHORT {
            let wanting = self.find(&notification);
            return Ok((notification, wanting));
        }
        let endpoints = Arc::clone(self);
        let finding = tokio::task::spawn_blocking(move || {
            let wanting = endpoints.find(&notification);
            (notification, wanting)
        });
        finding.await
    }

    fn find(&self, notification: &Notification) -> Vec<Handler> {
        let texts = self.names.texts_of(notification);
        let wanting = self.endpoints.iter().filter_map(|endpoint| {
            let handler = endpoint.handlers.get(&notification.priority)?;
            let passes = endpoint.filter.passes(notification, &texts);
            passes.then(|| Arc::clone(handler))
        });
        wanting.collect()
    }

    /// How many bytes filters look at.
    fn looks_at(&self, notification: &Notification) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let object = |names: &BTreeSet<String>, object: &RawValue| match names.is_empty() {
            true => 0,
            false => object.get().len(),
        };
        length(&notification.publisher_id)
            + length(&notification.event_type)
            + length(&notification.message_id)
            + length(&notification.timestamp)
            + object(&self.names.context, &notification.context)
            + object(&self.names.payload, &notification.payload)
    }
}

/// The names whose values filters look at.
#[derive(Debug, Default)]
pub(super) struct Names {
    context: BTreeSet<String>,
    payload: BTreeSet<String>,
}

impl Names {
    pub(super) fn of<'a>(filters: impl IntoIterator<Item = &'a NotificationFilter>) -> Self {
        let mut names = Self::default();
        for filter in filters {
            let (context, payload) = filter.names();
            names.context.extend(context.map(ToOwned::to_owned));
            names.payload.extend(payload.map(ToOwned::to_owned));
        }
        names
    }

    /// Their values in a notification, which is read once.
    pub(super) fn texts_of(&self, notification: &Notification) -> Texts<'_> {
        Texts {
            context: texts(&self.context, &notification.context),
            payload: texts(&self.payload, &notification.payload),
        }
    }
}

/// The values of names that are texts.
pub(super) struct Texts<'n> {
    context: BTreeMap<&'n str, String>,
    payload: BTreeMap<&'n str, String>,
}

impl Texts<'_> {
    pub(super) fn context(&self, name: &str) -> Option<&str> {
        self.context.get(name).map(String::as_str)
    }

    pub(super) fn payload(&self, name: &str) -> Option<&str> {
        self.payload.get(name).map(String::as_str)
    }
}

/// Of a name that stands twice the last value counts, as Python has it.
fn texts<'n>(names: &'n BTreeSet<String>, object: &RawValue) -> BTreeMap<&'n str, String> {
    if names.is_empty() {
        return BTreeMap::new();
    }
    let texts = read(names, object.get()).or_else(|_| {
        // Half a surrogate pair in some name must not hide the others.
        let repaired = without_lone_surrogates(object.get());
        repaired.map_or_else(|| Ok(BTreeMap::new()), |object| read(names, &object))
    });
    texts.unwrap_or_default()
}

fn read<'n>(
    names: &'n BTreeSet<String>,
    object: &str,
) -> serde_json::Result<BTreeMap<&'n str, String>> {
    let values = Wanted(names).deserialize(&mut serde_json::Deserializer::from_str(object))?;
    let texts = values.into_iter();
    let texts = texts.filter_map(|(name, value)| Some((name, tolerant_text(value)?)));
    Ok(texts.collect())
}

/// The last value of each of these names of an object.
struct Wanted<'n>(&'n BTreeSet<String>);

impl<'n, 'de> DeserializeSeed<'de> for Wanted<'n> {
    type Value = BTreeMap<&'n str, &'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'n, 'de> Visitor<'de> for Wanted<'n> {
    type Value = BTreeMap<&'n str, &'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut values = BTreeMap::new();
        while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
            let name: Cow<'_, str> = name;
            if let Some(known) = self.0.get(name.as_ref()) {
                values.insert(known.as_str(), map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(values)
    }
}

/// Looking at so much takes less than handing it to another thread.
const SHORT: usize = 64 * 1024;
