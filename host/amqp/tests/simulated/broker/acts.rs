//! What the broker does when a script says so, and what it answers.

use oslo_amqp::protocol::{Long, Method};

use super::{Broker, Phase};
use crate::wire::short;

impl Broker {
    /// Confirms a message of a channel, or all up to it.
    pub(crate) fn settle(&mut self, number: u16, tag: u64, multiple: bool, acked: bool) {
        let said = if acked {
            let delivery_tag = tag;
            Method::BasicAck {
                delivery_tag,
                multiple,
            }
        } else {
            Method::BasicNack {
                delivery_tag: tag,
                multiple,
                requeue: false,
            }
        };
        self.method(number, &said);
        let at = self.said;
        let channel = self.channels.get_mut(&number).unwrap();
        let begin = if multiple { 0 } else { tag };
        channel.unsettled.retain(|unsettled, id| {
            if (begin..=tag).contains(unsettled) {
                self.record.get_mut(id).unwrap().said = Some((acked, at));
                return false;
            }
            true
        });
    }

    /// Closes a channel.
    pub(crate) fn refuse(&mut self, number: u16, reply_code: u16, of: (u16, u16)) {
        let channel = self.channels.get_mut(&number).unwrap();
        channel.closing = true;
        channel.unsettled.clear();
        let close = Method::ChannelClose {
            reply_code,
            reply_text: short("refused"),
            class: of.0,
            method: of.1,
        };
        self.method(number, &close);
    }

    /// Closes the connection.
    pub(crate) fn close(&mut self, reply_code: u16) {
        if self.phase != Phase::Open {
            return;
        }
        self.phase = Phase::Closing;
        self.has_closed = true;
        let close = Method::ConnectionClose {
            reply_code,
            reply_text: short("closed"),
            class: 0,
            method: 0,
        };
        self.method(0, &close);
    }
}

pub(super) fn answer<'a>(method: &Method<'a>) -> Option<Method<'a>> {
    Some(match *method {
        Method::ChannelOpen { .. } => Method::ChannelOpenOk {
            reserved: Long(b""),
        },
        Method::ConfirmSelect { .. } => Method::ConfirmSelectOk {},
        Method::QueueDeclare { queue, .. } => Method::QueueDeclareOk {
            queue,
            message_count: 3,
            consumer_count: 4,
        },
        Method::QueueBind { .. } => Method::QueueBindOk {},
        Method::ExchangeDeclare { .. } => Method::ExchangeDeclareOk {},
        Method::BasicQos { .. } => Method::BasicQosOk {},
        Method::BasicConsume { consumer_tag, .. } => Method::BasicConsumeOk { consumer_tag },
        Method::BasicCancel { consumer_tag, .. } => Method::BasicCancelOk { consumer_tag },
        _ => return None,
    })
}
