//! Spans of plugins, for a collector of OpenTelemetry: for a program that has the feature `otlp`, where its
//! environment names one.

#[cfg(feature = "otlp")]
mod client;
#[cfg(feature = "otlp")]
mod export;
#[cfg(feature = "otlp")]
mod otlp;
#[cfg(feature = "otlp")]
mod tracer;
#[cfg(not(feature = "otlp"))]
mod without;

#[cfg(feature = "otlp")]
pub(crate) use self::otlp::Traces;
#[cfg(not(feature = "otlp"))]
pub(crate) use self::without::Traces;

/// Where spans are wanted, by OpenTelemetry's own variables: the one for spans alone, and the one for everything.
const ENDPOINTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
];

/// What the first of these variables says that says something.
fn variable(names: &[&str]) -> Option<String> {
    let mut values = names.iter().filter_map(|name| std::env::var(name).ok());
    values.find(|value| !value.is_empty())
}

/// The address that spans are to go to, unless they are switched off.
fn endpoint() -> Option<String> {
    let is_off = |names: &[&str], off: &str| {
        variable(names).is_some_and(|value| value.eq_ignore_ascii_case(off))
    };
    if is_off(&["OTEL_SDK_DISABLED"], "true") || is_off(&["OTEL_TRACES_EXPORTER"], "none") {
        return None;
    }
    variable(&ENDPOINTS)
}
