use std::error::Error as StdError;
use std::fmt;

use super::{Glob, KeyPattern, Reach, Rule, VersionPattern};
use crate::plugin::Priority;
use crate::request::Kind;
use crate::value::{Exchange, InvalidValue, Label, Rate, Time, Title};

/// Makes a [`Rule`]. A topic is needed, and a method unless it is for notifications; of everything that
/// can be given several times, one has to fit.
#[derive(Clone, Debug)]
pub struct RuleBuilder {
    event_types: Vec<Glob>,
    exchanges: Vec<Exchange>,
    fanout: bool,
    kind: Option<Kind>,
    methods: Vec<Glob>,
    name: String,
    namespaces: Vec<Glob>,
    priorities: Vec<Priority>,
    rate: Option<Rate>,
    servers: Vec<Glob>,
    timeout: Option<Time>,
    topics: Vec<Glob>,
    traceback: bool,
    transport: String,
    versions: Vec<VersionPattern>,
}

impl RuleBuilder {
    pub(super) fn new(name: &str) -> Self {
        Self {
            event_types: Vec::new(),
            exchanges: Vec::new(),
            fanout: false,
            kind: None,
            methods: Vec::new(),
            name: name.to_owned(),
            namespaces: Vec::new(),
            priorities: Vec::new(),
            rate: None,
            servers: Vec::new(),
            timeout: None,
            topics: Vec::new(),
            traceback: false,
            transport: "default".to_owned(),
            versions: Vec::new(),
        }
    }

    /// Over this transport. Default: `default`.
    #[must_use]
    pub fn transport(mut self, name: &str) -> Self {
        name.clone_into(&mut self.transport);
        self
    }

    /// To this exchange, and not to the transport's control exchange. May be repeated.
    #[must_use]
    pub fn exchange(mut self, exchange: Exchange) -> Self {
        self.exchanges.push(exchange);
        self
    }

    /// To this topic, or `topic.server`. May be repeated.
    #[must_use]
    pub fn topic(mut self, topic: Glob) -> Self {
        self.topics.push(topic);
        self
    }

    /// To single servers of the topic, and not to any of them. May be repeated.
    #[must_use]
    pub fn server(mut self, server: Glob) -> Self {
        self.servers.push(server);
        self
    }

    /// To every server of the topic at once, and not to one.
    #[must_use]
    pub const fn fanout(mut self) -> Self {
        self.fanout = true;
        self
    }

    /// Methods of this namespace, and not those without one. May be repeated.
    #[must_use]
    pub fn namespace(mut self, namespace: Glob) -> Self {
        self.namespaces.push(namespace);
        self
    }

    /// This method. May be repeated.
    #[must_use]
    pub fn method(mut self, method: Glob) -> Self {
        self.methods.push(method);
        self
    }

    /// This version of the interface. May be repeated. Default: any.
    #[must_use]
    pub fn version(mut self, version: VersionPattern) -> Self {
        self.versions.push(version);
        self
    }

