//! Frames (specification §4.2.3).

use bytes::{Buf, Bytes, BytesMut};

use super::error::ConnectionError;

/// A whole frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What the payload is.
    pub kind: FrameKind,
    /// Which channel it is for; zero is the connection itself.
    pub channel: u16,
    /// A slice of the buffer that it was read into.
    pub payload: Bytes,
}

/// What the payload of a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// A part of a message's body.
    Body,
    /// A message's size and properties.
    Header,
    /// A sign of life.
    Heartbeat,
    /// A method with its arguments.
    Method,
}

impl FrameKind {
    /// Its octet on the wire.
    #[must_use]
    pub const fn octet(self) -> u8 {
        match self {
            Self::Method => 1,
            Self::Header => 2,
            Self::Body => 3,
            Self::Heartbeat => 8,
        }
    }
}

impl Frame {
    /// Takes the first frame out of what was received, if it is there whole.
    ///
    /// # Errors
    ///
    /// What is no frame, or one of more than `largest` bytes: refused by its length, before its
    /// payload has come.
    pub fn take(buffer: &mut BytesMut, largest: usize) -> Result<Option<Self>, ConnectionError> {
        let Some((header, rest)) = buffer.split_first_chunk::<HEADER>() else {
            return Ok(None);
        };
        let [kind, high, low, size @ ..] = *header;
        let kind = match kind {
            1 => FrameKind::Method,
            2 => FrameKind::Header,
            3 => FrameKind::Body,
            8 => FrameKind::Heartbeat,
            // A broker that speaks another version answers with its own header.
            b'A' if header.starts_with(b"AMQP") => return Err(ConnectionError::OtherVersion),
            kind => return Err(ConnectionError::NotAFrame { kind }),
        };
        let size = u32::from_be_bytes(size) as usize;
        if size.saturating_add(OVERHEAD) > largest {
            return Err(ConnectionError::FrameTooLarge { size, largest });
        }
        match rest.get(size) {
            None => return Ok(None),
            Some(&END) => {}
            Some(_) => return Err(ConnectionError::NoFrameEnd),
        }
        buffer.advance(HEADER);
        let payload = buffer.split_to(size).freeze();
        buffer.advance(1);
        let channel = u16::from_be_bytes([high, low]);
        Ok(Some(Self {
            kind,
            channel,
            payload,
        }))
    }
}

impl Frame {
    /// The numbers of the method that it is; zero and zero if it is none.
    pub(crate) fn method(&self) -> (u16, u16) {
        match (self.kind, self.payload.first_chunk::<4>()) {
            (FrameKind::Method, Some([high, low, id @ ..])) => {
                (u16::from_be_bytes([*high, *low]), u16::from_be_bytes(*id))
            }
            _ => (0, 0),
        }
    }
}

/// The bytes of a frame in front of its payload.
pub(crate) const HEADER: usize = 7;
/// The bytes of a frame beside its payload.
pub const OVERHEAD: usize = HEADER + 1;
/// The octet after a payload.
pub(crate) const END: u8 = 0xce;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_taken_when_it_is_whole() {
        let wire = b"\x01\0\x02\0\0\0\x03abc\xce\x08";
        for end in 0..11 {
            let mut buffer = BytesMut::from(&wire[..end]);
            assert_eq!(Frame::take(&mut buffer, 64).unwrap(), None, "{end}");
        }
        let mut buffer = BytesMut::from(&wire[..]);
        let frame = Frame::take(&mut buffer, 64).unwrap().unwrap();
        let payload = Bytes::from_static(b"abc");
        let (kind, channel) = (FrameKind::Method, 2);
        assert_eq!(
            frame,
            Frame {
                kind,
                channel,
                payload
            }
        );
        assert_eq!(buffer[..], [8]);
    }

    #[test]
    fn what_is_no_frame_is_refused_at_once() {
        let check = |wire: &[u8], why: &str| {
            let error = Frame::take(&mut BytesMut::from(wire), 64).unwrap_err();
            assert_eq!(error.to_string(), why);
        };
        check(
            b"HTTP/1.1 400",
            "not an AMQP frame: it begins with octet 72",
        );
        check(
            b"AMQP\0\0\x09\x01",
            "the peer speaks another version of AMQP than 0-9-1",
        );
        check(
            b"\x01\0\0\0\0\0\x39",
            "a frame of 57 bytes is larger than the 64 that were agreed on",
        );
        check(
            b"\x01\0\0\xff\xff\xff\xff",
            "a frame of 4294967295 bytes is larger than the 64 that were agreed on",
        );
        check(
            b"\x08\0\0\0\0\0\0\0",
            "a frame does not end where it should",
        );
    }
}
