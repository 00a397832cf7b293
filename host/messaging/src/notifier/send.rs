//! One notification from its checks to its end.

use std::borrow::Cow;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use serde_json::value::RawValue;
use tokio::time::Instant;
use tracing::Instrument as _;
use uuid::Uuid;

use super::{NotificationFormat, Notifier};
use crate::client::send::count;
use crate::deadline::Deadline;
use crate::delivery::{Delivery, WaitingFor};
use crate::driver::{Destination, Limits, Message, SendError, TransportError, TransportErrorKind};
use crate::error::{Error, Result};
use crate::observe::Observer;
use crate::priority::Priority;
use crate::raw::Entries;
use crate::serializer::{Serializer, SerializerError};
use crate::wire::OutgoingNotification;

/// How long a notification may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time {
    /// As it is told when it was too short.
    limit: Duration,
    deadline: Deadline,
}

impl Time {
    /// As the notifier has it.
    pub(super) fn of(notifier: &Notifier) -> Self {
        let limit = notifier.effective_timeout();
        Self {
            limit,
            deadline: Deadline::after(Instant::now(), limit),
        }
    }

    /// Until then and no longer than the notifier has it.
    pub(super) fn until(notifier: &Notifier, deadline: std::time::Instant) -> Self {
        let own = Self::of(notifier);
        let deadline = Deadline::at(Instant::from_std(deadline));
        if own.deadline <= deadline {
            return own;
        }
        Self {
            limit: deadline.remaining(Instant::now()),
            deadline,
        }
    }
}

/// A notification as its notifier was told it.
pub(super) struct Told<'a> {
    pub(super) priority: Priority,
    /// One for all topics, or one for each in their order.
    pub(super) contexts: &'a [&'a RawValue],
    pub(super) event_type: &'a str,
    pub(super) payload: &'a RawValue,
}

pub(super) async fn notify(notifier: &Notifier, time: Time, told: Told<'_>) -> Result<()> {
    let Notifier {
        transport,
        serializer,
        topics,
        ..
    } = notifier;
    let Told {
        priority,
        contexts,
        event_type,
        payload,
    } = told;
    let observer = &transport.replies.observer;
    if observer.is_draining.load(Ordering::Acquire) {
        return Err(Error::DeliveryFailure {
            delivery: Delivery::NotSent,
            source: TransportError::closed(),
        });
    }
    notifier.validate(priority)?;
    if contexts.len() != 1 && contexts.len() != topics.len() {
        let (given, topics) = (contexts.len(), topics.len());
        let reason = format!("there are {given} for {topics} topics");
        return Err(Error::invalid_argument("contexts", reason));
    }
    // All of them before anything is sent.
    let serialize = |&context| serialize(serializer.as_deref(), context, payload);
    let converted = contexts.iter().map(serialize);
    let converted = converted.collect::<Result<Vec<_>>>()?;
    let read = |(context, payload)| {
        let entries = Entries::read(context).map_err(|error| {
            Error::invalid_argument("context", format!("it must be a JSON object: {error}"))
        });
        Ok((entries?, payload))
    };
    let pairs = converted
        .iter()
        .map(|(context, payload)| (&**context, &**payload));
    let copies = pairs
        .map(read)
        .collect::<Result<Vec<(Entries<'_>, &RawValue)>>>()?;
    if time.limit.is_zero() {
        return Err(Error::Timeout {
            waiting_for: WaitingFor::Connection,
            delivery: Delivery::NotSent,
            limit: time.limit,
        });
    }
    // The same for every topic, by which whoever gets several copies knows them.
    let message_id = crate::id::random().to_string();
    let timestamp = timestamp(SystemTime::now());
    let limits = Limits {
        deadline: time.deadline,
        retry: notifier.retry,
        monitor: None,
    };
    // One after the other, so that one body is there at a time.
    let mut sent = Vec::with_capacity(topics.len());
    for (topic, (context, payload)) in topics.iter().zip(copies.iter().cycle()) {
        let mut buffer = Uuid::encode_buffer();
        let body = OutgoingNotification {
            message_id: &message_id,
            publisher_id: notifier.publisher_id.as_deref(),
            event_type,
            priority: priority.in_messages(),
            payload,
            timestamp: &timestamp,
            unique_id: crate::id::random().simple().encode_lower(&mut buffer),
            context,
        }
        .encode(notifier.format == NotificationFormat::V2);
        let message = Message {
            destination: Destination::Notification {
                exchange: transport.control_exchange().to_owned(),
                routing_key: format!("{topic}.{priority}"),
            },
            body: body.into(),
            expires: None,
            // The queue was made: one that is gone again is made again.
            mandatory: true,
        };
        let span = tracing::info_span!(
            "oslo.messaging.send",
            otel.kind = "producer",
            messaging.system = "rabbitmq",
            messaging.operation.type = "send",
            messaging.operation.name = "notify",
            messaging.destination.name = topic,
            priority = priority.as_str(),
        );
        Observer::add(&observer.notifications, 1);
        let casting = transport.driver.cast(message, limits).instrument(span);
        let result = casting.await;
        count(observer, result.as_ref().map(|()| true));
        sent.push(result.map_err(|error| (topic, error)));
    }
    summed_up(sent, time.limit)
}

/// Context and payload as they are sent.
fn serialize<'a>(
    serializer: Option<&dyn Serializer>,
    context: &'a RawValue,
    payload: &'a RawValue,
) -> Result<(Cow<'a, RawValue>, Cow<'a, RawValue>)> {
    let Some(serializer) = serializer else {
        return Ok((Cow::Borrowed(context), Cow::Borrowed(payload)));
    };
    let cannot = |what: &'static str, error: SerializerError| {
        Error::invalid_argument(what, format!("it cannot be serialized: {error}"))
    };
    // With the context as the caller gave it.
    let payload = serializer.serialize_entity(context, payload);
    let payload = payload.map_err(|error| cannot("payload", error))?;
    let context = serializer.serialize_context(context);
    Ok((context.map_err(|error| cannot("context", error))?, payload))
}

