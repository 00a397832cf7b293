//! The methods that a client of RabbitMQ sends and receives. Transactions, `basic.get` and
//! `basic.recover` are left out: nobody who wants to know what became of a message uses them.

use bytes::BytesMut;

use super::primitive::{Long, Malformed, Never, Reader, Reserved, Short, Writer};
use super::table::RawTable;

macro_rules! methods {
    ($($class:literal $id:literal $name:literal
       $variant:ident { $($field:ident: $type:ty),* $(,)? })*) => {
        /// A method with its arguments, borrowed from whatever they were read out of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the specification documents them under these names")]
        #[non_exhaustive]
        pub enum Method<'a> {
            $($variant { $($field: $type),* },)*
        }

        impl<'a> Method<'a> {
            /// Reads the payload of a method frame.
            ///
            /// # Errors
            ///
            /// [`Malformed`] when the payload ends too early; [`Unreadable::Unknown`] names the
            /// numbers of a method that is not built in.
            pub fn decode(payload: &'a [u8]) -> Result<Self, Unreadable> {
                let mut reader = Reader::new("method", payload);
                let (class, id) = (reader.read::<u16>()?, reader.read::<u16>()?);
                match (class, id) {
                    $(($class, $id) => {
                        reader = Reader::new($name, reader.rest());
                        // What a later version appends is passed over.
                        Ok(Self::$variant { $($field: reader.read()?),* })
                    })*
                    _ => Err(Unreadable::Unknown { class, id }),
                }
            }

            /// Appends the payload of a method frame.
            pub fn encode(&self, out: &mut BytesMut) {
                let mut writer = Writer::new(out);
                match self {
                    $(Self::$variant { $($field),* } => {
                        writer.write(&{ let class: u16 = $class; class });
                        writer.write(&{ let id: u16 = $id; id });
                        $(writer.write($field);)*
                    })*
                }
            }

            /// Its name in the specification.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $name,)*
                }
            }

            /// Its numbers: class and method.
            #[must_use]
            pub const fn numbers(&self) -> (u16, u16) {
                match self {
                    $(Self::$variant { .. } => ($class, $id),)*
                }
            }
        }
    };
}

