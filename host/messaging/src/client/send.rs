//! One message from its checks to its end. The checks come in upstream's order.

use std::borrow::Cow;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use serde_json::value::RawValue;
use tokio::time::Instant;
use tracing::{Instrument as _, Span};
use uuid::Uuid;

use super::RpcClient;
use crate::deadline::Deadline;
use crate::delivery::{Delivery, WaitingFor};
use crate::driver::{Destination, Limits, Message, Request, SendError, TransportError};
use crate::error::{Error, Result};
use crate::observe::Observer;
use crate::serializer::{SerializerError, convert_each};
use crate::wire::{
    CallFields, ContextFields, OutgoingRequest, ReplyResult, TRACEPARENT, is_json_object,
};

pub(super) async fn call(
    client: &RpcClient,
    limits: Time,
    context: Context<'_>,
    method: &str,
    args: &RawValue,
) -> Result<Box<RawValue>> {
    if client.target.fanout {
        return Err(Error::InvalidTarget {
            reason: "a call cannot be used with fanout, only a cast can",
            target: Box::new(client.target.clone()),
        });
    }
    let packed = pack(client, context, args)?;
    let sending = Sending::start(limits, client, &packed, method, true)?;
    let request = Request {
        destination: sending.destination.clone(),
        mandatory: sending.mandatory,
        body: &|reply_q, call| {
            sending.body(Some(CallFields {
                msg_id: call.simple().encode_lower(&mut Uuid::encode_buffer()),
                reply_q,
                monitor: client.call_monitor_timeout,
            }))
        },
    };
    let observer = &client.transport.replies.observer;
    Observer::add(&observer.calls, 1);
    let result = client
        .transport
        .driver
        .call(request, limits.of_driver(client))
        .instrument(span(client, "call", method))
        .await;
    let is_value = |reply: &ReplyResult| !matches!(reply, ReplyResult::Failure(_));
    count(observer, result.as_ref().map(is_value));
    let result = match result {
        Ok(ReplyResult::Value(result)) => result,
        Ok(ReplyResult::Failure(error)) => return Err(Error::Remote(error)),
        Ok(ReplyResult::Invalid(reason)) => return Err(Error::InvalidReply { reason }),
        Err(error) => return Err(sending.failed(error)),
    };
    match &client.serializer {
        None => Ok(result),
        Some(serializer) => match serializer.deserialize_entity(&context.object()?, &result) {
            Ok(result) => Ok(result.into_owned()),
            Err(error) => Err(Error::InvalidReply {
                reason: format!("the result of `{method}` cannot be deserialized: {error}"),
            }),
        },
    }
}

pub(super) async fn cast(
    client: &RpcClient,
    limits: Time,
    context: Context<'_>,
    method: &str,
    args: &RawValue,
) -> Result<()> {
    let packed = pack(client, context, args)?;
    let sending = Sending::start(limits, client, &packed, method, false)?;
    let message = Message {
        destination: sending.destination.clone(),
        expires: None,
        mandatory: sending.mandatory,
        body: sending.body(None),
    };
    let observer = &client.transport.replies.observer;
    Observer::add(&observer.casts, 1);
    let cast = client
        .transport
        .driver
        .cast(message, limits.of_driver(client))
        .instrument(span(client, "cast", method))
        .await;
    count(observer, cast.as_ref().map(|()| true));
    cast.map_err(|error| sending.failed(error))
}

/// As OpenTelemetry's conventions for messaging name it.
fn span(client: &RpcClient, kind: &'static str, method: &str) -> Span {
    tracing::info_span!(
        "oslo.messaging.send",
        otel.kind = "producer",
        messaging.system = "rabbitmq",
        messaging.operation.type = "send",
        messaging.operation.name = kind,
        messaging.destination.name = client.target.topic.as_deref(),
        server = client.target.server.as_deref(),
        rpc.method = method,
    )
}

/// Notes how a call, cast or notification ended: with a value, or with an exception.
pub(crate) fn count(observer: &Observer, ended: Result<bool, &SendError>) {
    let counter = match ended {
        Ok(true) => &observer.succeeded,
        Ok(false) => &observer.remote_errors,
        Err(SendError::TimedOut { .. }) => &observer.timed_out,
        Err(SendError::Unroutable) => &observer.returned,
        Err(SendError::Failed { .. } | SendError::TooLarge { .. }) => &observer.failed,
    };
    Observer::add(counter, 1);
}

/// How long a message may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time {
    /// As it is told when it was too short.
    limit: Duration,
    deadline: Deadline,
}

impl Time {
    /// As the client has it.
    pub(super) fn of(client: &RpcClient) -> Self {
        let limit = client.effective_timeout();
        Self {
            limit,
            deadline: Deadline::after(Instant::now(), limit),
        }
    }

    /// Until then and no longer than the client has it.
    pub(super) fn until(client: &RpcClient, deadline: std::time::Instant) -> Self {
        let now = Instant::now();
        let limit = client.effective_timeout();
        let own = Deadline::after(now, limit);
        let deadline = Deadline::at(Instant::from_std(deadline));
        Self {
            limit: if own <= deadline {
                limit
            } else {
                deadline.remaining(now)
            },
            deadline: own.min(deadline),
        }
    }

    const fn of_driver(self, client: &RpcClient) -> Limits {
        Limits {
            deadline: self.deadline,
            retry: client.retry,
            monitor: client.call_monitor_timeout,
        }
    }
}

/// A context as a caller has it.
#[derive(Clone, Copy)]
pub(super) enum Context<'a> {
    Object(&'a RawValue),
    Written(&'a ContextFields),
}

impl<'a> Context<'a> {
    /// What serializers are given.
    fn object(self) -> Result<Cow<'a, RawValue>> {
        match self {
            Self::Object(object) => Ok(Cow::Borrowed(object)),
            Self::Written(fields) => fields.to_object().map(Cow::Owned).map_err(no_object),
        }
    }
}

