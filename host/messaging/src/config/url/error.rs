use std::borrow::Cow;

#[cfg(feature = "rabbit")]
use crate::config::option_error::OptionError;

/// Why a transport URL cannot be used. Never shows a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// A part whose escapes yield no UTF-8.
    #[error("{part} of the transport URL is not UTF-8 when its `%` escapes are decoded")]
    BadEscape {
        /// Where: user name, password, virtual host or option.
        part: Cow<'static, str>,
    },
    /// What should be a host name or an IPv6 address is neither.
    #[error("`{host}` in the transport URL is not a host name{}", remedy(host))]
    BadHost {
        /// As it stands in the URL.
        host: String,
    },
    /// An option that cannot hold this value.
    #[error("option `{name}` of the transport URL cannot be `{value}`: expected {expected}")]
    BadOptionValue {
        /// The option.
        name: String,
        /// Its value.
        value: String,
        /// What it takes.
        expected: &'static str,
    },
    /// The port of a host is not a number from 1 to 65535.
    #[error(
        "the port of host {} in the transport URL is not a number from 1 to 65535", position + 1
    )]
    BadPort {
        /// Which host, counted from 0. (What stands there may be a piece of a password.)
        position: usize,
    },
    /// Something other than `//host` or `/virtual-host` follows the scheme.
    #[error("expected `//` after `{scheme}:` in the transport URL")]
    MissingSlashes {
        /// The scheme.
        scheme: &'static str,
    },
    /// The URL does not start with a transport's name.
    #[error("the transport URL has no scheme: write `rabbit://…` or `memory://`")]
    MissingScheme,
    /// This program was built without the RabbitMQ transport.
    #[error("the transport `rabbit` is not part of this program (crate feature `rabbit`)")]
    RabbitNotBuilt,
    /// A virtual host that AMQP cannot carry.
    #[error("the virtual host in the transport URL is longer than 255 bytes")]
    LongVirtualHost,
    /// A `[` without `]`.
    #[error("the `[` before the IPv6 address in the transport URL is never closed")]
    UnclosedBracket,
    /// A delimiter stands in a user name or password as it is.
    #[error(
        "user name or password in the transport URL holds a delimiter as it is: \
         write `,` as %2C, `/` as %2F, `?` as %3F, `#` as %23; and an `@` behind the hosts as %40"
    )]
    UnencodedDelimiter,
    /// There is no such option.
    #[error(
        "unknown option `{name}` in the transport URL{}",
        nearest.map(|nearest| format!(", did you mean `{nearest}`?")).unwrap_or_default()
    )]
    UnknownOption {
        /// Its name.
        name: String,
        /// The option most like it.
        nearest: Option<&'static str>,
    },
    /// There is no such transport.
    #[error("unknown transport `{scheme}`: {}", scheme_remedy(scheme))]
    UnknownScheme {
        /// Its name.
        scheme: String,
    },
}

fn remedy(host: &str) -> &'static str {
    if host.contains(':') && !host.contains('[') {
        ": write an IPv6 address and its port as `[address]:port`"
    } else {
        ""
    }
}

fn scheme_remedy(scheme: &str) -> &'static str {
    match scheme {
        "amqp" | "kombu" => "write `rabbit://…`",
        "amqps" | "rabbits" => "write `rabbit://…?ssl=true`",
        "fake" => "write `memory://`",
        scheme if scheme.starts_with("rabbit+") || scheme.starts_with("kombu+") => {
            "write `rabbit://…`"
        }
        _ => {
            "there are `rabbit` (as in `rabbit://user:password@host:5672/virtual-host`) and `memory`"
        }
    }
}

#[cfg(feature = "rabbit")]
impl From<OptionError> for UrlError {
    fn from(error: OptionError) -> Self {
        match error {
            OptionError::BadValue {
                name,
                value,
                expected,
            } => Self::BadOptionValue {
                name,
                value,
                expected,
            },
            OptionError::Unknown { name, nearest } => Self::UnknownOption { name, nearest },
        }
    }
}
