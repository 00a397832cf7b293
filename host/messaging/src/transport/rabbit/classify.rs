//! From the AMQP crate's errors to ours. The texts name the peer, never credentials.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use lapin::ErrorKind;

use crate::error::{TransportError, TransportErrorKind};

/// The AMQP reply code of an error, if the broker sent one.
pub(super) fn reply_code(error: &lapin::Error) -> Option<u16> {
    match error.kind() {
        ErrorKind::ProtocolError(error) => Some(error.get_id()),
        _ => None,
    }
}

/// The broker refused the operation on its channel; the connection is fine.
pub(super) fn is_refusal(error: &lapin::Error) -> bool {
    error.is_amqp_soft_error()
}

/// The established connection is of no use any more.
pub(super) fn lost(peer: &str, reason: &dyn fmt::Display) -> TransportError {
    TransportError::new(
        TransportErrorKind::ConnectionLost,
        format!("the connection to {peer} was lost: {reason}"),
    )
}

/// What an operation on an established connection met.
pub(super) fn operation_error(peer: &str, what: &str, error: &lapin::Error) -> TransportError {
    if is_refusal(error) {
        let text = broker_text(error);
        TransportError::new(
            TransportErrorKind::OperationRefused,
            format!("{peer} refused {what}: {text}"),
        )
    } else {
        lost(peer, error)
    }
}

/// What the AMQP handshake met. The hint is for a broker that says nothing.
pub(super) fn handshake_error(
    peer: &str,
    virtual_host: &str,
    error: &lapin::Error,
    hint: &str,
) -> TransportError {
    let text = broker_text(error);
    let (kind, message) = match reply_code(error) {
        Some(403) => (
            TransportErrorKind::LoginRefused,
            format!("{peer} refused the login: {text}"),
        ),
        Some(530) => (
            TransportErrorKind::UnknownVirtualHost,
            format!("{peer} refused the virtual host `{virtual_host}`: {text}"),
        ),
        // Else than by its text the crate's error does not tell.
        _ if error.to_string().contains("fatal alert") => (
            TransportErrorKind::Tls,
            format!("{peer} ended the TLS connection: {error}{hint}"),
        ),
        _ => (
            TransportErrorKind::HandshakeFailed,
            format!("{peer} does not answer as an AMQP broker does: {error}{hint}"),
        ),
    };
    TransportError::new(kind, message)
}

/// What the TLS handshake met. A connection that breaks in the middle may work the next time; a
/// certificate that is refused will not.
pub(super) fn tls_error(peer: &str, error: &io::Error) -> TransportError {
    let kind = match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => TransportErrorKind::HandshakeFailed,
        _ => TransportErrorKind::Tls,
    };
    let mut message = format!("no TLS connection to {peer}: {error}");
    if let Some(cause) = error.source() {
        message = format!("{message}: {cause}");
    }
    if message.contains("InvalidContentType") {
        message.push_str(" (is its port for TLS?)");
    }
    TransportError::new(kind, message)
}

/// The broker's own words, or the error's, without the name of the user.
fn broker_text(error: &lapin::Error) -> String {
    let text = match error.kind() {
        ErrorKind::ProtocolError(error) => error.get_message().to_string(),
        _ => error.to_string(),
    };
    match text.find(" for user ") {
        Some(end) => text.get(..end).unwrap_or_default().to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use lapin::protocol::{AMQPError, AMQPErrorKind, AMQPHardError, AMQPSoftError};

    use super::*;

    fn protocol(kind: AMQPErrorKind) -> lapin::Error {
        ErrorKind::ProtocolError(AMQPError::new(kind, "TEXT".into())).into()
    }

    #[test]
    fn handshakes() {
        let check = |error: lapin::Error, kind, message: &str| {
            let found = handshake_error("h:1", "v", &error, " (hint)");
            assert_eq!((found.kind(), found.to_string().as_str()), (kind, message));
        };
        check(
            protocol(AMQPSoftError::ACCESSREFUSED.into()),
            TransportErrorKind::LoginRefused,
            "h:1 refused the login: TEXT",
        );
        check(
            protocol(AMQPHardError::NOTALLOWED.into()),
            TransportErrorKind::UnknownVirtualHost,
            "h:1 refused the virtual host `v`: TEXT",
        );
        check(
            io::Error::new(io::ErrorKind::ConnectionAborted, "gone").into(),
            TransportErrorKind::HandshakeFailed,
            "h:1 does not answer as an AMQP broker does: IO error: gone (hint)",
        );
    }

    #[test]
    fn operations() {
        let check = |error: lapin::Error, kind| {
            assert_eq!(operation_error("h:1", "it", &error).kind(), kind, "{error}");
        };
        check(
            protocol(AMQPSoftError::NOTFOUND.into()),
            TransportErrorKind::OperationRefused,
        );
        check(
            protocol(AMQPHardError::CONNECTIONFORCED.into()),
            TransportErrorKind::ConnectionLost,
        );
        check(
            ErrorKind::MissingHeartbeatError.into(),
            TransportErrorKind::ConnectionLost,
        );
    }

    #[test]
    fn tls() {
        let check = |kind: io::ErrorKind, expected| {
            assert_eq!(
                tls_error("h:1", &io::Error::new(kind, "x")).kind(),
                expected,
                "{kind}"
            );
        };
        check(io::ErrorKind::InvalidData, TransportErrorKind::Tls);
        check(
            io::ErrorKind::UnexpectedEof,
            TransportErrorKind::HandshakeFailed,
        );
    }
}
