//! Decisions: whether a request may be sent, on which terms, and why.

use std::fmt;
use std::time::Duration;

use crate::request::Request;
use crate::rule::{Differences, Rule};
use crate::value::Rate;

/// What a plugin may do, in the order in which it was written. An empty list denies everything.
///
/// The first rule that allows a request decides; its timeout and rate hold. So another rule never
/// denies what was allowed before it came, but put first it may set other terms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    rules: Vec<Rule>,
}

impl Rules {
    /// The rules in this order.
    #[must_use]
    pub fn new(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self {
            rules: rules.into_iter().collect(),
        }
    }

    /// The rules.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// Whether a request may be sent. It allocates nothing, and takes no longer than comparing the
    /// request with every rule.
    #[must_use]
    pub fn decide<'a>(&'a self, request: &Request<'a>) -> Decision<'a> {
        let deny = |reason| {
            Decision::Deny(Deny {
                reason,
                request: *request,
            })
        };
        if request.names_reserved_exchange() {
            return deny(Reason::ReservedExchange);
        }
        let mut nearest: Option<Nearest<'a>> = None;
        for (position, rule) in self.rules.iter().enumerate() {
            let differences = rule.differences(request);
            if differences.is_empty() {
                return Decision::Allow(Allow { position, rule });
            }
            let distance = differences.distance();
            if nearest.is_none_or(|nearest| distance < nearest.differences.distance()) {
                nearest = Some(Nearest { differences, rule });
            }
        }
        deny(nearest.map_or(Reason::NoRules, Reason::NoRuleFits))
    }

    /// Why a request may be sent, or not: the decision, and what each rule has to say.
    #[must_use]
    pub fn explain<'a>(&'a self, request: &Request<'a>) -> Explanation<'a> {
        let decision = self.decide(request);
        let decided = match &decision {
            Decision::Allow(allow) => Some(allow.position),
            Decision::Deny(_) => None,
        };
        let verdict = |(position, rule): (usize, &'a Rule)| {
            let differences = rule.differences(request);
            let verdict = if Some(position) == decided {
                Verdict::Decides
            } else if differences.is_empty() {
                Verdict::FitsToo
            } else {
                Verdict::Differs(differences)
            };
            (rule, verdict)
        };
        Explanation {
            decision,
            request: *request,
            verdicts: self.rules.iter().enumerate().map(verdict).collect(),
        }
    }
}

/// Whether a request may be sent.
#[derive(Clone, Copy, Debug)]
pub enum Decision<'a> {
    /// It may, on these terms.
    Allow(Allow<'a>),
    /// It may not.
    Deny(Deny<'a>),
}

impl Decision<'_> {
    /// Whether it may be sent.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allow(_))
    }
}

impl fmt::Display for Decision<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allow(allow) => allow.fmt(f),
            Self::Deny(deny) => deny.fmt(f),
        }
    }
}

/// The terms on which a request may be sent.
#[derive(Clone, Copy, Debug)]
pub struct Allow<'a> {
    position: usize,
    rule: &'a Rule,
}

impl<'a> Allow<'a> {
    /// The rule that decided.
    #[must_use]
    pub const fn rule(&self) -> &'a Rule {
        self.rule
    }

    /// Which of the rules that is, from 0; [`Rates`](crate::Rates) wants it.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    /// The longest that the request may take, if the rule says so.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.rule.timeout()
    }

    /// How often such requests may be sent, if the rule says so.
    #[must_use]
    pub const fn rate(&self) -> Option<Rate> {
        self.rule.rate()
    }
}

impl fmt::Display for Allow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "allowed by rule `{}`", self.rule.name())
    }
}

/// Why a request may not be sent.
#[derive(Clone, Copy, Debug)]
pub struct Deny<'a> {
    reason: Reason<'a>,
    request: Request<'a>,
}

impl<'a> Deny<'a> {
    /// Why.
    #[must_use]
    pub const fn reason(&self) -> Reason<'a> {
        self.reason
    }

    /// The rule that came nearest, if there is any.
    #[must_use]
    pub const fn nearest(&self) -> Option<Nearest<'a>> {
        match self.reason {
            Reason::NoRuleFits(nearest) => Some(nearest),
            Reason::NoRules | Reason::ReservedExchange => None,
        }
    }
}

impl fmt::Display for Deny<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reason, request } = self;
        write!(f, "{request} is denied: ")?;
        match reason {
            Reason::NoRuleFits(Nearest { differences, rule }) => write!(
                f,
                "no rule allows it; the nearest is `{}`, but {}",
                rule.name(),
                differences.between(rule, request)
            ),
            Reason::NoRules => f.write_str("the plugin has no rules"),
            Reason::ReservedExchange => write!(
                f,
                "exchange `{}` is not for topics, and no rule can allow it",
                request.effective_exchange().escape_debug()
            ),
        }
    }
}

/// Why a request may not be sent.
#[derive(Clone, Copy, Debug)]
pub enum Reason<'a> {
    /// None of the rules allows it; this one came nearest.
    NoRuleFits(Nearest<'a>),
    /// There are no rules.
    NoRules,
    /// It names an exchange that carries fanouts, or that is the broker's own: with the name
    /// `<topic>_fanout` it would be a fanout that does not look like one.
    ReservedExchange,
}

/// The rule that came nearest to allowing a request. With several equally near it is the first.
#[derive(Clone, Copy, Debug)]
pub struct Nearest<'a> {
    differences: Differences,
    rule: &'a Rule,
}

impl<'a> Nearest<'a> {
    /// The rule.
    #[must_use]
    pub const fn rule(&self) -> &'a Rule {
        self.rule
    }

    /// In what the request differs from it.
    #[must_use]
    pub const fn differences(&self) -> Differences {
        self.differences
    }
}

/// A decision, and what each rule has to say. Printed over several lines.
#[derive(Clone, Debug)]
pub struct Explanation<'a> {
    decision: Decision<'a>,
    request: Request<'a>,
    verdicts: Vec<(&'a Rule, Verdict)>,
}

impl<'a> Explanation<'a> {
    /// The decision.
    #[must_use]
    pub const fn decision(&self) -> &Decision<'a> {
        &self.decision
    }

    /// The rules in their order, each with its verdict.
    pub fn verdicts(&self) -> impl Iterator<Item = (&'a Rule, Verdict)> + '_ {
        self.verdicts.iter().copied()
    }
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            decision, request, ..
        } = self;
        match decision {
            Decision::Allow(allow) => write!(f, "{request} is {allow}")?,
            Decision::Deny(deny) => deny.fmt(f)?,
        }
        for (rule, verdict) in &self.verdicts {
            write!(f, "\n- `{}`: ", rule.name())?;
            match verdict {
                Verdict::Decides => f.write_str("decides")?,
                Verdict::Differs(differences) => {
                    differences.between(rule, request).fmt(f)?;
                }
                Verdict::FitsToo => f.write_str("allows it too, but comes later")?,
            }
        }
        Ok(())
    }
}

/// What one rule has to say about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the first that allows it.
    Decides,
    /// It does not allow it, because of these.
    Differs(Differences),
    /// It allows it, but another one came first.
    FitsToo,
}
