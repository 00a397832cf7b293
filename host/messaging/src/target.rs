use std::fmt;

/// Where a message goes, or what a server listens to (upstream
/// `oslo_messaging/target.py`).
///
/// Everything is optional except that sending needs a topic, and serving a topic and a server.
///
/// ```
/// use oslo_messaging::Target;
///
/// let target = Target::topic("compute").version("2.5").server("host-1");
/// assert_eq!(target.to_string(), "<Target topic=compute, version=2.5, server=host-1>");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Target {
    /// The exchange of the topic; none: the transport's default, `openstack` unless set otherwise.
    pub exchange: Option<String>,
    /// The name of the service.
    pub topic: Option<String>,
    /// The namespace of the methods.
    pub namespace: Option<String>,
    /// The version of the interface, `major.minor` or `major.minor.revision`.
    pub version: Option<String>,
    /// One server of the topic; none: any of them.
    pub server: Option<String>,
    /// Whether a cast goes to every server of the topic.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_upstream_does() {
        let check = |target: Target, printed: &str| assert_eq!(target.to_string(), printed);
        check(Target::new(), "<Target>");
        check(Target::topic("t"), "<Target topic=t>");
        check(Target::topic("t").server(""), "<Target topic=t>");
        check(
            Target::topic("t").version("2.0").fanout(true),
            "<Target topic=t, version=2.0, fanout=True>",
        );
        check(
            Target::topic("t")
                .exchange("e")
                .namespace("n")
                .version("1.0")
                .server("s"),
            "<Target exchange=e, topic=t, namespace=n, version=1.0, server=s>",
        );
    }
}
