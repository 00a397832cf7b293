//! What both kinds of consumers share.

use lapin::options::{BasicConsumeOptions, BasicQosOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Consumer};

use super::classify::operation_error;
use super::connect::{Line, short};
use super::options::RabbitOptions;
use crate::error::TransportError;

/// Consumes a queue on a channel of its own, so that one acknowledgement can cover all that came
/// on it.
pub(super) async fn consume(
    line: &Line,
    queue: &str,
    prefetch: u16,
    arguments: FieldTable,
) -> Result<Consumer, TransportError> {
    let name = short(queue)?;
    let consume = async {
        let channel = line.channel().await?;
        if prefetch > 0 {
            channel
                .basic_qos(prefetch, BasicQosOptions::default())
                .await?;
        }
        let options = BasicConsumeOptions::default();
        channel
            .basic_consume(name, "".into(), options, arguments)
            .await
    };
    let what = format!("consuming queue `{queue}`");
    consume
        .await
        .map_err(|error| operation_error(&line.peer, &what, &error))
}

/// The arguments of a consumer of an ordinary queue.
pub(super) fn arguments(options: &RabbitOptions) -> FieldTable {
    let mut arguments = FieldTable::default();
    if options.enable_cancel_on_failover {
        let name = "x-cancel-on-ha-failover";
        arguments.insert(name.into(), AMQPValue::Boolean(true));
    }
    arguments
}

/// A header that is a text.
pub(super) fn header(properties: &BasicProperties, name: &str) -> Option<String> {
    match properties.headers().as_ref()?.inner().get(name)? {
        AMQPValue::LongString(text) => Some(text.to_string()),
        AMQPValue::ShortString(text) => Some(text.to_string()),
        _ => None,
    }
}
