//! A plugin as its host needs it: everything inherited and checked.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::decision::Rules;
use crate::nearest::suggest;
use crate::rule::Glob;
use crate::value::choice::{self, choice};
use crate::value::{Count, Cron, Digest, Exchange, InvalidValue, Name, Rate, Secret, Size, Time};

/// A plugin, and what it may do.
#[derive(Clone, PartialEq)]
pub struct Plugin {
    pub(crate) component: PathBuf,
    pub(crate) context: Map<String, Value>,
    pub(crate) instances: Instances,
    pub(crate) limits: Limits,
    pub(crate) name: String,
    pub(crate) rules: Rules,
    pub(crate) sha256: Option<Digest>,
    pub(crate) triggers: Vec<Trigger>,
}

impl Plugin {
    /// What the file calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The component's file. A relative path is relative to the policy file.
    #[must_use]
    pub fn component(&self) -> &Path {
        &self.component
    }

    /// The hash that the component must have, if it is pinned.
    #[must_use]
    pub const fn sha256(&self) -> Option<&Digest> {
        self.sha256.as_ref()
    }

    /// How instances are used.
    #[must_use]
    pub const fn instances(&self) -> Instances {
        self.instances
    }

    /// Entries of every message's context, which replace the plugin's own of the same name.
    #[must_use]
    pub const fn context(&self) -> &Map<String, Value> {
        &self.context
    }

    /// What it may use at most.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What starts it.
    #[must_use]
    pub fn triggers(&self) -> &[Trigger] {
        &self.triggers
    }

    /// What it may do.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The transports that it may open: those that its rules are about. Each once, in the order of
    /// the rules.
    #[must_use]
    pub fn transports(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for rule in self.rules.iter() {
            if !names.contains(&rule.transport()) {
                names.push(rule.transport());
            }
        }
        names
    }
}

/// Without the values of its context, among which may be tokens.
impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            component,
            context,
            instances,
            limits,
            name,
            rules,
            sha256,
            triggers,
        } = self;
        f.debug_struct("Plugin")
            .field("name", name)
            .field("component", component)
            .field("sha256", sha256)
            .field("instances", instances)
            .field("context", &context.keys().collect::<Vec<_>>())
            .field("limits", limits)
            .field("triggers", triggers)
            .field("rules", rules)
            .finish()
    }
}

/// What a plugin may use at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Calls, casts and notifications at the same time.
    pub calls_in_flight: Count,
    /// Processor time of one invocation.
    pub cpu: Time,
    /// Instances at the same time, of all triggers, at work or idle.
    pub instances: Count,
    /// Linear memory of one instance.
    pub memory: Size,
    /// Standard output and error of one invocation.
    pub output: Size,
    /// Calls, casts and notifications over time.
    pub rate: Rate,
    /// One result or exception.
    pub reply: Size,
    /// One request: context, method and arguments.
    pub request: Size,
    /// The wall clock of one invocation.
    pub time: Time,
}

/// What holds where a file says nothing. `docs/policy.md` says why.
impl Default for Limits {
    fn default() -> Self {
        const KIB: u64 = 1 << 10;
        const MIB: u64 = 1 << 20;
        Self {
            calls_in_flight: Count::at_least_one(64),
            cpu: Time::from_millis(500),
            instances: Count::at_least_one(64),
            memory: Size::from_bytes(64 * MIB),
            output: Size::from_bytes(64 * KIB),
            rate: Rate::per_second(200),
            reply: Size::from_bytes(MIB),
            request: Size::from_bytes(MIB),
            time: Time::from_millis(5000),
        }
    }
}

/// How instances of a plugin are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instances {
    /// A fresh one for each invocation, which ends with it.
    Fresh,
    /// Some for each trigger, which are used again. A timer's are fresh.
    Pooled {
        /// How many there are at most of one trigger. Each has one invocation at a time.
        concurrency: Count,
        /// How long an instance is kept without work.
        idle: Time,
        /// Invocations after which an instance is replaced.
        invocations: Count,
    },
}

/// Something that starts a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trigger {
    /// HTTP requests for this path and those below it.
    Http {
        /// The path, from its `/` on.
        path: String,
    },
    /// Notifications.
    Notification(Subscription),
    /// Calls and casts to a target that the plugin serves.
    Rpc(Service),
    /// A timer.
    Timer {
        /// Whether it starts the plugin again while it runs.
        overlap: bool,
        /// When.
        schedule: Schedule,
    },
}

/// When a timer starts a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// When its text says so, in UTC.
    Cron(Cron),
    /// With this much between two starts.
    Every(Duration),
}

/// A target that a plugin serves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Service {
    /// The exchange; none: the transport's control exchange.
    pub exchange: Option<Exchange>,
    /// The server's own name.
    pub server: Name,
    /// The topic.
    pub topic: Name,
    /// The name of the transport.
    pub transport: String,
}

/// Notifications that start a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subscription {
    /// The types of event; empty: all.
    pub event_types: Vec<Glob>,
    /// The exchange; none: the transport's control exchange.
    pub exchange: Option<Exchange>,
    /// Which listeners share the notifications; none: those that have no pool either.
    pub pool: Option<Name>,
    /// The priorities, at least one.
    pub priorities: Vec<Priority>,
    /// Whether a notification that the plugin failed on is put back.
    pub requeue: bool,
    /// The topic.
    pub topic: Name,
    /// The name of the transport.
    pub transport: String,
}

/// The priority of a notification, which is part of its queue's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Priority {
    /// `audit`
    Audit,
    /// `critical`
    Critical,
    /// `debug`
    Debug,
    /// `error`
    Error,
    /// `info`
    Info,
    /// `sample`
    Sample,
    /// `warn`
    Warn,
}

choice!(
    Priority, "a priority",
    "audit" => Audit, "critical" => Critical, "debug" => Debug, "error" => Error, "info" => Info,
    "sample" => Sample, "warn" => Warn,
);

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(choice::word(Self::WORDS, self))
    }
}

/// The word that is part of the queue's name.
impl FromStr for Priority {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let found = Self::WORDS.iter().find(|(word, _)| *word == text);
        found.map(|(_, priority)| *priority).ok_or_else(|| {
            let known: Vec<_> = Self::WORDS.iter().map(|(word, _)| *word).collect();
            InvalidValue::new(text, "is not a priority", suggest(text, &known))
        })
    }
}

/// Whether instances are used again, as the file has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reuse {
    Fresh,
    Pooled,
}

choice!(Reuse, "a way of reuse", "fresh" => Fresh, "pooled" => Pooled);

/// Where HTTP requests come in that start plugins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Http {
    /// Connections at the same time; further ones wait until one ends.
    pub connections: Count,
    /// Where to listen. Port 0 is one that the system chooses.
    pub listen: SocketAddr,
}

/// How services are reached.
#[derive(Clone, Debug)]
pub struct Transport {
    pub(crate) control_exchange: Option<Exchange>,
    pub(crate) name: String,
    pub(crate) source: TransportSource,
}

impl Transport {
    /// What the file calls it, and the plugins open.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its address is.
    #[must_use]
    pub const fn source(&self) -> &TransportSource {
        &self.source
    }

    /// The exchange of targets that name none, if the policy says so; otherwise it is that of the
    /// configuration file, or `openstack`.
    #[must_use]
    pub fn control_exchange(&self) -> Option<&str> {
        self.control_exchange.as_ref().map(Exchange::as_str)
    }
}

/// Where the address of a transport is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportSource {
    /// A service's oslo.config file. A relative path is relative to the policy file.
    ConfigFile(PathBuf),
    /// A URL.
    Url(Secret),
}
