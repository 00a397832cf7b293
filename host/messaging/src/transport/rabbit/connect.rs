//! One connection: socket, TLS, AMQP handshake, each with a deadline of its own, and a way to end
//! it whatever state it is in.

use std::future::Future;
use std::io;
use std::net::Shutdown;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use lapin::tcp::AsyncTcpStream;
use lapin::types::ShortString;
use lapin::uri::{
    AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo, SASLMechanism,
};
use lapin::{Channel, Connection, ConnectionProperties};
use parking_lot::Mutex;
use socket2::SockRef;
use tokio::time::{sleep, timeout};

use super::address::Address;
use super::classify::{handshake_error, lost, tls_error};
use super::options::{LoginMethod, RabbitOptions};
use super::socket::{ShutdownOnDrop, configure, ended};
use super::tls::tls_connector;
use crate::error::{TransportError, TransportErrorKind};

/// An open connection. Dropped, it is closed in the background.
#[derive(Debug)]
pub(super) struct Line {
    connection: Connection,
    /// The same socket, to end the connection whatever the crate's thread is waiting for.
    socket: Arc<socket2::Socket>,
    /// `host:port`.
    pub(super) peer: String,
}

impl Line {
    /// Connects to one host. Ends within [`STEP_LIMIT`] for each of its steps.
    pub(super) async fn open(
        address: &Address,
        virtual_host: &str,
        options: &RabbitOptions,
        purpose: &str,
    ) -> Result<Self, TransportError> {
        let peer = address.to_string();
        let runtime = lapin::runtime::default_runtime().map_err(|error| lost(&peer, &error))?;
        let socket_address = resolve(address).await?;
        let mut stream = None;
        let mut failure = None;
        for candidate in socket_address {
            match timeout(STEP_LIMIT, AsyncTcpStream::connect(&runtime, candidate)).await {
                Ok(Ok(connected)) => {
                    stream = Some(connected);
                    break;
                }
                Ok(Err(error)) => failure = Some(error.to_string()),
                Err(_) => failure = Some(format!("no answer within {STEP_LIMIT:?}")),
            }
        }
        let Some(stream) = stream else {
            let failure = failure.unwrap_or_else(|| "no address".to_owned());
            return Err(TransportError::new(
                TransportErrorKind::ConnectionRefused,
                format!("no connection to {peer}: {failure}"),
            ));
        };
        let socket = match &stream {
            AsyncTcpStream::Plain(stream) => configure(SockRef::from(stream.get_ref()), options),
            _ => Err(io::Error::other("a new connection is not plain TCP")),
        }
        .map_err(|error| lost(&peer, &error))?;
        let socket = Arc::new(socket);
        // From here on, giving up has to end the socket: the crate's thread owns the other end.
        let guard = ShutdownOnDrop::new(&socket);

        let stream = if options.ssl {
            let connector = tls_connector(options.clone()).await?;
            match timeout(STEP_LIMIT, stream.into_rustls(&connector, &address.name)).await {
                Ok(Ok(stream)) => stream,
                Ok(Err(error)) => return Err(tls_error(&peer, &error)),
                Err(_) => return Err(too_slow(&peer, "the TLS handshake")),
            }
        } else {
            stream
        };

        let stream = Mutex::new(Some(stream));
        let connector = async move |_: AMQPUri, _| {
            stream.lock().take().ok_or_else(|| {
                io::Error::new(io::ErrorKind::ConnectionAborted, "closed by the broker").into()
            })
        };
        let name = format!(
            "oslo-messaging:{}:{purpose}:{}",
            std::process::id(),
            uuid::Uuid::new_v4()
        );
        let properties = ConnectionProperties::default()
            .with_client_property("product".into(), "oslo-messaging (Rust)".into())
            .with_client_property("version".into(), env!("CARGO_PKG_VERSION").into())
            .with_connection_name(name.into());
        let handshake = Connection::connector(
            uri(address, virtual_host, options),
            runtime,
            connector,
            properties,
        );
        // The crate does not always notice that the connection ends in the middle of this.
        let broke_off = async {
            ended(&socket).await;
            sleep(CRATE_LIMIT).await;
            io::Error::new(io::ErrorKind::ConnectionAborted, "the connection ended")
        };
        let connection = tokio::select! {
            connection = timeout(STEP_LIMIT, handshake) => connection,
            broke_off = broke_off => Ok(Err(broke_off.into())),
        };
        let connection = match connection {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => {
                let hint = match options.rabbit_login_method {
                    LoginMethod::External => " (does it offer the login method EXTERNAL?)",
                    _ if !options.ssl => " (is its port for TLS? then set ssl=true)",
                    // TLS 1.3 lets a broker think about it after the handshake.
                    _ if options.ssl_cert_file.is_some() => " (did it refuse our certificate?)",
                    _ => " (does it want a certificate? then set ssl_cert_file and ssl_key_file)",
                };
                return Err(handshake_error(&peer, virtual_host, &error, hint));
            }
            Err(_) => return Err(too_slow(&peer, "the AMQP handshake")),
        };
        guard.disarm();
        Ok(Self {
            connection,
            socket,
            peer,
        })
    }

