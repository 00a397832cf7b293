//! Requests that the embedder sends itself, or answers without sending them.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use oslo_messaging::{Error, RpcClient, Target};
use serde_json::value::RawValue;
use tokio::time::Instant;

use crate::Kind;

/// A request that was granted [with a sender](crate::Grant::sent_by), on its way to it.
///
/// Dropped, it is never sent.
#[derive(Debug)]
pub struct Outgoing {
    pub(crate) kind: Kind,
    pub(crate) rpc: RpcClient,
    pub(crate) method: String,
    pub(crate) context: Box<RawValue>,
    pub(crate) args: Box<RawValue>,
    pub(crate) deadline: Instant,
}

impl Outgoing {
    /// Call or cast.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The target after all of the client's settings.
    #[must_use]
    pub const fn target(&self) -> &Target {
        self.rpc.target()
    }

    /// The target's exchange, or the transport's default.
    #[must_use]
    pub fn exchange(&self) -> &str {
        self.rpc.effective_exchange()
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The context, a JSON object, with what was stamped into it.
    #[must_use]
    pub const fn context(&self) -> &RawValue {
        &self.context
    }

    /// The arguments, a JSON object.
    #[must_use]
    pub const fn args(&self) -> &RawValue {
        &self.args
    }

    /// When the guest is told that time was up, whatever the sender does.
    #[must_use]
    pub fn deadline(&self) -> std::time::Instant {
        self.deadline.into_std()
    }

    /// Sends it over its transport, as without a sender. What a cast returns is `null`.
    ///
    /// # Errors
    ///
    /// As [`RpcClient::call_raw_by`] and [`RpcClient::cast_raw_by`].
    ///
    /// # Cancel safety
    ///
    /// Dropped, it is unknown whether the request was executed.
    pub async fn send(self) -> Result<Box<RawValue>, Error> {
        let by = self.deadline();
        let Self {
            kind,
            rpc,
            method,
            context,
            args,
            ..
        } = self;
        match kind {
            Kind::Call => rpc.call_raw_by(by, &context, &method, &args).await,
            Kind::Cast | Kind::Notification => {
                let sent = rpc.cast_raw_by(by, &context, &method, &args).await;
                sent.map(|()| RawValue::NULL.to_owned())
            }
        }
    }
}

type Sending = Pin<Box<dyn Future<Output = Result<Box<RawValue>, Error>> + Send>>;

/// What sends a request in place of the transport.
pub(crate) struct Sender(Box<dyn FnOnce(Outgoing) -> Sending + Send>);

impl Sender {
    pub(crate) fn new<F, Fut>(send: F) -> Self
    where
        F: FnOnce(Outgoing) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Box<RawValue>, Error>> + Send + 'static,
    {
        Self(Box::new(|outgoing| Box::pin(send(outgoing))))
    }

    pub(crate) fn send(self, outgoing: Outgoing) -> Sending {
        (self.0)(outgoing)
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender")
    }
}
