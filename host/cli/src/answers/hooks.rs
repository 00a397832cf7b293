//! Hooks that have what others allow sent in another way.

use oslo_messaging::{Error, Transport};
use oslo_messaging_wasmtime::{Denied, Grant, MessagingHooks, Origin, Outgoing, Request};
use serde_json::value::RawValue;

/// What sends requests in place of their transport.
pub(super) trait Sends: Clone + Send + 'static {
    fn send(self, outgoing: Outgoing) -> impl Future<Output = Result<Box<RawValue>, Error>> + Send;

    /// The transport of a name that the plugin was not granted.
    fn transport(&self, inner: &mut dyn MessagingHooks, name: &str) -> Option<Transport> {
        inner.transport(name)
    }
}

/// These hooks, with what they allow sent by this.
pub(super) struct SentBy<S> {
    pub(super) inner: Box<dyn MessagingHooks>,
    pub(super) sends: S,
}

impl<S: Sends> MessagingHooks for SentBy<S> {
    fn authorize(&mut self, request: &Request<'_>) -> Result<Grant, Denied> {
        let grant = self.inner.authorize(request)?;
        let sends = self.sends.clone();
        Ok(grant.sent_by(move |outgoing| sends.send(outgoing)))
    }

    fn transport(&mut self, name: &str) -> Option<Transport> {
        self.sends.transport(&mut *self.inner, name)
    }

    fn refused(&mut self, denied: &Denied) {
        self.inner.refused(denied);
    }

    fn invoked(&mut self, origin: &Origin) {
        self.inner.invoked(origin);
    }
}
