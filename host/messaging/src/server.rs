//! A server of methods, which Python clients call like one of their own.

mod context;
mod dispatch;
mod endpoint;
mod heartbeat;
mod reply;
mod respond;
mod serve;

use std::sync::Arc;
use std::time::Duration;

pub use self::context::Context;
pub use self::endpoint::Endpoint;

use self::dispatch::Dispatcher;
use self::serve::Serving;
use crate::delivery::Delivery;
use crate::driver::Subscription;
use crate::error::{Error, Result};
use crate::running::Running;
use crate::serializer::Serializer;
use crate::target::Target;
use crate::transport::Transport;

/// A running server (upstream `oslo_messaging/rpc/server.py`).
///
/// It takes calls and casts for its topic, for itself by name, and fanouts of its topic, and runs
/// the methods of its [endpoints](Endpoint). A request is acknowledged before its method runs, so
/// that no method runs twice because its server died.
///
/// [`stop`](Self::stop) lets running methods end; dropping the server aborts them.
#[derive(Debug)]
pub struct RpcServer(Running);

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
            grace: DEFAULT_GRACE,
        }
    }

    /// Takes no more requests, runs the methods of those that were acknowledged, and returns when all
    /// have ended and have been answered, or when the [grace](RpcServerBuilder::grace) is over: methods
    /// that run then are aborted. A reply that no broker takes is given up after five seconds.
    ///
    /// Cancel safety: dropped early, the methods that still run are aborted.
    pub async fn stop(self) {
        self.0.stop().await;
    }

    /// Waits until it serves no more: because its transport was closed.
    ///
    /// Cancel safe.
    pub async fn ended(&self) {
        self.0.ended().await;
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
    grace: Duration,
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

    /// How long [`stop`](RpcServer::stop) waits for methods and replies; default 60 s, the time after
    /// which callers give up by default.
    #[must_use]
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
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
        let listening = self
            .transport
            .driver
            .listen(subscription)
            .await
            .map_err(|source| Error::DeliveryFailure {
                delivery: Delivery::NotSent,
                source,
            })?;
        Ok(RpcServer(Running::start(self.grace, |stopped| {
            let serving = Serving::new(self.transport, dispatcher, self.concurrency, stopped);
            serving.run(listening)
        })))
    }
}

/// Upstream's `executor_thread_pool_size`.
const DEFAULT_CONCURRENCY: usize = 64;
/// Upstream's `rpc_response_timeout`.
const DEFAULT_GRACE: Duration = Duration::from_secs(60);
