use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use serde_json::value::RawValue;

use crate::raw;
use crate::target::Target;
use crate::transport::{ConfigError, UrlError};

/// What this crate's fallible functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call, a cast or a server's start did not succeed.
///
/// Three questions have an answer in every variant: was the method executed
/// ([`was_executed`](Self::was_executed)), may it have been
/// ([`may_have_been_executed`](Self::may_have_been_executed)), or did nothing happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The message could not be handed to a broker, or it is unknown whether it was.
    #[error("{}: {source}", match delivery {
        Delivery::MaybeDelivered => "the message may or may not have reached the broker",
        Delivery::NotSent => "the message was not sent",
    })]
    DeliveryFailure {
        /// Whether the broker may have it.
        delivery: Delivery,
        /// What went wrong.
        source: TransportError,
    },

    /// An argument or a setting is unusable; nothing was sent.
    #[error("invalid argument `{argument}`: {reason}")]
    InvalidArgument {
        /// The argument's or setting's name.
        argument: Cow<'static, str>,
        /// What is wrong and what would be right.
        reason: String,
    },

    /// The configuration cannot be used.
    #[error(transparent)]
    InvalidConfiguration(#[from] ConfigError),

    /// A reply came that is not what oslo.messaging sends, or that holds what JSON cannot
    /// (`NaN`, `Infinity`). The method was executed.
    #[error("invalid reply: {reason}")]
    InvalidReply {
        /// What is wrong with it.
        reason: String,
    },

    /// The target cannot be sent to, or served; nothing was sent.
    #[error("{reason}: {target}")]
    InvalidTarget {
        /// What it lacks or has too much.
        reason: &'static str,
        /// The target as it was when it was used.
        target: Box<Target>,
    },

    /// The transport URL cannot be used.
    #[error(transparent)]
    InvalidUrl(#[from] UrlError),

    /// No queue is bound where the message went: no server has ever listened there.
    #[error("no server listens on `{routing_key}` of exchange `{exchange}`")]
    NoSuchTarget {
        /// The exchange it was sent to.
        exchange: String,
        /// `topic` or `topic.server`.
        routing_key: String,
    },

    /// The method raised an exception, or its server raised one for it.
    #[error(transparent)]
    Remote(#[from] Box<RemoteError>),

    /// Time was up.
    #[error("timed out after {limit:?} waiting for {waiting_for}")]
    Timeout {
        /// What it was waiting for.
        waiting_for: WaitingFor,
        /// Whether the request may have been executed.
        delivery: Delivery,
        /// The limit that was reached.
        limit: Duration,
    },

    /// The target's version does not fit the client's cap; nothing was sent.
    #[error("version {} does not fit the version cap {version_cap}", version.as_deref().unwrap_or("(none)"))]
    VersionCap {
        /// The target's version.
        version: Option<String>,
        /// The cap.
        version_cap: String,
    },
}

impl Error {
    pub(crate) fn invalid_argument(
        argument: impl Into<Cow<'static, str>>,
        reason: impl Into<String>,
    ) -> Self {
        Self::InvalidArgument {
            argument: argument.into(),
            reason: reason.into(),
        }
    }

    /// Time was up: [`Error::Timeout`].
    #[must_use]
    pub const fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout { .. })
    }

    /// Nobody was there: [`Error::NoSuchTarget`].
    #[must_use]
    pub const fn is_no_such_target(&self) -> bool {
        matches!(self, Self::NoSuchTarget { .. })
    }

    /// The exception that the method raised, if that is what happened.
    #[must_use]
    pub fn remote(&self) -> Option<&RemoteError> {
        match self {
            Self::Remote(remote) => Some(remote),
            _ => None,
        }
    }

    /// Whether it is certain that the server took the request and dealt with it.
    #[must_use]
    pub const fn was_executed(&self) -> bool {
        matches!(self, Self::Remote(_) | Self::InvalidReply { .. })
    }

    /// Whether it is unknown if the method was, is or will be executed.
    #[must_use]
    pub const fn may_have_been_executed(&self) -> bool {
        matches!(
            self,
            Self::Timeout {
                delivery: Delivery::MaybeDelivered,
                ..
            } | Self::DeliveryFailure {
                delivery: Delivery::MaybeDelivered,
                ..
            }
        )
    }

    /// Whether the same request may be sent again without a risk of executing it twice, with a
    /// chance that it succeeds.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::DeliveryFailure {
                delivery: Delivery::NotSent,
                source,
            } => source.kind().is_temporary(),
            Self::Timeout {
                delivery: Delivery::NotSent,
                ..
            }
            | Self::NoSuchTarget { .. } => true,
            _ => false,
        }
    }
}

/// How far a message got when sending it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The broker, and so a server, may have it.
    MaybeDelivered,
    /// It never left this process; sending it again is safe.
    NotSent,
}

/// What was being waited for when time was up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitingFor {
    /// The broker's confirmation.
    Confirm,
    /// A connection to a broker.
    Connection,
    /// A monitored call's sign of life.
    Heartbeat,
    /// The server's reply.
    Reply,
}

impl fmt::Display for WaitingFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Confirm => "the broker's confirmation",
            Self::Connection => "a connection to the broker",
            Self::Heartbeat => "a sign of life from the server",
            Self::Reply => "the reply",
        })
    }
}

/// Trouble between this process and a broker. Its text names hosts, never credentials.
#[derive(Clone, Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    message: String,
}

impl TransportError {
    pub(crate) fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// What kind of trouble.
    #[must_use]
    pub const fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for TransportError {}

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

/// An exception raised by the called method, or by its server on its behalf
/// (dossier §3.6; upstream `oslo_messaging/_drivers/common.py`, `serialize_remote_exception`).
///
/// Class and module are what the server sent; nothing is imported or rebuilt from them. Upstream
/// makes an exception of a class whose module is in `allowed_remote_exmods`; here every module is
/// allowed, because naming one does nothing, and [`is`](Self::is) asks for one exception:
///
/// ```
/// use oslo_messaging::RemoteError;
///
/// let error = RemoteError::new("nova.exception", "InstanceNotFound", "no instance 7");
/// assert!(error.is("nova.exception", "InstanceNotFound"));
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("remote error: {class} {message}")]
pub struct RemoteError {
    /// The class, such as `ValueError`.
    pub class: String,
    /// The module that defines it, such as `builtins`.
    pub module: String,
    /// What the exception prints as.
    pub message: String,
    /// Its arguments: a JSON array.
    pub args: Box<RawValue>,
    /// Its `kwargs` attribute: a JSON object, empty if it has none.
    pub kwargs: Box<RawValue>,
    /// The remote traceback, in pieces that may hold several lines.
    pub traceback: Box<[String]>,
}

impl RemoteError {
    /// An exception for a [server](crate::RpcServer)'s method to raise, with the message as its
    /// only argument and no traceback.
    #[must_use]
    pub fn new(
        module: impl Into<String>,
        class: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        let message = message.into();
        Self {
            class: class.into(),
            module: module.into(),
            args: serde_json::value::to_raw_value(&[&message])
                .unwrap_or_else(|_| raw::empty_array()),
            kwargs: raw::empty_object(),
            traceback: Box::default(),
            message,
        }
    }

    /// Whether it is this exception, by module and class.
    #[must_use]
    pub fn is(&self, module: &str, class: &str) -> bool {
        self.module == module && self.class == class
    }
}
