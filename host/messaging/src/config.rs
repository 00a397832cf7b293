//! What is configured for a transport, from code or from a service's configuration file.

#[cfg(feature = "rabbit")]
mod compression;
mod error;
mod files;
mod ini;
mod nearest;
#[cfg(feature = "rabbit")]
mod option_error;
mod place;
#[cfg(feature = "rabbit")]
mod rabbit;
#[cfg(feature = "rabbit")]
mod removed;
mod service;
mod unread;
mod url;

use std::path::Path;
#[cfg(feature = "rabbit")]
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "rabbit")]
use tokio_rustls::rustls::ClientConfig;

pub use self::error::{ConfigError, ConfigProblem};
pub use self::files::{ConfigFiles, ServiceConfig};
pub use self::unread::{ConfigWarning, Unread};

#[cfg(feature = "rabbit")]
pub use self::compression::Compression;
#[cfg(feature = "rabbit")]
pub use self::option_error::OptionError;
#[cfg(feature = "rabbit")]
pub use self::rabbit::{FailoverStrategy, LoginMethod, RabbitOptions};
pub(crate) use self::service::read_text;
pub use self::url::{Scheme, TransportHost, TransportUrl, UrlError};

/// What upstream configures for a transport, in `[DEFAULT]` and `[oslo_messaging_rabbit]`.
///
/// ```
/// # #[cfg(feature = "rabbit")] {
/// use oslo_messaging::{Transport, TransportOptions};
///
/// let options = TransportOptions::from_ini(
///     "[DEFAULT]\n\
///      transport_url = rabbit://nova:secret@mq1,nova:secret@mq2/cloud\n\
///      control_exchange = nova\n\
///      [oslo_messaging_rabbit]\n\
///      rabbit_quorum_queue = true\n",
/// )?;
/// assert!(options.rabbit.rabbit_quorum_queue);
/// let transport = Transport::from_options(options)?;
/// assert_eq!(transport.control_exchange(), "nova");
/// # }
/// # Ok::<(), oslo_messaging::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TransportOptions {
    /// The exchange of targets that name none; default `openstack`, upstream's.
    pub control_exchange: String,
    /// The options of RabbitMQ. Those of a URL override them.
    #[cfg(feature = "rabbit")]
    pub rabbit: RabbitOptions,
    /// The largest message that is sent, in bytes, as it is on the wire: with its envelope, escaped and
    /// compressed. A larger one is refused before it is sent, because a broker ends the channel that
    /// it came on. Default 16 MiB, that of RabbitMQ 4 (its `max_message_size`); RabbitMQ 3 takes 128.
    pub max_message_size: usize,
    /// The largest result or exception that a call is given; a larger one is
    /// [`Error::InvalidReply`](crate::Error::InvalidReply), because the method was executed.
    /// Default 64 MiB. While it is read, a reply takes several times its size.
    pub reply_bytes: usize,
    /// The timeout of calls, casts and notifications that name none; default 60 s, upstream's.
    pub rpc_response_timeout: Duration,
    /// A TLS configuration of one's own, for keys in hardware, certificates that are exchanged while the
    /// program runs, other roots or another crypto provider. With it every connection uses TLS, as with
    /// `ssl = true`, and the files of `ssl_ca_file`, `ssl_cert_file` and `ssl_key_file` must not be given
    /// as well. It is used as it is for all connections, so that TLS sessions are resumed; the
    /// certificate of each host is verified under that host's own name, by whatever verifier it has.
    /// Default none: TLS as the options of RabbitMQ say.
    ///
    /// Its type is that of [`transport::rustls`](crate::transport::rustls).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::sync::Arc;
    ///
    /// use oslo_messaging::transport::rustls::{ClientConfig, RootCertStore};
    /// use oslo_messaging::{Transport, TransportOptions};
    ///
    /// // Filled with the authorities that are trusted.
    /// let roots = RootCertStore::empty();
    /// let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    /// let mut options = TransportOptions::default();
    /// options.tls = Some(Arc::new(config));
    /// let url = "rabbit://nova:secret@mq1/cloud".parse()?;
    /// let transport = Transport::with_options(&url, options)?;
    /// # drop(transport);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "rabbit")]
    pub tls: Option<Arc<ClientConfig>>,
    /// The URL for [`Transport::from_options`](crate::Transport::from_options); none is
    /// `rabbit://`, upstream's default, a broker on this machine.
    pub transport_url: Option<TransportUrl>,
}

