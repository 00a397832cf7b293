//! Answers that are not a plugin's.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};

/// Why a request has no answer of a plugin, as its client is told. Nothing of a plugin's inside is in it.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    why: String,
    retry_after: Option<Duration>,
    closes: bool,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, why: impl Into<String>) -> Self {
        Self {
            status,
            why: why.into(),
            retry_after: None,
            closes: false,
        }
    }

    /// 503, with when to come again.
    pub(crate) fn later(after: Duration, why: impl Into<String>) -> Self {
        Self {
            retry_after: Some(after),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, why)
        }
    }

    /// Ends the connection, on which the rest of the request may still come.
    pub(crate) const fn closing(mut self) -> Self {
        self.closes = true;
        self
    }

    pub(crate) fn response(self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(format!("{}\n", self.why)));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        headers.insert(CONTENT_TYPE, text);
        if let Some(after) = self.retry_after {
            // Whole seconds, and none too early.
            let begun = u64::from(after.subsec_nanos() > 0);
            let seconds = after.as_secs().saturating_add(begun).max(1);
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if self.closes {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
