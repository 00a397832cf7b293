//! `oslo:messaging/notifier-async`: the store is borrowed while a notification starts, not while it
//! waits.

use wasmtime::component::{Accessor, Resource};

use crate::bindings::notifier_async::{Host, HostWithStore};
use crate::notifier::Told;
use crate::resources::Notifier;
use crate::{Failure, Messaging, MessagingCtxView};

impl Host for MessagingCtxView<'_> {}

impl<T: Send + 'static> HostWithStore<T> for Messaging {
    async fn notify(
        store: &Accessor<T, Self>,
        notifier: Resource<Notifier>,
        priority: String,
        context: String,
        event_type: String,
        payload: String,
    ) -> Result<(), Failure> {
        let told = Told {
            notifier,
            priority,
            context,
            event_type,
            payload,
        };
        let notifying = store.with(|mut store| store.get().start_notifying(told))?;
        Ok(notifying.send().await?)
    }
}
