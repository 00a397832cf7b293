//! `oslo:messaging/rpc-client`: plain functions. The host waits in them without blocking a thread;
//! the guest stands still meanwhile.

use wasmtime::component::{Linker, Resource};

use crate::bindings::rpc_client::{self, Host, HostClient, Request};
use crate::bindings::types::{self, Error, Setting, Target};
use crate::hooks::Kind;
use crate::rpc::{Message, call_all};
use crate::{Client, CtxView, Failure, OsloMessaging, View, time};

/// Adds `oslo:messaging/types` and `rpc-client` alone.
///
/// It works with [`Config::concurrency_support`](wasmtime::Config::concurrency_support) turned
/// off, unlike the other surface.
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
    rpc_client::add_to_linker::<T, OsloMessaging>(linker, view)
}

impl types::Host for CtxView<'_> {
    fn convert_error(&mut self, failure: Failure) -> wasmtime::Result<Error> {
        failure.convert()
    }
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

    async fn call(
        &mut self,
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
        Ok(self.start(Kind::Call, &client, message)?.call().await?)
    }

    async fn cast(
        &mut self,
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
        Ok(self.start(Kind::Cast, &client, message)?.cast().await?)
    }

    async fn call_all(
        &mut self,
        client: Resource<Client>,
        requests: Vec<Request>,
    ) -> wasmtime::Result<Vec<Result<String, Error>>> {
        let calls = self.start_all(&client, requests)?;
        Ok(call_all(calls, self.ctx.limits.calls_in_flight).await)
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
