//! One request from the guest's call to its end, the same for both surfaces: what needs the store
//! comes first, in [`CtxView::start`]; the waiting needs nothing of it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use oslo_messaging::{Error as Native, RpcClient};
use serde_json::value::RawValue;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use wasmtime::component::Resource;

use crate::admission::{Admission, PendingRequest};
use crate::bindings::rpc_client::Request as GuestRequest;
use crate::bindings::types::{Delivery, Error, Setting, WaitingFor};
use crate::check::json_object;
use crate::client::with_settings;
use crate::context::stamp;
use crate::error::{Failure, timed_out, to_guest};
use crate::hooks::{Ending, Grant, Kind, OnEnd, Request};
use crate::{Client, Ctx, CtxView, time};

/// What a guest says in a call or a cast.
pub(crate) struct Message {
    pub(crate) settings: Vec<Setting>,
    pub(crate) context: String,
    pub(crate) method: String,
    pub(crate) args: String,
}

impl CtxView<'_> {
    /// Checks and authorizes a request, and takes everything out of the store that it will need.
    /// Its time runs from here.
    pub(crate) fn start(
        &mut self,
        kind: Kind,
        client: &Resource<Client>,
        message: Message,
    ) -> Result<Sending, Failure> {
        self.start_at(Instant::now(), kind, client, message)
    }

    /// Starts the calls of a `call-all`, which share the moment they are made at.
    pub(crate) fn start_all(
        &mut self,
        client: &Resource<Client>,
        requests: Vec<GuestRequest>,
    ) -> wasmtime::Result<Vec<Result<Sending, Error>>> {
        let now = Instant::now();
        let refused = self.ctx.limits.check_requests(requests.len()).err();
        let start = |GuestRequest {
                         settings,
                         context,
                         method,
                         args,
                     }| {
            if let Some(refused) = &refused {
                return Ok(Err(refused.clone()));
            }
            let message = Message {
                settings,
                context,
                method,
                args,
            };
            match self.start_at(now, Kind::Call, client, message) {
                Ok(sending) => Ok(Ok(sending)),
                Err(failure) => failure.convert().map(Err),
            }
        };
        requests.into_iter().map(start).collect()
    }

    fn start_at(
        &mut self,
        now: Instant,
        kind: Kind,
        client: &Resource<Client>,
        message: Message,
    ) -> Result<Sending, Failure> {
        let client = self.table.get(client)?;
        let Ctx {
            limits,
            admission,
            pending,
            ..
        } = &*self.ctx;
        let Message {
            settings,
            context,
            method,
            args,
        } = message;
        limits.check_name("method", &method)?;
        let bytes = context
            .len()
            .saturating_add(method.len())
            .saturating_add(args.len());
        limits.check_request_bytes(bytes)?;
        let settings = limits.check_settings(settings)?;
        let rpc = with_settings(client.rpc.prepare(), settings)?;
        let context = json_object("context", context)?;
        let args = json_object("args", args)?;
        let pending = pending.enter(bytes, limits)?;

        let target = rpc.target();
        let request = Request {
            transport: &client.transport,
            kind,
            exchange: (!target.fanout).then(|| rpc.effective_exchange()),
            target,
            method: &method,
            bytes,
        };
        let grant = self.hooks.authorize(&request).map_err(|denied| {
            // As strings, which are escaped: a guest chose what is in them.
            let (reason, target) = (denied.to_string(), target.to_string());
            tracing::info!(reason, %kind, target, method, "denied");
            Error::from(denied)
        })?;
        let Grant {
            context: entries,
            on_end,
            reply_bytes,
            timeout,
            traceback,
        } = grant;
        let limit = [
            Some(limits.call_timeout),
            timeout,
            self.ctx.remaining_at(now),
        ]
        .into_iter()
        .flatten()
        .fold(rpc.effective_timeout(), Duration::min);
        let request = Authorized {
            context: stamp(context, &entries)?,
            args,
            method,
            rpc,
            limit,
            deadline: time::after(now, limit),
            admission: Arc::clone(admission),
            reply_bytes: reply_bytes.map_or(limits.reply_bytes, |cap| cap.min(limits.reply_bytes)),
            traceback,
            _pending: pending,
        };
        Ok(Sending { request, on_end })
    }
}

