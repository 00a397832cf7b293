//! One request from the guest's call to its end, the same for every surface: what needs the store
//! comes first, in [`MessagingCtxView::start`]; the waiting needs nothing of it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use oslo_messaging::{ContextFields, Error as Native, Target};
use serde_json::value::RawValue;
use tokio::time::Instant;
use wasmtime::component::Resource;

use crate::admission::{Admission, PendingRequest, Place, ReplyRoom, enter_all};
use crate::bindings::rpc::Request as GuestRequest;
use crate::bindings::types::Error;
use crate::check::{check_exchange, json_object};
use crate::error::{Failure, invalid_reply, remote_bytes, to_guest};
use crate::hooks::{Ending, Grant, Kind, OnEnd, Request, tell};
use crate::outgoing::{Outgoing, Sender};
use crate::resources::{Client, Options};
use crate::{MessagingCtx, MessagingCtxView, context, time};

/// What a guest says in a call or a cast.
pub(crate) struct Message {
    pub(crate) client: Resource<Client>,
    pub(crate) context: String,
    pub(crate) method: String,
    pub(crate) args: String,
    pub(crate) options: Option<Resource<Options>>,
}

impl MessagingCtxView<'_> {
    /// Checks and authorizes a request, and takes everything out of the store that it will need.
    /// Its time runs from here.
    pub(crate) fn start(&mut self, kind: Kind, message: Message) -> Result<Sending, Failure> {
        self.start_at(Instant::now(), kind, message)
    }

    /// Starts the calls of a `call-all`, which share the moment they are made at.
    pub(crate) fn start_all(
        &mut self,
        requests: Vec<GuestRequest>,
    ) -> wasmtime::Result<Vec<Result<Sending, Error>>> {
        let now = Instant::now();
        let refused = match self.ctx.limits.check_requests(requests.len()) {
            Ok(()) => None,
            Err(error) => Some(self.heard(error.into())?),
        };
        let start = |request| {
            if let Some(refused) = &refused {
                return Ok(Err(refused.clone()));
            }
            let GuestRequest {
                client,
                context,
                method,
                args,
                options,
            } = request;
            let message = Message {
                client,
                context,
                method,
                args,
                options,
            };
            match self.start_at(now, Kind::Call, message) {
                Ok(sending) => Ok(Ok(sending)),
                Err(failure) => self.heard(failure).map(Err),
            }
        };
        requests.into_iter().map(start).collect()
    }

    fn start_at(&mut self, now: Instant, kind: Kind, message: Message) -> Result<Sending, Failure> {
        let Message {
            client,
            context,
            method,
            args,
            options,
        } = message;
        let client = self.table.get(&client)?;
        let options = self.options(options.as_ref())?;
        let MessagingCtx {
            limits,
            admission,
            budget,
            ..
        } = &*self.ctx;
        limits.check_name("method", &method)?;
        let bytes = context
            .len()
            .saturating_add(method.len())
            .saturating_add(args.len());
        limits.check_request_bytes(bytes)?;
        let client = client.with(options)?;
        let context_bytes = context.len();
        let context = context::read(&context)?;
        let args = json_object("args", args)?;
        // What is kept, and it is the guest's choice how much more that is than it wrote.
        let written = context::written_bytes(&context);
        let kept = bytes.saturating_add(written.saturating_sub(context_bytes));
        let pending = budget.enter(kept, limits)?;

        let most_reply_bytes = client.0.most_reply_bytes(limits);
        let rpc = &client.0.rpc;
        let target = rpc.target();
        if !target.fanout {
            check_exchange(rpc.effective_exchange())?;
        }
        let routing_key = routing_key(target);
        let request = Request {
            transport: &client.0.transport,
            kind,
            exchange: (!target.fanout).then(|| rpc.effective_exchange()),
            routing_key: routing_key.as_deref(),
            target,
            method: &method,
            bytes,
            at: now.into_std(),
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
            sender,
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
        let deadline = time::after(now, limit);
        let mut request = Authorized {
            context: ContextFields::default(),
            args,
            method,
            client,
            limit,
            deadline,
            admission: Arc::clone(admission),
            reply_bytes: reply_bytes.map_or(most_reply_bytes, |cap| cap.min(most_reply_bytes)),
            traceback,
        };
        let by = match sender {
            None => {
                request.context = entries.fields_over(&context, written);
                None
            }
            Some(sender) => match entries.object_over(context) {
                Ok(context) => Some((sender, request.outgoing(kind, context))),
                Err(error) => {
                    tell(on_end, Ending::Failed(&error));
                    return Err(error.into());
                }
            },
        };
        Ok(Sending {
            request,
            by,
            on_end,
            pending,
        })
    }
}