    /// Opens a channel.
    pub(super) async fn channel(&self) -> Result<Channel, lapin::Error> {
        self.connection.create_channel().await
    }

    /// Whether it works, as far as anybody knows.
    pub(super) fn works(&self) -> bool {
        self.connection.status().connected()
    }

    /// Waits until it does not work any more, and says why.
    pub(super) async fn lost(&self) -> TransportError {
        let mut events = self.connection.events_listener();
        let mut reason = "closed".to_owned();
        let mut check = tokio::time::interval(Duration::from_secs(1));
        loop {
            // Not every end of a connection is an event.
            tokio::select! {
                event = events.next() => match event {
                    Some(lapin::Event::Error(error)) => reason = error.to_string(),
                    Some(lapin::Event::ConnectionBlocked(why)) => {
                        tracing::warn!(peer = self.peer, why, "the broker blocks this connection");
                    }
                    Some(lapin::Event::ConnectionUnblocked) => {
                        tracing::info!(peer = self.peer, "the broker unblocks this connection");
                    }
                    Some(_) => {}
                    None => { check.tick().await; }
                },
                _ = check.tick() => {}
            }
            if !self.works() {
                return lost(&self.peer, &reason);
            }
        }
    }

    /// Does what needs the broker's answers. The crate leaves what it is asked in the moment in
    /// which a connection breaks without an answer, for ever.
    pub(super) async fn unless_lost<T>(
        &self,
        operation: impl Future<Output = Result<T, TransportError>>,
    ) -> Result<T, TransportError> {
        tokio::select! {
            biased;
            done = operation => done,
            lost = self.lost() => Err(lost),
        }
    }

    /// Closes it in good order, or hard if the broker does not answer in time.
    pub(super) async fn close(&self) {
        if self.works() {
            let close = self.connection.close(200, "OK".into());
            drop(timeout(CLOSE_LIMIT, close).await);
        }
        drop(self.socket.shutdown(Shutdown::Both));
    }
}

impl Drop for Line {
    /// The crate says goodbye to the broker when its connection is dropped. A broker that does not
    /// answer must not keep its thread alive.
    fn drop(&mut self) {
        let guard = ShutdownOnDrop::new(&self.socket);
        if let Ok(runtime) = tokio::runtime::Handle::try_current()
            && self.works()
        {
            runtime.spawn(async move {
                sleep(CLOSE_LIMIT).await;
                drop(guard);
            });
        }
    }
}

async fn resolve(
    address: &Address,
) -> Result<impl Iterator<Item = std::net::SocketAddr>, TransportError> {
    let unknown = |why: &dyn std::fmt::Display| {
        TransportError::new(
            TransportErrorKind::UnknownHost,
            format!("host `{}` has no address: {why}", address.host),
        )
    };
    let lookup = tokio::net::lookup_host((address.host.as_str(), address.port));
    match timeout(STEP_LIMIT, lookup).await {
        Ok(Ok(found)) => Ok(found.collect::<Vec<_>>().into_iter()),
        Ok(Err(error)) => Err(unknown(&error)),
        Err(_) => Err(unknown(&"the name service does not answer")),
    }
}

fn uri(address: &Address, virtual_host: &str, options: &RabbitOptions) -> AMQPUri {
    let seconds = options.heartbeat_timeout_threshold.as_secs();
    AMQPUri {
        scheme: if options.ssl {
            AMQPScheme::AMQPS
        } else {
            AMQPScheme::AMQP
        },
        authority: AMQPAuthority {
            userinfo: AMQPUserInfo {
                username: address.user.clone(),
                password: address.password.clone(),
            },
            host: address.host.clone(),
            port: address.port,
        },
        vhost: virtual_host.to_owned(),
        query: AMQPQueryString {
            heartbeat: Some(u16::try_from(seconds).unwrap_or(u16::MAX)),
            auth_mechanism: Some(match options.rabbit_login_method {
                LoginMethod::AmqPlain => SASLMechanism::AMQPlain,
                LoginMethod::External => SASLMechanism::External,
                LoginMethod::Plain => SASLMechanism::Plain,
            }),
            ..AMQPQueryString::default()
        },
    }
}

/// A name as AMQP carries it.
pub(super) fn short(name: &str) -> Result<ShortString, TransportError> {
    ShortString::try_new(name).map_err(|_| {
        TransportError::new(
            TransportErrorKind::OperationRefused,
            format!(
                "a name of {} bytes is longer than the 255 that AMQP allows",
                name.len()
            ),
        )
    })
}

fn too_slow(peer: &str, step: &str) -> TransportError {
    TransportError::new(
        TransportErrorKind::HandshakeFailed,
        format!("{peer} did not complete {step} within {STEP_LIMIT:?}"),
    )
}

/// Upstream's limit for each of: name, TCP, TLS, AMQP handshake.
pub(super) const STEP_LIMIT: Duration = Duration::from_secs(5);
/// By then the crate has said why a connection ended that it has read to its end, if it ever does.
const CRATE_LIMIT: Duration = Duration::from_millis(300);
const CLOSE_LIMIT: Duration = Duration::from_secs(3);
