//! One message from its checks to its end. The checks come in upstream's order (dossier §1.4).

use std::borrow::Cow;
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::time::{Instant, sleep_until, timeout_at};
use uuid::Uuid;

use super::RpcClient;
use crate::deadline::Deadline;
use crate::error::{Delivery, Error, Result, WaitingFor};
use crate::raw::Entries;
use crate::serializer::{SerializerError, convert_each};
use crate::transport::driver::{Attempt, Destination, Message, PublishError};
use crate::transport::replies::{Event, Waiter};
use crate::wire::{CallFields, OutgoingRequest, is_json_object};

pub(super) async fn call(
    client: &RpcClient,
    context: &RawValue,
    method: &str,
    args: &RawValue,
) -> Result<Box<RawValue>> {
    if client.target.fanout {
        return Err(Error::InvalidTarget {
            reason: "a call cannot be used with fanout, only a cast can",
            target: Box::new(client.target.clone()),
        });
    }
    let now = Instant::now();
    let packed = pack(client, context, args)?;
    let sending = Sending::start(now, client, &packed, method, true)?;
    let reply_queue = client.transport.driver.reply_queue(&sending.attempt);
    let reply_queue = match timeout_at(sending.deadline.instant(), reply_queue).await {
        Ok(reply_queue) => reply_queue.map_err(|error| sending.failed(error))?,
        Err(_) => return Err(sending.timed_out()),
    };
    let msg_id = Uuid::new_v4();
    let mut waiter = client.transport.replies.register(msg_id);
    let message = sending.message(Some(CallFields {
        msg_id: msg_id.simple().encode_lower(&mut Uuid::encode_buffer()),
        reply_q: &reply_queue,
        monitor: client.call_monitor_timeout,
    }));
    let result = sending.exchange(&message, &mut waiter).await?;
    match &client.serializer {
        None => Ok(result),
        Some(serializer) => match serializer.deserialize_entity(context, &result) {
            Ok(result) => Ok(result.into_owned()),
            Err(error) => Err(Error::InvalidReply {
                reason: format!("the result of `{method}` cannot be deserialized: {error}"),
            }),
        },
    }
}

pub(super) async fn cast(
    client: &RpcClient,
    context: &RawValue,
    method: &str,
    args: &RawValue,
) -> Result<()> {
    let now = Instant::now();
    let packed = pack(client, context, args)?;
    let sending = Sending::start(now, client, &packed, method, false)?;
    let message = sending.message(None);
    let publish = client.transport.driver.publish(&message, &sending.attempt);
    match timeout_at(sending.deadline.instant(), publish).await {
        Ok(published) => published.map_err(|error| sending.failed(error)),
        Err(_) => Err(sending.timed_out()),
    }
}

/// Context and arguments as they are sent.
struct Packed<'a> {
    context: Cow<'a, RawValue>,
    args: Cow<'a, RawValue>,
}

/// Each argument is serialized with the context as the caller gave it.
fn pack<'a>(client: &RpcClient, context: &'a RawValue, args: &'a RawValue) -> Result<Packed<'a>> {
    if !is_json_object(args) {
        return Err(Error::invalid_argument(
            "args",
            "it must be a JSON object of keyword arguments",
        ));
    }
    let Some(serializer) = &client.serializer else {
        return Ok(Packed {
            context: Cow::Borrowed(context),
            args: Cow::Borrowed(args),
        });
    };
    let cannot = |what: String, error: SerializerError| {
        Error::invalid_argument(what, format!("it cannot be serialized: {error}"))
    };
    let args = convert_each(args, |value| {
        let converted = serializer.serialize_entity(context, value);
        converted.map(Cow::into_owned)
    });
    Ok(Packed {
        args: Cow::Owned(args.map_err(|(name, error)| cannot(format!("args.{name}"), error))?),
        context: serializer
            .serialize_context(context)
            .map_err(|error| cannot("context".to_owned(), error))?,
    })
}

struct Sending<'a> {
    client: &'a RpcClient,
    method: &'a str,
    args: &'a RawValue,
    context: Entries<'a>,
    destination: Destination,
    mandatory: bool,
    limit: Duration,
    deadline: Deadline,
    attempt: Attempt,
    unique_id: Box<str>,
}

