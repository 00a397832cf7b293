//! What becomes of spans: counted, and an outage is told once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor};

/// What has become of the spans that ended.
#[derive(Debug)]
pub(super) struct Counts {
    ended: AtomicU64,
    exported: AtomicU64,
    /// Of those that were exported, how many the collector did not take.
    refused: AtomicU64,
    refuses: AtomicBool,
    /// Those that had no place to wait or were to be exported in vain, and were not told of yet.
    failed: AtomicU64,
    is_away: AtomicBool,
    waiting: AtomicU64,
    most_waiting: u64,
}

impl Counts {
    pub(super) fn new(most_waiting: usize) -> Self {
        Self {
            ended: AtomicU64::new(0),
            exported: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            refuses: AtomicBool::new(false),
            failed: AtomicU64::new(0),
            is_away: AtomicBool::new(false),
            waiting: AtomicU64::new(0),
            most_waiting: u64::try_from(most_waiting).unwrap_or(u64::MAX),
        }
    }

    /// Those that ended and are not with the collector; when nothing waits any more, those that are lost.
    pub(super) fn lost(&self) -> u64 {
        let ended = self.ended.load(Ordering::Acquire);
        let exported = self.exported.load(Ordering::Acquire);
        let refused = self.refused.load(Ordering::Acquire);
        ended.saturating_sub(exported.saturating_sub(refused))
    }

    /// Whether one more may wait for its batch. One that may not is lost.
    fn has_place(&self) -> bool {
        self.ended.fetch_add(1, Ordering::AcqRel);
        let one_more = |waiting| (waiting < self.most_waiting).then_some(waiting + 1);
        let waits = self
            .waiting
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more);
        if waits.is_err() {
            self.failed.fetch_add(1, Ordering::AcqRel);
        }
        waits.is_ok()
    }

    /// The collector has taken a request, but not all of its spans: that is told once, and their number at the end.
    pub(super) fn refuses(&self, spans: u64, why: &str) {
        self.refused.fetch_add(spans, Ordering::AcqRel);
        if !self.refuses.swap(true, Ordering::AcqRel) {
            tracing::warn!(spans, why, "the collector refuses spans");
        }
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

/// Counts spans before they wait for their batch. It lets no more wait than have a place there: what is dropped
/// behind it is in no number.
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
        if span.span_context.is_sampled() && self.counts.has_place() {
            self.batches.on_end(span);
        }
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
        self.counts.waiting.fetch_sub(spans, Ordering::AcqRel);
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
