//! `oslo:messaging/rpc-client-async`: the same verbs as `async func`, so that one instance can
//! have many calls in flight. The store is borrowed while a call starts, not while it waits.

use wasmtime::component::{Accessor, Linker, Resource};

use crate::bindings::rpc_client_async::{self, Host, HostClient, HostClientWithStore};
use crate::bindings::types::{self, Setting, Target};
use crate::hooks::Kind;
use crate::rpc::Message;
use crate::{Client, CtxView, Failure, OsloMessaging, View, time};

/// Adds `oslo:messaging/types` and `rpc-client-async` alone.
///
/// # Errors
///
/// As [`add_to_linker`](crate::add_to_linker).
pub fn add_to_linker<T: View + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    add_to_linker_with(linker, T::oslo_messaging)
}

/// As [`add_to_linker`], for store data that does not implement [`View`].
///
/// # Errors
///
/// As [`add_to_linker`](crate::add_to_linker).
pub fn add_to_linker_with<T: Send + 'static>(
    linker: &mut Linker<T>,
    view: fn(&mut T) -> CtxView<'_>,
) -> wasmtime::Result<()> {
    types::add_to_linker::<T, OsloMessaging>(linker, view)?;
    rpc_client_async::add_to_linker::<T, OsloMessaging>(linker, view)
}

impl Host for CtxView<'_> {
    fn remaining(&mut self) -> wasmtime::Result<Option<u64>> {
        Ok(self.ctx.remaining().map(time::to_guest))
    }
}

impl HostClient for CtxView<'_> {
    fn open(
        &mut self,
        transport: String,
        target: Target,
        settings: Vec<Setting>,
    ) -> Result<Resource<Client>, Failure> {
        self.open_client(&transport, target, settings)
    }

    fn prepare(
        &mut self,
        client: Resource<Client>,
        settings: Vec<Setting>,
    ) -> Result<Resource<Client>, Failure> {
        self.prepare_client(&client, settings)
    }

    fn can_send_version(
        &mut self,
        client: Resource<Client>,
        version: Option<String>,
    ) -> Result<bool, Failure> {
        self.can_client_send_version(&client, version.as_deref())
    }

    fn drop(&mut self, client: Resource<Client>) -> wasmtime::Result<()> {
        self.drop_client(client)
    }
}

impl<T: Send + 'static> HostClientWithStore<T> for OsloMessaging {
    async fn call(
        store: &Accessor<T, Self>,
        client: Resource<Client>,
        context: String,
        method: String,
        args: String,
    ) -> Result<String, Failure> {
        let message = Message {
            settings: Vec::new(),
            context,
            method,
            args,
        };
        let sending = store.with(|mut store| store.get().start(Kind::Call, &client, message))?;
        Ok(sending.call().await?)
    }

    async fn cast(
        store: &Accessor<T, Self>,
        client: Resource<Client>,
        context: String,
        method: String,
        args: String,
    ) -> Result<(), Failure> {
        let message = Message {
            settings: Vec::new(),
            context,
            method,
            args,
        };
        let sending = store.with(|mut store| store.get().start(Kind::Cast, &client, message))?;
        Ok(sending.cast().await?)
    }
}
