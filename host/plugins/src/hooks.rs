//! What a plugin may send, by the rules of its policy.

use std::collections::BTreeMap;
use std::sync::Arc;

use oslo_messaging_policy::{Allow, Decision, Deny, Kind, Plugin, Priority, Rates, Request, Rules};
use oslo_messaging_wasmtime::{
    Denied, Grant, Kind as Sent, MessagingHooks, Origin, Request as Asked, Stamp,
};
use serde_json::Value;

use crate::output::Output;
use crate::spans::{Doing, Span, SpanEnd, SpanStart, Tracer};
use crate::statistics::{Counters, OfRule};

/// What the policy says of a plugin's requests, for all of its stores.
pub(crate) struct Permissions {
    plugin: Arc<str>,
    rules: Rules,
    rates: Rates,
    context: Stamp,
    /// Of each transport.
    control_exchanges: BTreeMap<String, String>,
    counters: Arc<Counters>,
    /// What is counted of each rule, by its position.
    calls: Vec<Arc<OfRule>>,
    tracer: Option<Arc<dyn Tracer>>,
}

impl Permissions {
    pub(crate) fn new(
        plugin: &Plugin,
        control_exchanges: BTreeMap<String, String>,
        counters: Arc<Counters>,
        tracer: Option<Arc<dyn Tracer>>,
    ) -> Self {
        let mut context = plugin.context().clone();
        context.insert("plugin".to_owned(), plugin.name().into());
        Self {
            plugin: plugin.name().into(),
            rules: plugin.rules().clone(),
            rates: Rates::new(plugin.limits().rate, plugin.rules()),
            context: context.into(),
            control_exchanges,
            calls: plugin
                .rules()
                .iter()
                .map(|rule| counters.calls.of(plugin.name(), rule.name()))
                .collect(),
            counters,
            tracer,
        }
    }

    /// Counts and tells a refusal, whoever decided it.
    pub(crate) fn refused(&self, denied: &Denied) {
        let plugin = &*self.plugin;
        // As strings, which are escaped: a guest chose what is in them.
        match denied {
            Denied::Access { rule, message, .. } => {
                self.counters.denied.add(rule);
                if self.counters.told.is_one_more() {
                    tracing::warn!(plugin, rule, why = message, "denied");
                }
            }
            Denied::Limit { limit, message, .. } => {
                // What is over a rate was counted by the rule whose rate it is.
                if limit != RATE {
                    self.counters.limited.add(limit);
                }
                if self.counters.told.is_one_more() {
                    tracing::warn!(plugin, limit, why = message, "refused");
                }
            }
            _ => {}
        }
    }

    fn decide(&self, asked: &Asked<'_>, of: &Invoked) -> Result<Grant, Denied> {
        let target = asked.target;
        let topic = target.topic.as_deref().unwrap_or_default();
        let request = match (asked.kind, priority(asked)) {
            (Sent::Call, _) => Request::new(Kind::Call, topic, asked.method),
            (Sent::Cast, _) => Request::new(Kind::Cast, topic, asked.method),
            (Sent::Notification, Some(priority)) => {
                Request::notification(topic, priority, asked.method)
            }
            (kind, _) => {
                let why = format!(
                    "a {kind} of `{}` is denied: no rule can allow what this host does not know",
                    asked.method.escape_debug()
                );
                return Err(Denied::access(DEFAULT, why));
            }
        };
        let control_exchange = self.control_exchanges.get(asked.transport);
        let request = request
            .transport(asked.transport, control_exchange.map_or("", String::as_str))
            .exchange(asked.exchange)
            .server(target.server.as_deref())
            .namespace(target.namespace.as_deref())
            .version(target.version.as_deref())
            .fanout(target.fanout);
        match self.rules.decide(&request) {
            Decision::Allow(allow) => self.allow(asked, &allow, of),
            Decision::Deny(deny) => Err(Denied::access(nearest(&deny), deny.to_string())),
        }
    }

    fn span(&self, asked: &Asked<'_>, rule: &str, of: &Invoked) -> Option<Box<dyn Span>> {
        let tracer = self.tracer.as_ref()?;
        Some(tracer.start(&SpanStart {
            plugin: &self.plugin,
            parent: of.traceparent.as_deref(),
            doing: Doing::Request {
                rule,
                kind: asked.kind,
                transport: asked.transport,
                target: asked.target,
                method: asked.method,
            },
        }))
    }

