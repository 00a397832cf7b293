//! The address at which requests come in.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use std::{io, net};

use oslo_messaging_policy::Http;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::connection::serve;
use super::routes::Routes;

/// An address that is ours, at which connections wait until somebody listens.
pub(crate) struct Bound {
    asked: Http,
    local: SocketAddr,
    socket: Arc<TcpListener>,
}

impl Bound {
    /// # Errors
    ///
    /// Those of the system, above all for an address that is another's.
    pub(crate) fn new(asked: &Http) -> io::Result<Self> {
        let socket = net::TcpListener::bind(asked.listen)?;
        socket.set_nonblocking(true)?;
        let socket = TcpListener::from_std(socket)?;
        Ok(Self {
            asked: *asked,
            local: socket.local_addr()?,
            socket: Arc::new(socket),
        })
    }

    /// The same address, otherwise as it is asked now.
    pub(crate) fn again(listener: &Listener, asked: &Http) -> Option<Self> {
        Some(Self {
            asked: *asked,
            local: listener.local,
            socket: listener.socket.clone()?,
        })
    }

    pub(crate) fn listen(self, routes: Routes) -> Listener {
        let (stopping, stop) = watch::channel(false);
        let most = usize::try_from(self.asked.connections.get()).unwrap_or(usize::MAX);
        let accepting = accept(Arc::clone(&self.socket), routes, most, stop);
        Listener {
            asked: self.asked,
            local: self.local,
            socket: Some(self.socket),
            stopping,
            task: tokio::spawn(accepting),
        }
    }
}

/// Listens. Dropped, all of its connections are ended.
pub(crate) struct Listener {
    asked: Http,
    local: SocketAddr,
    /// None: it is to stop.
    socket: Option<Arc<TcpListener>>,
    stopping: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Listener {
    pub(crate) const fn asked(&self) -> &Http {
        &self.asked
    }

    pub(crate) const fn local(&self) -> SocketAddr {
        self.local
    }

    /// Takes no more connections, and no more requests on those that there are. It returns when what came has its
    /// answer.
    pub(crate) async fn stop(mut self) {
        self.socket = None;
        self.stopping.send_replace(true);
        // It ends by itself.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(
    socket: Arc<TcpListener>,
    routes: Routes,
    most: usize,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(most.clamp(1, Semaphore::MAX_PERMITS)));
    let mut connections = JoinSet::new();
    loop {
        // Further ones wait in the system's queue, which is bounded too.
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, socket.accept().await)
        };
        let (place, accepted) = tokio::select! {
            next = next => next,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((connection, _)) => {
                let serving = serve(connection, routes.clone(), stop.clone());
                connections.spawn(async move {
                    let _place = place;
                    serving.await;
                });
            }
            Err(error) => {
                // It may be that there are too many open files, and then it is again and again.
                tracing::warn!(%error, "an HTTP connection is not accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
    // The system refuses connections from now on.
    drop(socket);
    while connections.join_next().await.is_some() {}
}

const PAUSE: Duration = Duration::from_millis(100);
