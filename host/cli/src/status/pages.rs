//! What is at which path.

use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use oslo_messaging_plugins::METRICS_CONTENT_TYPE;

use super::Status;
use super::report::Report;

pub(super) fn answer<B>(request: &Request<B>, status: &Status) -> Response<String> {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are\n");
        let allowed = HeaderValue::from_static("GET, HEAD");
        response.headers_mut().insert(ALLOW, allowed);
        return response;
    }
    match request.uri().path() {
        "/healthz" => text(StatusCode::OK, "it works\n"),
        "/metrics" => page(StatusCode::OK, METRICS_CONTENT_TYPE, status.host.metrics()),
        "/readyz" => readiness(status),
        "/status" => report(status),
        _ => text(
            StatusCode::NOT_FOUND,
            "there are /healthz, /metrics, /readyz and /status\n",
        ),
    }
}

/// A line for everything that is missing.
fn readiness(status: &Status) -> Response<String> {
    let missing = status.missing();
    if missing.is_empty() {
        return text(StatusCode::OK, "all plugins are started and served\n");
    }
    let lines: String = missing
        .iter()
        .map(|why| why.replace('\n', " ") + "\n")
        .collect();
    text(StatusCode::SERVICE_UNAVAILABLE, lines)
}

fn report(status: &Status) -> Response<String> {
    match serde_json::to_string(&Report::of(&status.host, status.missing())) {
        Ok(json) => page(StatusCode::OK, "application/json", json + "\n"),
        Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
    }
}

fn text(code: StatusCode, body: impl Into<String>) -> Response<String> {
    page(code, "text/plain; charset=utf-8", body.into())
}

fn page(code: StatusCode, kind: &'static str, body: String) -> Response<String> {
    let mut response = Response::new(body);
    *response.status_mut() = code;
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
