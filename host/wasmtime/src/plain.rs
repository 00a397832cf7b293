//! `oslo:messaging/rpc`: plain functions. The host waits in them without blocking a thread; the
//! guest stands still meanwhile.

use wasmtime::component::Resource;

use crate::bindings::rpc::{Host, Request};
use crate::bindings::types::Error;
use crate::hooks::Kind;
use crate::resources::{Client, Options};
use crate::rpc::{Message, all};
use crate::{Failure, MessagingCtxView};

impl Host for MessagingCtxView<'_> {
    async fn call(
        &mut self,
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
        Ok(self.start(Kind::Call, message)?.call().await?)
    }

    async fn cast(
        &mut self,
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
        Ok(self.start(Kind::Cast, message)?.cast().await?)
    }

    async fn call_all(
        &mut self,
        requests: Vec<Request>,
    ) -> wasmtime::Result<Vec<Result<String, Error>>> {
        Ok(all(self.start_all(requests)?).await)
    }
}
