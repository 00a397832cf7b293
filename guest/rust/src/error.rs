use std::fmt;
use std::time::Duration;

use crate::bindings::types;
use crate::remote::RemoteError;

/// What this crate's fallible functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call or cast did not succeed.
///
/// The variants are the cases of the WIT package, one to one, and two of this crate's own:
/// [`Serialize`](Self::Serialize) and [`UnexpectedReply`](Self::UnexpectedReply). Three questions
/// have an answer in each of them: was the method executed ([`was_executed`](Self::was_executed)),
/// may it have been ([`may_have_been_executed`](Self::may_have_been_executed)), or did nothing
/// happen.
///
/// ```
/// use oslo_messaging_guest::Error;
///
/// fn report(error: &Error) -> String {
///     match error {
///         Error::Remote(remote) if remote.is("builtins", "ZeroDivisionError") => "by zero".into(),
///         Error::Remote(remote) => format!("the server raised {}", remote.class),
///         Error::NoSuchTarget { routing_key, .. } => format!("nobody serves {routing_key}"),
///         error if error.may_have_been_executed() => "unknown; look before you try again".into(),
///         error => format!("nothing happened: {error}"),
///     }
/// }
/// # report(&Error::Other(String::new()));
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Time was up.
    #[error("{message}")]
    Timeout {
        /// What it was waiting for.
        waiting_for: WaitingFor,
        /// Whether the request may have been executed.
        delivery: Delivery,
        /// The limit that was reached, which may be shorter than what was asked for.
        limit: Duration,
        /// For people.
        message: String,
    },

    /// No server's queue exists that would take the message: nobody was there.
    #[error("{message}")]
    NoSuchTarget {
        /// The exchange the message was sent to.
        exchange: String,
        /// `topic` or `topic.server`: no queue is bound to it.
        routing_key: String,
        /// For people.
        message: String,
    },

    /// The message could not be handed to the broker, or it is unknown whether it was.
    #[error("{message}")]
    DeliveryFailure {
        /// Whether the broker may have the message.
        delivery: Delivery,
        /// For people.
        message: String,
    },

    /// The method ran, or its server looked for it, and raised this.
    #[error(transparent)]
    Remote(#[from] Box<RemoteError>),

    /// The target's version does not fit the client's version cap; nothing was sent.
    #[error("{message}")]
    VersionCap {
        /// The target's version.
        version: Option<String>,
        /// The cap that it does not fit.
        version_cap: String,
        /// For people.
        message: String,
    },

    /// The target cannot be sent to: no topic, or a call with fanout.
    #[error("{0}")]
    InvalidTarget(String),

    /// An argument or a setting is unusable; nothing was sent.
    #[error("{message}")]
    InvalidArgument {
        /// The argument or setting, named as in the WIT package, such as `version-cap`.
        argument: String,
        /// For people: what is wrong with it, and what would be right.
        message: String,
    },

    /// The host's policy does not let this plugin do this; nothing was sent.
    #[error("{message}")]
    AccessDenied {
        /// The operator's rule that decided, or `default` when no rule allowed it.
        rule: String,
        /// For people.
        message: String,
    },

    /// A limit that the host set on this plugin was reached; nothing was sent.
    #[error("{message}")]
    LimitExceeded {
        /// The limit that was reached, such as `request-bytes`.
        limit: String,
        /// For people: the limit's value and what was asked.
        message: String,
    },

    /// A reply came that is not what oslo.messaging sends, or that holds what JSON cannot. The
    /// method was executed.
    #[error("{0}")]
    InvalidReply(String),

    /// Anything a later host finds to say.
    #[error("{0}")]
    Other(String),

    /// An argument or the context does not become JSON, or the client's
    /// [`Serializer`](crate::Serializer) refused it; nothing was sent.
    #[error("`{argument}` cannot be sent: {reason}")]
    Serialize {
        /// `context`, `args`, or the one argument that a serializer refused.
        argument: String,
        /// What `serde` or the serializer says.
        reason: String,
    },

    /// The method was executed and its result is not of the type that the caller wants, or the
    /// client's [`Serializer`](crate::Serializer) refused it.
    #[error("the reply does not fit `{expected}`: {reason}")]
    UnexpectedReply {
        /// The type that was to be made of it.
        expected: &'static str,
        /// The result, as JSON.
        reply: String,
        /// What `serde` or the serializer says.
        reason: String,
    },
}