    fn allow(&self, asked: &Asked<'_>, allow: &Allow<'_>, of: &Invoked) -> Result<Grant, Denied> {
        if let Err(exceeded) = self.rates.take(allow, asked.at) {
            let whose = exceeded.rule.as_deref().unwrap_or("plugin");
            self.counters.over_rate.add(whose);
            return Err(Denied::limit(RATE, exceeded.to_string()));
        }
        self.counters.allowed.add();
        let span = self.span(asked, allow.rule().name(), of);
        let traceparent = span.as_ref().and_then(|span| span.traceparent());
        let stamped = match traceparent {
            Some(it) => of.stamped.with([("traceparent", Value::from(it))]),
            None => of.stamped.clone(),
        };
        let traceback = allow.rule().traceback();
        let mut grant = Grant::default().context(stamped).traceback(traceback);
        if let Some(of_rule) = self.calls.get(allow.position()) {
            let running = of_rule.begin(asked.kind, asked.at);
            grant = grant.on_end(move |ending| {
                let outcome = running.end(ending);
                if let Some(span) = span {
                    span.end(SpanEnd::Request(outcome));
                }
            });
        }
        Ok(match allow.timeout() {
            Some(timeout) => grant.timeout(timeout),
            None => grant,
        })
    }
}

/// The invocation that a store is at.
struct Invoked {
    /// What is written into the context of each message.
    stamped: Stamp,
    /// What its calls are part of.
    traceparent: Option<String>,
}

/// Of a notification, which is the last part of its queue's name.
fn priority(asked: &Asked<'_>) -> Option<Priority> {
    let (_, priority) = asked.routing_key?.rsplit_once('.')?;
    priority.parse().ok()
}

fn nearest<'a>(deny: &Deny<'a>) -> &'a str {
    deny.nearest()
        .map_or(DEFAULT, |nearest| nearest.rule().name())
}

/// Decides about the requests of one store by the rules and rates of a policy's plugin: for an embedder
/// that runs a plugin itself. A [`PluginHost`](crate::PluginHost) has them for all of its own.
pub struct PolicyHooks {
    permissions: Arc<Permissions>,
    output: Option<Output>,
    invoked: Invoked,
}

impl PolicyHooks {
    /// Of this plugin, with the control exchange of each transport that it is granted, by the name that
    /// it has in the policy. Each makes rates of its own.
    #[must_use]
    pub fn of(plugin: &Plugin, control_exchanges: BTreeMap<String, String>) -> Self {
        let permissions = Permissions::new(plugin, control_exchanges, Arc::default(), None);
        Self::new(Arc::new(permissions), None)
    }

    pub(crate) fn new(permissions: Arc<Permissions>, output: Option<Output>) -> Self {
        let invoked = Invoked {
            stamped: permissions.context.clone(),
            traceparent: None,
        };
        Self {
            permissions,
            output,
            invoked,
        }
    }
}

impl MessagingHooks for PolicyHooks {
    fn authorize(&mut self, request: &Asked<'_>) -> Result<Grant, Denied> {
        self.permissions.decide(request, &self.invoked)
    }

    fn refused(&mut self, denied: &Denied) {
        self.permissions.refused(denied);
    }

    /// What is on behalf of nobody has a name of its own, so that all of its calls are found together.
    fn invoked(&mut self, origin: &Origin) {
        if let Some(output) = &self.output {
            output.begin();
        }
        let Origin {
            global_request_id,
            request_id,
            traceparent,
            ..
        } = origin;
        let made;
        let request_id = match short(request_id) {
            Some(request_id) => request_id,
            None => {
                made = new_request_id();
                &made
            }
        };
        let entries = [
            ("request_id", Some(request_id)),
            ("global_request_id", short(global_request_id)),
            ("traceparent", short(traceparent)),
        ];
        let entries = entries.into_iter();
        let given = |(name, value): (&'static str, Option<&String>)| {
            value.map(|value| (name, Value::from(value.as_str())))
        };
        self.invoked = Invoked {
            stamped: self.permissions.context.with(entries.filter_map(given)),
            traceparent: short(traceparent).cloned(),
        };
    }
}

impl std::fmt::Debug for PolicyHooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PolicyHooks")
            .field("plugin", &self.permissions.plugin)
            .finish_non_exhaustive()
    }
}

/// Gives what has no id, or none that anybody could look for, the one that its calls are to carry.
pub(crate) fn identify(origin: &mut Origin) {
    if short(&origin.request_id).is_none() {
        origin.request_id = Some(new_request_id());
    }
}

/// An id that somebody else has chosen, as long as it is one.
fn short(id: &Option<String>) -> Option<&String> {
    id.as_ref().filter(|id| id.len() <= LONGEST_ID)
}

/// As OpenStack's services make them.
pub(crate) fn new_request_id() -> String {
    let mut bytes = [0; 16];
    // Without random numbers it is still a name, if not one of a kind.
    let _ = getrandom::fill(&mut bytes);
    let id = uuid::Builder::from_random_bytes(bytes).into_uuid();
    format!("req-{}", id.hyphenated())
}

/// What a denial names when no rule came near.
pub(crate) const DEFAULT: &str = "default";

/// The limit of what is more than a rate allows.
const RATE: &str = "rate";

/// In bytes; longer ones would be a part of every message that no limit counts.
const LONGEST_ID: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short() {
        let id = |bytes: usize| Some("x".repeat(bytes));
        assert_eq!(short(&id(LONGEST_ID)), id(LONGEST_ID).as_ref());
        assert_eq!(short(&id(LONGEST_ID + 1)), None);
        assert_eq!(short(&None), None);
    }
}