methods! {
    10 10 "connection.start" ConnectionStart { version_major: u8, version_minor: u8, server_properties: RawTable<'a>, mechanisms: Long<'a>, locales: Long<'a> }
    10 11 "connection.start-ok" ConnectionStartOk { client_properties: RawTable<'a>, mechanism: Short<'a>, response: Long<'a>, locale: Short<'a> }
    10 20 "connection.secure" ConnectionSecure { challenge: Long<'a> }
    10 21 "connection.secure-ok" ConnectionSecureOk { response: Long<'a> }
    10 30 "connection.tune" ConnectionTune { channel_max: u16, frame_max: u32, heartbeat: u16 }
    10 31 "connection.tune-ok" ConnectionTuneOk { channel_max: u16, frame_max: u32, heartbeat: u16 }
    10 40 "connection.open" ConnectionOpen { virtual_host: Short<'a>, reserved: Short<'a>, insist: bool }
    10 41 "connection.open-ok" ConnectionOpenOk { reserved: Short<'a> }
    10 50 "connection.close" ConnectionClose { reply_code: u16, reply_text: Short<'a>, class: u16, method: u16 }
    10 51 "connection.close-ok" ConnectionCloseOk {}
    10 60 "connection.blocked" ConnectionBlocked { reason: Short<'a> }
    10 61 "connection.unblocked" ConnectionUnblocked {}
    10 70 "connection.update-secret" ConnectionUpdateSecret { secret: Long<'a>, reason: Short<'a> }
    10 71 "connection.update-secret-ok" ConnectionUpdateSecretOk {}
    20 10 "channel.open" ChannelOpen { reserved: Short<'a> }
    20 11 "channel.open-ok" ChannelOpenOk { reserved: Long<'a> }
    20 20 "channel.flow" ChannelFlow { active: bool }
    20 21 "channel.flow-ok" ChannelFlowOk { active: bool }
    20 40 "channel.close" ChannelClose { reply_code: u16, reply_text: Short<'a>, class: u16, method: u16 }
    20 41 "channel.close-ok" ChannelCloseOk {}
    40 10 "exchange.declare" ExchangeDeclare { reserved: Reserved, exchange: Short<'a>, kind: Short<'a>, passive: bool, durable: bool, auto_delete: bool, internal: bool, no_wait: Never, arguments: RawTable<'a> }
    40 11 "exchange.declare-ok" ExchangeDeclareOk {}
    50 10 "queue.declare" QueueDeclare { reserved: Reserved, queue: Short<'a>, passive: bool, durable: bool, exclusive: bool, auto_delete: bool, no_wait: Never, arguments: RawTable<'a> }
    50 11 "queue.declare-ok" QueueDeclareOk { queue: Short<'a>, message_count: u32, consumer_count: u32 }
    50 20 "queue.bind" QueueBind { reserved: Reserved, queue: Short<'a>, exchange: Short<'a>, routing_key: Short<'a>, no_wait: Never, arguments: RawTable<'a> }
    50 21 "queue.bind-ok" QueueBindOk {}
    50 40 "queue.delete" QueueDelete { reserved: Reserved, queue: Short<'a>, if_unused: bool, if_empty: bool, no_wait: Never }
    50 41 "queue.delete-ok" QueueDeleteOk { message_count: u32 }
    60 10 "basic.qos" BasicQos { prefetch_size: u32, prefetch_count: u16, global: bool }
    60 11 "basic.qos-ok" BasicQosOk {}
    60 20 "basic.consume" BasicConsume { reserved: Reserved, queue: Short<'a>, consumer_tag: Short<'a>, no_local: bool, no_ack: bool, exclusive: bool, no_wait: Never, arguments: RawTable<'a> }
    60 21 "basic.consume-ok" BasicConsumeOk { consumer_tag: Short<'a> }
    60 30 "basic.cancel" BasicCancel { consumer_tag: Short<'a>, no_wait: bool }
    60 31 "basic.cancel-ok" BasicCancelOk { consumer_tag: Short<'a> }
    60 40 "basic.publish" BasicPublish { reserved: Reserved, exchange: Short<'a>, routing_key: Short<'a>, mandatory: bool, immediate: bool }
    60 50 "basic.return" BasicReturn { reply_code: u16, reply_text: Short<'a>, exchange: Short<'a>, routing_key: Short<'a> }
    60 60 "basic.deliver" BasicDeliver { consumer_tag: Short<'a>, delivery_tag: u64, redelivered: bool, exchange: Short<'a>, routing_key: Short<'a> }
    60 80 "basic.ack" BasicAck { delivery_tag: u64, multiple: bool }
    60 120 "basic.nack" BasicNack { delivery_tag: u64, multiple: bool, requeue: bool }
    85 10 "confirm.select" ConfirmSelect { no_wait: Never }
    85 11 "confirm.select-ok" ConfirmSelectOk {}
}

/// A method frame that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It ends too early.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// No method of these numbers is built in.
    #[error("method {class}.{id} is unknown")]
    Unknown {
        /// The number of its class.
        class: u16,
        /// Its number within the class.
        id: u16,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_what_the_specification_says() {
        let method = Method::QueueDeclare {
            reserved: Reserved,
            queue: Short::new("q").unwrap(),
            passive: false,
            durable: true,
            exclusive: false,
            auto_delete: true,
            no_wait: Never,
            arguments: RawTable::default(),
        };
        let mut out = BytesMut::new();
        method.encode(&mut out);
        assert_eq!(out[..], *b"\0\x32\0\x0a\0\0\x01q\x0a\0\0\0\0");
        assert_eq!(Method::decode(&out), Ok(method));
        assert_eq!(method.name(), "queue.declare");
        assert_eq!(method.numbers(), (50, 10));
    }

    #[test]
    fn an_unknown_method_is_named() {
        let error = Method::decode(b"\0\x5a\0\x0a").unwrap_err();
        assert_eq!(error.to_string(), "method 90.10 is unknown");
        let error = Method::decode(b"\0\x3c\0\x50\0").unwrap_err();
        assert_eq!(error.to_string(), "malformed basic.ack: it ends too early");
    }
}
