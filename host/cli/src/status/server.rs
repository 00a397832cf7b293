//! Serving: bounded in connections, in time, and in what a client may say.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::Status;
use super::pages::answer;
use crate::failure::{Exit, Failure};

/// Takes the address, before anything else is begun that would be in vain without it.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| {
        let failure = Failure::new(
            Exit::Failed,
            format!("the status cannot be served at {address}: {error}"),
        );
        match error.kind() {
            io::ErrorKind::AddrInUse => failure.remedy(
                "another program has the port: choose another one with --listen-status, or 0 for any",
            ),
            io::ErrorKind::AddrNotAvailable => failure.remedy(
                "the address is none of this machine's: 127.0.0.1 is for itself alone, 0.0.0.0 for everybody",
            ),
            io::ErrorKind::PermissionDenied => {
                failure.remedy("ports below 1024 are for administrators: choose a higher one")
            }
            _ => failure,
        }
    })
}

/// Serves for ever.
pub(crate) async fn serve(listener: TcpListener, status: Arc<Status>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut has_trouble = false;
    loop {
        // Whoever comes when all places are taken waits in the system's own queue.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Once for each time that it begins, as when there are too many files open.
                if !std::mem::replace(&mut has_trouble, true) {
                    tracing::warn!(%error, "the status is not served for now");
                }
                sleep(PAUSE).await;
                continue;
            }
        };
        has_trouble = false;
        let status = Arc::clone(&status);
        tokio::spawn(async move {
            match timeout(LONGEST, connection(stream, &status)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(%error, "a client of the status was cut off"),
                Err(_) => tracing::debug!("a client of the status was too slow"),
            }
            drop(place);
        });
    }
}

/// One request, so that no client keeps a place for the next one.
async fn connection(stream: TcpStream, status: &Status) -> hyper::Result<()> {
    let service = service_fn(|request| {
        let response = answer(&request, status);
        async { Ok::<_, Infallible>(response) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_headers(HEADERS)
        .max_buf_size(BUFFER)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await
}

/// Enough for some that watch, and few enough that their answers fit into little memory.
const CONNECTIONS: usize = 32;
/// From the first byte of a request to its last header.
const HEAD: Duration = Duration::from_secs(5);
/// Of a whole connection, whatever its client does.
const LONGEST: Duration = Duration::from_secs(10);
const HEADERS: usize = 64;
/// The most of a request's head that is kept.
const BUFFER: usize = 16 * 1024;
const PAUSE: Duration = Duration::from_millis(200);
