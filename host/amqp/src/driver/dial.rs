//! From an address to an open connection, each step within a limit.

use std::fmt;
use std::future::Future;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
#[cfg(feature = "tls")]
use tokio_rustls::rustls::{ClientConfig, pki_types::ServerName};

use super::inbox::Shared;
use super::task::{Protocol, Stream, Task};
use super::{Connection, Owner};
use crate::protocol::{Config, ConnectionError, Event};

/// How to reach a broker.
#[derive(Clone, Debug)]
pub struct Dial {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// With TLS: what to trust and to show, and what the broker's certificate has to name.
    #[cfg(feature = "tls")]
    pub tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    /// How long each of these may take: finding the address, TCP, TLS, the AMQP handshake. Default 5 s.
    pub step_limit: Duration,
    /// After how long without an answer to what was sent the kernel gives the connection up (Linux);
    /// none leaves it to the kernel.
    pub user_timeout: Option<Duration>,
    /// How many bytes of messages may be on their way at the same time, see [`Connection::room`].
    /// Default 64 MiB.
    pub room: usize,
}

impl Dial {
    /// Of a host and a port, with the defaults.
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
            #[cfg(feature = "tls")]
            tls: None,
            step_limit: Duration::from_secs(5),
            user_timeout: None,
            room: 64 * 1024 * 1024,
        }
    }

    /// Connects, and opens a connection. Its task runs on the current tokio runtime. A name may have
    /// several addresses: they are [tried](Self::connect_to) in the resolver's order.
    ///
    /// # Errors
    ///
    /// [`DialError`] says which step failed and why.
    ///
    /// # Cancel safety
    ///
    /// Dropped, nothing is left of it.
    pub async fn connect(&self, config: Config) -> Result<Connection, DialError> {
        check(&config)?;
        let lookup = tokio::net::lookup_host((self.host.as_str(), self.port));
        let addresses = self
            .within(Step::Lookup, lookup)
            .await?
            .map_err(DialError::Lookup)?;
        self.connect_to(addresses, config).await
    }

    /// As [`connect`](Self::connect), to addresses that are known already, in place of those of the name:
    /// to one after the other, until one opens a connection or gives an answer that all would give: that
    /// it will not have this login, or this virtual host. Whatever else fails with one, the next may work:
    /// they may be the nodes of a cluster, of which one is being stopped or has no place.
    ///
    /// # Errors
    ///
    /// What tells most of what they met: the words of a broker, else the step that came furthest, and of
    /// several such the last.
    ///
    /// # Cancel safety
    ///
    /// Dropped, nothing is left of it.
    pub async fn connect_to(
        &self,
        addresses: impl IntoIterator<Item = SocketAddr>,
        config: Config,
    ) -> Result<Connection, DialError> {
        check(&config)?;
        let mut failure = DialError::Lookup(io::Error::other("it has no address"));
        let mut told = 0;
        for address in addresses {
            match self.try_address(address, config.clone()).await {
                Ok(connection) => return Ok(connection),
                Err(error) if error.is_an_answer() => return Err(error),
                Err(error) if error.tells() >= told => {
                    told = error.tells();
                    failure = error;
                }
                Err(_) => {}
            }
        }
        Err(failure)
    }

    async fn try_address(
        &self,
        address: SocketAddr,
        config: Config,
    ) -> Result<Connection, DialError> {
        let connecting = TcpStream::connect(address);
        let stream = self.within(Step::Tcp, connecting).await?;
        let stream = stream.map_err(DialError::Tcp)?;
        self.configure(&stream).map_err(DialError::Tcp)?;
        #[cfg(feature = "tls")]
        if let Some((tls, name)) = &self.tls {
            let connector = tokio_rustls::TlsConnector::from(Arc::clone(tls));
            let stream = self
                .within(Step::Tls, connector.connect(name.clone(), stream))
                .await?;
            let stream = stream.map_err(DialError::Tls)?;
            return self
                .within(Step::Handshake, open(stream, config, self.room))
                .await?;
        }
        self.within(Step::Handshake, open(stream, config, self.room))
            .await?
    }

    /// Finds dead peers even if nothing is sent.
    fn configure(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let socket = SockRef::from(stream);
        let keepalive = TcpKeepalive::new()
            .with_time(Duration::from_secs(60))
            .with_interval(Duration::from_secs(10))
            .with_retries(9);
        socket.set_tcp_keepalive(&keepalive)?;
        #[cfg(target_os = "linux")]
        if self.user_timeout.is_some() {
            socket.set_tcp_user_timeout(self.user_timeout)?;
        }
        Ok(())
    }

    async fn within<T>(&self, step: Step, doing: impl Future<Output = T>) -> Result<T, DialError> {
        let limit = self.step_limit;
        let done = timeout(limit, doing).await;
        done.map_err(|_| DialError::TooSlow { step, limit })
    }
}

