//! Where messages travel: RabbitMQ, or this process's memory.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

/// The TLS library, for [`TransportOptions::tls`].
#[cfg(feature = "rabbit")]
pub use tokio_rustls::rustls;

#[cfg(feature = "rabbit")]
pub use crate::config::{Compression, FailoverStrategy, LoginMethod, OptionError, RabbitOptions};
pub use crate::config::{
    ConfigError, ConfigFiles, ConfigProblem, ConfigWarning, Scheme, ServiceConfig, TransportHost,
    TransportOptions, TransportUrl, Unread, UrlError,
};

use crate::deadline::Deadline;
use crate::delivery::{Delivery, WaitingFor};
use crate::driver::memory::Memory;
#[cfg(feature = "rabbit")]
use crate::driver::rabbit::Rabbit;
use crate::driver::replies::Replies;
use crate::driver::{Driver, Limits, SendError};
use crate::error::{Error, Result};
use crate::observe::{ConnectionState, Events, Statistics};

/// A way to servers, shared by any number of clients and servers; cloning it is cheap and shares
/// its connections and its reply queue. Nothing is connected before it is used.
///
/// The connections end with [`close`](Self::close), or when the last clone is dropped.
#[derive(Clone)]
pub struct Transport {
    pub(crate) driver: Arc<dyn Driver>,
    pub(crate) replies: Arc<Replies>,
    pub(crate) options: Arc<TransportOptions>,
    pub(crate) trace_context: Option<TraceContext>,
}

/// What says which trace is going on: a `traceparent`.
pub(crate) type TraceContext = Arc<dyn Fn() -> Option<String> + Send + Sync>;

impl Transport {
    /// A transport inside this process. Clones of it reach each other, others do not.
    #[must_use]
    pub fn memory() -> Self {
        Self::with_driver(TransportOptions::default(), |replies| {
            Arc::new(Memory::new(replies))
        })
    }

    /// The transport of a URL, such as `rabbit://user:password@host:5672/vhost` or `memory://`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidUrl`], which names the part that is wrong and
    /// never shows the password. An unreachable host is not noticed here.
    pub fn new(url: &str) -> Result<Self> {
        Self::with_options(&url.parse()?, TransportOptions::default())
    }

    /// The transport that is configured, see [`ConfigFiles`] and [`TransportOptions::from_ini`].
    ///
    /// # Errors
    ///
    /// As [`with_options`](Self::with_options).
    pub fn from_options(options: TransportOptions) -> Result<Self> {
        let url = match &options.transport_url {
            Some(url) => url.clone(),
            None => "rabbit://".parse()?,
        };
        Self::with_options(&url, options)
    }

    /// The transport of a parsed URL with options of one's own. The URL's options override them.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and when the options do not fit together.
    pub fn with_options(url: &TransportUrl, options: TransportOptions) -> Result<Self> {
        match url.scheme() {
            Scheme::Memory => Ok(Self::with_driver(options, |replies| {
                Arc::new(Memory::new(replies))
            })),
            #[cfg(feature = "rabbit")]
            Scheme::Rabbit => {
                let mut options = options;
                for (name, value) in url.options() {
                    options.rabbit.set(name, value).map_err(UrlError::from)?;
                    crate::config::warn_of(name);
                }
                options.rabbit.ssl |= options.tls.is_some();
                options.check_rabbit().map_err(UrlError::from)?;
                let for_driver = options.clone();
                Ok(Self::with_driver(options, |replies| {
                    Arc::new(Rabbit::new(url, for_driver, replies))
                }))
            }
            #[cfg(not(feature = "rabbit"))]
            Scheme::Rabbit => Err(UrlError::RabbitNotBuilt.into()),
        }
    }

    /// A clone that puts the trace which is going on into each message: what the function returns, a
    /// `traceparent` (W3C Trace Context, such as `00-<trace>-<span>-01`), becomes the value of that name
    /// in the message's context, where oslo.messaging from 18.3 on looks for it, unless the context has
    /// one. [`Context::traceparent`](crate::Context::traceparent) is the other end.
    #[must_use]
    pub fn with_trace_context(
        mut self,
        current: impl Fn() -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.trace_context = Some(Arc::new(current));
        self
    }