impl Error {
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

    /// The host does not let this plugin do it: [`Error::AccessDenied`].
    #[must_use]
    pub const fn is_denied(&self) -> bool {
        matches!(self, Self::AccessDenied { .. })
    }

    /// The exception that the server raised, if that is what happened.
    #[must_use]
    pub fn remote(&self) -> Option<&RemoteError> {
        match self {
            Self::Remote(remote) => Some(remote),
            _ => None,
        }
    }

    /// Whether it is certain that a server took the request and dealt with it.
    #[must_use]
    pub const fn was_executed(&self) -> bool {
        matches!(
            self,
            Self::Remote(_) | Self::InvalidReply(_) | Self::UnexpectedReply { .. }
        )
    }

    /// Whether it is unknown if the method was, is or will be executed. Sending the request again
    /// may then execute it twice.
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

    pub(crate) fn serialize(argument: &str, reason: impl fmt::Display) -> Self {
        Self::Serialize {
            argument: argument.to_owned(),
            reason: reason.to_string(),
        }
    }
}

impl From<types::Error> for Error {
    fn from(error: types::Error) -> Self {
        match error {
            types::Error::Timeout(e) => Self::Timeout {
                waiting_for: e.waiting_for.into(),
                delivery: e.delivery.into(),
                limit: Duration::from_nanos(e.limit),
                message: e.message,
            },
            types::Error::NoSuchTarget(e) => Self::NoSuchTarget {
                exchange: e.exchange,
                routing_key: e.routing_key,
                message: e.message,
            },
            types::Error::DeliveryFailure(e) => Self::DeliveryFailure {
                delivery: e.delivery.into(),
                message: e.message,
            },
            types::Error::Remote(e) => Self::Remote(Box::new(e.into())),
            types::Error::VersionCap(e) => Self::VersionCap {
                version: e.version,
                version_cap: e.version_cap,
                message: e.message,
            },
            types::Error::InvalidTarget(message) => Self::InvalidTarget(message),
            types::Error::InvalidArgument(e) => Self::InvalidArgument {
                argument: e.argument,
                message: e.message,
            },
            types::Error::AccessDenied(e) => Self::AccessDenied {
                rule: e.rule,
                message: e.message,
            },
            types::Error::LimitExceeded(e) => Self::LimitExceeded {
                limit: e.limit,
                message: e.message,
            },
            types::Error::InvalidReply(message) => Self::InvalidReply(message),
            types::Error::Other(message) => Self::Other(message),
        }
    }
}

/// How far a message got when sending it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It never left the host: nothing was executed, and sending it again is safe.
    NotSent,
    /// The broker, and so a server, may have it.
    MaybeDelivered,
}

impl From<types::Delivery> for Delivery {
    fn from(delivery: types::Delivery) -> Self {
        match delivery {
            types::Delivery::NotSent => Self::NotSent,
            types::Delivery::MaybeDelivered => Self::MaybeDelivered,
        }
    }
}

/// What was being waited for when time was up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitingFor {
    /// A place among the calls that the host lets run at the same time.
    Admission,
    /// A connection to a broker.
    Connection,
    /// The broker's word that it has the message.
    Confirm,
    /// The server's reply.
    Reply,
    /// The next sign of life of a monitored call.
    Heartbeat,
}

impl From<types::WaitingFor> for WaitingFor {
    fn from(waiting_for: types::WaitingFor) -> Self {
        match waiting_for {
            types::WaitingFor::Admission => Self::Admission,
            types::WaitingFor::Connection => Self::Connection,
            types::WaitingFor::Confirm => Self::Confirm,
            types::WaitingFor::Reply => Self::Reply,
            types::WaitingFor::Heartbeat => Self::Heartbeat,
        }
    }
}

impl fmt::Display for WaitingFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Admission => "a place among the running calls",
            Self::Connection => "a connection to the broker",
            Self::Confirm => "the broker's confirmation",
            Self::Reply => "the reply",
            Self::Heartbeat => "a sign of life from the server",
        })
    }
}

#[cfg(test)]
#[path = "error/tests.rs"]
mod tests;