/// The first failure, which may have been delivered if anything may have been.
fn summed_up(sent: Vec<Result<(), (&String, SendError)>>, limit: Duration) -> Result<()> {
    let may_have_left = sent.iter().any(|sent| match sent {
        Ok(()) => true,
        Err((_, SendError::Failed { delivery, .. } | SendError::TimedOut { delivery, .. })) => {
            *delivery == Delivery::MaybeDelivered
        }
        Err((_, SendError::TooLarge { .. } | SendError::Unroutable)) => false,
    });
    let Some((topic, mut error)) = sent.into_iter().find_map(Result::err) else {
        return Ok(());
    };
    if matches!(error, SendError::Unroutable) {
        let message = format!("the queue of `{topic}` is deleted as soon as it is made");
        let kind = TransportErrorKind::OperationRefused;
        error = SendError::not_sent(TransportError::new(kind, message));
    }
    if may_have_left {
        match &mut error {
            SendError::Failed { delivery, .. } | SendError::TimedOut { delivery, .. } => {
                *delivery = Delivery::MaybeDelivered;
            }
            // Compressed, the copies have not quite the same size.
            SendError::TooLarge { bytes, most } => {
                let message = format!(
                    "the copy for `{topic}` has {bytes} bytes, and at most {most} are sent"
                );
                let kind = TransportErrorKind::OperationRefused;
                error = SendError::maybe_delivered(TransportError::new(kind, message));
            }
            SendError::Unroutable => {}
        }
    }
    let unroutable = || Error::invalid_argument("topics", "there is no such queue");
    Err(Error::of_send(error, |_| limit, "payload", unroutable))
}

/// As Python prints a time in UTC.
fn timestamp(now: SystemTime) -> String {
    // Other years have no such form. A clock that shows one was never set.
    let first = SystemTime::UNIX_EPOCH;
    let now = now.clamp(first, first + Duration::from_secs(LAST_SECOND));
    let now = humantime::format_rfc3339_micros(now).to_string();
    now.trim_end_matches('Z').replace('T', " ")
}

/// Of the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_python_prints_them() {
        let check = |micros: u64, text: &str| {
            let time = SystemTime::UNIX_EPOCH + Duration::from_micros(micros);
            assert_eq!(timestamp(time), text);
        };
        check(0, "1970-01-01 00:00:00.000000");
        check(951_782_400_000_000, "2000-02-29 00:00:00.000000");
        check(1_767_323_045_000_600, "2026-01-02 03:04:05.000600");
        check(u64::MAX, "9999-12-31 23:59:59.000000");
        let unset = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(timestamp(unset), "1970-01-01 00:00:00.000000");
    }

    #[test]
    fn a_failure_tells_of_every_topic() {
        let topic = "t".to_owned();
        let limit = Duration::from_secs(1);
        let not_sent = || Err((&topic, SendError::not_sent(TransportError::closed())));
        let maybe = || Err((&topic, SendError::maybe_delivered(TransportError::closed())));
        let timed_out = || {
            let error = SendError::TimedOut {
                waiting_for: WaitingFor::Connection,
                delivery: Delivery::NotSent,
                trouble: None,
            };
            Err((&topic, error))
        };
        let lost = || Err((&topic, SendError::Unroutable));
        let check = |sent: Vec<_>, may_have_left: Option<bool>| {
            let told = summed_up(sent, limit).err();
            let told = told.map(|error| error.may_have_been_executed());
            assert_eq!(told, may_have_left);
        };
        check(vec![Ok(()), Ok(())], None);
        check(vec![not_sent(), not_sent()], Some(false));
        check(vec![not_sent(), Ok(())], Some(true));
        check(vec![Ok(()), timed_out()], Some(true));
        check(vec![not_sent(), maybe()], Some(true));
        let large = || Err((&topic, SendError::TooLarge { bytes: 9, most: 8 }));
        check(vec![large()], Some(false));
        check(vec![large(), Ok(())], Some(true));
        check(vec![lost()], Some(false));
        check(vec![Ok(()), lost()], Some(true));
    }
}
