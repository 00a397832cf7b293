//! What a plugin may do: rules, and how they are compared with requests.

mod builder;
mod difference;
mod glob;
mod key;
pub(crate) mod print;
mod version;

use std::time::Duration;

pub use self::builder::{Fault, InvalidRule, RuleBuilder};
pub use self::difference::{Difference, Differences};
pub use self::glob::Glob;
pub(crate) use self::key::Key;
use self::key::KeyPattern;
pub use self::version::VersionPattern;
use crate::request::{Kind, Request};
use crate::value::{Exchange, Rate, Time};

/// One thing that a plugin may do. Whatever no rule allows is denied.
///
/// ```
/// use oslo_messaging_policy::{Kind, Request, Rule};
///
/// let rule = Rule::builder("read compute")
///     .topic("compute".parse()?)
///     .server("host-*".parse()?)
///     .method("get_*".parse()?)
///     .build()?;
/// let request = Request::new(Kind::Call, "compute.host-1", "get_free");
/// assert!(rule.differences(&request).is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    keys: Vec<KeyPattern>,
    kind: Option<Kind>,
    methods: Vec<Glob>,
    name: Box<str>,
    namespaces: Vec<Glob>,
    rate: Option<Rate>,
    reach: Reach,
    servers: Vec<Glob>,
    timeout: Option<Time>,
    topics: Vec<Glob>,
    traceback: bool,
    transport: Box<str>,
    versions: Vec<VersionPattern>,
}

/// Which exchanges a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Reach {
    /// The transport's control exchange, whatever it is called.
    Control,
    /// The exchange of the topic's fanouts.
    Fanout,
    /// These, at least one.
    Named(Vec<Exchange>),
}

impl Rule {
    /// A rule to be built, with what a denial and `explain` call it.
    #[must_use]
    pub fn builder(name: &str) -> RuleBuilder {
        RuleBuilder::new(name)
    }

    /// What a denial and `explain` call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the transport that it is about.
    #[must_use]
    pub fn transport(&self) -> &str {
        &self.transport
    }

    /// The longest that what it allows may take, if it says so.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout.map(Time::duration)
    }

    /// How often what it allows may happen, if it says so.
    #[must_use]
    pub const fn rate(&self) -> Option<Rate> {
        self.rate
    }

    /// Whether the plugin sees the traceback of a remote exception.
    #[must_use]
    pub const fn traceback(&self) -> bool {
        self.traceback
    }

    /// In what a request differs from what this allows; nothing if it is allowed. It allocates
    /// nothing.
    #[must_use]
    pub fn differences(&self, request: &Request<'_>) -> Differences {
        let exchange = match &self.reach {
            Reach::Control => request.effective_exchange() == request.control_exchange,
            Reach::Fanout => true,
            Reach::Named(exchanges) => {
                let exchange = request.effective_exchange();
                exchanges.iter().any(|named| named.as_str() == exchange)
            }
        };
        let is_fanout = self.reach == Reach::Fanout;
        let key = request.key();
        let namespace = match request.namespace {
            None => self.namespaces.is_empty(),
            Some(namespace) => self.namespaces.iter().any(|it| it.matches(namespace)),
        };
        let mut version = self.versions.iter();
        let version =
            self.versions.is_empty() || version.any(|pattern| pattern.matches(request.version));
        [
            (Difference::Transport, *self.transport == *request.transport),
            (Difference::Fanout, is_fanout == request.fanout),
            // Where a fanout goes is decided by its topic alone.
            (Difference::Exchange, exchange || request.fanout),
            (
                Difference::Topic,
                self.keys.iter().any(|pattern| pattern.matches(key)),
            ),
            (Difference::Namespace, namespace),
            (
                Difference::Method,
                self.methods
                    .iter()
                    .any(|method| method.matches(request.method)),
            ),
            (Difference::Version, version),
            (
                Difference::Kind,
                self.kind.is_none_or(|kind| kind == request.kind),
            ),
        ]
        .into_iter()
        .filter_map(|(difference, fits)| (!fits).then_some(difference))
        .collect()
    }

    /// Whether everything that `other` allows is allowed by this. Never true without reason; there
    /// are several patterns which together cover one that none of them covers alone.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let reach = match (&self.reach, &other.reach) {
            (Reach::Control, Reach::Control) | (Reach::Fanout, Reach::Fanout) => true,
            (Reach::Named(mine), Reach::Named(others)) => {
                others.iter().all(|exchange| mine.contains(exchange))
            }
            _ => false,
        };
        let namespaces = self.namespaces.is_empty() == other.namespaces.is_empty()
            && all_covered(&self.namespaces, &other.namespaces, Glob::covers);
        let versions = if other.versions.is_empty() {
            self.versions.is_empty() || self.versions.contains(&VersionPattern::Any)
        } else {
            self.versions.is_empty()
                || all_covered(&self.versions, &other.versions, |mine, other| {
                    mine.covers(*other)
                })
        };
        *self.transport == *other.transport
            && reach
            && all_covered(&self.keys, &other.keys, KeyPattern::covers)
            && namespaces
            && all_covered(&self.methods, &other.methods, Glob::covers)
            && versions
            && (self.kind.is_none() || self.kind == other.kind)
    }
}

fn all_covered<T>(mine: &[T], others: &[T], covers: impl Fn(&T, &T) -> bool) -> bool {
    others
        .iter()
        .all(|other| mine.iter().any(|mine| covers(mine, other)))
}