    /// Notifications of this priority; notifications alone. May be repeated. Default: any.
    #[must_use]
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priorities.push(priority);
        self
    }

    /// Notifications of this type of event; notifications alone. May be repeated. Default: any.
    #[must_use]
    pub fn event_type(mut self, event_type: Glob) -> Self {
        self.event_types.push(event_type);
        self
    }

    /// Calls alone, casts alone, or notifications. Default: calls and casts.
    #[must_use]
    pub const fn kind(mut self, kind: Kind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// The longest that one may take. Default: what is left of the invocation.
    #[must_use]
    pub const fn timeout(mut self, timeout: Time) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How often. Default: the plugin's rate.
    #[must_use]
    pub const fn rate(mut self, rate: Rate) -> Self {
        self.rate = Some(rate);
        self
    }

    /// Whether the plugin sees the traceback of a remote exception. Default: no, because it is the
    /// inside of another machine.
    #[must_use]
    pub const fn traceback(mut self, shown: bool) -> Self {
        self.traceback = shown;
        self
    }

    /// The rule.
    ///
    /// # Errors
    ///
    /// [`InvalidRule`], with everything in it that is missing, or cannot be together.
    pub fn build(self) -> Result<Rule, InvalidRule> {
        let mut faults = self.faults();
        if let Err(error) = self.name.parse::<Title>() {
            faults.push(Fault::invalid("name", &error));
        }
        if let Err(error) = self.transport.parse::<Label>() {
            faults.push(Fault::invalid("transport", &error));
        }
        let mut keys = Vec::new();
        let mut add = |topic, server| match KeyPattern::new(topic, server) {
            Ok(key) => keys.push(key),
            Err(error) => faults.push(Fault::invalid("topic", &error)),
        };
        for topic in &self.topics {
            if self.servers.is_empty() {
                add(topic, None);
            }
            for server in &self.servers {
                add(topic, Some(server));
            }
        }
        if !faults.is_empty() {
            return Err(InvalidRule {
                faults,
                name: self.name,
            });
        }
        let reach = match (self.fanout, self.exchanges.is_empty()) {
            (true, _) => Reach::Fanout,
            (false, true) => Reach::Control,
            (false, false) => Reach::Named(self.exchanges),
        };
        Ok(Rule {
            event_types: self.event_types,
            keys,
            kind: self.kind.or_else(|| self.fanout.then_some(Kind::Cast)),
            methods: self.methods,
            name: self.name.into(),
            namespaces: self.namespaces,
            priorities: self.priorities,
            rate: self.rate,
            reach,
            servers: self.servers,
            timeout: self.timeout,
            topics: self.topics,
            traceback: self.traceback,
            transport: self.transport.into(),
            versions: self.versions,
        })
    }

    fn faults(&self) -> Vec<Fault> {
        let dotted = self.topics.iter().find(|it| it.as_str().contains('.'));
        let casts = self.fanout || self.kind == Some(Kind::Cast);
        let notifies = self.kind == Some(Kind::Notify);
        let fault = |wrong: bool, key, message: &str, remedy: &str| {
            wrong.then(|| Fault::new(key, message, remedy))
        };
        let found = [
            fault(
                self.topics.is_empty(),
                "topic",
                "no topic is named",
                "name at least one, `*` for all",
            ),
            fault(
                self.methods.is_empty() && !notifies,
                "methods",
                "no method is named",
                "name at least one, `*` for all",
            ),
            fault(
                self.fanout && !self.exchanges.is_empty(),
                "exchange",
                "a fanout goes to an exchange of its own",
                "leave out `exchange`, or make two rules of this",
            ),
            fault(
                self.fanout && !self.servers.is_empty(),
                "server",
                "a fanout goes to every server",
                "leave out `server`, or make two rules of this",
            ),
            fault(
                self.fanout && self.kind == Some(Kind::Call),
                "kind",
                "a fanout is a cast, nobody could reply",
                "leave out `kind`, or make two rules of this",
            ),
            fault(
                self.traceback && casts,
                "traceback",
                "a cast brings no exception back",
                "leave out `traceback`",
            ),
        ];
        let mut faults: Vec<Fault> = found.into_iter().flatten().collect();
        faults.extend(self.of_the_other_kind(notifies));
        if let (Some(topic), Some(server)) = (dotted, self.servers.first()) {
            faults.push(Fault::new(
                "topic",
                format!("`{topic}` has a dot, behind which a server is named already"),
                format!("leave out `server`, and write `topic = \"{topic}.{server}\"`"),
            ));
        }
        faults
    }

    /// What notifications do not have, or nothing but notifications.
    fn of_the_other_kind(&self, notifies: bool) -> impl Iterator<Item = Fault> {
        let of_notifications = [
            ("priority", !self.priorities.is_empty()),
            ("event-type", !self.event_types.is_empty()),
        ];
        let of_messages = [
            ("server", !self.servers.is_empty()),
            ("fanout", self.fanout),
            ("namespace", !self.namespaces.is_empty()),
            ("methods", !self.methods.is_empty()),
            ("version", !self.versions.is_empty()),
            ("traceback", self.traceback),
        ];
        let messages = of_messages
            .into_iter()
            .filter(move |(_, given)| *given && notifies);
        let messages = messages.map(|(key, _)| {
            let remedy = match key {
                "methods" => "leave it out, and write `event-type` for types of event".to_owned(),
                key => format!("leave out `{key}`, or make two rules of this"),
            };
            Fault::new(key, "a notification has none", remedy)
        });
        let notifications = of_notifications
            .into_iter()
            .filter(move |(_, given)| *given && !notifies);
        let notifications = notifications.map(|(key, _)| {
            let remedy = "write `kind = \"notify\"`, or leave it out";
            Fault::new(key, "only a notification has one", remedy)
        });
        messages.chain(notifications)
    }
}

/// Why there is no such rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRule {
    pub(crate) faults: Vec<Fault>,
    name: String,
}

impl InvalidRule {
    /// Everything that is wrong, at least one thing.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter()
    }
}

impl fmt::Display for InvalidRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule `{}`", self.name)?;
        for (number, fault) in self.faults.iter().enumerate() {
            let separator = if number == 0 { ": " } else { ", and " };
            write!(f, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl StdError for InvalidRule {}

/// One thing that is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub(crate) key: &'static str,
    pub(crate) message: String,
    pub(crate) remedy: String,
}

impl Fault {
    fn new(key: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            key,
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    fn invalid(key: &'static str, error: &InvalidValue) -> Self {
        Self::new(key, error.message(), error.remedy())
    }

    /// What it is called in a policy file.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        self.key
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.key, self.message, self.remedy)
    }
}
