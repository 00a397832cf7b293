use std::fmt;

use super::{Reach, Rule};
use crate::request::{Kind, Request};

/// One thing in which a request is not what a rule allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u16)]
pub enum Difference {
    /// Another transport.
    Transport,
    /// Fanout where the rule has none, or the reverse.
    Fanout,
    /// Another exchange.
    Exchange,
    /// Another topic, or server of it: another routing key.
    Topic,
    /// Another namespace, or one where the rule has none, or the reverse.
    Namespace,
    /// Another method.
    Method,
    /// Another version.
    Version,
    /// A call where the rule has casts, or the reverse.
    Kind,
    /// A notification where the rule has calls and casts, or the reverse. What only the one or the other has is
    /// not compared then.
    Notification,
    /// Another priority of a notification.
    Priority,
    /// Another type of event of a notification.
    EventType,
}

impl Difference {
    const ALL: [Self; 11] = [
        Self::Transport,
        Self::Fanout,
        Self::Exchange,
        Self::Topic,
        Self::Namespace,
        Self::Method,
        Self::Version,
        Self::Kind,
        Self::Notification,
        Self::Priority,
        Self::EventType,
    ];

    const fn bit(self) -> u16 {
        1 << self as u16
    }

    /// How far it takes a rule away from what was meant: another service is furthest.
    const fn weight(self) -> u32 {
        match self {
            Self::Topic | Self::Notification => 4,
            Self::EventType | Self::Method => 3,
            Self::Transport => 2,
            Self::Exchange
            | Self::Fanout
            | Self::Kind
            | Self::Namespace
            | Self::Priority
            | Self::Version => 1,
        }
    }
}

/// Everything in which a request is not what a rule allows.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Differences(u16);

impl Differences {
    /// Whether there are none: the rule allows the request.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The differences.
    pub fn iter(self) -> impl Iterator<Item = Difference> {
        let there = move |difference: &Difference| self.0 & difference.bit() != 0;
        Difference::ALL.into_iter().filter(there)
    }

    /// How far away the rule is.
    pub(crate) fn distance(self) -> u32 {
        self.iter().map(Difference::weight).sum()
    }

    /// The differences in words.
    pub(crate) const fn between<'a>(self, rule: &'a Rule, request: &'a Request<'a>) -> Between<'a> {
        Between {
            differences: self,
            request,
            rule,
        }
    }
}

impl FromIterator<Difference> for Differences {
    fn from_iter<I: IntoIterator<Item = Difference>>(differences: I) -> Self {
        let bits = differences.into_iter().map(Difference::bit);
        Self(bits.fold(0, |all, bit| all | bit))
    }
}

impl fmt::Debug for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

pub(crate) struct Between<'a> {
    differences: Differences,
    request: &'a Request<'a>,
    rule: &'a Rule,
}

impl fmt::Display for Between<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, difference) in self.differences.iter().enumerate() {
            if number > 0 {
                f.write_str(", ")?;
            }
            self.one(difference, f)?;
        }
        Ok(())
    }
}

impl Between<'_> {
    fn one(&self, difference: Difference, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request, rule, .. } = self;
        match difference {
            Difference::Transport => {
                write!(f, "its transport is `{}`", rule.transport)
            }
            Difference::Fanout if request.fanout => f.write_str("it has no fanout"),
            Difference::Fanout => f.write_str("it is for fanout alone"),
            Difference::Exchange => match &rule.reach {
                Reach::Named(exchanges) => write!(f, "its exchange is {}", Any(exchanges)),
                Reach::Control | Reach::Fanout => {
                    write!(
                        f,
                        "its exchange is the control exchange `{}`",
                        request.control_exchange
                    )
                }
            },
            Difference::Topic => write!(f, "its topic is {}", Any(&rule.keys)),
            Difference::Namespace if rule.namespaces.is_empty() => {
                f.write_str("it is for methods without namespace")
            }
            Difference::Namespace => write!(f, "its namespace is {}", Any(&rule.namespaces)),
            Difference::Method => write!(f, "its methods are {}", Any(&rule.methods)),
            Difference::Version => write!(f, "its version is {}", Any(&rule.versions)),
            Difference::Kind => match rule.kind {
                Some(kind) => write!(f, "it is for a {kind} alone"),
                None => Ok(()),
            },
            Difference::Notification if rule.kind == Some(Kind::Notify) => {
                f.write_str("it is for notifications alone")
            }
            Difference::Notification => f.write_str("it is for calls and casts"),
            Difference::Priority => write!(f, "its priority is {}", Any(&rule.priorities)),
            Difference::EventType => write!(f, "its type of event is {}", Any(&rule.event_types)),
        }
    }
}

/// `a`, `b` or `c`.
struct Any<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for Any<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, one) in self.0.iter().enumerate() {
            let separator = match number {
                0 => "",
                _ if number + 1 == self.0.len() => " or ",
                _ => ", ",
            };
            write!(f, "{separator}`{one}`")?;
        }
        Ok(())
    }
}