/// Where a message of this target goes in its exchange: one text for both ways to say it, the
/// topic `a.b` and the server `b` of the topic `a`.
fn routing_key(target: &Target) -> Option<Cow<'_, str>> {
    let given = |name: &'_ Option<String>| name.as_deref().is_some_and(|name| !name.is_empty());
    let topic = target.topic.as_deref().filter(|topic| !topic.is_empty())?;
    Some(match &target.server {
        Some(server) if given(&target.server) && !target.fanout => {
            Cow::Owned(format!("{topic}.{server}"))
        }
        _ => Cow::Borrowed(topic),
    })
}

/// A request on its way, which has nothing of the store.
///
/// Dropped, it is forgotten: its places are free again, and a reply that still comes is thrown
/// away.
pub(crate) struct Sending {
    request: Authorized,
    /// What sends it in place of the native client.
    by: Option<(Sender, Outgoing)>,
    on_end: Option<OnEnd>,
    pending: PendingRequest,
}

impl Sending {
    /// A call whose end the guest has at once.
    pub(crate) async fn call(self) -> Result<String, Error> {
        let result = self.request.call(self.by).await;
        ended(self.on_end, result)
    }

    /// A cast whose end the guest has at once.
    pub(crate) async fn cast(self) -> Result<(), Error> {
        let result = self.request.cast(self.by).await;
        ended(self.on_end, result)
    }

    /// An end that the guest will have later; a cast's success is `null`.
    pub(crate) async fn end(self, kind: Kind) -> Ended {
        let result = match kind {
            Kind::Call => self.request.call(self.by).await,
            Kind::Cast | Kind::Notification => {
                self.request.cast(self.by).await.map(|()| "null".to_owned())
            }
        };
        let (result, reply) = match self.pending.hold_reply(reply_bytes(&result)) {
            Some(room) => (result, Some(room)),
            None => (Err(too_many(self.pending.most_reply_bytes())), None),
        };
        Ended {
            result: ended(self.on_end, result),
            _reply: reply,
        }
    }

    /// Its place among the store's pending requests, which it then no longer gives back itself.
    pub(crate) fn take_place(&mut self) -> Option<Place> {
        self.pending.take_place()
    }
}

/// How a request ended, as long as the guest does not have it.
#[derive(Debug)]
pub(crate) struct Ended {
    result: Result<String, Error>,
    _reply: Option<ReplyRoom>,
}

impl Ended {
    pub(crate) fn into_result(self) -> Result<String, Error> {
        self.result
    }
}

/// How much of a server's is in it.
fn reply_bytes(result: &Result<String, Error>) -> usize {
    match result {
        Ok(reply) => reply.len(),
        Err(Error::Remote(remote)) => remote
            .traceback
            .iter()
            .chain([&remote.type_name, &remote.type_module])
            .chain([&remote.message, &remote.args, &remote.kwargs])
            .map(String::len)
            .fold(0, usize::saturating_add),
        Err(_) => 0,
    }
}

fn too_many(most: usize) -> Error {
    invalid_reply(format!(
        "the plugin has not taken other replies yet, and at most {most} bytes are kept for it"
    ))
}

fn ended<T>(on_end: Option<OnEnd>, result: Result<T, Error>) -> Result<T, Error> {
    tell(
        on_end,
        match &result {
            Ok(_) => Ending::Succeeded,
            Err(error) => Ending::Failed(error),
        },
    );
    result
}

/// A request that may be sent, with the terms on which it may be.
struct Authorized {
    client: Client,
    method: String,
    /// None if it is the sender's.
    context: ContextFields,
    args: Box<RawValue>,
    limit: Duration,
    deadline: Instant,
    admission: Arc<[Admission]>,
    reply_bytes: usize,
    traceback: bool,
}

