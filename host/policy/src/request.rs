//! What a plugin wants to send.

use std::fmt;

use crate::plugin::Priority;
use crate::rule::Key;
use crate::value::Exchange;
use crate::value::choice::choice;

/// A call, cast or notification that a plugin wants to send, as the policy sees it.
///
/// The parts of the target are as the client has them after all of its settings; what they come to
/// on the wire is worked out here, so that no spelling is decided differently from another:
///
/// - without an exchange, or with an empty one, it is the transport's control exchange;
/// - an empty server is none, and `topic` with `server` is the routing key `topic.server`;
/// - with fanout, exchange and server mean nothing: it goes to `<topic>_fanout`.
///
/// A notification has a topic, a priority and a type of event, and nothing else of a target but its exchange.
///
/// ```
/// use oslo_messaging_policy::{Kind, Request};
///
/// let request = Request::new(Kind::Call, "compute", "get_free").server("host-1").version("6.1");
/// assert_eq!(request.to_string(), "call of `get_free` on `compute.host-1`, version 6.1");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub(crate) control_exchange: &'a str,
    pub(crate) exchange: Option<&'a str>,
    pub(crate) fanout: bool,
    pub(crate) kind: Kind,
    pub(crate) method: &'a str,
    pub(crate) namespace: Option<&'a str>,
    pub(crate) priority: Option<Priority>,
    pub(crate) server: Option<&'a str>,
    pub(crate) topic: &'a str,
    pub(crate) transport: &'a str,
    pub(crate) version: Option<&'a str>,
}

impl<'a> Request<'a> {
    /// A call or cast over the transport `default`, whose control exchange is `openstack`.
    #[must_use]
    pub const fn new(kind: Kind, topic: &'a str, method: &'a str) -> Self {
        Self {
            control_exchange: "openstack",
            exchange: None,
            fanout: false,
            kind,
            method,
            namespace: None,
            priority: None,
            server: None,
            topic,
            transport: "default",
            version: None,
        }
    }

    /// A notification over the transport `default`, whose control exchange is `openstack`.
    ///
    /// ```
    /// use oslo_messaging_policy::{Priority, Request};
    ///
    /// let request = Request::notification("notifications", Priority::Info, "rebalance.end");
    /// assert_eq!(request.to_string(), "notification `rebalance.end` to `notifications.info`");
    /// ```
    #[must_use]
    pub const fn notification(topic: &'a str, priority: Priority, event_type: &'a str) -> Self {
        let mut request = Self::new(Kind::Notify, topic, event_type);
        request.priority = Some(priority);
        request
    }

    /// Sets the name that the transport has in the policy file, and its control exchange.
    #[must_use]
    pub const fn transport(mut self, name: &'a str, control_exchange: &'a str) -> Self {
        self.transport = name;
        self.control_exchange = control_exchange;
        self
    }

    /// Sets the exchange.
    #[must_use]
    pub fn exchange(mut self, exchange: impl Into<Option<&'a str>>) -> Self {
        self.exchange = exchange.into();
        self
    }

    /// Sets the server.
    #[must_use]
    pub fn server(mut self, server: impl Into<Option<&'a str>>) -> Self {
        self.server = server.into();
        self
    }

    /// Sets the namespace of the method. An empty one is not the same as none: servers tell them
    /// apart.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<Option<&'a str>>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Sets the version.
    #[must_use]
    pub fn version(mut self, version: impl Into<Option<&'a str>>) -> Self {
        self.version = version.into();
        self
    }

    /// Sets whether every server of the topic gets it.
    #[must_use]
    pub const fn fanout(mut self, fanout: bool) -> Self {
        self.fanout = fanout;
        self
    }

    pub(crate) fn effective_exchange(&self) -> &'a str {
        self.exchange
            .filter(|exchange| !exchange.is_empty())
            .unwrap_or(self.control_exchange)
    }

    /// Whether the exchange is named that carries other things than a target's topic.
    pub(crate) fn names_reserved_exchange(&self) -> bool {
        let exchange = self.effective_exchange();
        !self.fanout && exchange != self.control_exchange && Exchange::is_reserved(exchange)
    }

    pub(crate) fn effective_server(&self) -> Option<&'a str> {
        self.server
            .filter(|server| !server.is_empty() && !self.fanout)
    }

    pub(crate) fn key(&self) -> Key<'a> {
        Key::new(self.topic, self.effective_server())
    }
}

impl fmt::Display for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(priority) = self.priority {
            let (event_type, topic) = (self.method.escape_debug(), self.topic.escape_debug());
            write!(f, "notification `{event_type}` to `{topic}.{priority}`")?;
            return self.elsewhere(f);
        }
        write!(f, "{} of ", self.kind)?;
        if let Some(namespace) = self.namespace {
            write!(f, "`{}`.", namespace.escape_debug())?;
        }
        let on = if self.fanout { "every server of" } else { "on" };
        write!(
            f,
            "`{}` {on} `{}",
            self.method.escape_debug(),
            self.topic.escape_debug()
        )?;
        if let Some(server) = self.effective_server() {
            write!(f, ".{}", server.escape_debug())?;
        }
        f.write_str("`")?;
        self.elsewhere(f)?;
        if let Some(version) = self.version {
            write!(f, ", version {}", version.escape_debug())?;
        }
        Ok(())
    }
}

impl Request<'_> {
    /// Where it goes, as far as that is not where messages go that say nothing about it.
    fn elsewhere(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exchange = self.effective_exchange();
        if !self.fanout && exchange != self.control_exchange {
            write!(f, " in exchange `{}`", exchange.escape_debug())?;
        }
        if self.transport != "default" {
            write!(f, " over `{}`", self.transport.escape_debug())?;
        }
        Ok(())
    }
}

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A call: one server executes it and replies.
    Call,
    /// A cast: nothing comes back.
    Cast,
    /// A notification: whoever listens hears of it. A file says `notify`.
    Notify,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Call => "call",
            Self::Cast => "cast",
            Self::Notify => "notification",
        })
    }
}

choice!(Kind, "a kind", "call" => Call, "cast" => Cast, "notify" => Notify);
