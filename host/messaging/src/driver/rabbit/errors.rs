//! From what the AMQP layer met to the errors of a transport. The texts name the peer, never
//! credentials, and the remedy where there is one.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use oslo_amqp::driver::{DialError, Step};
use oslo_amqp::protocol::{ConnectionError, Ended, Refusal};

use crate::config::{LoginMethod, RabbitOptions};
use crate::driver::{TransportError, TransportErrorKind};

/// The established connection is of no use any more.
pub(super) fn lost(peer: &str, reason: &(impl fmt::Display + ?Sized)) -> TransportError {
    TransportError::new(
        TransportErrorKind::ConnectionLost,
        format!("the connection to {peer} was lost: {reason}"),
    )
}

/// What an operation on an established connection met.
pub(super) fn refused(peer: &str, what: &str, ended: &Ended) -> TransportError {
    match ended {
        Ended::Channel(refusal) => refusal_error(peer, what, refusal),
        Ended::Connection(error) => match &**error {
            // The whole connection is closed for it.
            ConnectionError::Closed(refusal) if is_of_operation(refusal) => {
                refusal_error(peer, what, refusal)
            }
            ConnectionError::Closed(refusal) => lost(peer, &words(refusal)).with_code(refusal.code),
            error => lost(peer, error).with_source(error.clone()),
        },
        Ended::NoChannel => TransportError::new(
            TransportErrorKind::OperationRefused,
            format!("{peer} allows this connection no more channels"),
        ),
        Ended::ChannelByUs => lost(peer, ended),
    }
}

/// The broker ended the connection because of what was asked, and not because it is being stopped.
pub(super) const fn is_of_operation(refusal: &Refusal) -> bool {
    refusal.method.0 != 0 && refusal.code != CONNECTION_FORCED
}

fn refusal_error(peer: &str, what: &str, refusal: &Refusal) -> TransportError {
    let remedy = remedy(refusal);
    TransportError::new(
        TransportErrorKind::OperationRefused,
        format!("{peer} refused {what}: {}{remedy}", words(refusal)),
    )
    .with_code(refusal.code)
    .with_source(refusal.clone())
}

fn remedy(refusal: &Refusal) -> &'static str {
    match refusal.code {
        ACCESS_REFUSED => match refusal.method {
            // Declaring and deleting.
            (40 | 50, 10 | 40) => {
                " (the user lacks the permission `configure`: `rabbitmqctl set_permissions`)"
            }
            (60, 40) => " (the user lacks the permission `write`: `rabbitmqctl set_permissions`)",
            (60, 20) => " (the user lacks the permission `read`: `rabbitmqctl set_permissions`)",
            _ => {
                " (the user lacks the permission `write` for the queue or `read` for the exchange: \
                 `rabbitmqctl set_permissions`)"
            }
        },
        PRECONDITION_FAILED if refusal.text.contains("inequivalent arg") => {
            " (it exists with other properties: `amqp_durable_queues`, `amqp_auto_delete` and \
             `rabbit_quorum_queue` have to be the same for all of a fleet)"
        }
        // RabbitMQ from 4.3 on, or one that is configured so.
        INTERNAL_ERROR if refusal.text.contains("transient_nonexcl_queues") => {
            " (this broker takes durable queues only: set `amqp_durable_queues=true` or \
             `rabbit_quorum_queue=true` on servers and clients)"
        }
        INTERNAL_ERROR => {
            " (a broker that takes durable queues only answers so: set `amqp_durable_queues=true` or \
             `rabbit_quorum_queue=true` on servers and clients)"
        }
        _ => "",
    }
}

/// What connecting met.
pub(super) fn dial_error(
    peer: &str,
    virtual_host: &str,
    options: &RabbitOptions,
    error: DialError,
) -> TransportError {
    match error {
        DialError::Lookup(error) => {
            let host = peer.rsplit_once(':').map_or(peer, |(host, _)| host);
            let message = format!("host `{host}` has no address: {error}");
            TransportError::new(TransportErrorKind::UnknownHost, message).with_source(error)
        }
        DialError::Tcp(error) => {
            let message = format!("no connection to {peer}: {error}");
            TransportError::new(TransportErrorKind::ConnectionRefused, message).with_source(error)
        }
        DialError::Tls(error) => tls_error(peer, error),
        DialError::TooSlow { step, limit } => TransportError::new(
            match step {
                Step::Lookup => TransportErrorKind::UnknownHost,
                Step::Tcp => TransportErrorKind::ConnectionRefused,
                _ => TransportErrorKind::HandshakeFailed,
            },
            format!("{peer} did not complete {step} within {limit:?}"),
        ),
        DialError::Handshake(error) => handshake_error(peer, virtual_host, options, &error),
        other => TransportError::new(
            TransportErrorKind::HandshakeFailed,
            format!("no connection to {peer}: {other}"),
        ),
    }
}

