use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// Trouble between this process and a broker. Its text names hosts, never credentials.
#[derive(Clone, Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    message: String,
    reply_code: Option<u16>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl TransportError {
    pub(crate) fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            reply_code: None,
            source: None,
        }
    }

    #[cfg(feature = "rabbit")]
    pub(crate) const fn with_code(mut self, code: u16) -> Self {
        self.reply_code = Some(code);
        self
    }

    #[cfg(feature = "rabbit")]
    pub(crate) fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// What kind of trouble.
    #[must_use]
    pub const fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// The AMQP reply code, such as 404, if the broker sent one.
    #[must_use]
    pub const fn reply_code(&self) -> Option<u16> {
        self.reply_code
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}

/// The kinds of [`TransportError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The transport was closed by its owner.
    Closed,
    /// An established connection broke.
    ConnectionLost,
    /// No connection to the host's port.
    ConnectionRefused,
    /// The host answered, but not in time or not as an AMQP broker.
    HandshakeFailed,
    /// The broker refused user name and password.
    LoginRefused,
    /// The broker refused the message (a negative confirmation), for example because a queue is
    /// full.
    Nack,
    /// The broker refused the operation: a permission, or a queue or exchange that exists with
    /// other properties.
    OperationRefused,
    /// The certificate of the broker, or ours, was refused.
    Tls,
    /// The host name has no address.
    UnknownHost,
    /// The virtual host does not exist, or the user may not enter it.
    UnknownVirtualHost,
}

impl TransportErrorKind {
    /// Whether waiting and trying again may help.
    #[must_use]
    pub const fn is_temporary(self) -> bool {
        matches!(
            self,
            Self::ConnectionLost
                | Self::ConnectionRefused
                | Self::HandshakeFailed
                | Self::Nack
                | Self::UnknownHost
        )
    }
}
