//! A server of methods, which Python clients call like one of their own.

mod context;
mod dispatch;
mod duplicates;
mod endpoint;
mod respond;

use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

pub use self::context::Context;
pub use self::endpoint::Endpoint;

use self::dispatch::Dispatcher;
use self::duplicates::Duplicates;
use crate::error::{Delivery, Error, Result};
use crate::serializer::Serializer;
use crate::target::Target;
use crate::transport::Transport;
use crate::transport::driver::{Incoming, Subscription};
use crate::wire::{CONTENT_TYPE, IncomingRequest, decode_request, decompress};

/// A running server (dossier §6; upstream `oslo_messaging/rpc/server.py`).
///
/// It takes calls and casts for its topic, for itself by name, and fanouts of its topic, and runs
/// the methods of its [endpoints](Endpoint). A request is acknowledged before its method runs, so
/// that no method runs twice because its server died.
///
/// [`stop`](Self::stop) lets running methods end; dropping the server aborts them.
#[derive(Debug)]
pub struct RpcServer {
    stopping: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl RpcServer {
    /// A server that is not started. The target needs a topic and a server name.
    #[must_use]
    pub fn builder(transport: &Transport, target: Target) -> RpcServerBuilder {
        RpcServerBuilder {
            transport: transport.clone(),
            target,
            serializer: None,
            endpoints: Vec::new(),
            ping: false,
            concurrency: DEFAULT_CONCURRENCY,
        }
    }

    /// Takes no more requests, and returns when the methods that run have ended and have been
    /// answered.
    ///
    /// Cancel safety: dropped early, the methods that still run are aborted.
    pub async fn stop(mut self) {
        let _ = self.stopping.send(true);
        // The task ends by itself; it panics only if a method's panic could not be caught.
        let _ = (&mut self.task).await;
    }
}

impl Drop for RpcServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Makes an [`RpcServer`].
#[derive(Debug)]
pub struct RpcServerBuilder {
    transport: Transport,
    target: Target,
    serializer: Option<Arc<dyn Serializer>>,
    endpoints: Vec<Endpoint>,
    ping: bool,
    concurrency: usize,
}

impl RpcServerBuilder {
    /// Adds methods. Endpoints are tried in the order they were added.
    #[must_use]
    pub fn endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoints.push(endpoint);
        self
    }

    /// Converts arguments, contexts and results, as its clients do.
    #[must_use]
    pub fn serializer(mut self, serializer: impl Serializer + 'static) -> Self {
        self.serializer = Some(Arc::new(serializer));
        self
    }

    /// Whether to answer `oslo_rpc_server_ping` (version 1.0, no namespace) with `"pong"`;
    /// default no, as upstream.
    #[must_use]
    pub const fn ping(mut self, ping: bool) -> Self {
        self.ping = ping;
        self
    }

    /// How many methods may run at the same time; default 64, upstream's thread pool. Zero counts
    /// as one.
    #[must_use]
    pub const fn concurrency(mut self, methods: usize) -> Self {
        self.concurrency = if methods == 0 { 1 } else { methods };
        self
    }

    /// Declares the server's queues and begins to take requests.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidTarget`] without topic or server name; [`Error::InvalidArgument`] when an
    /// endpoint's version is not `major.minor`; [`Error::DeliveryFailure`] when the broker cannot
    /// be reached or refuses the queues.
    ///
    /// # Cancel safety
    ///
    /// Dropped, nothing is served; queues may have been declared.
    pub async fn start(self) -> Result<RpcServer> {
        let Target {
            exchange,
            topic,
            server,
            ..
        } = &self.target;
        let named = |name: &Option<String>| name.clone().filter(|name| !name.is_empty());
        let invalid = |reason| Error::InvalidTarget {
            reason,
            target: Box::new(self.target.clone()),
        };
        let subscription = Subscription {
            exchange: named(exchange)
                .unwrap_or_else(|| self.transport.options.control_exchange.clone()),
            topic: named(topic).ok_or_else(|| invalid("a server's target needs a topic"))?,
            server: named(server)
                .ok_or_else(|| invalid("a server's target needs a server name"))?,
        };
        let mut endpoints = self.endpoints;
        if self.ping {
            endpoints.push(endpoint::ping());
        }
        let dispatcher = Arc::new(Dispatcher::new(endpoints, self.serializer)?);
        let mut incoming = self
            .transport
            .driver
            .listen(subscription)
            .await
            .map_err(|source| Error::DeliveryFailure {
                delivery: Delivery::NotSent,
                source,
            })?;
        let (stopping, mut stopped) = watch::channel(false);
        let transport = self.transport;
        let permits = Arc::new(Semaphore::new(self.concurrency));
        let task = tokio::spawn(async move {
            let mut running = JoinSet::new();
            let mut duplicates = Duplicates::default();
            loop {
                let permit = Arc::clone(&permits).acquire_owned();
                let next = async { (permit.await, incoming.recv().await) };
                let (permit, message) = tokio::select! {
                    biased;
                    _ = stopped.wait_for(|stopped| *stopped) => break,
                    Some(_) = running.join_next() => continue,
                    (permit, message) = next => (permit, message),
                };
                let Some(message) = message else { break };
                let Some(request) = read(&message, &mut duplicates) else {
                    continue;
                };
                let respond = respond::respond(transport.clone(), Arc::clone(&dispatcher), request);
                running.spawn(async move {
                    let _permit = permit;
                    // A panic inside a method has become its reply; this catches the rest.
                    if std::panic::AssertUnwindSafe(respond)
                        .catch_unwind()
                        .await
                        .is_err()
                    {
                        tracing::error!("answering a request panicked");
                    }
                });
            }
            drop(incoming);
            while running.join_next().await.is_some() {}
        });
        Ok(RpcServer { stopping, task })
    }
}

fn read(message: &Incoming, duplicates: &mut Duplicates) -> Option<IncomingRequest> {
    if message.content_type.as_deref() != Some(CONTENT_TYPE) {
        tracing::warn!(
            content_type = ?message.content_type,
            "dropped a request of an unknown content type"
        );
        return None;
    }
    let body = decompress(message.compression.as_deref(), &message.body);
    match body.and_then(|body| decode_request(&body)) {
        Ok(request) => {
            if duplicates.is_duplicate(request.unique_id.as_deref()) {
                tracing::info!(unique_id = ?request.unique_id, "dropped a duplicate request");
                return None;
            }
            Some(request)
        }
        Err(error) => {
            tracing::warn!(%error, "dropped a malformed request");
            None
        }
    }
}

/// Upstream's `executor_thread_pool_size`.
const DEFAULT_CONCURRENCY: usize = 64;
