//! Spans as OpenTelemetry names what is in them.

use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{Span as _, SpanBuilder, SpanKind, Status, TraceFlags, Tracer as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, Span as SdkSpan};
use oslo_messaging::Target;
use oslo_messaging_plugins::{
    CallOutcome, Doing, InvocationOutcome, Span, SpanEnd, SpanStart, StartedBy, Tracer,
};
use oslo_messaging_wasmtime::Kind;

pub(super) struct SpanTracer {
    tracer: SdkTracer,
    propagator: TraceContextPropagator,
}

impl SpanTracer {
    pub(super) fn new(tracer: SdkTracer) -> Self {
        Self {
            tracer,
            propagator: TraceContextPropagator::new(),
        }
    }
}

impl Tracer for SpanTracer {
    fn start(&self, start: &SpanStart<'_>) -> Box<dyn Span> {
        let parent = Parent(start.parent);
        // What is no `traceparent` begins a trace of its own.
        let parent = self
            .propagator
            .extract_with_context(&Context::new(), &parent);
        let mut attributes = vec![text("oslo_plugin.name", start.plugin)];
        let (name, kind) = describe(start, &mut attributes);
        let span = SpanBuilder::from_name(name)
            .with_kind(kind)
            .with_attributes(attributes);
        Box::new(Running(self.tracer.build_with_context(span, &parent)))
    }
}

struct Running(SdkSpan);

impl Span for Running {
    fn traceparent(&self) -> Option<String> {
        let context = self.0.span_context();
        context.is_valid().then(|| {
            let (trace, span) = (context.trace_id(), context.span_id());
            let flags = context.trace_flags() & TraceFlags::SAMPLED;
            format!("00-{trace}-{span}-{flags:02x}")
        })
    }

    fn end(mut self: Box<Self>, end: SpanEnd) {
        let (outcome, is_good) = match end {
            SpanEnd::Invocation(outcome) => {
                (outcome.name(), outcome == InvocationOutcome::Returned)
            }
            SpanEnd::Request(outcome) => (outcome.name(), outcome == CallOutcome::Succeeded),
            _ => ("_OTHER", true),
        };
        self.0.set_attribute(text("oslo_plugin.outcome", outcome));
        if !is_good {
            self.0.set_attribute(text("error.type", outcome));
            self.0.set_status(Status::error(outcome));
        }
        self.0.end();
    }
}

/// The name of a span and what kind it is. As the labels of metrics are, the name is made of names of the policy
/// alone, so that nobody makes names without end.
fn describe(start: &SpanStart<'_>, attributes: &mut Vec<KeyValue>) -> (String, SpanKind) {
    match start.doing {
        Doing::Invocation {
            started_by,
            method,
            request_id,
        } => {
            attributes.push(text("oslo_plugin.trigger", started_by.name()));
            attributes.extend(request_id.map(|it| text("oslo_plugin.request_id", it)));
            let kind = match started_by {
                StartedBy::Http => SpanKind::Server,
                StartedBy::Notification => {
                    attributes.extend(method.map(|it| text(EVENT_TYPE, it)));
                    SpanKind::Consumer
                }
                StartedBy::Rpc => {
                    attributes.push(text("rpc.system.name", SYSTEM));
                    attributes.extend(method.map(|it| text("rpc.method", it)));
                    SpanKind::Server
                }
                _ => SpanKind::Internal,
            };
            (format!("{started_by} {}", start.plugin), kind)
        }
        Doing::Request {
            rule,
            kind,
            transport,
            target,
            method,
        } => {
            attributes.push(text("oslo_plugin.rule", rule));
            attributes.push(text("oslo_plugin.transport", transport));
            attributes.extend(addressed(target));
            let span_kind = match kind {
                Kind::Notification => {
                    attributes.push(text(EVENT_TYPE, method));
                    SpanKind::Producer
                }
                kind => {
                    attributes.push(text("rpc.system.name", SYSTEM));
                    attributes.push(text("rpc.method", method));
                    if kind == Kind::Call {
                        SpanKind::Client
                    } else {
                        SpanKind::Producer
                    }
                }
            };
            (format!("{kind} {rule}"), span_kind)
        }
        _ => (start.plugin.to_owned(), SpanKind::Internal),
    }
}

/// Where a message goes.
fn addressed(target: &Target) -> impl Iterator<Item = KeyValue> {
    let Target {
        exchange,
        topic,
        namespace,
        version,
        server,
        ..
    } = target;
    let said = [
        ("oslo_messaging.exchange", exchange),
        ("oslo_messaging.topic", topic),
        ("oslo_messaging.namespace", namespace),
        ("oslo_messaging.version", version),
        ("oslo_messaging.server", server),
    ];
    let said = said.into_iter();
    said.filter_map(|(name, value)| value.as_deref().map(|value| text(name, value)))
}

/// What others chose may be of any length.
fn text(name: &'static str, value: &str) -> KeyValue {
    let end = value.floor_char_boundary(MOST_BYTES);
    KeyValue::new(name, value.get(..end).unwrap_or_default().to_owned())
}

struct Parent<'a>(Option<&'a str>);

impl Extractor for Parent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.filter(|_| key == "traceparent")
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

const SYSTEM: &str = "oslo_messaging";

const EVENT_TYPE: &str = "oslo_messaging.event_type";

/// Of one value.
const MOST_BYTES: usize = 255;
