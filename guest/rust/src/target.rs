use std::fmt;

use crate::bindings::types;

/// Where a message goes.
///
/// Everything is optional except that sending needs a topic.
///
/// ```
/// use oslo_messaging_guest::Target;
///
/// let target = Target::topic("compute").version("2.5").server("host-1");
/// assert_eq!(target.to_string(), "<Target topic=compute, version=2.5, server=host-1>");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Target {
    /// The exchange of the topic; none: the transport's default, `openstack` unless the operator
    /// set another.
    pub exchange: Option<String>,
    /// The name of the service.
    pub topic: Option<String>,
    /// The namespace of the methods; none: the servers' unnamed one.
    pub namespace: Option<String>,
    /// The version of the interface the caller was written for, `major.minor`; none: the message
    /// says nothing and servers take it for `1.0`.
    pub version: Option<String>,
    /// One server of the topic; none: any of them, one gets the message.
    pub server: Option<String>,
    /// Whether a cast goes to every server of the topic. A call with a fanout target is refused.
    pub fanout: bool,
}

impl Target {
    /// A target with nothing set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A target with a topic.
    #[must_use]
    pub fn topic(topic: impl Into<String>) -> Self {
        Self {
            topic: Some(topic.into()),
            ..Self::default()
        }
    }

    /// Sets the exchange.
    #[must_use]
    pub fn exchange(mut self, exchange: impl Into<String>) -> Self {
        self.exchange = Some(exchange.into());
        self
    }

    /// Sets the namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Sets the version.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Sets the server.
    #[must_use]
    pub fn server(mut self, server: impl Into<String>) -> Self {
        self.server = Some(server.into());
        self
    }

    /// Sets whether a cast goes to every server of the topic.
    #[must_use]
    pub const fn fanout(mut self, fanout: bool) -> Self {
        self.fanout = fanout;
        self
    }
}

/// The printed form of upstream: only what is set, in this order.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<Target")?;
        let mut separator = " ";
        for (name, value) in [
            ("exchange", &self.exchange),
            ("topic", &self.topic),
            ("namespace", &self.namespace),
            ("version", &self.version),
            ("server", &self.server),
        ] {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                write!(f, "{separator}{name}={value}")?;
                separator = ", ";
            }
        }
        if self.fanout {
            write!(f, "{separator}fanout=True")?;
        }
        f.write_str(">")
    }
}

impl From<Target> for types::Target {
    fn from(target: Target) -> Self {
        let Target {
            exchange,
            topic,
            namespace,
            version,
            server,
            fanout,
        } = target;
        Self {
            exchange,
            topic,
            namespace,
            version,
            server,
            fanout,
        }
    }
}

impl From<types::Target> for Target {
    fn from(target: types::Target) -> Self {
        let types::Target {
            exchange,
            topic,
            namespace,
            version,
            server,
            fanout,
        } = target;
        Self {
            exchange,
            topic,
            namespace,
            version,
            server,
            fanout,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_upstream_does() {
        let check = |target: Target, printed: &str| assert_eq!(target.to_string(), printed);
        check(Target::new(), "<Target>");
        check(Target::topic("t").server(""), "<Target topic=t>");
        check(
            Target::topic("t")
                .exchange("e")
                .namespace("n")
                .version("1.0")
                .server("s"),
            "<Target exchange=e, topic=t, namespace=n, version=1.0, server=s>",
        );
        check(
            Target::topic("t").fanout(true),
            "<Target topic=t, fanout=True>",
        );
    }

    #[test]
    fn every_field_reaches_the_host_and_comes_back() {
        let target = Target::topic("t")
            .exchange("e")
            .namespace("n")
            .version("1.0")
            .server("s");
        let target = target.fanout(true);
        let sent = types::Target::from(target.clone());
        assert_eq!(sent.exchange.as_deref(), Some("e"));
        assert_eq!(sent.topic.as_deref(), Some("t"));
        assert_eq!(sent.namespace.as_deref(), Some("n"));
        assert_eq!(sent.version.as_deref(), Some("1.0"));
        assert_eq!(sent.server.as_deref(), Some("s"));
        assert!(sent.fanout);
        assert_eq!(Target::from(sent), target);
    }
}
