//! The exporter that the environment asks for.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider};
use oslo_messaging_plugins::Tracer;
use tokio::runtime::Handle;

use super::client::Client;
use super::export::{Counted, Counts, Exporter};
use super::tracer::SpanTracer;
use super::{endpoint, variable};
use crate::failure::{Exit, Failure};

/// Spans on their way to a collector, if one is wanted. Those that wait are bounded in number and size, and
/// what is more is lost and counted.
pub(crate) struct Traces(Option<Exporting>);

struct Exporting {
    provider: SdkTracerProvider,
    counts: Arc<Counts>,
}

impl Traces {
    /// As OpenTelemetry's variables say. Without an endpoint nothing is exported.
    pub(crate) fn from_environment() -> Result<Self, Failure> {
        let Some(endpoint) = endpoint() else {
            return Ok(Self(None));
        };
        check(&endpoint)?;
        let failed = |error: &dyn fmt::Display| {
            let message = format!("spans cannot be exported: {error}");
            Failure::new(Exit::InvalidArgument, message)
        };
        let most_waiting = most_waiting();
        let counts = Arc::new(Counts::new(most_waiting));
        let client = Client::new(Handle::current(), time_limit()?, Arc::clone(&counts));
        let exporter = SpanExporter::builder().with_http().with_http_client(client);
        let exporter = exporter.build().map_err(|error| failed(&error))?;
        let exporter = Exporter::new(exporter, Arc::clone(&counts));
        let batches = BatchConfigBuilder::default().with_max_queue_size(most_waiting);
        let batches = BatchSpanProcessor::builder(exporter).with_batch_config(batches.build());
        let batches = batches.build();
        let provider = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_span_processor(Counted::new(batches, Arc::clone(&counts)))
            .build();
        tracing::info!("spans are exported");
        Ok(Self(Some(Exporting { provider, counts })))
    }

    pub(crate) fn tracer(&self) -> Option<Arc<dyn Tracer>> {
        let Exporting { provider, .. } = self.0.as_ref()?;
        let tracer = provider.tracer(env!("CARGO_PKG_NAME"));
        Some(Arc::new(SpanTracer::new(tracer)))
    }

    /// Exports what waits, for which a collector that is there has time.
    pub(crate) async fn flush(self) {
        let Some(Exporting { provider, counts }) = self.0 else {
            return;
        };
        // It blocks its thread, and its answers come on another one.
        let flushing = move || provider.shutdown_with_timeout(FLUSHING);
        let _ = tokio::task::spawn_blocking(flushing).await;
        let lost = counts.lost();
        if lost > 0 {
            tracing::warn!(lost, "spans were lost: the collector did not take them");
        }
    }
}

/// What this program can export to.
fn check(endpoint: &str) -> Result<(), Failure> {
    let refused =
        |message: String, remedy| Err(Failure::new(Exit::InvalidArgument, message).remedy(remedy));
    // Whoever writes a password into it should not find it in a log.
    if !endpoint.starts_with("http://") {
        return refused(
            "spans are exported to an endpoint that begins with `http://`, and the environment has another one"
                .to_owned(),
            "let a collector on this machine take them, such as http://127.0.0.1:4318, which may pass them on by https",
        );
    }
    let remedy = "write it as OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318";
    let Ok(uri) = endpoint.parse::<Uri>() else {
        let message = "spans cannot be exported: the endpoint of the environment is none";
        return refused(message.to_owned(), remedy);
    };
    // What is behind the last `:` and is no number that a port can have; an address of IPv6 ends with `]`.
    let authority = uri.authority().map_or("", |it| it.as_str());
    let host_and_port = authority.rsplit('@').next().unwrap_or_default();
    let behind_address = host_and_port.rsplit(']').next().unwrap_or_default();
    let has_port = behind_address.contains(':');
    if has_port && uri.port_u16().is_none_or(|port| port == 0) {
        let message = "spans cannot be exported: the port of the endpoint is none, which is a number from 1 to 65535";
        return refused(message.to_owned(), remedy);
    }
    let protocol = variable(&[
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        "OTEL_EXPORTER_OTLP_PROTOCOL",
    ]);
    match protocol {
        Some(protocol) if protocol != PROTOCOL => refused(
            format!("spans are exported by `{PROTOCOL}`, and not by `{protocol}`"),
            "leave OTEL_EXPORTER_OTLP_PROTOCOL out, and let the endpoint be the collector's port for HTTP, 4318",
        ),
        _ => Ok(()),
    }
}

/// How many spans wait for a collector. As OpenTelemetry does it, what is no number is not heard.
fn most_waiting() -> usize {
    let told = variable(&["OTEL_BSP_MAX_QUEUE_SIZE"]);
    told.and_then(|told| told.parse().ok())
        .unwrap_or(MOST_WAITING)
}

/// Of one export.
fn time_limit() -> Result<Duration, Failure> {
    let told = variable(&[
        "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
        "OTEL_EXPORTER_OTLP_TIMEOUT",
    ]);
    let Some(told) = told else {
        return Ok(TIME_LIMIT);
    };
    told.parse().map(Duration::from_millis).map_err(|_| {
        let message = format!("`{told}` is no time for an export: milliseconds are wanted");
        Failure::new(Exit::InvalidArgument, message).remedy("set OTEL_EXPORTER_OTLP_TIMEOUT=10000")
    })
}

/// Who the spans are of: the program, unless `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` says otherwise.
fn resource() -> Resource {
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let named = variable(&["OTEL_SERVICE_NAME"]).is_some()
        || variable(&["OTEL_RESOURCE_ATTRIBUTES"])
            .is_some_and(|attributes| attributes.contains("service.name="));
    let resource = Resource::builder().with_attribute(version);
    if named {
        resource.build()
    } else {
        resource.with_service_name(env!("CARGO_PKG_NAME")).build()
    }
}

const PROTOCOL: &str = "http/protobuf";

/// OpenTelemetry's own default.
const MOST_WAITING: usize = 2048;

/// OpenTelemetry's own default.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// How long the end of the program waits for a collector.
const FLUSHING: Duration = Duration::from_secs(5);
