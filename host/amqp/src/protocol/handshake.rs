//! What is agreed on before a connection is open (specification §2.2.4).

use std::time::Duration;

use bytes::BytesMut;

use super::error::ConnectionError;
use super::primitive::{Field as _, Long, Short, Writer};
use super::table::{Table, Value};

/// How to open a connection.
#[derive(Clone, Debug)]
pub struct Config {
    /// As whom.
    pub login: Login,
    /// The virtual host; at most 255 bytes.
    pub virtual_host: String,
    /// How often signs of life are wanted at most, in whole seconds; zero for never. The broker may
    /// ask for more of them. Default 60 s.
    pub heartbeat: Duration,
    /// The name of the connection that an operator sees.
    pub connection_name: String,
    /// What else the broker is told: product, version.
    pub client_properties: Table,
    /// The largest frame that we want, in bytes; at least 4096, default 131,072, RabbitMQ's own. The
    /// broker may want less.
    pub frame_max: u32,
    /// The most channels that we want; default 2047, RabbitMQ's own. The broker may want fewer.
    pub channel_max: u16,
    /// The largest message that is taken from the broker, in bytes; default 128 MiB, the most that
    /// RabbitMQ 3 passes on. The body of a larger one is thrown away while it comes, see
    /// [`Delivery::is_cut`](super::Delivery::is_cut).
    pub message_max: u64,
}

impl Config {
    /// For a virtual host, with the defaults.
    #[must_use]
    pub fn new(login: Login, virtual_host: impl Into<String>) -> Self {
        Self {
            login,
            virtual_host: virtual_host.into(),
            heartbeat: Duration::from_secs(60),
            connection_name: String::new(),
            client_properties: Table::new(),
            frame_max: 131_072,
            channel_max: 2047,
            message_max: 128 * 1024 * 1024,
        }
    }

    /// Whether AMQP can carry it. [`Dial::connect`](crate::driver::Dial::connect) asks before it connects.
    ///
    /// # Errors
    ///
    /// [`ConnectionError::LongVirtualHost`].
    pub fn check(&self) -> Result<(), ConnectionError> {
        self.short_virtual_host().map(drop)
    }

    pub(crate) fn short_virtual_host(&self) -> Result<Short<'_>, ConnectionError> {
        Short::new(&self.virtual_host).ok_or(ConnectionError::LongVirtualHost {
            bytes: self.virtual_host.len(),
        })
    }

    /// What a client tells a broker about itself.
    pub(crate) fn properties(&self) -> Table {
        let capabilities = [
            // It says that a login is refused, instead of hanging up.
            "authentication_failure_close",
            "basic.nack",
            "connection.blocked",
            "consumer_cancel_notify",
            "publisher_confirms",
        ];
        let capabilities = capabilities
            .into_iter()
            .fold(Table::new(), |table, name| table.with(name, true));
        let mut properties = self.client_properties.clone();
        properties.insert("connection_name", Value::Text(self.connection_name.clone()));
        properties.with("capabilities", capabilities)
    }
}

/// A SASL mechanism with what it needs. Does not show the password.
#[derive(Clone)]
#[non_exhaustive]
pub enum Login {
    /// RabbitMQ's own: user name and password in a table.
    AmqPlain {
        /// The user name.
        user: String,
        /// The password.
        password: String,
    },
    /// The broker takes the user from the certificate of the TLS connection.
    External,
    /// User name and password (RFC 4616).
    Plain {
        /// The user name.
        user: String,
        /// The password.
        password: String,
    },
}

impl Login {
    /// The name of the mechanism.
    #[must_use]
    pub const fn mechanism(&self) -> &'static str {
        match self {
            Self::AmqPlain { .. } => "AMQPLAIN",
            Self::External => "EXTERNAL",
            Self::Plain { .. } => "PLAIN",
        }
    }

    pub(crate) fn check_offered(&self, mechanisms: &[u8]) -> Result<(), ConnectionError> {
        let wanted = self.mechanism();
        let mut offered = mechanisms.split(|octet| *octet == b' ');
        if offered.any(|name| name == wanted.as_bytes()) {
            return Ok(());
        }
        Err(ConnectionError::LoginMethod {
            wanted,
            offered: String::from_utf8_lossy(mechanisms).into_owned(),
        })
    }

    pub(crate) fn response(&self) -> Vec<u8> {
        match self {
            Self::AmqPlain { user, password } => {
                let mut out = BytesMut::new();
                for (name, value) in [("LOGIN", user), ("PASSWORD", password)] {
                    Short::new(name)
                        .unwrap_or_default()
                        .write(&mut Writer::new(&mut out));
                    b'S'.write(&mut Writer::new(&mut out));
                    Long(value.as_bytes()).write(&mut Writer::new(&mut out));
                }
                out.to_vec()
            }
            Self::External => Vec::new(),
            Self::Plain { user, password } => format!("\0{user}\0{password}").into_bytes(),
        }
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.mechanism())
    }
}

/// What was agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// The most channels.
    pub channel_max: u16,
    /// The largest frame, in bytes.
    pub frame_max: u32,
    /// How often signs of life come, in seconds; zero for never.
    pub heartbeat: u16,
}

impl Agreed {
    /// Both sides' wishes, zero being the broker's word for any.
    pub(crate) fn between(
        config: &Config,
        channel_max: u16,
        frame_max: u32,
        heartbeat: u16,
    ) -> Self {
        let ours = u16::try_from(config.heartbeat.as_secs()).unwrap_or(u16::MAX);
        let any = |broker: u32, ours: u32| if broker == 0 { ours } else { broker.min(ours) };
        Self {
            channel_max: any(channel_max.into(), config.channel_max.max(1).into())
                .try_into()
                .unwrap_or(u16::MAX),
            frame_max: any(frame_max, config.frame_max).max(LEAST_FRAME),
            heartbeat: match (heartbeat, ours) {
                (0, ours) => ours,
                (_, 0) => 0,
                (broker, ours) => broker.min(ours),
            },
        }
    }
}

/// What the specification lets nobody go below.
pub(crate) const LEAST_FRAME: u32 = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smaller_wish_counts_and_zero_is_none() {
        let config = Config::new(Login::External, "/");
        let check = |broker: (u16, u32, u16), agreed| {
            let Agreed {
                channel_max,
                frame_max,
                heartbeat,
            } = Agreed::between(&config, broker.0, broker.1, broker.2);
            assert_eq!((channel_max, frame_max, heartbeat), agreed, "{broker:?}");
        };
        check((0, 0, 0), (2047, 131_072, 60));
        check((100, 8192, 10), (100, 8192, 10));
        check((9999, 1 << 20, 580), (2047, 131_072, 60));
        check((1, 1, 60), (1, 4096, 60));
    }

    #[test]
    fn logins_are_what_brokers_expect_and_are_not_shown() {
        let (user, password) = ("u".to_owned(), "secret".to_owned());
        let plain = Login::Plain {
            user: user.clone(),
            password: password.clone(),
        };
        assert_eq!(plain.response(), b"\0u\0secret");
        let table = Login::AmqPlain { user, password };
        assert_eq!(
            table.response(),
            b"\x05LOGINS\0\0\0\x01u\x08PASSWORDS\0\0\0\x06secret"
        );
        assert_eq!(format!("{plain:?} {table:?}"), "PLAIN AMQPLAIN");
        table.check_offered(b"PLAIN AMQPLAIN").unwrap();
        let error = Login::External
            .check_offered(b"PLAIN AMQPLAIN")
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the broker does not offer the login method EXTERNAL, but PLAIN AMQPLAIN"
        );
    }
}