impl TransportOptions {
    /// Reads a service's configuration as oslo.config does, as [`ConfigFiles`] does with a file. What
    /// is not read is logged, as a warning for each option.
    ///
    /// # Errors
    ///
    /// As [`ConfigFiles::read`], with the line.
    pub fn from_ini(text: &str) -> Result<Self, ConfigError> {
        read_text(text.as_bytes()).map(ServiceConfig::logged)
    }

    /// As [`from_ini`](Self::from_ini), from a file, which need not be UTF-8 where it is not read.
    ///
    /// # Errors
    ///
    /// As [`ConfigFiles::read`].
    pub fn from_ini_file(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let read = ConfigFiles::new().file(path.as_ref()).read();
        read.map(ServiceConfig::logged)
    }

    /// Whether the options of RabbitMQ fit together, and with what else is given.
    #[cfg(feature = "rabbit")]
    pub(crate) fn check_rabbit(&self) -> Result<(), OptionError> {
        self.rabbit.check()?;
        let files = [
            ("ssl_ca_file", &self.rabbit.ssl_ca_file),
            ("ssl_cert_file", &self.rabbit.ssl_cert_file),
            ("ssl_key_file", &self.rabbit.ssl_key_file),
        ];
        for (name, file) in files {
            if let (Some(_), Some(file)) = (&self.tls, file) {
                return Err(OptionError::BadValue {
                    name: name.to_owned(),
                    value: file.display().to_string(),
                    expected: "none beside a TLS configuration of the program's own",
                });
            }
        }
        Ok(())
    }

    /// How long a server tries to send a reply whose queue is missing.
    pub(crate) const fn missing_queue_timeout(&self) -> Duration {
        #[cfg(feature = "rabbit")]
        let timeout = self.rabbit.kombu_missing_consumer_retry_timeout;
        #[cfg(not(feature = "rabbit"))]
        let timeout = Duration::from_secs(60);
        timeout
    }

    /// Whether the broker tells a server that a reply's queue is missing.
    pub(crate) const fn mandatory_replies(&self) -> bool {
        #[cfg(feature = "rabbit")]
        let mandatory = self.rabbit.direct_mandatory_flag;
        #[cfg(not(feature = "rabbit"))]
        let mandatory = true;
        mandatory
    }
}

impl Default for TransportOptions {
    fn default() -> Self {
        Self {
            control_exchange: "openstack".to_owned(),
            #[cfg(feature = "rabbit")]
            rabbit: RabbitOptions::default(),
            max_message_size: 16 * 1024 * 1024,
            reply_bytes: 64 * 1024 * 1024,
            rpc_response_timeout: Duration::from_secs(60),
            #[cfg(feature = "rabbit")]
            tls: None,
            transport_url: None,
        }
    }
}

impl ServiceConfig {
    fn logged(self) -> TransportOptions {
        for warning in &self.warnings {
            tracing::warn!("{warning}");
        }
        self.options
    }
}

/// An operator who sets it in a URL expects something of it.
#[cfg(feature = "rabbit")]
pub(super) fn warn_of(name: &str) {
    if let Some(reason) = RabbitOptions::without_effect(name) {
        tracing::warn!("option `{name}` of the transport URL has no effect here: {reason}");
    }
}

#[cfg(all(test, feature = "rabbit"))]
mod tests;
