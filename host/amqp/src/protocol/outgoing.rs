//! Bytes on their way to the socket.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::frame::{END, FrameKind, HEADER, OVERHEAD};
use super::method::Method;

/// Frames that are to be written, in order. Small ones are put together; the bodies of large messages
/// are not copied.
#[derive(Debug, Default)]
pub struct Outgoing {
    chunks: VecDeque<Bytes>,
    tail: BytesMut,
    length: usize,
    /// How many bytes have ever been given to the socket.
    written: u64,
    /// A part of what has left may be the beginning of a frame.
    is_begun: bool,
}

impl Outgoing {
    /// How many bytes wait.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether none wait.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// How many bytes have been given to the socket since the connection began.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.written
    }

    /// Where in the stream the next byte will be.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.written + self.length as u64
    }

    /// Puts what waits into slices for one vectored write, and returns how many it filled.
    pub fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let tail = Some(&self.tail[..]).filter(|tail| !tail.is_empty());
        let waiting = self.chunks.iter().map(|chunk| &chunk[..]).chain(tail);
        let mut filled = 0;
        for (slice, bytes) in slices.iter_mut().zip(waiting) {
            *slice = IoSlice::new(bytes);
            filled += 1;
        }
        filled
    }

    /// So many bytes were given to the socket.
    pub fn advance(&mut self, mut bytes: usize) {
        bytes = bytes.min(self.length);
        self.length -= bytes;
        self.is_begun = self.length > 0 && (self.is_begun || bytes > 0);
        self.written += bytes as u64;
        while let Some(chunk) = self.chunks.front_mut() {
            if bytes < chunk.len() {
                chunk.advance(bytes);
                return;
            }
            bytes -= chunk.len();
            self.chunks.pop_front();
        }
        self.tail.advance(bytes);
        if self.tail.is_empty() {
            if self.tail.capacity() > KEPT {
                self.tail = BytesMut::new();
            } else {
                self.tail.clear();
            }
        }
    }

    /// Appends bytes that are no frame: the protocol header.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.tail.put_slice(bytes);
        self.length += bytes.len();
    }

    /// Appends a method frame. Returns how many bytes it has.
    pub(crate) fn method(&mut self, channel: u16, method: &Method<'_>) -> usize {
        self.frame(FrameKind::Method, channel, |out| method.encode(out))
    }

    /// Whether a frame that is appended after what waits was [thrown away](Self::discard) begins where
    /// the peer expects one; false if that is not known.
    pub(crate) const fn is_between_frames(&self) -> bool {
        !self.is_begun
    }

    /// Throws away what waits.
    pub(crate) fn discard(&mut self) {
        self.chunks.clear();
        self.tail = BytesMut::new();
        self.length = 0;
    }

    /// Throws away the methods and headers that were appended since this position.
    pub(crate) fn take_back(&mut self, position: u64) {
        let appended = usize::try_from(self.position() - position).unwrap_or(usize::MAX);
        self.tail.truncate(self.tail.len().saturating_sub(appended));
        self.length = self.length.saturating_sub(appended);
    }

    /// Appends a frame whose payload is written by a function. Returns how many bytes it has.
    pub(crate) fn frame(
        &mut self,
        kind: FrameKind,
        channel: u16,
        payload: impl FnOnce(&mut BytesMut),
    ) -> usize {
        let begin = self.tail.len();
        self.header(kind, channel, 0);
        let payload_begins = self.tail.len();
        payload(&mut self.tail);
        let size = self.tail.len() - payload_begins;
        if let Some(place) = self.tail.get_mut(begin + 3..begin + HEADER) {
            place.copy_from_slice(&(size as u32).to_be_bytes());
        }
        self.tail.put_u8(END);
        self.length += size + OVERHEAD;
        size + OVERHEAD
    }

    /// Appends the frames of a body.
    pub(crate) fn body(&mut self, channel: u16, mut body: Bytes, largest_frame: usize) {
        let most = largest_frame.saturating_sub(OVERHEAD).max(1);
        while !body.is_empty() {
            let part = body.split_to(body.len().min(most));
            self.header(FrameKind::Body, channel, part.len() as u32);
            self.length += part.len() + OVERHEAD;
            if part.len() < COPIED {
                self.tail.put_slice(&part);
            } else {
                self.chunks.push_back(self.tail.split().freeze());
                self.chunks.push_back(part);
            }
            self.tail.put_u8(END);
        }
    }

    fn header(&mut self, kind: FrameKind, channel: u16, size: u32) {
        self.tail.put_u8(kind.octet());
        self.tail.put_u16(channel);
        self.tail.put_u32(size);
    }
}

/// Copying so much costs less than a slice more in a vectored write.
const COPIED: usize = 4 * 1024;
/// A buffer that has grown larger is not kept when it is empty.
const KEPT: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn all(outgoing: &Outgoing) -> Vec<u8> {
        let mut slices = [IoSlice::new(&[]); 64];
        let filled = outgoing.slices(&mut slices);
        slices[..filled]
            .iter()
            .flat_map(|slice| slice.to_vec())
            .collect()
    }

    #[test]
    fn bodies_are_cut_into_frames_and_leave_in_any_pieces() {
        let body: Vec<u8> = (0..20_000_u32).map(|number| number as u8).collect();
        let mut outgoing = Outgoing::default();
        outgoing.method(1, &Method::ConnectionCloseOk {});
        outgoing.body(1, Bytes::from(body.clone()), 8192);
        outgoing.body(1, Bytes::from_static(b"small"), 8192);
        let wire = all(&outgoing);
        assert_eq!(wire.len(), outgoing.len());
        assert_eq!(outgoing.position(), wire.len() as u64);
        let mut buffer = BytesMut::from(&wire[..]);
        let mut found = Vec::new();
        let mut frames = 0;
        while let Some(frame) = super::super::frame::Frame::take(&mut buffer, 8192).unwrap() {
            frames += 1;
            if frame.kind == FrameKind::Body {
                found.extend_from_slice(&frame.payload);
            }
        }
        assert_eq!(frames, 5);
        assert_eq!(found, [&body[..], b"small"].concat());
        for step in [1, 5, 7, 4096, 9000, usize::MAX] {
            outgoing.advance(step);
            let written = usize::try_from(outgoing.written()).unwrap();
            assert_eq!(all(&outgoing), wire[written..]);
        }
        assert!(outgoing.is_empty());
    }
}
