//! One instance of a component that serves, in a store of its own.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::Store;
use wasmtime::component::InstancePre;

use super::ServeError;
use super::bindings::{asynchronous, plain};
use crate::MessagingView;
use crate::bindings::serving::{Endpoint, Exception};
use crate::serving::Asked;

/// Which of the two interfaces a component exports.
pub(super) enum Exports<T: 'static> {
    Asynchronous(asynchronous::RpcServerAsyncPre<T>),
    Plain(plain::RpcServerPre<T>),
}

impl<T: 'static> Exports<T> {
    pub(super) fn of(plugin: InstancePre<T>) -> Result<Self, ServeError> {
        // Looked up by name and type, so that a component with another version has neither.
        if let Ok(exports) = asynchronous::RpcServerAsyncPre::new(plugin.clone()) {
            return Ok(Self::Asynchronous(exports));
        }
        plain::RpcServerPre::new(plugin)
            .map(Self::Plain)
            .map_err(|_| ServeError::NothingToServe)
    }
}

impl<T: 'static> Clone for Exports<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Asynchronous(exports) => Self::Asynchronous(exports.clone()),
            Self::Plain(exports) => Self::Plain(exports.clone()),
        }
    }
}

pub(super) struct Instance<T: 'static> {
    store: Store<T>,
    plugin: Plugin,
}

enum Plugin {
    Asynchronous(asynchronous::RpcServerAsync),
    Plain(plain::RpcServer),
}

impl<T: MessagingView + 'static> Instance<T> {
    pub(super) async fn start(exports: &Exports<T>, mut store: Store<T>) -> wasmtime::Result<Self> {
        let plugin = match exports {
            Exports::Asynchronous(exports) => {
                Plugin::Asynchronous(exports.instantiate_async(&mut store).await?)
            }
            Exports::Plain(exports) => Plugin::Plain(exports.instantiate_async(&mut store).await?),
        };
        Ok(Self { store, plugin })
    }

    pub(super) async fn endpoints(&mut self) -> wasmtime::Result<Vec<Endpoint>> {
        let store = &mut self.store;
        match &self.plugin {
            Plugin::Asynchronous(plugin) => {
                let exports = plugin.oslo_messaging_rpc_endpoint_async();
                exports.call_endpoints(store).await
            }
            Plugin::Plain(plugin) => {
                let exports = plugin.oslo_messaging_rpc_endpoint();
                exports.call_endpoints(store).await
            }
        }
    }

    /// Runs a method. After a trap, or dropped before its end, the instance is of no more use.
    pub(super) async fn handle(
        &mut self,
        asked: Arc<Asked>,
        left: Duration,
    ) -> wasmtime::Result<Result<String, Exception>> {
        let mut view = self.store.data_mut().messaging();
        view.ctx.start_invocation(left);
        let request = view.push_request(asked)?;
        let number = request.rep();
        let store = &mut self.store;
        let ended = match &self.plugin {
            Plugin::Asynchronous(plugin) => {
                let exports = plugin.oslo_messaging_rpc_endpoint_async();
                let running = store
                    .run_concurrent(async |accessor| exports.call_handle(accessor, request).await);
                running.await?
            }
            Plugin::Plain(plugin) => {
                let exports = plugin.oslo_messaging_rpc_endpoint();
                exports.call_handle(store, request).await
            }
        };
        self.store.data_mut().messaging().end_request(number);
        ended
    }

    /// Whether it can serve on: one that never drops its requests grows.
    pub(super) fn is_good(&mut self) -> bool {
        self.store.data_mut().messaging().ctx.open_requests <= KEPT_REQUESTS
    }

    pub(super) fn reply_bytes(&mut self) -> usize {
        self.store.data_mut().messaging().ctx.limits.reply_bytes
    }
}

/// Languages with a garbage collector may drop them late.
const KEPT_REQUESTS: usize = 256;
