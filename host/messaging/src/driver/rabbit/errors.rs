//! From what the AMQP layer met to the errors of a transport. The texts name the peer, never
//! credentials, and the remedy where there is one.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

use oslo_amqp::driver::{DialError, Step};
use oslo_amqp::protocol::{ConnectionError, Ended, Refusal};

use super::refusals::meaning;
use crate::config::{LoginMethod, RabbitOptions};
use crate::driver::{TransportError, TransportErrorKind};

/// The established connection is of no use any more.
pub(super) fn lost(peer: &str, error: &Arc<ConnectionError>) -> TransportError {
    match &**error {
        ConnectionError::Closed(refusal) => told(lost_as(peer, &*words(refusal)), refusal),
        _ => lost_as(peer, error).with_source(Arc::clone(error)),
    }
}

/// A consumer of the established connection is of no use any more.
pub(super) fn consumer_lost(peer: &str, what: &str, why: Option<&Ended>) -> TransportError {
    match why {
        Some(Ended::Channel(refusal)) => {
            let reason = format!("{what} is gone: {}", words(refusal));
            told(lost_as(peer, &reason), refusal)
        }
        Some(Ended::Connection(error)) => lost(peer, error),
        _ => lost_as(peer, &format!("{what} is gone")),
    }
}

/// As [`lost`], for a reason of ours.
pub(super) fn lost_as(peer: &str, reason: &(impl fmt::Display + ?Sized)) -> TransportError {
    TransportError::new(
        TransportErrorKind::ConnectionLost,
        format!("the connection to {peer} was lost: {reason}"),
    )
}

/// The broker takes no messages on the established connection for now.
pub(super) fn blocked(peer: &str, reason: &str) -> TransportError {
    TransportError::new(
        TransportErrorKind::Blocked,
        format!("{peer} takes no messages for now: {reason}"),
    )
    .with_remedy(Some(SHORTAGE))
}

/// What an operation on an established connection met.
pub(super) fn refused(peer: &str, what: &str, ended: &Ended) -> TransportError {
    match ended {
        Ended::Channel(refusal) => refusal_error(peer, what, refusal),
        Ended::Connection(error) => match &**error {
            // The whole connection is closed for it.
            ConnectionError::Closed(refusal) if refusal.code != CONNECTION_FORCED => {
                refusal_error(peer, what, refusal)
            }
            _ => lost(peer, error),
        },
        Ended::NoChannel => TransportError::new(
            TransportErrorKind::LimitReached,
            format!("{peer} allows this connection no more channels"),
        )
        .with_remedy(Some("raise `channel_max` in the broker's rabbitmq.conf")),
        Ended::LongName { .. } => TransportError::new(
            TransportErrorKind::OperationRefused,
            format!("{what} was not asked of {peer}: {ended}"),
        ),
        Ended::ChannelByUs => lost_as(peer, ended),
    }
}

fn refusal_error(peer: &str, what: &str, refusal: &Refusal) -> TransportError {
    let kind = meaning(refusal).map_or(TransportErrorKind::OperationRefused, |it| it.kind);
    let message = format!("{peer} refused {what}: {}", words(refusal));
    told(TransportError::new(kind, message), refusal)
}

/// With what the broker said, and what to do about it.
pub(super) fn told(error: TransportError, refusal: &Refusal) -> TransportError {
    error
        .with_code(refusal.code)
        .with_remedy(meaning(refusal).map(|it| it.remedy))
        .with_source(refusal.clone())
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
    error: &Arc<ConnectionError>,
) -> TransportError {
    let new = TransportError::new;
    match &**error {
        ConnectionError::Closed(refusal) => {
            let kind = meaning(refusal).map(|it| it.kind);
            let (kind, what) = match (refusal.code, kind) {
                (ACCESS_REFUSED, _) => (TransportErrorKind::LoginRefused, "the login".to_owned()),
                (NOT_ALLOWED, Some(kind @ TransportErrorKind::LimitReached)) => {
                    (kind, "the connection".to_owned())
                }
                (NOT_ALLOWED, _) => (
                    TransportErrorKind::UnknownVirtualHost,
                    format!("the virtual host `{virtual_host}`"),
                ),
                _ => (
                    TransportErrorKind::HandshakeFailed,
                    "the connection".to_owned(),
                ),
            };
            let message = format!("{peer} refused {what}: {}", words(refusal));
            return told(new(kind, message), refusal);
        }
        ConnectionError::LoginMethod { .. } => new(
            TransportErrorKind::LoginRefused,
            format!("{peer} refused the login: {error}"),
        )
        .with_remedy(Some("see `rabbit_login_method`")),
        ConnectionError::LongLogin { .. } => new(
            TransportErrorKind::LoginRefused,
            format!("{peer} takes no login of this length: {error}"),
        )
        .with_remedy(Some(
            "raise `initial_frame_max` in its rabbitmq.conf, which is 4096 or 8192 bytes by itself",
        )),
        // With TLS 1.3 a broker thinks about our certificate after the handshake.
        ConnectionError::Broken {
            kind: io::ErrorKind::InvalidData,
            text,
        } => new(
            TransportErrorKind::Tls,
            format!("{peer} ended the TLS connection: {text}"),
        )
        .with_remedy(Some(hint(options))),
        error => new(
            TransportErrorKind::HandshakeFailed,
            format!("{peer} does not answer as an AMQP broker does: {error}"),
        )
        .with_remedy(Some(hint(options))),
    }
    .with_source(Arc::clone(error))
}

