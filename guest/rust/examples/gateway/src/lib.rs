//! For HTTP to start: `/served/count` is a call of `count` at the service `served`, with the body for arguments
//! and the result for an answer. What keeps it from having one becomes a status.

use std::io::{Read as _, Write as _};

use oslo_messaging_guest::{Client, Error, Result, Target};
use serde_json::{Value, json};
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

/// The plugin.
pub struct Gateway;

impl Guest for Gateway {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let (status, said) = match asked(&request) {
            None => (400, json!({"error": "the body is not JSON"})),
            Some((method, args)) => match call(&method, &args) {
                Ok(result) => (200, result),
                Err(error) => (status(&error), json!({"error": error.to_string()})),
            },
        };
        // A client that is gone hears nothing, and that is all.
        let _ = answer(out, status, &said.to_string());
    }
}

// Native linkers refuse the export's name, and the workspace is built natively too.
#[cfg(target_family = "wasm")]
mod export {
    use crate::Gateway;
    wasip2::http::proxy::export!(Gateway);
}

fn call(method: &str, args: &Value) -> Result<Value> {
    let client = Client::open("default", Target::topic("served").version("1.5"))?;
    client.call(&(), method, args)
}

/// The method and the arguments; none: these are no JSON.
fn asked(request: &IncomingRequest) -> Option<(String, Value)> {
    let path = request.path_with_query().unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let method = path.rsplit('/').next().unwrap_or_default();
    let mut text = Vec::new();
    let body = request.consume().ok()?;
    body.stream().ok()?.read_to_end(&mut text).ok()?;
    if text.is_empty() {
        text = b"{}".to_vec();
    }
    Some((method.to_owned(), serde_json::from_slice(&text).ok()?))
}

fn status(error: &Error) -> u16 {
    match error {
        Error::AccessDenied { .. } => 403,
        Error::LimitExceeded { .. } => 429,
        Error::NoSuchTarget { .. } => 503,
        Error::Timeout { .. } => 504,
        _ => 502,
    }
}

fn answer(out: ResponseOutparam, status: u16, said: &str) -> std::result::Result<(), ()> {
    let fields = Fields::new();
    let json = [b"application/json".to_vec()];
    fields.set("content-type", &json).map_err(|_| ())?;
    let response = OutgoingResponse::new(fields);
    response.set_status_code(status)?;
    let body = response.body()?;
    ResponseOutparam::set(out, Ok(response));
    let mut stream = body.write()?;
    stream.write_all(said.as_bytes()).map_err(|_| ())?;
    stream.flush().map_err(|_| ())?;
    drop(stream);
    OutgoingBody::finish(body, None).map_err(|_| ())
}
