//! Sends batches of spans to a collector over HTTP, by the program's own runtime: the thread that makes the
//! batches has none.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::export::Counts;

pub(super) struct Client {
    runtime: Handle,
    /// Of one request, from the connection to the last byte of its answer.
    time_limit: Duration,
    counts: Arc<Counts>,
}

impl Client {
    pub(super) const fn new(runtime: Handle, time_limit: Duration, counts: Arc<Counts>) -> Self {
        Self {
            runtime,
            time_limit,
            counts,
        }
    }
}

impl HttpClient for Client {
    // As the trait's own macro would write it.
    fn send_bytes<'a, 's>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 's>>
    where
        'a: 's,
        Self: 's,
    {
        let limit = self.time_limit;
        // Its timer is the runtime's as well.
        let sending = async move { timeout(limit, send(request)).await };
        let sending = self.runtime.spawn(sending);
        Box::pin(async move {
            let sent = match sending.await {
                Ok(Ok(sent)) => sent,
                Ok(Err(_)) => Err(format!("the collector did not answer within {limit:?}").into()),
                // The program ends.
                Err(error) => Err(error.into()),
            };
            match &sent {
                Ok(answer) if answer.status().is_success() => self.read(answer.body()),
                Ok(answer) => {
                    let status = answer.status();
                    self.counts
                        .is_away(&format!("the collector answers {status}"));
                }
                Err(error) => self.counts.is_away(&error.to_string()),
            }
            sent
        })
    }
}

impl Client {
    /// What a collector says of those that it did not take. Most say nothing.
    fn read(&self, answer: &Bytes) {
        let answer = ExportTraceServiceResponse::decode(answer.clone());
        let refused = answer.ok().and_then(|answer| answer.partial_success);
        let Some(refused) = refused else {
            return;
        };
        let spans = u64::try_from(refused.rejected_spans).unwrap_or(0);
        if spans > 0 {
            let why = &refused.error_message;
            let end = why.floor_char_boundary(MOST_SAID);
            self.counts
                .refuses(spans, why.get(..end).unwrap_or_default());
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("time_limit", &self.time_limit)
            .finish_non_exhaustive()
    }
}

/// Each request has a connection of its own: there is one in five seconds.
async fn send(mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let authority = request
        .uri()
        .authority()
        .ok_or("the endpoint has no host")?;
    // Not all of it: there may be a user's name and password.
    let host = authority.host().to_owned();
    let port = authority.port_u16().unwrap_or(80);
    let path = request.uri().path_and_query();
    let path = path.map_or("/", |path| path.as_str());
    let path = path.parse::<Uri>()?;
    let named = HeaderValue::from_str(&format!("{host}:{port}"))?;
    *request.uri_mut() = path;
    request.headers_mut().insert(HOST, named);

    let reached = TcpStream::connect((host.trim_matches(['[', ']']), port)).await;
    let stream = reached
        .map_err(|error| format!("the collector at {host}:{port} cannot be reached: {error}"))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Dropped, it ends.
    let mut connections = JoinSet::new();
    connections.spawn(connection);
    let answer = sender.send_request(request.map(Full::new)).await?;
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, MOST_BYTES).collect().await?;
    Ok(Response::from_parts(head, body.to_bytes()))
}

/// A collector says in its answer how many spans it did not take, and no more.
const MOST_BYTES: usize = 64 * 1024;

/// Bytes of it that are told.
const MOST_SAID: usize = 255;