/// What the AMQP handshake met, with a hint where a broker says nothing.
fn handshake_error(
    peer: &str,
    virtual_host: &str,
    options: &RabbitOptions,
    error: &ConnectionError,
) -> TransportError {
    let new = TransportError::new;
    match error {
        ConnectionError::Closed(refusal) if refusal.code == ACCESS_REFUSED => new(
            TransportErrorKind::LoginRefused,
            format!("{peer} refused the login: {}", words(refusal)),
        )
        .with_code(refusal.code),
        ConnectionError::Closed(refusal) if refusal.code == NOT_ALLOWED => new(
            TransportErrorKind::UnknownVirtualHost,
            format!(
                "{peer} refused the virtual host `{virtual_host}`: {}",
                words(refusal)
            ),
        )
        .with_code(refusal.code),
        ConnectionError::Closed(refusal) => new(
            TransportErrorKind::HandshakeFailed,
            format!("{peer} refused the connection: {}", words(refusal)),
        )
        .with_code(refusal.code),
        ConnectionError::LoginMethod { .. } => new(
            TransportErrorKind::LoginRefused,
            format!("{peer} refused the login: {error} (see `rabbit_login_method`)"),
        ),
        // With TLS 1.3 a broker thinks about our certificate after the handshake.
        ConnectionError::Broken {
            kind: io::ErrorKind::InvalidData,
            text,
        } => new(
            TransportErrorKind::Tls,
            format!("{peer} ended the TLS connection: {text}{}", hint(options)),
        ),
        error => new(
            TransportErrorKind::HandshakeFailed,
            format!(
                "{peer} does not answer as an AMQP broker does: {error}{}",
                hint(options)
            ),
        ),
    }
    .with_source(error.clone())
}

const fn hint(options: &RabbitOptions) -> &'static str {
    match options.rabbit_login_method {
        LoginMethod::External => " (does it offer the login method EXTERNAL?)",
        _ if !options.ssl => " (is its port for TLS? then set ssl=true)",
        _ if options.ssl_cert_file.is_some() => " (did it refuse our certificate?)",
        _ => " (does it want a certificate? then set ssl_cert_file and ssl_key_file)",
    }
}

/// What the TLS handshake met. A connection that breaks in the middle may work the next time; a
/// certificate that is refused will not.
fn tls_error(peer: &str, error: io::Error) -> TransportError {
    let kind = match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => TransportErrorKind::HandshakeFailed,
        _ => TransportErrorKind::Tls,
    };
    let mut message = format!("no TLS connection to {peer}: {error}");
    if let Some(cause) = StdError::source(&error) {
        message = format!("{message}: {cause}");
    }
    if message.contains("InvalidContentType") {
        message.push_str(" (is its port for TLS?)");
    }
    TransportError::new(kind, message).with_source(error)
}

/// The broker's own words, without the name of the user.
fn words(refusal: &Refusal) -> &str {
    let text = &refusal.text;
    text.find(" for user ")
        .and_then(|end| text.get(..end))
        .unwrap_or(text)
}

const ACCESS_REFUSED: u16 = 403;
pub(super) const NOT_FOUND: u16 = 404;
const PRECONDITION_FAILED: u16 = 406;
const CONNECTION_FORCED: u16 = 320;
const NOT_ALLOWED: u16 = 530;
pub(super) const INTERNAL_ERROR: u16 = 541;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn refusal(code: u16, text: &str, method: (u16, u16)) -> Refusal {
        let text = text.to_owned();
        Refusal { code, text, method }
    }

    #[test]
    fn handshakes() {
        let check = |error: ConnectionError, kind, message: &str| {
            let options = RabbitOptions::default();
            let error = DialError::Handshake(Arc::new(error));
            let found = dial_error("h:1", "v", &options, error);
            assert_eq!((found.kind(), found.to_string().as_str()), (kind, message));
            assert!(found.source().is_some());
        };
        let closed = |code| ConnectionError::Closed(refusal(code, "TEXT for user 'u'", (0, 0)));
        check(
            closed(403),
            TransportErrorKind::LoginRefused,
            "h:1 refused the login: TEXT",
        );
        check(
            closed(530),
            TransportErrorKind::UnknownVirtualHost,
            "h:1 refused the virtual host `v`: TEXT",
        );
        check(
            ConnectionError::NotAFrame { kind: 72 },
            TransportErrorKind::HandshakeFailed,
            "h:1 does not answer as an AMQP broker does: not an AMQP frame: it begins with octet 72 \
             (is its port for TLS? then set ssl=true)",
        );
    }

    #[test]
    fn operations_have_their_reply_code_and_the_remedy_that_fits() {
        let check = |ended: Ended, kind, remedy: &str| {
            let error = refused("h:1", "it", &ended);
            assert_eq!(error.kind(), kind, "{ended}");
            assert!(error.to_string().contains(remedy), "{error}");
            assert_eq!(
                error.reply_code(),
                ended.refusal().map(|refusal| refusal.code)
            );
        };
        let kind = TransportErrorKind::OperationRefused;
        check(
            Ended::Channel(refusal(404, "no exchange", (60, 40))),
            kind,
            "no exchange",
        );
        check(
            Ended::Channel(refusal(403, "x", (50, 10))),
            kind,
            "set_permissions",
        );
        check(
            Ended::Channel(refusal(406, "inequivalent arg 'durable'", (50, 10))),
            kind,
            "`amqp_durable_queues`",
        );
        let connection = |error| Ended::Connection(Arc::new(error));
        let closed = |code, method| connection(ConnectionError::Closed(refusal(code, "x", method)));
        check(closed(541, (50, 10)), kind, "`rabbit_quorum_queue=true`");
        let lost = TransportErrorKind::ConnectionLost;
        check(closed(320, (0, 0)), lost, "was lost: x");
        check(
            connection(ConnectionError::HeartbeatMissed { seconds: 9 }),
            lost,
            "9 s",
        );
    }

    #[test]
    fn tls() {
        let check = |kind: io::ErrorKind, expected| {
            let found = tls_error("h:1", io::Error::new(kind, "x"));
            assert_eq!(found.kind(), expected, "{kind}");
        };
        check(io::ErrorKind::InvalidData, TransportErrorKind::Tls);
        check(
            io::ErrorKind::UnexpectedEof,
            TransportErrorKind::HandshakeFailed,
        );
    }
}
