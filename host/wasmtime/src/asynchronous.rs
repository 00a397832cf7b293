//! `oslo:messaging/rpc-async`: `async func`s, so that one instance can have many calls in flight.
//! The store is borrowed while a call starts, not while it waits.

use wasmtime::component::{Accessor, Resource};

use crate::bindings::rpc_async::{Host, HostWithStore};
use crate::hooks::Kind;
use crate::resources::{Client, Options};
use crate::rpc::Message;
use crate::{Failure, Messaging, MessagingCtxView};

impl Host for MessagingCtxView<'_> {}

impl<T: Send + 'static> HostWithStore<T> for Messaging {
    async fn call(
        store: &Accessor<T, Self>,
        client: Resource<Client>,
        context: String,
        method: String,
        args: String,
        options: Option<Resource<Options>>,
    ) -> Result<String, Failure> {
        let message = Message {
            client,
            context,
            method,
            args,
            options,
        };
        let sending = store.with(|mut store| store.get().start(Kind::Call, message))?;
        Ok(sending.call().await?)
    }

    async fn cast(
        store: &Accessor<T, Self>,
        client: Resource<Client>,
        context: String,
        method: String,
        args: String,
        options: Option<Resource<Options>>,
    ) -> Result<(), Failure> {
        let message = Message {
            client,
            context,
            method,
            args,
            options,
        };
        let sending = store.with(|mut store| store.get().start(Kind::Cast, message))?;
        Ok(sending.cast().await?)
    }
}
