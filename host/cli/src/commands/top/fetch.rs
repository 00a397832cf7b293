//! Asking a daemon for its status.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1;
use hyper::header::HOST;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::failure::{Exit, Failure};
use crate::status::report::Report;

pub(super) async fn fetch(address: &str) -> Result<Report, Failure> {
    let answer = match timeout(PATIENCE, ask(address)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(nobody(address, &error)),
        Err(_) => return Err(nobody(address, &format_args!("no answer in {PATIENCE:?}"))),
    };
    let other = |what: &dyn std::fmt::Display| {
        Failure::new(
            Exit::InvalidReply,
            format!(
                "{address} does not answer as `oslo-plugin host` does: {}",
                what.to_string().escape_debug()
            ),
        )
    };
    match answer {
        (StatusCode::OK, body) => serde_json::from_slice(&body).map_err(|error| other(&error)),
        (code, _) => Err(other(&code)),
    }
}

fn nobody(address: &str, error: &dyn std::fmt::Display) -> Failure {
    let message = format!("no status can be had from {address}: {error}");
    Failure::new(Exit::Unreachable, message)
        .remedy("`oslo-plugin host --listen-status ADDRESS:PORT` serves it there")
}

async fn ask(address: &str) -> io::Result<(StatusCode, Vec<u8>)> {
    let stream = TcpStream::connect(address).await?;
    let connecting = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = connecting.map_err(io::Error::other)?;
    // It ends with its sender, or with the other side.
    tokio::spawn(connection);
    let request = Request::get("/status").header(HOST, address);
    let request = request.body(String::new()).map_err(io::Error::other)?;
    let response = sender.send_request(request).await;
    let mut response = response.map_err(io::Error::other)?;
    let body = read(response.body_mut()).await?;
    Ok((response.status(), body))
}

async fn read(body: &mut Incoming) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
        let Ok(data) = frame.map_err(io::Error::other)?.into_data() else {
            continue;
        };
        if bytes.len() + data.len() > MOST {
            let why = format!("its status has more than {MOST} bytes");
            return Err(io::Error::other(why));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

const PATIENCE: Duration = Duration::from_secs(5);

/// Some ten thousand plugins.
const MOST: usize = 64 * 1024 * 1024;