    /// The exchange of targets that name none.
    #[must_use]
    pub fn control_exchange(&self) -> &str {
        &self.options.control_exchange
    }

    /// The timeout of a call, cast or notification that names none.
    #[must_use]
    pub fn rpc_response_timeout(&self) -> Duration {
        self.options.rpc_response_timeout
    }

    /// How many calls wait for a reply right now.
    #[must_use]
    pub fn waiting_calls(&self) -> usize {
        self.replies.waiting()
    }

    /// Connects ahead of the first call, so that it does not wait for it, and returns when connected.
    ///
    /// # Errors
    ///
    /// [`Error::DeliveryFailure`] and
    /// [`Error::Timeout`] after [`rpc_response_timeout`](Self::rpc_response_timeout).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it goes on connecting.
    pub async fn connect(&self) -> Result<()> {
        let limit = self.rpc_response_timeout();
        let limits = Limits {
            deadline: Deadline::after(Instant::now(), limit),
            retry: None,
            monitor: None,
        };
        let connected = self.driver.connect(limits).await;
        connected.map_err(|error| match error {
            SendError::Failed { delivery, source }
            | SendError::TimedOut {
                delivery,
                trouble: Some(source),
                ..
            } => Error::DeliveryFailure { delivery, source },
            _ => Error::Timeout {
                waiting_for: WaitingFor::Connection,
                delivery: Delivery::NotSent,
                limit,
            },
        })
    }

    /// How it is now.
    #[must_use]
    pub fn state(&self) -> ConnectionState {
        self.replies.observer.state()
    }

    /// What happens from now on.
    #[must_use]
    pub fn events(&self) -> Events {
        self.replies.observer.events()
    }

    /// How many messages of which outcome there were.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.replies.observer.statistics()
    }

    /// Waits until every message that was handed over before is confirmed by the broker, or given up.
    ///
    /// Cancel safe.
    pub async fn flush(&self) {
        self.driver.flush().await;
    }

    /// Takes no new calls, casts and notifications, waits for those under way for so long at most, and closes. Servers
    /// are not its business: [stop](crate::RpcServer::stop) them before.
    ///
    /// Cancel safety: dropped early, no new calls are taken, and nothing is closed.
    pub async fn drain(&self, limit: Duration) {
        let observer = &self.replies.observer;
        observer.is_draining.store(true, Ordering::Release);
        let under_way = async {
            while self.replies.waiting() > 0 {
                sleep(LOOK).await;
            }
            self.flush().await;
        };
        // Who is not done by then is ended by the close.
        let _ = timeout(limit, under_way).await;
        self.close().await;
    }

    /// Closes the connections in good order. Calls that wait, and later ones, end at once with
    /// [`Error::DeliveryFailure`] of the kind
    /// [`Closed`](crate::TransportErrorKind::Closed). What was handed over before leaves before the
    /// connections close. A second close waits for the first.
    ///
    /// Queues that only this transport used are deleted, if need be on a new connection. A broker
    /// that does not answer is given up after about six seconds; the queues then go by themselves,
    /// after `rabbit_transient_queues_ttl`.
    ///
    /// Cancel safety: dropped early, the transport closes all the same.
    pub async fn close(&self) {
        self.driver.close().await;
    }

    fn with_driver(
        options: TransportOptions,
        driver: impl FnOnce(Arc<Replies>) -> Arc<dyn Driver>,
    ) -> Self {
        let replies = Arc::new(Replies::new(options.reply_bytes));
        Self {
            driver: driver(Arc::clone(&replies)),
            replies,
            options: Arc::new(options),
            trace_context: None,
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("driver", &self.driver)
            .finish_non_exhaustive()
    }
}

/// How often a transport that is drained looks whether calls still wait.
const LOOK: Duration = Duration::from_millis(5);
