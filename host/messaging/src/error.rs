use std::borrow::Cow;
use std::time::Duration;

use crate::config::{ConfigError, UrlError};
use crate::delivery::{Delivery, WaitingFor};
use crate::driver::{SendError, TransportError};
use crate::remote_error::RemoteError;
use crate::target::Target;

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

    /// Of a message that was not sent as it should. `limit` is the limit of what it was waiting for,
    /// `argument` the one that makes a message large.
    pub(crate) fn of_send(
        error: SendError,
        limit: impl FnOnce(WaitingFor) -> Duration,
        argument: &'static str,
        unroutable: impl FnOnce() -> Self,
    ) -> Self {
        match error {
            SendError::Failed { delivery, source } => Self::DeliveryFailure { delivery, source },
            // A deadline reached while connecting says why there was no connection, if that is known.
            SendError::TimedOut {
                delivery,
                trouble: Some(source),
                ..
            } => Self::DeliveryFailure { delivery, source },
            SendError::TimedOut {
                waiting_for,
                delivery,
                trouble: None,
            } => Self::Timeout {
                waiting_for,
                delivery,
                limit: limit(waiting_for),
            },
            SendError::TooLarge { bytes, most } => Self::invalid_argument(
                argument,
                format!(
                    "the message has {bytes} bytes, and at most {most} are sent: the broker would \
                     end the channel (`max_message_size`)"
                ),
            ),
            SendError::Unroutable => unroutable(),
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
