//! Frames as bytes.

use bytes::BytesMut;
use oslo_amqp::protocol::{FrameKind, Method, PropertiesBuilder, Short};

pub(crate) fn frame(kind: FrameKind, channel: u16, payload: &[u8]) -> Vec<u8> {
    let size = u32::try_from(payload.len()).unwrap();
    let mut bytes = vec![kind.octet()];
    bytes.extend(channel.to_be_bytes());
    bytes.extend(size.to_be_bytes());
    bytes.extend(payload);
    bytes.push(0xce);
    bytes
}

pub(crate) fn method(channel: u16, method: &Method<'_>) -> Vec<u8> {
    let mut payload = BytesMut::new();
    method.encode(&mut payload);
    frame(FrameKind::Method, channel, &payload)
}

pub(crate) fn header(channel: u16, size: u64, properties: PropertiesBuilder<'_>) -> Vec<u8> {
    let mut payload = BytesMut::from(&[0, 60, 0, 0][..]);
    payload.extend(size.to_be_bytes());
    properties.encode(&mut payload);
    frame(FrameKind::Header, channel, &payload)
}

pub(crate) fn body(channel: u16, part: &[u8]) -> Vec<u8> {
    frame(FrameKind::Body, channel, part)
}

pub(crate) fn deliver(channel: u16, delivery_tag: u64) -> Vec<u8> {
    let deliver = Method::BasicDeliver {
        consumer_tag: short("consumer"),
        delivery_tag,
        redelivered: delivery_tag.is_multiple_of(2),
        exchange: short("exchange"),
        routing_key: short("key"),
    };
    method(channel, &deliver)
}

pub(crate) fn short(text: &str) -> Short<'_> {
    Short::new(text).unwrap()
}
