//! What a plugin answers, read to its end.

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::response::Parts;
use http::{Method, Response, StatusCode};
use http_body_util::LengthLimitError;
use tokio::sync::oneshot::Receiver;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

use crate::http::whole;

/// Why what a plugin said is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Wrong {
    #[error("the plugin gave the error {0:?} for an answer")]
    Error(ErrorCode),
    #[error("the plugin's answer has another length than its head says")]
    Length,
    #[error("the plugin gave no answer")]
    None,
    #[error("the plugin's status {0} is none of an answer")]
    Status(u16),
    #[error("the plugin's answer is larger than its limit `reply`")]
    TooLarge,
    #[error("the plugin did not finish its answer")]
    Unfinished,
}

/// The whole answer. Its trailers are left out.
pub(super) async fn answered(
    answer: Receiver<Result<Response<HyperOutgoingBody>, ErrorCode>>,
    most_bytes: usize,
) -> Result<Response<Bytes>, Wrong> {
    let response = match answer.await {
        Ok(answer) => answer.map_err(Wrong::Error)?,
        // What would have answered was dropped.
        Err(_) => return Err(Wrong::None),
    };
    let (head, body) = response.into_parts();
    match whole(body, most_bytes).await {
        Ok(body) => Ok(Response::from_parts(head, body)),
        Err(error) if error.is::<LengthLimitError>() => Err(Wrong::TooLarge),
        Err(_) => Err(Wrong::Unfinished),
    }
}

/// The answer as it is sent: its length is what it has.
pub(super) fn response_of(
    asked: &Method,
    response: Response<Bytes>,
) -> Result<Response<Bytes>, Wrong> {
    let (mut head, body) = response.into_parts();
    if head.status.is_informational() {
        return Err(Wrong::Status(head.status.as_u16()));
    }
    // It may say what the whole would have had.
    if head.status == StatusCode::NOT_MODIFIED && body.is_empty() {
        head.headers.remove(CONTENT_LENGTH);
    }
    // To a `HEAD` it says what a `GET` would have got.
    let is_of_another = *asked == Method::HEAD && body.is_empty();
    if !is_of_another {
        check_length(&mut head, body.len())?;
    }
    Ok(Response::from_parts(head, body))
}

fn check_length(head: &mut Parts, bytes: usize) -> Result<(), Wrong> {
    let Some(said) = head.headers.remove(CONTENT_LENGTH) else {
        return Ok(());
    };
    let said = said.to_str().ok().and_then(|said| said.parse().ok());
    if said == Some(bytes) {
        Ok(())
    } else {
        Err(Wrong::Length)
    }
}
