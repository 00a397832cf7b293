//! One request, from its head to its answer.

use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError};
use hyper::body::{Body as _, Incoming};
use tokio::time::timeout;

use super::origin::{REQUEST_ID, origin};
use super::refusal::Refusal;
use super::routes::{Answers, Routes};
use super::whole::whole;
use crate::hooks::new_request_id;

/// Whatever comes of it is an answer, and says by which id logs know it.
pub(super) async fn answer(routes: &Routes, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let request_id = new_request_id();
    let (parts, mut body) = request.into_parts();
    let answered = ask(routes, parts, &mut body, &request_id).await;
    let mut response = answered.unwrap_or_else(|refusal| {
        if !body.is_end_stream() {
            tokio::spawn(throw_away(body));
        }
        refusal.response()
    });
    if let Ok(request_id) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, request_id);
    }
    response.map(Full::new)
}

async fn ask(
    routes: &Routes,
    parts: Parts,
    body: &mut Incoming,
    request_id: &str,
) -> Result<Response<Bytes>, Refusal> {
    let Some(plugin) = routes.find(parts.uri.path()) else {
        // Nothing is started yet, or no more.
        if routes.is_empty() {
            return Err(Refusal::later(SOON, "no plugin is running").closing());
        }
        let why = "no plugin is started by this path";
        return Err(Refusal::new(StatusCode::NOT_FOUND, why));
    };
    check_host(&parts)?;
    // It comes to its end before anything of the plugin is busy with it: a slow client keeps nobody else out.
    let body = read(body, &*plugin).await?;
    // Another version may have its place by now, and begins it.
    let plugin = routes.find(parts.uri.path()).unwrap_or(plugin);
    let origin = origin(&parts.headers, request_id);
    plugin
        .answer(Request::from_parts(parts, body), origin)
        .await
}

/// HTTP wants to know for which of a server's names a request is, and so do plugins.
fn check_host(parts: &Parts) -> Result<(), Refusal> {
    let host = parts.headers.get(HOST);
    let is_there = parts.uri.authority().is_some() || host.is_some_and(|it| it.to_str().is_ok());
    if is_there {
        return Ok(());
    }
    let why = "the request has no `Host` that can be read";
    Err(Refusal::new(StatusCode::BAD_REQUEST, why))
}

async fn read(body: &mut Incoming, plugin: &dyn Answers) -> Result<Bytes, Refusal> {
    let (most, time) = (plugin.most_bytes(), plugin.time());
    let too_large = || {
        plugin.was_too_large();
        let why = format!("the body has more than {most} bytes, the plugin's limit");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, why).closing()
    };
    let announced = usize::try_from(body.size_hint().lower());
    if announced.is_ok_and(|bytes| bytes > most) {
        return Err(too_large());
    }
    match timeout(time, whole(body, most)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => {
            let why = "the body is not what its head says";
            Err(Refusal::new(StatusCode::BAD_REQUEST, why).closing())
        }
        Err(_) => {
            let why = format!("the body was not there within {time:?}, the plugin's limit");
            Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, why).closing())
        }
    }
}

/// What still comes of a refused body, for a while: a client that writes all of it before it reads would be cut off, and
/// lose the answer with it.
async fn throw_away(mut body: Incoming) {
    let reading = async { while let Some(Ok(_)) = body.frame().await {} };
    let _ = timeout(THROWN_AWAY_WITHIN, reading).await;
}

const THROWN_AWAY_WITHIN: Duration = Duration::from_secs(5);

const SOON: Duration = Duration::from_secs(1);
