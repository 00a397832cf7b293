//! `oslo:messaging/notification`: what a guest asks about a notification that it handles, and what it
//! says it wants.

use std::sync::Arc;

use oslo_messaging::{
    Error as Native, Notification as NativeNotification, NotificationFilter, Priority,
};
use serde_json::value::RawValue;
use wasmtime::component::Resource;

use crate::bindings::notification::{Host, HostFilter, HostNotification};
use crate::{MessagingCtxView, Origin};

/// What a guest's `notification` is; nothing once it has been handled.
#[derive(Debug)]
pub struct Notification(Option<Arc<NativeNotification>>);

/// What a guest's `filter` is: what it said, which is checked when the host listens.
#[derive(Debug, Default)]
pub struct Filter {
    priorities: Vec<String>,
    publisher_id: Option<String>,
    event_type: Option<String>,
    context: Vec<(String, String)>,
    metadata: Vec<(String, String)>,
    payload: Vec<(String, String)>,
    bytes: usize,
    /// Something was left out, because there was no room for it.
    is_cut: bool,
}

/// The room that a store has for what its guest's filters say: far more than anybody writes.
#[derive(Debug, Default)]
pub(crate) struct FilterRoom {
    used: usize,
    /// One that stands for all that there is no room for; nothing is kept of what it is told.
    too_many: Option<u32>,
}

impl Filter {
    /// The priorities that it wants, and the native filter; or what is wrong. It compiles all
    /// expressions.
    pub(crate) fn read(&self) -> Result<(Vec<Priority>, NotificationFilter), String> {
        if self.is_cut {
            return Err(format!(
                "the filters of a plugin have at most {MOST_BYTES} bytes"
            ));
        }
        let wanted = self.priorities.iter().map(|priority| {
            let read = priority.parse::<Priority>();
            read.map_err(|error| format!("`{priority}`: {error}"))
        });
        let mut priorities = wanted.collect::<Result<Vec<_>, _>>()?;
        if priorities.is_empty() {
            priorities.extend(Priority::ALL);
        }
        let filter = self.native().map_err(|error| error.to_string())?;
        Ok((priorities, filter))
    }

    fn native(&self) -> Result<NotificationFilter, Native> {
        let mut filter = NotificationFilter::untrusted();
        if let Some(regex) = &self.publisher_id {
            filter = filter.publisher_id(regex)?;
        }
        if let Some(regex) = &self.event_type {
            filter = filter.event_type(regex)?;
        }
        for (name, regex) in &self.context {
            filter = filter.context(name, regex)?;
        }
        for (name, regex) in &self.metadata {
            filter = filter.metadata(name, regex)?;
        }
        for (name, regex) in &self.payload {
            filter = filter.payload(name, regex)?;
        }
        Ok(filter)
    }
}

impl MessagingCtxView<'_> {
    /// Hands a notification to the guest.
    pub(crate) fn push_notification(
        &mut self,
        notification: Arc<NativeNotification>,
        origin: &Origin,
    ) -> wasmtime::Result<Resource<Notification>> {
        self.hooks.invoked(origin);
        let notification = self.table.push(Notification(Some(notification)))?;
        self.ctx.open_notifications += 1;
        Ok(notification)
    }

    /// Takes away what a notification says, whether the guest has dropped it or not.
    pub(crate) fn end_notification(&mut self, notification: u32) {
        let notification = Resource::<Notification>::new_borrow(notification);
        if let Ok(Notification(content)) = self.table.get_mut(&notification) {
            *content = None;
        }
    }

    /// Takes a filter from the guest.
    pub(crate) fn take_filter(&mut self, filter: Resource<Filter>) -> wasmtime::Result<Filter> {
        if self.ctx.filters.too_many == Some(filter.rep()) {
            // The guest may have others of it.
            return Ok(Filter {
                is_cut: true,
                ..Filter::default()
            });
        }
        let filter = self.table.delete(filter)?;
        self.ctx.filters.used = self.ctx.filters.used.saturating_sub(filter.bytes);
        Ok(filter)
    }

    fn told<R>(
        &self,
        notification: &Resource<Notification>,
        question: impl FnOnce(&NativeNotification) -> R,
    ) -> wasmtime::Result<Option<R>> {
        let Notification(content) = self.table.get(notification)?;
        Ok(content.as_deref().map(question))
    }

    /// Adds to a filter, if there is room for it.
    fn add(
        &mut self,
        filter: &Resource<Filter>,
        bytes: usize,
        set: impl FnOnce(&mut Filter),
    ) -> wasmtime::Result<()> {
        if self.ctx.filters.too_many == Some(filter.rep()) {
            return Ok(());
        }
        let filter = self.table.get_mut(filter)?;
        // Even what is empty takes some.
        let bytes = bytes.saturating_add(EACH);
        let used = self.ctx.filters.used.saturating_add(bytes);
        if used > MOST_BYTES {
            filter.is_cut = true;
            return Ok(());
        }
        self.ctx.filters.used = used;
        filter.bytes += bytes;
        set(filter);
        Ok(())
    }
}

