//! The socket under a connection, which the AMQP crate's thread owns.

use std::io;
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::sync::Arc;
use std::time::Duration;

use socket2::{SockRef, Socket, TcpKeepalive};
use tokio::time::sleep;

use super::options::RabbitOptions;

/// Ends the socket, whoever else has it, unless it is disarmed.
#[derive(Debug)]
pub(super) struct ShutdownOnDrop(Option<Arc<Socket>>);

impl ShutdownOnDrop {
    pub(super) fn new(socket: &Arc<Socket>) -> Self {
        Self(Some(Arc::clone(socket)))
    }

    pub(super) fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for ShutdownOnDrop {
    fn drop(&mut self) {
        if let Some(socket) = &self.0 {
            // It fails only if there is nothing left to end.
            drop(socket.shutdown(Shutdown::Both));
        }
    }
}

/// Finds dead peers, and returns the same socket once more.
pub(super) fn configure(socket: SockRef<'_>, options: &RabbitOptions) -> io::Result<Socket> {
    socket.set_tcp_nodelay(true)?;
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(60))
        .with_interval(Duration::from_secs(10))
        .with_retries(9);
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    if !options.heartbeat_timeout_threshold.is_zero() {
        socket.set_tcp_user_timeout(Some(options.heartbeat_timeout_threshold))?;
    }
    socket.try_clone()
}

/// Returns when there is nothing to be read any more, and never will be.
pub(super) async fn ended(socket: &Socket) {
    let mut byte = [MaybeUninit::uninit()];
    loop {
        sleep(CHECK).await;
        match socket.peek(&mut byte) {
            Ok(1..) => {}
            Err(error) if is_passing(error.kind()) => {}
            Ok(0) | Err(_) => return,
        }
    }
}

const fn is_passing(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

const CHECK: Duration = Duration::from_millis(50);
