use std::time::Duration;

use super::{RpcClient, read_version};

/// One setting of a client with its value, for callers that have settings as data. None goes back
/// to the default that the method of the same name on [`RpcClient`] describes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is described at the method of its name")]
pub enum Setting {
    AtLeastOnce(Option<bool>),
    CallMonitorTimeout(Option<Duration>),
    Exchange(Option<String>),
    Fanout(Option<bool>),
    Namespace(Option<String>),
    Retry(Option<u32>),
    Server(Option<String>),
    Timeout(Option<Duration>),
    Topic(Option<String>),
    Version(Option<String>),
    VersionCap(Option<String>),
}

/// Settings.
impl RpcClient {
    /// Overrides one setting.
    #[must_use]
    pub fn set(mut self, setting: Setting) -> Self {
        match setting {
            Setting::AtLeastOnce(value) => self.at_least_once = value,
            Setting::CallMonitorTimeout(value) => self.call_monitor_timeout = value,
            Setting::Exchange(value) => self.target.exchange = value,
            Setting::Fanout(value) => self.target.fanout = value.unwrap_or_default(),
            Setting::Namespace(value) => self.target.namespace = value,
            Setting::Retry(value) => self.retry = value,
            Setting::Server(value) => self.target.server = value,
            Setting::Timeout(value) => self.timeout = value,
            Setting::Topic(value) => self.target.topic = value,
            Setting::Version(value) => {
                self.version = read_version(value.as_deref());
                self.target.version = value;
            }
            Setting::VersionCap(value) => {
                self.version_cap_read = read_version(value.as_deref());
                self.version_cap = value;
            }
        }
        self
    }

    /// The exchange. None: the transport's default.
    #[must_use]
    pub fn exchange<'a>(self, exchange: impl Into<Option<&'a str>>) -> Self {
        self.set(Setting::Exchange(owned(exchange)))
    }

    /// The topic. None: no topic, so that sending fails.
    #[must_use]
    pub fn topic<'a>(self, topic: impl Into<Option<&'a str>>) -> Self {
        self.set(Setting::Topic(owned(topic)))
    }

    /// The namespace of the methods. None: the unnamed one.
    #[must_use]
    pub fn namespace<'a>(self, namespace: impl Into<Option<&'a str>>) -> Self {
        self.set(Setting::Namespace(owned(namespace)))
    }

    /// The version of the interface. None: none is sent, and servers take it for 1.0.
    #[must_use]
    pub fn version<'a>(self, version: impl Into<Option<&'a str>>) -> Self {
        self.set(Setting::Version(owned(version)))
    }

    /// The server. None: any server of the topic.
    #[must_use]
    pub fn server<'a>(self, server: impl Into<Option<&'a str>>) -> Self {
        self.set(Setting::Server(owned(server)))
    }

    /// Whether casts go to every server of the topic. None: no.
    #[must_use]
    pub fn fanout(self, fanout: impl Into<Option<bool>>) -> Self {
        self.set(Setting::Fanout(fanout.into()))
    }

    /// How long a call or cast may take in all, counted from the moment it is made: connecting,
    /// sending and, for a call, the reply. Zero times out at once. None: the transport's
    /// `rpc_response_timeout`.
    ///
    /// Upstream starts counting when the broker has confirmed the message, so that a call without
    /// a broker blocks for ever.
    #[must_use]
    pub fn timeout(self, timeout: impl Into<Option<Duration>>) -> Self {
        self.set(Setting::Timeout(timeout.into()))
    }

    /// The highest version that may be sent. None: any.
    #[must_use]
    pub fn version_cap<'a>(self, version_cap: impl Into<Option<&'a str>>) -> Self {
        self.set(Setting::VersionCap(owned(version_cap)))
    }

    /// How many times a failed attempt to connect is repeated before
    /// [`Error::DeliveryFailure`](crate::Error::DeliveryFailure). None: until the timeout. What a
    /// broker may already have is never sent again.
    #[must_use]
    pub fn retry(self, retry: impl Into<Option<u32>>) -> Self {
        self.set(Setting::Retry(retry.into()))
    }

    /// Asks the server for signs of life during a call, and times out when none came for this
    /// long; at least 2 s. The timeout of the whole call holds as well. None: no monitoring.
    #[must_use]
    pub fn call_monitor_timeout(self, timeout: impl Into<Option<Duration>>) -> Self {
        self.set(Setting::CallMonitorTimeout(timeout.into()))
    }

    /// Whether a message that no queue takes fails at once with
    /// [`Error::NoSuchTarget`](crate::Error::NoSuchTarget). None: calls do, casts do not (upstream:
    /// neither does, so that a call to nobody waits for its whole timeout). Fanout casts never do.
    #[must_use]
    pub fn at_least_once(self, at_least_once: impl Into<Option<bool>>) -> Self {
        self.set(Setting::AtLeastOnce(at_least_once.into()))
    }
}

fn owned<'a>(text: impl Into<Option<&'a str>>) -> Option<String> {
    text.into().map(ToOwned::to_owned)
}