/// A request on its way, which has nothing of the store.
///
/// Dropped, it is forgotten: its places are free again, and a reply that still comes is thrown
/// away.
pub(crate) struct Sending {
    request: Authorized,
    on_end: Option<OnEnd>,
}

impl Sending {
    pub(crate) async fn call(self) -> Result<String, Error> {
        let Self { request, on_end } = self;
        ended(on_end, request.call().await)
    }

    pub(crate) async fn cast(self) -> Result<(), Error> {
        let Self { request, on_end } = self;
        ended(on_end, request.cast().await)
    }
}

fn ended<T>(on_end: Option<OnEnd>, result: Result<T, Error>) -> Result<T, Error> {
    if let Some(on_end) = on_end {
        on_end.end(match &result {
            Ok(_) => Ending::Succeeded,
            Err(error) => Ending::Failed(error),
        });
    }
    result
}

/// A request that may be sent, with the terms on which it may be.
struct Authorized {
    rpc: RpcClient,
    method: String,
    context: Box<RawValue>,
    args: Box<RawValue>,
    limit: Duration,
    deadline: Instant,
    admission: Arc<[Admission]>,
    reply_bytes: usize,
    traceback: bool,
    _pending: PendingRequest,
}

impl Authorized {
    async fn call(&self) -> Result<String, Error> {
        let _places = self.enter().await?;
        let rpc = self.rpc_for_what_is_left();
        let reply = rpc.call_raw(&self.context, &self.method, &self.args).await;
        let reply = Box::<str>::from(reply.map_err(|error| self.failed(error))?);
        if reply.len() > self.reply_bytes {
            let (bytes, most) = (reply.len(), self.reply_bytes);
            return Err(Error::InvalidReply(format!(
                "the result has {bytes} bytes, and at most {most} are allowed"
            )));
        }
        Ok(reply.into_string())
    }

    async fn cast(&self) -> Result<(), Error> {
        let _places = self.enter().await?;
        let rpc = self.rpc_for_what_is_left();
        let sent = rpc.cast_raw(&self.context, &self.method, &self.args).await;
        sent.map_err(|error| self.failed(error))
    }

    /// A place in each admission, within the deadline.
    async fn enter(&self) -> Result<Vec<OwnedSemaphorePermit>, Error> {
        let mut places = Vec::with_capacity(self.admission.len());
        for admission in &*self.admission {
            places.push(
                admission.enter(self.deadline).await.ok_or_else(|| {
                    timed_out(WaitingFor::Admission, Delivery::NotSent, self.limit)
                })?,
            );
        }
        Ok(places)
    }

    fn rpc_for_what_is_left(&self) -> RpcClient {
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.rpc.prepare().timeout(left)
    }

    fn failed(&self, mut error: Native) -> Error {
        // The native client knows only the part of the limit that was left for it. A heartbeat
        // has a limit of its own.
        if let Native::Timeout {
            waiting_for, limit, ..
        } = &mut error
            && !matches!(waiting_for, oslo_messaging::WaitingFor::Heartbeat)
        {
            *limit = self.limit;
        }
        if !matches!(error, Native::Remote(_)) {
            let (error, target) = (error.to_string(), self.rpc.target().to_string());
            tracing::debug!(error, target, method = self.method, "failed");
        }
        to_guest(error, self.traceback)
    }
}

/// Waits for the calls of a `call-all`, this many at a time, each with its own deadline. The
/// results are in the order of the calls.
pub(crate) async fn call_all(
    calls: Vec<Result<Sending, Error>>,
    in_flight: usize,
) -> Vec<Result<String, Error>> {
    let calls = calls
        .into_iter()
        .enumerate()
        .map(|(index, call)| async move {
            let result = match call {
                Ok(sending) => sending.call().await,
                Err(error) => Err(error),
            };
            (index, result)
        });
    // Not `buffered`: there, one slow call would keep those behind it from starting.
    let calls = stream::iter(calls).buffer_unordered(in_flight.max(1));
    let mut results: Vec<_> = calls.collect().await;
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
