//! `oslo:messaging/serving`: what a guest asks about a request that it serves.

use std::borrow::Cow;
use std::sync::Arc;

use oslo_messaging::raw::Entries;
use oslo_messaging::{Context, Target as NativeTarget};
use serde_json::value::RawValue;
use wasmtime::component::Resource;

use crate::bindings::serving::{Host, HostRequest};
use crate::bindings::types::Target;
use crate::{MessagingCtxView, Origin, time};

/// What a guest's `request` is; nothing once its method has ended.
#[derive(Debug)]
pub struct ServedRequest(Option<Arc<Asked>>);

/// A request, with the endpoint that was found for it.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) endpoint: u32,
    pub(crate) context: Context,
    pub(crate) args: Box<RawValue>,
    pub(crate) served_by: Arc<NativeTarget>,
}

impl Asked {
    fn context(&self) -> serde_json::Result<String> {
        let mut entries = Entries::default();
        for (name, value) in self.context.iter() {
            entries.push(name, Cow::Borrowed(value));
        }
        Ok(text(entries.write()?))
    }
}

impl MessagingCtxView<'_> {
    /// Hands a request to the guest.
    pub(crate) fn push_request(
        &mut self,
        asked: Arc<Asked>,
        origin: &Origin,
    ) -> wasmtime::Result<Resource<ServedRequest>> {
        self.hooks.invoked(origin);
        let request = self.table.push(ServedRequest(Some(asked)))?;
        self.ctx.open_requests += 1;
        Ok(request)
    }

    /// Takes away what a request says, whether the guest has dropped it or not.
    pub(crate) fn end_request(&mut self, request: u32) {
        let request = Resource::<ServedRequest>::new_borrow(request);
        if let Ok(ServedRequest(asked)) = self.table.get_mut(&request) {
            *asked = None;
        }
    }

    fn ask<R>(
        &self,
        request: &Resource<ServedRequest>,
        question: impl FnOnce(&Asked) -> R,
    ) -> wasmtime::Result<Option<R>> {
        let ServedRequest(asked) = self.table.get(request)?;
        Ok(asked.as_deref().map(question))
    }
}

impl Host for MessagingCtxView<'_> {}

impl HostRequest for MessagingCtxView<'_> {
    fn endpoint(&mut self, request: Resource<ServedRequest>) -> wasmtime::Result<u32> {
        Ok(self.ask(&request, |it| it.endpoint)?.unwrap_or_default())
    }

    fn method(&mut self, request: Resource<ServedRequest>) -> wasmtime::Result<String> {
        let method = self.ask(&request, |it| it.context.method().to_owned())?;
        Ok(method.unwrap_or_default())
    }

    fn args(&mut self, request: Resource<ServedRequest>) -> wasmtime::Result<String> {
        let args = self.ask(&request, |it| it.args.get().to_owned())?;
        Ok(args.unwrap_or_else(empty))
    }

    fn context(&mut self, request: Resource<ServedRequest>) -> wasmtime::Result<String> {
        let context = self.ask(&request, Asked::context)?.transpose()?;
        Ok(context.unwrap_or_else(empty))
    }

    fn namespace(&mut self, request: Resource<ServedRequest>) -> wasmtime::Result<Option<String>> {
        let namespace = |it: &Asked| it.context.namespace().map(ToOwned::to_owned);
        Ok(self.ask(&request, namespace)?.flatten())
    }

    fn version(&mut self, request: Resource<ServedRequest>) -> wasmtime::Result<Option<String>> {
        let version = |it: &Asked| it.context.version().map(ToOwned::to_owned);
        Ok(self.ask(&request, version)?.flatten())
    }

    fn call_monitor_timeout(
        &mut self,
        request: Resource<ServedRequest>,
    ) -> wasmtime::Result<Option<u64>> {
        let timeout = self.ask(&request, |it| it.context.call_monitor_timeout())?;
        Ok(timeout.flatten().map(time::to_guest))
    }

    fn message_id(&mut self, request: Resource<ServedRequest>) -> wasmtime::Result<Option<String>> {
        let id = |it: &Asked| it.context.unique_id().map(ToOwned::to_owned);
        Ok(self.ask(&request, id)?.flatten())
    }

    fn served_by(&mut self, request: Resource<ServedRequest>) -> wasmtime::Result<Target> {
        let target = self.ask(&request, |it| NativeTarget::clone(&it.served_by))?;
        let target = target.unwrap_or_default();
        Ok(Target {
            exchange: target.exchange,
            topic: target.topic,
            namespace: target.namespace,
            version: target.version,
            server: target.server,
            fanout: target.fanout,
        })
    }

    fn drop(&mut self, request: Resource<ServedRequest>) -> wasmtime::Result<()> {
        self.table.delete(request)?;
        self.ctx.open_requests = self.ctx.open_requests.saturating_sub(1);
        Ok(())
    }
}

fn empty() -> String {
    "{}".to_owned()
}

fn text(value: Box<RawValue>) -> String {
    Box::<str>::from(value).into_string()
}