fn no_object(error: serde_json::Error) -> Error {
    Error::invalid_argument("context", format!("it must be a JSON object: {error}"))
}

/// Context and arguments as they are sent.
struct Packed<'a> {
    context: PackedContext<'a>,
    args: Cow<'a, RawValue>,
}

enum PackedContext<'a> {
    Object(Cow<'a, RawValue>),
    Written(&'a ContextFields),
}

/// Each argument is serialized with the context as the caller gave it.
fn pack<'a>(client: &RpcClient, context: Context<'a>, args: &'a RawValue) -> Result<Packed<'a>> {
    if !is_json_object(args) {
        return Err(Error::invalid_argument(
            "args",
            "it must be a JSON object of keyword arguments",
        ));
    }
    let Some(serializer) = &client.serializer else {
        return Ok(Packed {
            context: match context {
                Context::Object(object) => PackedContext::Object(Cow::Borrowed(object)),
                Context::Written(fields) => PackedContext::Written(fields),
            },
            args: Cow::Borrowed(args),
        });
    };
    let cannot = |what: String, error: SerializerError| {
        Error::invalid_argument(what, format!("it cannot be serialized: {error}"))
    };
    let context = context.object()?;
    let args = convert_each(args, |value| {
        let converted = serializer.serialize_entity(&context, value);
        converted.map(Cow::into_owned)
    });
    let args = args.map_err(|(name, error)| cannot(format!("args.{name}"), error))?;
    let serialized = serializer.serialize_context(&context);
    let serialized = serialized.map_err(|error| cannot("context".to_owned(), error))?;
    Ok(Packed {
        args: Cow::Owned(args),
        context: PackedContext::Object(Cow::Owned(serialized.into_owned())),
    })
}

struct Sending<'a> {
    client: &'a RpcClient,
    method: &'a str,
    args: &'a RawValue,
    context: Cow<'a, ContextFields>,
    destination: Destination,
    mandatory: bool,
    limit: Duration,
    unique_id: Uuid,
}

impl<'a> Sending<'a> {
    fn start(
        time: Time,
        client: &'a RpcClient,
        packed: &'a Packed<'_>,
        method: &'a str,
        is_call: bool,
    ) -> Result<Self> {
        if client
            .transport
            .replies
            .observer
            .is_draining
            .load(Ordering::Acquire)
        {
            return Err(Error::DeliveryFailure {
                delivery: Delivery::NotSent,
                source: TransportError::closed(),
            });
        }
        let mut context = match &packed.context {
            PackedContext::Object(object) => {
                Cow::Owned(ContextFields::read(object).map_err(no_object)?)
            }
            PackedContext::Written(fields) => Cow::Borrowed(*fields),
        };
        if let Some(current) = &client.transport.trace_context
            && !context.has_traceparent()
            && let Some(trace) = current()
            && let Ok(trace) = serde_json::value::to_raw_value(&trace)
        {
            context.to_mut().push(TRACEPARENT, &trace);
        }
        client.check_version_cap()?;
        client.validate()?;
        let destination = destination(client)?;
        if time.limit.is_zero() {
            return Err(Error::Timeout {
                waiting_for: WaitingFor::Connection,
                delivery: Delivery::NotSent,
                limit: time.limit,
            });
        }
        Ok(Self {
            client,
            method,
            args: &packed.args,
            context,
            mandatory: !client.target.fanout && client.at_least_once.unwrap_or(is_call),
            destination,
            limit: time.limit,
            unique_id: crate::id::random(),
        })
    }

    fn body(&self, call: Option<CallFields<'_>>) -> Bytes {
        let mut buffer = Uuid::encode_buffer();
        let request = OutgoingRequest {
            method: self.method,
            args: self.args,
            namespace: self.client.target.namespace.as_deref(),
            version: self.client.target.version.as_deref(),
            unique_id: self.unique_id.simple().encode_lower(&mut buffer),
            call,
            context: &self.context,
        };
        request.encode().into()
    }

    fn failed(&self, error: SendError) -> Error {
        let limit = |waiting_for| match (waiting_for, self.client.call_monitor_timeout) {
            (WaitingFor::Heartbeat, Some(limit)) => limit,
            _ => self.limit,
        };
        Error::of_send(error, limit, "args", || {
            let (exchange, routing_key) = match &self.destination {
                Destination::Fanout { topic } => (format!("{topic}_fanout"), String::new()),
                Destination::Notification {
                    exchange,
                    routing_key,
                }
                | Destination::Topic {
                    exchange,
                    routing_key,
                } => (exchange.clone(), routing_key.clone()),
                Destination::Reply { queue } => (String::new(), queue.clone()),
            };
            Error::NoSuchTarget {
                exchange,
                routing_key,
            }
        })
    }
}

/// Where the client's target is.
fn destination(client: &RpcClient) -> Result<Destination> {
    let target = &client.target;
    let Some(topic) = target.topic.as_deref().filter(|topic| !topic.is_empty()) else {
        return Err(Error::InvalidTarget {
            reason: "a topic is required to send",
            target: Box::new(target.clone()),
        });
    };
    if target.fanout {
        return Ok(Destination::Fanout {
            topic: topic.to_owned(),
        });
    }
    Ok(Destination::Topic {
        exchange: client.effective_exchange().to_owned(),
        routing_key: match target.server.as_deref().filter(|server| !server.is_empty()) {
            Some(server) => format!("{topic}.{server}"),
            None => topic.to_owned(),
        },
    })
}