impl Authorized {
    async fn call(&self, by: Option<(Sender, Outgoing)>) -> Result<String, Error> {
        let _places = enter_all(&self.admission, self.deadline, self.limit).await?;
        let deadline = self.deadline.into_std();
        let reply = match by {
            Some((sender, outgoing)) => self.sent_by(sender, outgoing).await,
            None => {
                self.client
                    .0
                    .rpc
                    .call_written_by(deadline, &self.context, &self.method, &self.args)
                    .await
            }
        };
        let reply = Box::<str>::from(reply.map_err(|error| self.failed(error))?);
        self.check_reply_bytes("result", reply.len())?;
        Ok(reply.into_string())
    }

    async fn cast(&self, by: Option<(Sender, Outgoing)>) -> Result<(), Error> {
        let _places = enter_all(&self.admission, self.deadline, self.limit).await?;
        let deadline = self.deadline.into_std();
        let sent = match by {
            Some((sender, outgoing)) => self.sent_by(sender, outgoing).await.map(drop),
            None => {
                self.client
                    .0
                    .rpc
                    .cast_written_by(deadline, &self.context, &self.method, &self.args)
                    .await
            }
        };
        sent.map_err(|error| self.failed(error))
    }

    /// The request as a sender gets it, who has its arguments then.
    fn outgoing(&mut self, kind: Kind, context: Box<RawValue>) -> Outgoing {
        Outgoing {
            kind,
            rpc: self.client.0.rpc.clone(),
            method: self.method.clone(),
            context,
            args: std::mem::take(&mut self.args),
            deadline: self.deadline,
        }
    }

    /// Sent by the embedder, who may have sent it when time is up.
    async fn sent_by(&self, sender: Sender, outgoing: Outgoing) -> Result<Box<RawValue>, Native> {
        let kind = outgoing.kind;
        let sending = sender.send(outgoing);
        let timed_out = |_| Native::Timeout {
            waiting_for: match kind {
                Kind::Call => oslo_messaging::WaitingFor::Reply,
                Kind::Cast | Kind::Notification => oslo_messaging::WaitingFor::Confirm,
            },
            delivery: oslo_messaging::Delivery::MaybeDelivered,
            limit: self.limit,
        };
        let sent = tokio::time::timeout_at(self.deadline, sending).await;
        sent.map_err(timed_out)?
    }

    fn check_reply_bytes(&self, what: &str, bytes: usize) -> Result<(), Error> {
        if bytes <= self.reply_bytes {
            return Ok(());
        }
        Err(invalid_reply(format!(
            "the {what} has {bytes} bytes, and at most {} are allowed",
            self.reply_bytes
        )))
    }

    fn failed(&self, mut error: Native) -> Error {
        match &mut error {
            // The native client knows only the part of the limit that was left for it. A heartbeat
            // has a limit of its own.
            Native::Timeout {
                waiting_for, limit, ..
            } if !matches!(waiting_for, oslo_messaging::WaitingFor::Heartbeat) => {
                *limit = self.limit;
            }
            Native::Remote(remote) => {
                let bytes = remote_bytes(remote, self.traceback);
                if let Err(error) = self.check_reply_bytes("exception", bytes) {
                    return error;
                }
            }
            _ => {}
        }
        if !matches!(error, Native::Remote(_)) {
            let (error, target) = (error.to_string(), self.client.0.rpc.target().to_string());
            tracing::debug!(error, target, method = self.method, "failed");
        }
        to_guest(error, self.traceback)
    }
}

/// Waits for the calls of a `call-all`, each with its own deadline and each waiting for its own
/// turn. The results are in the order of the calls.
pub(crate) async fn all(calls: Vec<Result<Sending, Error>>) -> Vec<Result<String, Error>> {
    let calls = calls.into_iter().map(|call| async move {
        match call {
            Ok(sending) => Ok(sending.end(Kind::Call).await),
            Err(error) => Err(error),
        }
    });
    let results = join_all(calls).await.into_iter();
    results
        .map(|result| result.and_then(Ended::into_result))
        .collect()
}
