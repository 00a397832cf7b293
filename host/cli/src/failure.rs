use std::fmt;

use oslo_messaging::{Error, TransportErrorKind};

/// Why the program ends without having done what it was asked to: one line for people, perhaps
/// with a remedy, and an exit code for scripts.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    pub(crate) remedy: Option<&'static str>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self {
            exit,
            message: message.to_string(),
            remedy: None,
        }
    }

    pub(crate) const fn remedy(mut self, remedy: &'static str) -> Self {
        self.remedy = Some(remedy);
        self
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let mut message = error.to_string();
        let (exit, remedy) = match &error {
            Error::DeliveryFailure { source, .. } => {
                let (exit, usual) = transport_exit(source.kind());
                // It ends the message, and is told on its own here.
                if let Some(known) = source.remedy()
                    && let Some(rest) = message.strip_suffix(&format!(" ({known})"))
                {
                    message.truncate(rest.len());
                }
                (exit, source.remedy().or(usual))
            }
            Error::InvalidArgument { .. } | Error::InvalidTarget { .. } => {
                (Exit::InvalidArgument, None)
            }
            Error::InvalidReply { .. } => (Exit::InvalidReply, None),
            Error::InvalidConfiguration(_) => (Exit::InvalidUrl, None),
            Error::InvalidUrl(_) => (
                Exit::InvalidUrl,
                Some("the form is rabbit://user:password@host:5672/vhost"),
            ),
            Error::NoSuchTarget { .. } => (
                Exit::NoSuchTarget,
                Some("check topic, server and exchange, and that the server runs on this vhost"),
            ),
            Error::Remote(_) => (Exit::Remote, None),
            Error::Timeout { .. } => (Exit::Timeout, None),
            Error::VersionCap { .. } => (Exit::VersionCap, None),
            _ => (Exit::Failed, None),
        };
        Self {
            exit,
            message,
            remedy,
        }
    }
}

/// The exit code, and what to do where the error itself does not know better.
fn transport_exit(kind: TransportErrorKind) -> (Exit, Option<&'static str>) {
    match kind {
        TransportErrorKind::LoginRefused => (
            Exit::LoginRefused,
            Some("check user and password in the transport URL"),
        ),
        TransportErrorKind::UnknownVirtualHost => (
            Exit::UnknownVirtualHost,
            Some(
                "check the part after the last / of the transport URL, and the user's permissions",
            ),
        ),
        TransportErrorKind::UnknownHost => (
            Exit::UnknownHost,
            Some("check the host name in the transport URL"),
        ),
        TransportErrorKind::Tls => (
            Exit::Tls,
            Some("check the ssl options of the transport URL"),
        ),
        TransportErrorKind::Blocked
        | TransportErrorKind::LimitReached
        | TransportErrorKind::Nack
        | TransportErrorKind::OperationRefused => (Exit::Refused, None),
        TransportErrorKind::ConnectionLost
        | TransportErrorKind::ConnectionRefused
        | TransportErrorKind::HandshakeFailed => (
            Exit::Unreachable,
            Some("check host and port in the transport URL, and that the broker runs"),
        ),
        _ => (Exit::Failed, None),
    }
}

/// The exit codes, which `--help` lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Failed,
    Interrupted,
    InvalidArgument,
    InvalidPolicy,
    InvalidReply,
    InvalidUrl,
    LoginRefused,
    MissingImport,
    NoSuchTarget,
    NotAComponent,
    #[cfg(feature = "oci")]
    NotFound,
    NotReady,
    NotRecorded,
    NothingToRun,
    PluginsRefused,
    Refused,
    Remote,
    Terminated,
    TimeLimit,
    Timeout,
    Tls,
    #[cfg(feature = "oci")]
    TooLarge,
    Trap,
    UnknownHost,
    UnknownVirtualHost,
    Unreachable,
    UnreadablePlugin,
    VersionCap,
    #[cfg(feature = "oci")]
    WrongDigest,
}

impl Exit {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::InvalidUrl => 3,
            Self::InvalidArgument => 4,
            Self::NoSuchTarget => 5,
            Self::Timeout => 6,
            Self::Remote => 7,
            Self::VersionCap => 8,
            Self::InvalidReply => 9,
            Self::LoginRefused => 10,
            Self::UnknownVirtualHost => 11,
            Self::UnknownHost => 12,
            Self::Unreachable => 13,
            Self::Tls => 14,
            Self::Refused => 15,
            #[cfg(feature = "oci")]
            Self::NotFound => 16,
            #[cfg(feature = "oci")]
            Self::TooLarge => 17,
            #[cfg(feature = "oci")]
            Self::WrongDigest => 18,
            Self::UnreadablePlugin => 20,
            Self::NotAComponent => 21,
            Self::MissingImport => 22,
            Self::NothingToRun => 23,
            Self::Trap => 24,
            Self::TimeLimit => 25,
            Self::NotRecorded => 26,
            Self::InvalidPolicy => 30,
            Self::PluginsRefused => 31,
            Self::NotReady => 33,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// The name of the failure in JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::InvalidArgument => "invalid-argument",
            Self::InvalidPolicy => "invalid-policy",
            Self::InvalidReply => "invalid-reply",
            Self::InvalidUrl => "invalid-url",
            Self::LoginRefused => "login-refused",
            Self::MissingImport => "missing-import",
            Self::NoSuchTarget => "no-such-target",
            Self::NotAComponent => "not-a-component",
            #[cfg(feature = "oci")]
            Self::NotFound => "not-found",
            Self::NotReady => "not-ready",
            Self::NotRecorded => "not-recorded",
            Self::NothingToRun => "nothing-to-run",
            Self::PluginsRefused => "plugins-refused",
            Self::Refused => "refused",
            Self::Remote => "remote",
            Self::Terminated => "terminated",
            Self::TimeLimit => "time-limit",
            Self::Timeout => "timeout",
            Self::Tls => "tls",
            #[cfg(feature = "oci")]
            Self::TooLarge => "too-large",
            Self::Trap => "trap",
            Self::UnknownHost => "unknown-host",
            Self::UnknownVirtualHost => "unknown-virtual-host",
            Self::Unreachable => "unreachable",
            Self::UnreadablePlugin => "unreadable-plugin",
            Self::VersionCap => "version-cap",
            #[cfg(feature = "oci")]
            Self::WrongDigest => "wrong-digest",
        }
    }
}
