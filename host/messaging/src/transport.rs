//! Where messages travel: RabbitMQ, or this process's memory.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "rabbit")]
pub use crate::config::{Compression, FailoverStrategy, LoginMethod, OptionError, RabbitOptions};
pub use crate::config::{
    ConfigError, ConfigProblem, Scheme, TransportHost, TransportOptions, TransportUrl, UrlError,
};

use crate::driver::Driver;
use crate::driver::memory::Memory;
#[cfg(feature = "rabbit")]
use crate::driver::rabbit::Rabbit;
use crate::driver::replies::Replies;
use crate::error::Result;

/// A way to servers, shared by any number of clients and servers; cloning it is cheap and shares
/// its connections and its reply queue (dossier §1.1). Nothing is connected before it is used.
///
/// The connections end with [`close`](Self::close), or when the last clone is dropped.
#[derive(Clone)]
pub struct Transport {
    pub(crate) driver: Arc<dyn Driver>,
    pub(crate) replies: Arc<Replies>,
    pub(crate) options: Arc<TransportOptions>,
}

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
    /// [`Error::InvalidUrl`](crate::Error::InvalidUrl), which names the part that is wrong and
    /// never shows the password. An unreachable host is not noticed here.
    pub fn new(url: &str) -> Result<Self> {
        Self::with_options(&url.parse()?, TransportOptions::default())
    }

    /// The transport that is configured, see [`TransportOptions::from_ini`].
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
                    if RabbitOptions::without_effect(name).is_some() {
                        crate::config::warn_of(name);
                    }
                }
                options.rabbit.check().map_err(UrlError::from)?;
                let (rabbit_options, most) = (options.rabbit.clone(), options.max_message_size);
                Ok(Self::with_driver(options, |replies| {
                    Arc::new(Rabbit::new(url, rabbit_options, most, replies))
                }))
            }
            #[cfg(not(feature = "rabbit"))]
            Scheme::Rabbit => Err(UrlError::RabbitNotBuilt.into()),
        }
    }

    /// The exchange of targets that name none.
    #[must_use]
    pub fn control_exchange(&self) -> &str {
        &self.options.control_exchange
    }

    /// The timeout of a call or cast that names none.
    #[must_use]
    pub fn rpc_response_timeout(&self) -> Duration {
        self.options.rpc_response_timeout
    }

    /// How many calls wait for a reply right now.
    #[must_use]
    pub fn waiting_calls(&self) -> usize {
        self.replies.waiting()
    }

    /// Closes the connections in good order. Calls that wait, and later ones, end at once with
    /// [`Error::DeliveryFailure`](crate::Error::DeliveryFailure) of the kind
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
