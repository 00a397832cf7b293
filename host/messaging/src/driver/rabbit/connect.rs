//! From the settings of a transport to an open connection.

use std::sync::Arc;
use std::time::Duration;

use oslo_amqp::driver::{Channel, Connection, Dial, State};
use oslo_amqp::protocol::{Config, Ended, Login, Table};
use tokio::time::timeout;
use tokio_rustls::rustls::ClientConfig;

use super::address::{Address, Addresses};
use super::errors::{blocked, dial_error, lost, refused};
use super::tls::{client_config, server_name};
use crate::config::{LoginMethod, RabbitOptions};
use crate::driver::{TransportError, TransportErrorKind};
use crate::observe::{Observer, Purpose};

/// What all connections of one transport share.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) addresses: Addresses,
    pub(super) options: RabbitOptions,
    pub(super) virtual_host: String,
    /// The largest message that is sent.
    pub(super) max_message_size: usize,
    /// In place of the one that the options make.
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) observer: Arc<Observer>,
}

/// An open connection to a broker. Dropped, it is closed in the background.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) connection: Connection,
    /// `host:port`.
    pub(super) peer: String,
    /// Which of the addresses it is.
    pub(super) position: usize,
}

impl Settings {
    /// Connects to one host after the other until one works. Fails with what is worth telling
    /// most: what will not mend itself, else the last failure.
    pub(super) async fn connect(&self, purpose: Purpose) -> Result<Line, TransportError> {
        let mut worst: Option<TransportError> = None;
        for (position, address) in self.addresses.round() {
            match self.open(position, address, purpose).await {
                Ok(line) => {
                    self.addresses.worked(position);
                    return Ok(line);
                }
                Err(error) => {
                    tracing::debug!(%error, %purpose, "a host was tried in vain");
                    if worst
                        .as_ref()
                        .is_none_or(|worst| worst.kind().is_temporary())
                    {
                        worst = Some(error);
                    }
                }
            }
        }
        Err(worst.unwrap_or_else(|| {
            TransportError::new(TransportErrorKind::UnknownHost, "the transport has no host")
        }))
    }

    async fn open(
        &self,
        position: usize,
        address: &Address,
        purpose: Purpose,
    ) -> Result<Line, TransportError> {
        let options = &self.options;
        let peer = address.to_string();
        let mut dial = Dial::new(address.host.clone(), address.port);
        dial.step_limit = STEP_LIMIT;
        dial.room = ROOM;
        dial.user_timeout =
            Some(options.heartbeat_timeout_threshold).filter(|limit| !limit.is_zero());
        if options.ssl {
            let name = server_name(&address.name)?;
            let config = match &self.tls {
                Some(config) => Arc::clone(config),
                None => client_config(options).await?,
            };
            dial.tls = Some((config, name));
        }
        let (user, password) = (address.user.clone(), address.password.clone());
        let login = match options.rabbit_login_method {
            LoginMethod::AmqPlain => Login::AmqPlain { user, password },
            LoginMethod::External => Login::External,
            LoginMethod::Plain => Login::Plain { user, password },
        };
        let mut config = Config::new(login, self.virtual_host.clone());
        config.heartbeat = options.heartbeat_timeout_threshold;
        let id = crate::id::random();
        config.connection_name = format!("oslo-messaging:{}:{purpose}:{id}", std::process::id());
        config.client_properties = Table::new()
            .with("product", "oslo-messaging (Rust)")
            .with("version", env!("CARGO_PKG_VERSION"));
        let connection = dial
            .connect(config)
            .await
            .map_err(|error| dial_error(&peer, &self.virtual_host, options, error))?;
        Ok(Line {
            connection,
            peer,
            position,
        })
    }
}

impl Line {
    /// Opens a channel.
    pub(super) async fn channel(&self) -> Result<Channel, TransportError> {
        let channel = self.connection.channel().await;
        channel.map_err(|ended| self.refused("a channel", &ended))
    }

    /// Waits until it does not work any more, and says why.
    pub(super) async fn lost(&self) -> TransportError {
        lost(&self.peer, &self.connection.ended().await)
    }

    /// What an operation met.
    pub(super) fn refused(&self, what: &str, ended: &Ended) -> TransportError {
        refused(&self.peer, what, ended)
    }

    /// Why it takes no messages, if it does not.
    pub(super) fn blocked(&self) -> Option<TransportError> {
        match &*self.connection.state().borrow() {
            State::Blocked(reason) => Some(blocked(&self.peer, reason)),
            _ => None,
        }
    }

    /// Closes it in good order, or hard if the broker does not answer in time.
    pub(super) async fn close(&self) {
        self.connection.close(CLOSE_LIMIT).await;
    }

    /// Does what takes a broker some time, but not for ever.
    pub(super) async fn within<T>(
        &self,
        limit: Duration,
        doing: impl Future<Output = Result<T, TransportError>>,
    ) -> Result<T, TransportError> {
        let done = timeout(limit, doing).await;
        done.unwrap_or_else(|_| {
            let message = format!("{} has not answered for {limit:?}", self.peer);
            Err(TransportError::new(
                TransportErrorKind::ConnectionLost,
                message,
            ))
        })
    }
}

/// Shares what is not cloned otherwise.
pub(super) type SharedLine = Arc<Line>;

/// Upstream's limit for each of: name, TCP, TLS, AMQP handshake.
pub(super) const STEP_LIMIT: Duration = Duration::from_secs(5);
const CLOSE_LIMIT: Duration = Duration::from_secs(3);
/// How many bytes of messages one connection holds that the broker has not confirmed.
const ROOM: usize = 64 * 1024 * 1024;
