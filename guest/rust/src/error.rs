use std::fmt;
use std::time::Duration;

use crate::bindings::types;
use crate::remote::RemoteError;
use crate::serializer::BoxError;

/// What this crate's fallible functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call or cast did not succeed.
///
/// The variants are the cases of the WIT package, one to one, and two of this crate's own:
/// [`Serialize`](Self::Serialize) and [`UnexpectedReply`](Self::UnexpectedReply). Each of them says
/// whether the method was executed ([`outcome`](Self::outcome)), which decides whether the message
/// may be sent again.
///
/// ```
/// use oslo_messaging_guest::{Error, Outcome};
///
/// fn report(error: &Error) -> String {
///     match error {
///         Error::Remote(remote) if remote.is("builtins", "ZeroDivisionError") => "by zero".into(),
///         Error::Remote(remote) => format!("the server raised {}", remote.type_name),
///         Error::NoSuchTarget { routing_key, .. } => format!("nobody serves {routing_key}"),
///         error => match error.outcome() {
///             Outcome::NotExecuted => format!("nothing happened: {error}"),
///             Outcome::Unknown => "unknown; look before you try again".into(),
///             Outcome::Executed => format!("it was executed, but {error}"),
///         },
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Time was up.
    #[error("{message}")]
    Timeout {
        /// What it was waiting for.
        waiting_for: WaitingFor,
        /// Whether the method may be executed.
        outcome: Outcome,
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
        /// Whether the broker, and so a server, may have the message.
        outcome: Outcome,
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
    #[error("{message}")]
    InvalidTarget {
        /// For people.
        message: String,
    },

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

    /// A reply came that is not what oslo.messaging sends, or that holds what JSON cannot, or that
    /// is larger than the plugin may or wants to take. The method was executed.
    #[error("{message}")]
    InvalidReply {
        /// For people.
        message: String,
    },

    /// Anything else that a host finds to say.
    #[error("{message}")]
    Other {
        /// Whether the method was executed. Nothing else about it can be relied on.
        outcome: Outcome,
        /// For people.
        message: String,
    },

    /// An argument or the context does not become JSON, of which `NaN` and infinities are no part, or
    /// the client's [`Serializer`](crate::Serializer) refused it; nothing was sent.
    #[error("`{argument}` cannot be sent: {source}")]
    Serialize {
        /// `context`, `args`, or the one argument that a serializer refused.
        argument: String,
        /// What `serde_json` or the serializer says.
        source: BoxError,
    },

    /// The method was executed and its result is not of the type that the caller wants, or the
    /// client's [`Serializer`](crate::Serializer) refused it.
    #[error("the reply does not fit `{expected}`: {source}")]
    UnexpectedReply {
        /// The type that was to be made of it.
        expected: &'static str,
        /// The result, as JSON.
        reply: Box<str>,
        /// What `serde_json` or the serializer says.
        source: BoxError,
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

    /// Whether the method was executed.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Timeout { outcome, .. }
            | Self::DeliveryFailure { outcome, .. }
            | Self::Other { outcome, .. } => *outcome,
            Self::Remote(_) | Self::InvalidReply { .. } | Self::UnexpectedReply { .. } => {
                Outcome::Executed
            }
            Self::NoSuchTarget { .. }
            | Self::VersionCap { .. }
            | Self::InvalidTarget { .. }
            | Self::InvalidArgument { .. }
            | Self::AccessDenied { .. }
            | Self::LimitExceeded { .. }
            | Self::Serialize { .. } => Outcome::NotExecuted,
        }
    }

    /// Whether it is certain that a server took the request and dealt with it.
    #[must_use]
    pub const fn was_executed(&self) -> bool {
        matches!(self.outcome(), Outcome::Executed)
    }

    /// Whether it is unknown if the method was, is or will be executed. Sending the request again
    /// may then execute it twice.
    #[must_use]
    pub const fn may_have_been_executed(&self) -> bool {
        matches!(self.outcome(), Outcome::Unknown)
    }

    pub(crate) fn serialize(argument: &str, source: impl Into<BoxError>) -> Self {
        Self::Serialize {
            argument: argument.to_owned(),
            source: source.into(),
        }
    }
}

impl From<types::Error> for Error {
    fn from(error: types::Error) -> Self {
        match error {
            types::Error::Timeout(e) => Self::Timeout {
                waiting_for: e.waiting_for.into(),
                outcome: e.outcome.into(),
                limit: Duration::from_nanos(e.limit),
                message: e.message,
            },
            types::Error::NoSuchTarget(e) => Self::NoSuchTarget {
                exchange: e.exchange,
                routing_key: e.routing_key,
                message: e.message,
            },
            types::Error::DeliveryFailure(e) => Self::DeliveryFailure {
                outcome: e.outcome.into(),
                message: e.message,
            },
            types::Error::Remote(e) => Self::Remote(Box::new(e.into())),
            types::Error::VersionCap(e) => Self::VersionCap {
                version: e.version,
                version_cap: e.version_cap,
                message: e.message,
            },
            types::Error::InvalidTarget(e) => Self::InvalidTarget { message: e.message },
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
            types::Error::InvalidReply(e) => Self::InvalidReply { message: e.message },
            types::Error::Other(e) => Self::Other {
                outcome: e.outcome.into(),
                message: e.message,
            },
        }
    }
}

/// What is known about a method when its call or cast did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was not executed and will not be: sending the message again is safe.
    NotExecuted,
    /// It may be executed, now or later, or not at all.
    Unknown,
    /// It was executed, or a server looked for it and said why it cannot be.
    Executed,
}

impl From<types::Outcome> for Outcome {
    fn from(outcome: types::Outcome) -> Self {
        match outcome {
            types::Outcome::NotExecuted => Self::NotExecuted,
            types::Outcome::Unknown => Self::Unknown,
            types::Outcome::Executed => Self::Executed,
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
    /// Something that this version of the package has no name for.
    Other,
}

impl From<types::WaitingFor> for WaitingFor {
    fn from(waiting_for: types::WaitingFor) -> Self {
        match waiting_for {
            types::WaitingFor::Admission => Self::Admission,
            types::WaitingFor::Connection => Self::Connection,
            types::WaitingFor::Confirm => Self::Confirm,
            types::WaitingFor::Reply => Self::Reply,
            types::WaitingFor::Heartbeat => Self::Heartbeat,
            types::WaitingFor::Other => Self::Other,
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
            Self::Other => "the host",
        })
    }
}

#[cfg(test)]
#[path = "error/tests.rs"]
mod tests;