impl Host for MessagingCtxView<'_> {}

impl HostNotification for MessagingCtxView<'_> {
    fn priority(&mut self, it: Resource<Notification>) -> wasmtime::Result<String> {
        let priority = self.told(&it, |it| it.priority.as_str().to_owned())?;
        Ok(priority.unwrap_or_default())
    }

    fn publisher_id(&mut self, it: Resource<Notification>) -> wasmtime::Result<Option<String>> {
        Ok(self.told(&it, |it| it.publisher_id.clone())?.flatten())
    }

    fn event_type(&mut self, it: Resource<Notification>) -> wasmtime::Result<Option<String>> {
        Ok(self.told(&it, |it| it.event_type.clone())?.flatten())
    }

    fn message_id(&mut self, it: Resource<Notification>) -> wasmtime::Result<Option<String>> {
        Ok(self.told(&it, |it| it.message_id.clone())?.flatten())
    }

    fn timestamp(&mut self, it: Resource<Notification>) -> wasmtime::Result<Option<String>> {
        Ok(self.told(&it, |it| it.timestamp.clone())?.flatten())
    }

    fn context(&mut self, it: Resource<Notification>) -> wasmtime::Result<String> {
        let context = self.told(&it, |it| text(&it.context))?;
        Ok(context.unwrap_or_else(|| "{}".to_owned()))
    }

    fn payload(&mut self, it: Resource<Notification>) -> wasmtime::Result<String> {
        let payload = self.told(&it, |it| text(&it.payload))?;
        Ok(payload.unwrap_or_else(|| "null".to_owned()))
    }

    fn redelivered(&mut self, it: Resource<Notification>) -> wasmtime::Result<bool> {
        Ok(self.told(&it, |it| it.redelivered)?.unwrap_or_default())
    }

    fn drop(&mut self, it: Resource<Notification>) -> wasmtime::Result<()> {
        self.table.delete(it)?;
        self.ctx.open_notifications = self.ctx.open_notifications.saturating_sub(1);
        Ok(())
    }
}

impl HostFilter for MessagingCtxView<'_> {
    fn new(&mut self) -> wasmtime::Result<Resource<Filter>> {
        if self.ctx.filters.used.saturating_add(EACH) <= MOST_BYTES {
            let filter = self.table.push(Filter::default())?;
            self.add(&filter, 0, |_| {})?;
            return Ok(filter);
        }
        // The constructor cannot fail, so the host refuses to listen with one of these.
        if let Some(shared) = self.ctx.filters.too_many {
            return Ok(Resource::new_own(shared));
        }
        let filter = self.table.push(Filter {
            is_cut: true,
            ..Filter::default()
        })?;
        self.ctx.filters.too_many = Some(filter.rep());
        Ok(filter)
    }

    fn add_priority(&mut self, it: Resource<Filter>, priority: String) -> wasmtime::Result<()> {
        let bytes = priority.len();
        self.add(&it, bytes, |filter| filter.priorities.push(priority))
    }

    fn set_publisher_id(&mut self, it: Resource<Filter>, regex: String) -> wasmtime::Result<()> {
        let bytes = regex.len();
        self.add(&it, bytes, |filter| filter.publisher_id = Some(regex))
    }

    fn set_event_type(&mut self, it: Resource<Filter>, regex: String) -> wasmtime::Result<()> {
        let bytes = regex.len();
        self.add(&it, bytes, |filter| filter.event_type = Some(regex))
    }

    fn add_context(
        &mut self,
        it: Resource<Filter>,
        name: String,
        regex: String,
    ) -> wasmtime::Result<()> {
        let bytes = name.len().saturating_add(regex.len());
        self.add(&it, bytes, |filter| filter.context.push((name, regex)))
    }

    fn add_metadata(
        &mut self,
        it: Resource<Filter>,
        name: String,
        regex: String,
    ) -> wasmtime::Result<()> {
        let bytes = name.len().saturating_add(regex.len());
        self.add(&it, bytes, |filter| filter.metadata.push((name, regex)))
    }

    fn add_payload(
        &mut self,
        it: Resource<Filter>,
        name: String,
        regex: String,
    ) -> wasmtime::Result<()> {
        let bytes = name.len().saturating_add(regex.len());
        self.add(&it, bytes, |filter| filter.payload.push((name, regex)))
    }

    fn drop(&mut self, it: Resource<Filter>) -> wasmtime::Result<()> {
        self.take_filter(it).map(drop)
    }
}

fn text(value: &RawValue) -> String {
    value.get().to_owned()
}

const MOST_BYTES: usize = 64 * 1024;
const EACH: usize = 64;