impl<'a> Sending<'a> {
    fn start(
        now: Instant,
        client: &'a RpcClient,
        packed: &'a Packed<'_>,
        method: &'a str,
        is_call: bool,
    ) -> Result<Self> {
        let limit = client.effective_timeout();
        let deadline = Deadline::after(now, limit);
        let context = Entries::read(&packed.context).map_err(|error| {
            Error::invalid_argument("context", format!("it must be a JSON object: {error}"))
        })?;
        client.check_version_cap()?;
        client.validate()?;
        let destination = destination(client)?;
        if limit.is_zero() {
            return Err(Error::Timeout {
                waiting_for: WaitingFor::Connection,
                delivery: Delivery::NotSent,
                limit,
            });
        }
        Ok(Self {
            client,
            method,
            args: &packed.args,
            context,
            mandatory: !client.target.fanout && client.at_least_once.unwrap_or(is_call),
            destination,
            limit,
            deadline,
            attempt: Attempt::new(client.retry),
            unique_id: Uuid::new_v4().simple().to_string().into(),
        })
    }

    fn message(&self, call: Option<CallFields<'_>>) -> Message {
        Message {
            destination: self.destination.clone(),
            expires: call.is_some().then_some(self.deadline),
            mandatory: self.mandatory,
            body: OutgoingRequest {
                method: self.method,
                args: self.args,
                namespace: self.client.target.namespace.as_deref(),
                version: self.client.target.version.as_deref(),
                unique_id: &self.unique_id,
                call,
                context: &self.context,
            }
            .encode()
            .into(),
            unique_id: self.unique_id.clone(),
        }
    }

    /// Publishes and waits for the reply at the same time: a reply is a better confirmation than
    /// the broker's.
    async fn exchange(&self, message: &Message, waiter: &mut Waiter) -> Result<Box<RawValue>> {
        let mut publish = self.client.transport.driver.publish(message, &self.attempt);
        let mut published = false;
        let monitor = self.client.call_monitor_timeout;
        // The server cannot give a sign of life before it has the message.
        let mut next_heartbeat: Option<Deadline> = None;
        loop {
            let until = next_heartbeat.map_or(self.deadline, |next| next.min(self.deadline));
            tokio::select! {
                biased;
                event = waiter.next() => match event {
                    Event::Outcome(outcome) => return outcome,
                    Event::Heartbeat => {
                        next_heartbeat = monitor.map(|limit| Deadline::after(Instant::now(), limit));
                    }
                },
                result = &mut publish, if !published => {
                    match result {
                        // When the broker may have it, the reply may still come, over another
                        // connection if this one broke.
                        Ok(()) | Err(PublishError::Failed {
                            delivery: Delivery::MaybeDelivered, ..
                        }) => {}
                        Err(error) => return Err(self.failed(error)),
                    }
                    published = true;
                    self.attempt.confirmed();
                    next_heartbeat = monitor.map(|limit| Deadline::after(Instant::now(), limit));
                }
                () = sleep_until(until.instant()) => {
                    return Err(match monitor {
                        Some(limit) if until < self.deadline => Error::Timeout {
                            waiting_for: WaitingFor::Heartbeat,
                            delivery: Delivery::MaybeDelivered,
                            limit,
                        },
                        _ => self.timed_out(),
                    });
                }
            }
        }
    }

    fn failed(&self, error: PublishError) -> Error {
        match error {
            PublishError::Failed { delivery, source } => {
                Error::DeliveryFailure { delivery, source }
            }
            PublishError::Unroutable => match &self.destination {
                Destination::Topic {
                    exchange,
                    routing_key,
                } => Error::NoSuchTarget {
                    exchange: exchange.clone(),
                    routing_key: routing_key.clone(),
                },
                Destination::Fanout { topic } => Error::NoSuchTarget {
                    exchange: format!("{topic}_fanout"),
                    routing_key: String::new(),
                },
                Destination::Reply { queue } => Error::NoSuchTarget {
                    exchange: String::new(),
                    routing_key: queue.clone(),
                },
            },
        }
    }

    /// A deadline reached while connecting says why there was no connection, if that is known.
    fn timed_out(&self) -> Error {
        match (self.attempt.delivery(), self.attempt.take_trouble()) {
            (Delivery::NotSent, Some(source)) => Error::DeliveryFailure {
                delivery: Delivery::NotSent,
                source,
            },
            (delivery, _) => Error::Timeout {
                waiting_for: self.attempt.waiting_for(),
                delivery,
                limit: self.limit,
            },
        }
    }
}

/// Where the client's target is (dossier §4.2).
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
