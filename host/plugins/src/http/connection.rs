//! One connection, as long as it behaves.

use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::answer::answer;
use super::routes::Routes;
use super::stalling::Stalling;

/// Ends when its client goes or is too slow, or when it is to stop and the request that it has is answered.
pub(super) async fn serve(socket: TcpStream, routes: Routes, mut stop: watch::Receiver<bool>) {
    // Answers are written at once, and a client may wait for one before it sends more.
    let _ = socket.set_nodelay(true);
    let io = TokioIo::new(Stalling::new(socket, TAKEN_WITHIN));
    let service = service_fn(|request| {
        let routes = routes.clone();
        async move { Ok::<_, Infallible>(answer(&routes, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(io, service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        // What has come already is read first.
        biased;
        ended = connection.as_mut() => Some(ended),
        _ = stop.wait_for(|stop| *stop) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection was ended");
    }
}

/// How long a head may take to come, and how long a connection may be without a request.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// Of one head; hyper allows a hundred headers in it.
const HEAD_BYTES: usize = 64 << 10;

/// How long an answer may take to be read.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);
