//! What a guest is told when something fails. Never an address, a user name or a password: the
//! whole story goes to the log.

use oslo_messaging::{Error as Native, RemoteError, TransportErrorKind};
use wasmtime::component::ResourceTableError;

use crate::bindings::types::{
    AccessDeniedError, DeliveryError, Error, InvalidArgumentError, InvalidReplyError,
    InvalidTargetError, LimitExceededError, NoSuchTargetError, OtherError, Outcome,
    RemoteError as RemoteErrorRecord, TimeoutError, VersionCapError, WaitingFor,
};
use crate::time;

/// Why a host function gave no result: an error for the guest, or a trap.
///
/// Only a broken promise of the host traps, such as a resource that is not in the table it was put
/// into. Trouble with the broker, denial and timeouts are errors: a trap would destroy the guest's
/// instance with everything in it.
#[derive(Debug)]
pub enum Failure {
    /// What the guest gets.
    Error(Error),
    /// The end of the instance.
    Trap(wasmtime::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<ResourceTableError> for Failure {
    fn from(error: ResourceTableError) -> Self {
        match error {
            ResourceTableError::Full => Self::Error(limit_exceeded(
                "clients",
                "the plugin has too many resources open".to_owned(),
            )),
            error => Self::Trap(error.into()),
        }
    }
}

impl Failure {
    /// What generated code makes of it.
    pub(crate) fn convert(self) -> wasmtime::Result<Error> {
        match self {
            Self::Error(error) => Ok(error),
            Self::Trap(trap) => Err(trap),
        }
    }
}

pub(crate) fn access_denied(rule: impl Into<String>, message: impl Into<String>) -> Error {
    Error::AccessDenied(AccessDeniedError {
        rule: rule.into(),
        message: message.into(),
    })
}

pub(crate) fn invalid_argument(argument: impl Into<String>, message: impl Into<String>) -> Error {
    Error::InvalidArgument(InvalidArgumentError {
        argument: argument.into(),
        message: message.into(),
    })
}

pub(crate) fn limit_exceeded(limit: impl Into<String>, message: impl Into<String>) -> Error {
    Error::LimitExceeded(LimitExceededError {
        limit: limit.into(),
        message: message.into(),
    })
}

pub(crate) fn invalid_reply(message: impl Into<String>) -> Error {
    Error::InvalidReply(InvalidReplyError {
        message: message.into(),
    })
}

pub(crate) fn other(outcome: Outcome, message: impl Into<String>) -> Error {
    Error::Other(OtherError {
        outcome,
        message: message.into(),
    })
}

pub(crate) fn timed_out(
    waiting_for: WaitingFor,
    outcome: Outcome,
    limit: std::time::Duration,
) -> Error {
    let thing = match waiting_for {
        WaitingFor::Admission => "its turn among the calls that run at the same time",
        WaitingFor::Connection => "a connection to the broker",
        WaitingFor::Confirm => "the broker's confirmation",
        WaitingFor::Reply => "the reply",
        WaitingFor::Heartbeat => "a sign of life from the server",
        WaitingFor::Other => "the host",
    };
    Error::Timeout(TimeoutError {
        waiting_for,
        outcome,
        limit: time::to_guest(limit),
        message: format!("timed out after {limit:?} waiting for {thing}"),
    })
}

/// What the guest is told of an error of the native client.
pub(crate) fn to_guest(error: Native, traceback: bool) -> Error {
    let message = match &error {
        // As large as the server made it, and not needed.
        Native::Remote(_) => String::new(),
        error => error.to_string(),
    };
    match error {
        Native::DeliveryFailure { delivery, source } => Error::DeliveryFailure(DeliveryError {
            outcome: outcome(delivery),
            message: trouble(source.kind()).to_owned(),
        }),
        Native::InvalidArgument { argument, reason } => {
            invalid_argument(name_of(&argument), reason)
        }
        Native::InvalidReply { reason } => invalid_reply(reason),
        Native::InvalidTarget { .. } => Error::InvalidTarget(InvalidTargetError { message }),
        Native::NoSuchTarget {
            exchange,
            routing_key,
        } => Error::NoSuchTarget(NoSuchTargetError {
            exchange,
            routing_key,
            message,
        }),
        Native::Remote(remote) => Error::Remote(remote_to_guest(*remote, traceback)),
        Native::Timeout {
            waiting_for,
            delivery,
            limit,
        } => timed_out(waiting_for_to_guest(waiting_for), outcome(delivery), limit),
        Native::VersionCap {
            version,
            version_cap,
        } => Error::VersionCap(VersionCapError {
            version,
            version_cap,
            message,
        }),
        // A transport that exists has a URL that can be used, so this one is not the guest's.
        Native::InvalidUrl(_) => other(Outcome::NotExecuted, "the transport is set up wrongly"),
        // Of an error that this host does not know, it does not know what came before it either.
        _ => other(Outcome::Unknown, "the host cannot say what went wrong"),
    }
}

/// An argument's or setting's name in this package.
fn name_of(native: &str) -> String {
    match native {
        "at_least_once" | "at-least-once" => "mandatory".to_owned(),
        name => name.replace('_', "-"),
    }
}

/// How much a guest is given of it.
pub(crate) fn remote_bytes(remote: &RemoteError, traceback: bool) -> usize {
    let RemoteError {
        class,
        module,
        message,
        args,
        kwargs,
        traceback: lines,
        ..
    } = remote;
    let lines = lines.iter().filter(|_| traceback);
    [class.len(), module.len(), message.len()]
        .into_iter()
        .chain([args.get().len(), kwargs.get().len()])
        .chain(lines.map(|line| line.len()))
        .fold(0, usize::saturating_add)
}

fn remote_to_guest(remote: RemoteError, traceback: bool) -> RemoteErrorRecord {
    let RemoteError {
        class,
        module,
        message,
        args,
        kwargs,
        traceback: lines,
        ..
    } = remote;
    RemoteErrorRecord {
        type_name: class,
        type_module: module,
        message,
        args: Box::<str>::from(args).into_string(),
        kwargs: Box::<str>::from(kwargs).into_string(),
        traceback: if traceback {
            lines.into_vec()
        } else {
            Vec::new()
        },
    }
}

const fn outcome(delivery: oslo_messaging::Delivery) -> Outcome {
    match delivery {
        oslo_messaging::Delivery::MaybeDelivered => Outcome::Unknown,
        oslo_messaging::Delivery::NotSent => Outcome::NotExecuted,
    }
}

const fn waiting_for_to_guest(waiting_for: oslo_messaging::WaitingFor) -> WaitingFor {
    match waiting_for {
        oslo_messaging::WaitingFor::Confirm => WaitingFor::Confirm,
        oslo_messaging::WaitingFor::Heartbeat => WaitingFor::Heartbeat,
        oslo_messaging::WaitingFor::Reply => WaitingFor::Reply,
        oslo_messaging::WaitingFor::Connection => WaitingFor::Connection,
        _ => WaitingFor::Other,
    }
}

/// The native text names hosts and ports, and the broker's own words may name users.
const fn trouble(kind: TransportErrorKind) -> &'static str {
    match kind {
        TransportErrorKind::Blocked => "the broker takes no messages for now",
        TransportErrorKind::Closed => "the host has closed the transport",
        TransportErrorKind::ConnectionLost => "the connection to the broker was lost",
        TransportErrorKind::ConnectionRefused => "the broker cannot be reached",
        TransportErrorKind::HandshakeFailed => "the broker did not answer as a broker, or in time",
        TransportErrorKind::LimitReached => "the broker has as many of the host's as it allows",
        TransportErrorKind::LoginRefused => "the broker refused the host's login",
        TransportErrorKind::Nack => "the broker refused the message",
        TransportErrorKind::OperationRefused => "the broker refused the operation",
        TransportErrorKind::Tls => "there is no secure connection to the broker",
        TransportErrorKind::UnknownHost => "the broker's host is not known",
        TransportErrorKind::UnknownVirtualHost => "the broker does not have the virtual host",
        _ => "the transport failed",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn how_far_a_request_got_is_kept() {
        use oslo_messaging::{Delivery as From, WaitingFor as For};

        let check = |waiting_for: For, delivery: From, expected: (WaitingFor, Outcome)| {
            let limit = Duration::from_millis(1);
            let native = Native::Timeout {
                waiting_for,
                delivery,
                limit,
            };
            let Error::Timeout(error) = to_guest(native, false) else {
                panic!("no timeout")
            };
            assert_eq!((error.waiting_for, error.outcome), expected);
            assert_eq!(error.limit, 1_000_000);
        };
        let (not_executed, unknown) = (Outcome::NotExecuted, Outcome::Unknown);
        check(
            For::Connection,
            From::NotSent,
            (WaitingFor::Connection, not_executed),
        );
        check(
            For::Confirm,
            From::MaybeDelivered,
            (WaitingFor::Confirm, unknown),
        );
        check(
            For::Reply,
            From::MaybeDelivered,
            (WaitingFor::Reply, unknown),
        );
        check(
            For::Heartbeat,
            From::MaybeDelivered,
            (WaitingFor::Heartbeat, unknown),
        );
    }

    #[test]
    fn arguments_have_the_names_of_the_package() {
        let reason = "it is too low".to_owned();
        let native = Native::InvalidArgument {
            argument: "version_cap".into(),
            reason,
        };
        let Error::InvalidArgument(error) = to_guest(native, false) else {
            panic!("another")
        };
        assert_eq!(
            (&*error.argument, &*error.message),
            ("version-cap", "it is too low")
        );
    }

    #[test]
    fn a_lost_resource_traps_and_a_full_table_does_not() {
        assert!(
            Failure::from(ResourceTableError::NotPresent)
                .convert()
                .is_err()
        );
        let full = Failure::from(ResourceTableError::Full).convert();
        assert!(matches!(full, Ok(Error::LimitExceeded(_))), "{full:?}");
    }
}
