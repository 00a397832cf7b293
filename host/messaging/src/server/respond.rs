//! From a request to its reply, with signs of life in between (dossier §6.4).

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};
use uuid::Uuid;

use super::Context;
use super::dispatch::Dispatcher;
use super::endpoint::Reply;
use crate::deadline::Deadline;
use crate::error::RemoteError;
use crate::raw::Entries;
use crate::serializer::{Serializer, SerializerError, convert_each};
use crate::transport::Transport;
use crate::transport::driver::{Attempt, Destination, Message, PublishError};
use crate::wire::{IncomingRequest, ReplyTo, encode_reply};

pub(super) async fn respond(
    transport: Transport,
    dispatcher: Arc<Dispatcher>,
    request: IncomingRequest,
) {
    let reply_to = request.reply_to.clone();
    let beat = request.monitor.and_then(beat_interval);
    let running = run(&dispatcher, request);
    let Some(reply_to) = reply_to else {
        if let Err(error) = running.await {
            tracing::error!(%error, "a cast's method failed");
        }
        return;
    };
    let result = match beat {
        None => running.await,
        Some(every) => {
            tokio::select! {
                result = running => result,
                () = send_heartbeats(&transport, &reply_to, every) => return,
            }
        }
    };
    if let Err(error) = &result {
        tracing::debug!(%error, "a call's method failed");
    }
    send(&transport, &reply_to, Some(result.as_deref())).await;
}

async fn run(dispatcher: &Dispatcher, request: IncomingRequest) -> Reply {
    let method = dispatcher.find(&request)?;
    let IncomingRequest {
        method: called,
        args,
        context,
        monitor,
        ..
    } = request;
    let Some(serializer) = &dispatcher.serializer else {
        return method(Context::new(context, monitor), args).await;
    };
    let cannot = |what: &str, error: SerializerError| {
        let message = format!("{called}(): {what} cannot be converted: {error}");
        RemoteError::new("builtins", "ValueError", message)
    };
    let context = unpack(&**serializer, context);
    let context = context.map_err(|error| cannot("the context", error))?;
    let args = convert_each(&args, |value| {
        let converted = serializer.deserialize_entity(&context, value);
        converted.map(Cow::into_owned)
    });
    let args = args.map_err(|(name, error)| cannot(&format!("argument {name}"), error))?;
    let values = entries(&context).map_err(|error| cannot("the context", error.into()))?;
    let result = method(Context::new(values, monitor), args).await?;
    let converted = serializer.serialize_entity(&context, &result);
    converted
        .map(Cow::into_owned)
        .map_err(|error| cannot("the result", error))
}

type Values = Vec<(String, Box<RawValue>)>;

/// The context as the serializer makes it.
fn unpack(serializer: &dyn Serializer, values: Values) -> Result<Box<RawValue>, SerializerError> {
    let mut entries = Entries::default();
    for (name, value) in values {
        entries.push(name, Cow::Owned(value));
    }
    let sent = entries.write()?;
    Ok(serializer.deserialize_context(&sent)?.into_owned())
}

fn entries(context: &RawValue) -> serde_json::Result<Values> {
    let Entries(entries) = Entries::read(context)?;
    let owned =
        |(name, value): (Cow<'_, str>, Cow<'_, RawValue>)| (name.into_owned(), value.into_owned());
    Ok(entries.into_iter().map(owned).collect())
}

/// Half of what the client allows in whole seconds, as upstream; none when it is below a second.
fn beat_interval(monitor: Duration) -> Option<Duration> {
    let every = Duration::from_secs(monitor.as_secs()) / 2;
    (every >= Duration::from_secs(1)).then_some(every)
}

/// Never ends.
async fn send_heartbeats(transport: &Transport, reply_to: &ReplyTo, every: Duration) {
    let mut ticks = interval_at(Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        send(transport, reply_to, None).await;
    }
}

/// Sends a reply, or a heartbeat. While the reply queue is missing the client may be about to
/// declare it again: a reply, but not a heartbeat, is tried for as long as upstream does.
async fn send(
    transport: &Transport,
    reply_to: &ReplyTo,
    result: Option<Result<&RawValue, &RemoteError>>,
) {
    let unique_id: Box<str> = Uuid::new_v4().simple().to_string().into();
    let message = Message {
        destination: Destination::Reply {
            queue: reply_to.queue.clone(),
        },
        body: encode_reply(&reply_to.msg_id, &unique_id, result).into(),
        expires: None,
        mandatory: transport.options.mandatory_replies(),
        unique_id,
    };
    let until = Deadline::after(Instant::now(), transport.options.missing_queue_timeout());
    loop {
        let attempt = Attempt::new(None);
        match transport.driver.publish(&message, &attempt).await {
            Ok(()) => return,
            Err(PublishError::Unroutable)
                if result.is_some() && !until.remaining(Instant::now()).is_zero() =>
            {
                sleep(MISSING_QUEUE_INTERVAL).await;
            }
            Err(PublishError::Unroutable) => {
                tracing::info!(queue = reply_to.queue, "nobody takes the reply to a call");
                return;
            }
            Err(PublishError::Failed { source, .. }) => {
                tracing::warn!(error = %source, "a reply could not be sent");
                return;
            }
        }
    }
}

/// How often upstream tries.
const MISSING_QUEUE_INTERVAL: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heartbeats_come_as_upstream_sends_them() {
        let check = |monitor_ms, every_ms: Option<u64>| {
            let every = beat_interval(Duration::from_millis(monitor_ms));
            assert_eq!(every, every_ms.map(Duration::from_millis), "{monitor_ms}");
        };
        check(1000, None);
        check(1999, None);
        check(2000, Some(1000));
        check(2900, Some(1000));
        check(5000, Some(2500));
    }
}