const fn hint(options: &RabbitOptions) -> &'static str {
    match options.rabbit_login_method {
        LoginMethod::External => "does it offer the login method EXTERNAL?",
        _ if !options.ssl => "is its port for TLS? then set ssl=true",
        _ if options.ssl_cert_file.is_some() => "did it refuse our certificate?",
        _ => "does it want a certificate? then set ssl_cert_file and ssl_key_file",
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
    let speaks_no_tls = message.contains("InvalidContentType");
    TransportError::new(kind, message)
        .with_remedy(speaks_no_tls.then_some("is its port for TLS?"))
        .with_source(error)
}

/// The broker's own words, without the name of the user.
fn words(refusal: &Refusal) -> Cow<'_, str> {
    let Some((before, named)) = refusal.text.split_once(" for user '") else {
        return Cow::Borrowed(&refusal.text);
    };
    // The name may have any characters, and the broker's words may be cut off.
    let ends = ["': ", "', ", "' by ", "' has "].map(|end| named.find(end));
    let after = ends
        .into_iter()
        .flatten()
        .min()
        .and_then(|end| named.get(end + 1..));
    Cow::Owned(format!("{before}{}", after.unwrap_or_default()))
}

const SHORTAGE: &str = "it is short of memory or disk: see `rabbitmqctl status`, and \
                        `vm_memory_high_watermark` and `disk_free_limit` in its rabbitmq.conf";

const ACCESS_REFUSED: u16 = 403;
pub(super) const NOT_FOUND: u16 = 404;
const CONNECTION_FORCED: u16 = 320;
const NOT_ALLOWED: u16 = 530;
pub(super) const INTERNAL_ERROR: u16 = 541;

#[cfg(test)]
mod tests {
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
        let closed = |code, text| ConnectionError::Closed(refusal(code, text, (0, 0)));
        let anything = "TEXT for user 'u'";
        check(
            closed(403, anything),
            TransportErrorKind::LoginRefused,
            "h:1 refused the login: TEXT",
        );
        check(
            closed(530, anything),
            TransportErrorKind::UnknownVirtualHost,
            "h:1 refused the virtual host `v`: TEXT",
        );
        check(
            closed(
                530,
                "access to vhost 'v' refused for user 'u': connection limit (1) is reached",
            ),
            TransportErrorKind::LimitReached,
            "h:1 refused the connection: access to vhost 'v' refused: connection limit (1) is reached \
             (raise the virtual host's `max-connections`: `rabbitmqctl set_vhost_limits`)",
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
        // A channel is not opened by a method that is refused.
        let text = "number of channels opened for user 'u' has reached the maximum";
        check(
            connection(ConnectionError::Closed(refusal(530, text, (0, 0)))),
            TransportErrorKind::LimitReached,
            "channels opened has reached the maximum (raise the user's",
        );
        let lost = TransportErrorKind::ConnectionLost;
        check(closed(320, (0, 0)), lost, "was lost: x");
        check(
            connection(ConnectionError::HeartbeatMissed { seconds: 9 }),
            lost,
            "9 s",
        );
    }

    #[test]
    fn the_name_of_the_user_is_left_out_and_nothing_else() {
        let check = |text: &str, expected: &str| {
            assert_eq!(words(&refusal(403, text, (0, 0))), expected);
        };
        check(
            "access to queue 'q' refused for user 'u'",
            "access to queue 'q' refused",
        );
        check(
            "refused for user 'o'brien': limit (1)",
            "refused: limit (1)",
        );
        check(
            "refused for user 'u' by backend x: no",
            "refused by backend x: no",
        );
        check(
            "refused for user 'u', backend x: no",
            "refused, backend x: no",
        );
        check("refused for user 'a name that is cut o", "refused");
        check("no queue 'q' in vhost '/'", "no queue 'q' in vhost '/'");
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
