use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// Trouble between this process and a broker. Its text names hosts, never credentials, and ends with
/// the [remedy](Self::remedy) in parentheses, if one is known.
#[derive(Clone, Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    message: String,
    remedy: Option<&'static str>,
    reply_code: Option<u16>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// Trouble of this kind, with a message for people: for whoever sends requests in place of a transport, or
    /// plays one.
    #[must_use]
    pub fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            remedy: None,
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
    pub(crate) const fn with_remedy(mut self, remedy: Option<&'static str>) -> Self {
        self.remedy = remedy;
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

    /// What to change, and where, if that is known: options under oslo.messaging's names, and
    /// `rabbitmqctl`'s commands. `docs/refusals.md` of the repository lists what brokers refuse.
    #[must_use]
    pub const fn remedy(&self) -> Option<&'static str> {
        self.remedy
    }

    /// The AMQP reply code, such as 404, if the broker sent one.
    #[must_use]
    pub const fn reply_code(&self) -> Option<u16> {
        self.reply_code
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.remedy
            .map_or(Ok(()), |remedy| write!(f, " ({remedy})"))
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
    /// The broker takes no messages for now, because it is short of memory or disk.
    Blocked,
    /// The transport was closed by its owner.
    Closed,
    /// An established connection broke.
    ConnectionLost,
    /// No connection to the host's port.
    ConnectionRefused,
    /// The host answered, but not in time or not as an AMQP broker.
    HandshakeFailed,
    /// There are as many connections, channels, queues or exchanges as the broker, the virtual host or
    /// the user may have.
    LimitReached,
    /// The broker refused user name and password.
    LoginRefused,
    /// The broker refused the message (a negative confirmation), for example because a queue is
    /// full.
    Nack,
    /// The broker refused the operation: a permission, or a queue or exchange that exists with
    /// other properties. [`remedy`](TransportError::remedy) says what to do about it.
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
            Self::Blocked
                | Self::ConnectionLost
                | Self::ConnectionRefused
                | Self::HandshakeFailed
                | Self::LimitReached
                | Self::Nack
                | Self::UnknownHost
        )
    }
}
