//! The frames of AMQP 0-9-1 as a broker sends them: just enough to tell confirmations and
//! deliveries from the rest. No I/O.

use std::collections::HashMap;

use bytes::{Buf, Bytes, BytesMut};

/// What arrives, cut into frames.
#[derive(Debug, Default)]
pub struct Frames {
    buffer: BytesMut,
    /// The other side does not speak AMQP; what it says passes as it is.
    raw: bool,
}

/// One frame, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What it is.
    pub kind: Kind,
    /// Its channel.
    pub channel: u16,
    /// Header, payload and end mark.
    pub bytes: Bytes,
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A piece of a message's body, of so many bytes.
    Body(u64),
    /// `basic.ack`: the confirmation of one or more published messages.
    Confirm,
    /// `basic.deliver`: a message begins.
    Deliver,
    /// The properties of a message with a body of so many bytes.
    Header(u64),
    /// Everything else.
    Other,
}

impl Frames {
    /// Adds bytes as they came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next frame, if it is there as a whole.
    pub fn next_frame(&mut self) -> Option<Frame> {
        let first = *self.buffer.first()?;
        self.raw |= !matches!(first, METHOD | HEADER | BODY | HEARTBEAT);
        if self.raw {
            return Some(Frame {
                kind: Kind::Other,
                channel: 0,
                bytes: self.buffer.split().freeze(),
            });
        }
        let mut prefix = self.buffer.get(1..PREFIX)?;
        let channel = prefix.get_u16();
        let payload = prefix.get_u32() as usize;
        if self.buffer.len() < PREFIX + payload + 1 {
            return None;
        }
        let bytes = self.buffer.split_to(PREFIX + payload + 1).freeze();
        let mut payload = bytes.slice(PREFIX..PREFIX + payload);
        let kind = match first {
            BODY => Kind::Body(payload.len() as u64),
            HEADER if payload.len() >= 12 => {
                payload.advance(4);
                Kind::Header(payload.get_u64())
            }
            METHOD if payload.len() >= 4 => match (payload.get_u16(), payload.get_u16()) {
                (BASIC, 60) => Kind::Deliver,
                (BASIC, 80) => Kind::Confirm,
                _ => Kind::Other,
            },
            _ => Kind::Other,
        };
        Some(Frame {
            kind,
            channel,
            bytes,
        })
    }
}

/// Loses whole confirmations and whole messages, never half of one.
#[derive(Debug, Default)]
pub struct Sieve {
    /// Channels on which a message is being lost, with the bytes of its body still to come once
    /// they are known.
    losing: HashMap<u16, Option<u64>>,
}

impl Sieve {
    /// Whether the frame passes. `lose` is asked once for each confirmation and each message.
    pub fn passes(&mut self, frame: &Frame, mut lose: impl FnMut(Kind) -> bool) -> bool {
        let remaining = match frame.kind {
            Kind::Confirm => return !lose(Kind::Confirm),
            Kind::Deliver => {
                if !lose(Kind::Deliver) {
                    return true;
                }
                None
            }
            Kind::Header(size) if self.losing.contains_key(&frame.channel) => Some(size),
            Kind::Body(size) => match self.losing.get(&frame.channel) {
                Some(remaining) => Some(remaining.unwrap_or_default().saturating_sub(size)),
                None => return true,
            },
            _ => return true,
        };
        if remaining == Some(0) {
            self.losing.remove(&frame.channel);
        } else {
            self.losing.insert(frame.channel, remaining);
        }
        false
    }
}

const METHOD: u8 = 1;
const HEADER: u8 = 2;
const BODY: u8 = 3;
const HEARTBEAT: u8 = 8;
const BASIC: u16 = 60;
/// Type, channel and size.
const PREFIX: usize = 7;

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(first: u8, channel: u16, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first];
        bytes.extend(channel.to_be_bytes());
        bytes.extend(u32::try_from(payload.len()).unwrap().to_be_bytes());
        bytes.extend(payload);
        bytes.push(0xce);
        bytes
    }

    fn deliver(channel: u16) -> Vec<u8> {
        frame(METHOD, channel, &[0, 60, 0, 60, 9, 9])
    }

    fn confirm(channel: u16) -> Vec<u8> {
        frame(METHOD, channel, &[0, 60, 0, 80, 0, 0, 0, 0, 0, 0, 0, 1, 0])
    }

    fn header(channel: u16, size: u64) -> Vec<u8> {
        let mut payload = vec![0, 60, 0, 0];
        payload.extend(size.to_be_bytes());
        payload.extend([0, 0]);
        frame(HEADER, channel, &payload)
    }

    fn kinds(bytes: &[u8], step: usize) -> Vec<(Kind, u16)> {
        let mut frames = Frames::default();
        let mut kinds = Vec::new();
        let mut passed = Vec::new();
        for piece in bytes.chunks(step) {
            frames.push(piece);
            while let Some(frame) = frames.next_frame() {
                kinds.push((frame.kind, frame.channel));
                passed.extend_from_slice(&frame.bytes);
            }
        }
        assert_eq!(passed, bytes, "in steps of {step}");
        kinds
    }

    #[test]
    fn frames_are_found_wherever_the_bytes_are_cut() {
        let bytes = [
            confirm(1),
            deliver(2),
            header(2, 3),
            frame(BODY, 2, b"abc"),
            frame(HEARTBEAT, 0, b""),
        ]
        .concat();
        let expected = [
            (Kind::Confirm, 1),
            (Kind::Deliver, 2),
            (Kind::Header(3), 2),
            (Kind::Body(3), 2),
            (Kind::Other, 0),
        ];
        for step in [1, 2, 7, 8, 1000] {
            assert_eq!(kinds(&bytes, step), expected);
        }
    }

    #[test]
    fn another_protocol_passes_as_it_is() {
        assert_eq!(kinds(b"AMQP\x00\x00\x09\x01", 1000), [(Kind::Other, 0)]);
    }

    #[test]
    fn one_message_is_lost_and_no_other() {
        let bytes = [
            deliver(1),
            deliver(2),
            header(1, 4),
            header(2, 2),
            frame(BODY, 1, b"ab"),
            frame(BODY, 2, b"xy"),
            frame(BODY, 1, b"cd"),
            deliver(1),
            header(1, 0),
            confirm(1),
        ]
        .concat();
        let mut frames = Frames::default();
        frames.push(&bytes);
        let mut sieve = Sieve::default();
        let mut to_lose = 1;
        let mut passed = Vec::new();
        while let Some(frame) = frames.next_frame() {
            let lose = |kind| kind == Kind::Deliver && std::mem::take(&mut to_lose) == 1;
            if sieve.passes(&frame, lose) {
                passed.push((frame.kind, frame.channel));
            }
        }
        assert_eq!(
            passed,
            [
                (Kind::Deliver, 2),
                (Kind::Header(2), 2),
                (Kind::Body(2), 2),
                (Kind::Deliver, 1),
                (Kind::Header(0), 1),
                (Kind::Confirm, 1),
            ]
        );
    }
}
