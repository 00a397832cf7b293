//! From a request to its reply.

use std::borrow::Cow;

use serde_json::value::RawValue;
use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument as _;

use super::context::{Context, Request};
use super::dispatch::Dispatcher;
use super::endpoint::Reply;
use super::heartbeat;
use super::reply::Replier;
use crate::raw::Entries;
use crate::read::Room;
use crate::remote_error::RemoteError;
use crate::serializer::{Serializer, SerializerError, convert_each};
use crate::wire::IncomingRequest;

/// Runs a request's method and answers it. The permits are those of the method, of running and of what its
/// request takes, and are given back when it has ended: its reply waits at its own expense.
pub(super) async fn respond(
    replier: &Replier,
    dispatcher: &Dispatcher,
    request: IncomingRequest,
    permits: (OwnedSemaphorePermit, Room),
) {
    let reply_to = request.reply_to.clone();
    let beat = request.monitor.and_then(heartbeat::interval);
    let span = tracing::info_span!(
        "oslo.messaging.process",
        otel.kind = "consumer",
        messaging.system = "rabbitmq",
        messaging.operation.type = "process",
        rpc.method = request.method,
    );
    let running = run(dispatcher, request).instrument(span);
    let Some(reply_to) = reply_to else {
        match running.await {
            // What it says is its caller's, and may be a secret.
            Err(RemoteError {
                module,
                class,
                expected: false,
                ..
            }) => tracing::error!(module, class, "a cast's method failed"),
            Err(RemoteError { module, class, .. }) => {
                tracing::debug!(module, class, "a cast's method failed as expected");
            }
            Ok(_) => {}
        }
        return;
    };
    let result = match beat {
        None => running.await,
        Some(every) => {
            tokio::select! {
                result = running => result,
                () = heartbeat::send(replier, &reply_to, every) => return,
            }
        }
    };
    if let Err(RemoteError { module, class, .. }) = &result {
        tracing::debug!(module, class, "a call's method failed");
    }
    let place = replier.place().await;
    drop(permits);
    replier.reply(&reply_to, result.as_deref(), place).await;
}

async fn run(dispatcher: &Dispatcher, request: IncomingRequest) -> Reply {
    let method = dispatcher.find(&request).map_err(|error| *error)?;
    let IncomingRequest {
        method: called,
        args,
        context,
        monitor,
        namespace,
        version,
        unique_id,
        ..
    } = request;
    let request = Request {
        monitor,
        method: called.clone(),
        namespace,
        version,
        unique_id,
    };
    let Some(serializer) = &dispatcher.serializer else {
        return method(Context::new(context, request), args).await;
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
    let result = method(Context::new(values, request), args).await?;
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
