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
use crate::plugin::Priority;
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
    event_types: Vec<Glob>,
    keys: Vec<KeyPattern>,
    kind: Option<Kind>,
    methods: Vec<Glob>,
    name: Box<str>,
    namespaces: Vec<Glob>,
    priorities: Vec<Priority>,
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

    /// The kind that it is about; none: calls and casts.
    #[must_use]
    pub const fn kind(&self) -> Option<Kind> {
        self.kind
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
        let transport = *self.transport == *request.transport;
        let key = request.key();
        let topic = self.keys.iter().any(|pattern| pattern.matches(key));
        // Where a fanout goes is decided by its topic alone.
        let exchange = exchange || request.fanout;
        let notifies = self.kind == Some(Kind::Notify);
        if notifies != (request.kind == Kind::Notify) {
            return differences([
                (Difference::Transport, transport),
                (Difference::Exchange, exchange),
                (Difference::Topic, topic),
                (Difference::Notification, false),
            ]);
        }
        if notifies {
            let priority = self.priorities.is_empty()
                || request
                    .priority
                    .is_some_and(|it| self.priorities.contains(&it));
            let event_type = self.event_types.is_empty()
                || self.event_types.iter().any(|it| it.matches(request.method));
            return differences([
                (Difference::Transport, transport),
                (Difference::Exchange, exchange),
                (Difference::Topic, topic),
                (Difference::Priority, priority),
                (Difference::EventType, event_type),
            ]);
        }
        let is_fanout = self.reach == Reach::Fanout;
        let namespace = match request.namespace {
            None => self.namespaces.is_empty(),
            Some(namespace) => self.namespaces.iter().any(|it| it.matches(namespace)),
        };
        let mut version = self.versions.iter();
        let version =
            self.versions.is_empty() || version.any(|pattern| pattern.matches(request.version));
        differences([
            (Difference::Transport, transport),
            (Difference::Fanout, is_fanout == request.fanout),
            (Difference::Exchange, exchange),
            (Difference::Topic, topic),
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
        ])
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
        let place = *self.transport == *other.transport
            && reach
            && all_covered(&self.keys, &other.keys, KeyPattern::covers);
        if self.kind == Some(Kind::Notify) || other.kind == Some(Kind::Notify) {
            return place && self.kind == other.kind && self.covers_notifications(other);
        }
        place
            && namespaces
            && all_covered(&self.methods, &other.methods, Glob::covers)
            && versions
            && (self.kind.is_none() || self.kind == other.kind)
    }

    /// Of two rules for notifications.
    fn covers_notifications(&self, other: &Self) -> bool {
        // None are all of them.
        let all = |mine: bool, others: bool, covered: bool| mine || (!others && covered);
        let mut narrow = other.priorities.iter();
        let priorities = all(
            self.priorities.is_empty(),
            other.priorities.is_empty(),
            narrow.all(|it| self.priorities.contains(it)),
        );
        priorities
            && all(
                self.event_types.is_empty(),
                other.event_types.is_empty(),
                all_covered(&self.event_types, &other.event_types, Glob::covers),
            )
    }
}

/// Those in which something does not fit.
fn differences<const N: usize>(compared: [(Difference, bool); N]) -> Differences {
    let compared = compared.into_iter();
    compared
        .filter_map(|(difference, fits)| (!fits).then_some(difference))
        .collect()
}

fn all_covered<T>(mine: &[T], others: &[T], covers: impl Fn(&T, &T) -> bool) -> bool {
    others
        .iter()
        .all(|other| mine.iter().any(|mine| covers(mine, other)))
}