impl Connection {
    /// Opens a connection on a stream that is connected already, and lets so many bytes of messages be
    /// on their way at the same time.
    ///
    /// # Errors
    ///
    /// [`DialError::Handshake`]. It sets no limit of time.
    ///
    /// # Cancel safety
    ///
    /// Dropped, nothing is left of it.
    pub async fn open(stream: impl Stream, config: Config, room: usize) -> Result<Self, DialError> {
        check(&config)?;
        open(stream, config, room).await
    }
}

fn check(config: &Config) -> Result<(), DialError> {
    let checked = config.check();
    checked.map_err(|error| DialError::Handshake(Arc::new(error)))
}

async fn open(
    mut stream: impl Stream,
    config: Config,
    room: usize,
) -> Result<Connection, DialError> {
    let mut protocol = Protocol::new(config, Instant::now().into_std());
    let mut buffer = BytesMut::new();
    let failed = |why: &Arc<ConnectionError>| DialError::Handshake(Arc::clone(why));
    let agreed = loop {
        let left = write(&mut stream, &mut protocol).await;
        if let Some(why) = protocol.ended() {
            return Err(failed(why));
        }
        let read = match left {
            Ok(()) => stream.read_buf(&mut buffer).await,
            Err(error) => Err(error),
        };
        match read {
            Ok(0) => {
                return Err(failed(
                    &protocol.lost(super::task::broken(&io::ErrorKind::UnexpectedEof.into())),
                ));
            }
            Ok(_) => {}
            Err(error) => return Err(failed(&protocol.lost(super::task::broken(&error)))),
        }
        // Why it failed is told above, when the broker has its answer.
        let _ = protocol.receive(Instant::now().into_std(), &mut buffer);
        if let Some(Event::Opened(agreed)) = protocol.poll_event() {
            break agreed;
        }
    };
    let shared = Arc::new(Shared::new(room));
    tokio::spawn(Task::new(Arc::clone(&shared), stream, protocol, buffer).run());
    Ok(Connection {
        owner: Arc::new(Owner {
            shared,
            room,
            agreed,
        }),
    })
}

async fn write(stream: &mut impl Stream, protocol: &mut Protocol) -> io::Result<()> {
    while !protocol.outgoing().is_empty() {
        let mut slices = [IoSlice::new(&[])];
        protocol.outgoing().slices(&mut slices);
        let written = stream.write_vectored(&slices).await?;
        protocol.outgoing().advance(written);
    }
    stream.flush().await
}

/// A step on the way to an open connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The AMQP handshake.
    Handshake,
    /// Finding the address of a name.
    Lookup,
    /// Connecting.
    Tcp,
    /// The TLS handshake.
    Tls,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Handshake => "the AMQP handshake",
            Self::Lookup => "looking its name up",
            Self::Tcp => "the TCP handshake",
            Self::Tls => "the TLS handshake",
        })
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DialError {
    /// The broker refused, or is none.
    #[error("the AMQP handshake failed: {0}")]
    Handshake(Arc<ConnectionError>),
    /// The name has no address.
    #[error("the name has no address: {0}")]
    Lookup(io::Error),
    /// Nobody listens there.
    #[error("no TCP connection: {0}")]
    Tcp(io::Error),
    /// One side's certificate was refused, or the peer does not speak TLS.
    #[error("no TLS connection: {0}")]
    Tls(io::Error),
    /// A step took too long.
    #[error("{step} took longer than {limit:?}")]
    TooSlow {
        /// Which.
        step: Step,
        /// The limit.
        limit: Duration,
    },
}

impl DialError {
    /// A broker is there, and will not have this login or this virtual host: its other addresses are no
    /// other broker's, or those of nodes that know no others.
    fn is_an_answer(&self) -> bool {
        let Self::Handshake(why) = self else {
            return false;
        };
        match &**why {
            ConnectionError::Closed(refusal) => match refusal.code {
                ACCESS_REFUSED => true,
                // How many connections a node takes is its own.
                NOT_ALLOWED => !refusal.text.contains("node connection limit"),
                _ => false,
            },
            ConnectionError::LoginMethod { .. } | ConnectionError::LongLogin { .. } => true,
            _ => false,
        }
    }

    /// How much it says of what is wrong.
    fn tells(&self) -> u8 {
        match self {
            Self::Handshake(why) if matches!(**why, ConnectionError::Closed(_)) => 3,
            Self::Handshake(_)
            | Self::Tls(_)
            | Self::TooSlow {
                step: Step::Handshake | Step::Tls,
                ..
            } => 2,
            Self::Tcp(_) | Self::TooSlow { .. } => 1,
            Self::Lookup(_) => 0,
        }
    }
}

const ACCESS_REFUSED: u16 = 403;
const NOT_ALLOWED: u16 = 530;
