//! Spans: who wants to know what happened on whose behalf, and how long it took.

use oslo_messaging::Target;
use oslo_messaging_wasmtime::Kind;

use crate::statistics::{CallOutcome, InvocationOutcome, StartedBy};

/// Where spans go: one of each invocation of a plugin, and one of each call, cast and notification of it that a
/// rule allowed. For a [`PluginHostBuilder`](crate::PluginHostBuilder::tracer).
///
/// It is asked while plugins wait, so that neither it nor its spans may block.
pub trait Tracer: Send + Sync {
    /// A span that begins now.
    fn start(&self, start: &SpanStart<'_>) -> Box<dyn Span>;
}

/// A span that has begun.
pub trait Span: Send + Sync {
    /// What is done on its behalf says so by this: W3C's `traceparent`, which replaces that of whoever
    /// started it. None leaves that as it is.
    fn traceparent(&self) -> Option<String>;

    /// It ends now. This comes once, whatever happens to the plugin.
    fn end(self: Box<Self>, end: SpanEnd);
}

/// What a span is about.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SpanStart<'a> {
    /// The plugin's name in the policy.
    pub plugin: &'a str,
    /// The `traceparent` of what it is part of, as it came: it may be nonsense.
    pub parent: Option<&'a str>,
    /// What is done.
    pub doing: Doing<'a>,
}

/// What is done. Names of methods, topics and events are whoever's who chose them.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Doing<'a> {
    /// The plugin is invoked.
    Invocation {
        /// By what.
        started_by: StartedBy,
        /// Which method of it is called, or of which type the event of a notification is.
        method: Option<&'a str>,
        /// The name that OpenStack's logs know the request by, and what the plugin calls meanwhile: its own, or where
        /// it has none the host's.
        request_id: Option<&'a str>,
    },
    /// The plugin sends something.
    Request {
        /// The rule that allowed it.
        rule: &'a str,
        /// Call, cast or notification.
        kind: Kind,
        /// The transport's name in the policy.
        transport: &'a str,
        /// Where it goes.
        target: &'a Target,
        /// The method; the type of the event of a notification.
        method: &'a str,
    },
}

/// How what a span is about has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpanEnd {
    /// An invocation.
    Invocation(InvocationOutcome),
    /// A call, cast or notification.
    Request(CallOutcome),
}
