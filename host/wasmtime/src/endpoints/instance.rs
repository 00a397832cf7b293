//! What an instance of a component that serves is asked.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::Store;
use wasmtime::component::InstancePre;

use super::ServeError;
use super::bindings::asynchronous::{RpcServerAsync, RpcServerAsyncPre};
use super::bindings::plain::{RpcServer, RpcServerPre};
use crate::bindings::serving::{Endpoint, Exception};
use crate::instances::{Exports, Form, Instance};
use crate::serving::Asked;
use crate::{Limits, MessagingView, Origin};

/// `rpc-endpoint-async` or `rpc-endpoint`, whichever a component exports.
pub(super) type Methods<T> = Form<RpcServerAsyncPre<T>, RpcServerPre<T>>;

pub(super) fn methods<T: 'static>(plugin: InstancePre<T>) -> Result<Methods<T>, ServeError> {
    // Looked up by name and type, so that a component with another version has neither.
    if let Ok(exports) = RpcServerAsyncPre::new(plugin.clone()) {
        return Ok(Form::Asynchronous(exports));
    }
    RpcServerPre::new(plugin)
        .map(Form::Plain)
        .map_err(|_| ServeError::NothingToServe)
}

impl<T: Send + 'static> Exports<T> for Methods<T> {
    type Plugin = Form<RpcServerAsync, RpcServer>;

    async fn instantiate(&self, store: &mut Store<T>) -> wasmtime::Result<Self::Plugin> {
        Ok(match self {
            Self::Asynchronous(exports) => {
                Form::Asynchronous(exports.instantiate_async(store).await?)
            }
            Self::Plain(exports) => Form::Plain(exports.instantiate_async(store).await?),
        })
    }
}

impl<T: MessagingView + 'static> Instance<T, Methods<T>> {
    pub(super) async fn endpoints(&mut self) -> wasmtime::Result<Vec<Endpoint>> {
        let store = &mut self.store;
        match &self.plugin {
            Form::Asynchronous(plugin) => {
                let exports = plugin.oslo_messaging_rpc_endpoint_async();
                exports.call_endpoints(store).await
            }
            Form::Plain(plugin) => {
                let exports = plugin.oslo_messaging_rpc_endpoint();
                exports.call_endpoints(store).await
            }
        }
    }

    /// Runs a method. After a trap, or dropped before its end, the instance is of no more use.
    pub(super) async fn handle(
        &mut self,
        asked: Arc<Asked>,
        origin: &Origin,
        left: Duration,
    ) -> wasmtime::Result<Result<String, Exception>> {
        let request = self.begin(left).push_request(asked, origin)?;
        let number = request.rep();
        let store = &mut self.store;
        let ended = match &self.plugin {
            Form::Asynchronous(plugin) => {
                let exports = plugin.oslo_messaging_rpc_endpoint_async();
                let running = store
                    .run_concurrent(async |accessor| exports.call_handle(accessor, request).await);
                running.await?
            }
            Form::Plain(plugin) => {
                let exports = plugin.oslo_messaging_rpc_endpoint();
                exports.call_handle(store, request).await
            }
        };
        self.store.data_mut().messaging().end_request(number);
        ended
    }

    pub(super) fn limits(&mut self) -> Arc<Limits> {
        Arc::clone(&self.store.data_mut().messaging().ctx.limits)
    }
}
