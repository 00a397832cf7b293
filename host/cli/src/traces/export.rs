//! What becomes of spans: counted, and an outage is told once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor};

/// What has become of the spans that ended.
#[derive(Debug, Default)]
pub(super) struct Counts {
    ended: AtomicU64,
    exported: AtomicU64,
    /// Those that were to be exported in vain since the collector was last there.
    failed: AtomicU64,
    is_away: AtomicBool,
}

impl Counts {
    /// Those that ended and are not with the collector; when nothing waits any more, those that are lost.
    pub(super) fn lost(&self) -> u64 {
        let exported = self.exported.load(Ordering::Acquire);
        self.ended.load(Ordering::Acquire).saturating_sub(exported)
    }

    /// An attempt to reach the collector has failed: that is told once, until one succeeds.
    pub(super) fn is_away(&self, why: &str) {
        if !self.is_away.swap(true, Ordering::AcqRel) {
            tracing::warn!(why, "spans are not exported for now: plugins go on without");
        }
    }

    pub(super) fn is_back(&self) {
        if self.is_away.swap(false, Ordering::AcqRel) {
            let lost = self.failed.swap(0, Ordering::AcqRel);
            tracing::info!(lost, "spans are exported again");
        }
    }
}

/// Counts spans before they wait for their batch.
#[derive(Debug)]
pub(super) struct Counted {
    batches: BatchSpanProcessor,
    counts: Arc<Counts>,
}

impl Counted {
    pub(super) const fn new(batches: BatchSpanProcessor, counts: Arc<Counts>) -> Self {
        Self { batches, counts }
    }
}

impl SpanProcessor for Counted {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.batches.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            self.counts.ended.fetch_add(1, Ordering::AcqRel);
        }
        self.batches.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.batches.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.batches.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.batches.set_resource(resource);
    }
}

/// Counts spans behind their batch.
#[derive(Debug)]
pub(super) struct Exporter {
    exporter: opentelemetry_otlp::SpanExporter,
    counts: Arc<Counts>,
}

impl Exporter {
    pub(super) const fn new(
        exporter: opentelemetry_otlp::SpanExporter,
        counts: Arc<Counts>,
    ) -> Self {
        Self { exporter, counts }
    }
}

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        let exported = self.exporter.export(batch).await;
        match &exported {
            Ok(()) => {
                self.counts.exported.fetch_add(spans, Ordering::AcqRel);
                self.counts.is_back();
            }
            Err(error) => {
                self.counts.failed.fetch_add(spans, Ordering::AcqRel);
                // Its client has told more, unless the failure is another one.
                self.counts.is_away(&error.to_string());
            }
        }
        exported
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
