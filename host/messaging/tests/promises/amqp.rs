//! AMQP 0-9-1 as bytes: just enough for peers that do what no library lets one do.

use std::io;

use bytes::{Buf, BufMut, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt};

pub(crate) const METHOD: u8 = 1;
pub(crate) const HEADER: u8 = 2;
pub(crate) const BODY: u8 = 3;
/// What a client says first.
pub(crate) const GREETING: &[u8; 8] = b"AMQP\x00\x00\x09\x01";

/// Class and method.
pub(crate) type Id = (u16, u16);
pub(crate) const CONNECTION_START: Id = (10, 10);
pub(crate) const CONNECTION_START_OK: Id = (10, 11);
pub(crate) const CONNECTION_TUNE: Id = (10, 30);
pub(crate) const CONNECTION_TUNE_OK: Id = (10, 31);
pub(crate) const CONNECTION_OPEN: Id = (10, 40);
pub(crate) const CONNECTION_OPEN_OK: Id = (10, 41);
pub(crate) const CONNECTION_CLOSE: Id = (10, 50);
pub(crate) const CONNECTION_CLOSE_OK: Id = (10, 51);
pub(crate) const CHANNEL_OPEN: Id = (20, 10);
pub(crate) const CHANNEL_OPEN_OK: Id = (20, 11);
pub(crate) const CHANNEL_CLOSE: Id = (20, 40);
pub(crate) const CHANNEL_CLOSE_OK: Id = (20, 41);
pub(crate) const EXCHANGE_DECLARE: Id = (40, 10);
pub(crate) const EXCHANGE_DECLARE_OK: Id = (40, 11);
pub(crate) const EXCHANGE_DELETE: Id = (40, 20);
pub(crate) const EXCHANGE_DELETE_OK: Id = (40, 21);
pub(crate) const QUEUE_DECLARE: Id = (50, 10);
pub(crate) const QUEUE_DECLARE_OK: Id = (50, 11);
pub(crate) const QUEUE_BIND: Id = (50, 20);
pub(crate) const QUEUE_BIND_OK: Id = (50, 21);
pub(crate) const QUEUE_DELETE: Id = (50, 40);
pub(crate) const QUEUE_DELETE_OK: Id = (50, 41);
pub(crate) const BASIC_QOS: Id = (60, 10);
pub(crate) const BASIC_QOS_OK: Id = (60, 11);
pub(crate) const BASIC_CONSUME: Id = (60, 20);
pub(crate) const BASIC_CONSUME_OK: Id = (60, 21);
pub(crate) const BASIC_CANCEL: Id = (60, 30);
pub(crate) const BASIC_CANCEL_OK: Id = (60, 31);
pub(crate) const BASIC_PUBLISH: Id = (60, 40);
pub(crate) const BASIC_RETURN: Id = (60, 50);
pub(crate) const BASIC_DELIVER: Id = (60, 60);
pub(crate) const BASIC_ACK: Id = (60, 80);
pub(crate) const CONFIRM_SELECT: Id = (85, 10);
pub(crate) const CONFIRM_SELECT_OK: Id = (85, 11);

/// One frame.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) channel: u16,
    pub(crate) payload: Bytes,
}

impl Frame {
    pub(crate) fn method(channel: u16, id: Id, arguments: Arguments) -> Self {
        let mut payload = Vec::with_capacity(arguments.0.len() + 4);
        payload.put_u16(id.0);
        payload.put_u16(id.1);
        payload.extend(arguments.0);
        Self {
            kind: METHOD,
            channel,
            payload: payload.into(),
        }
    }

    /// Which method it is, if it is one.
    pub(crate) fn id(&self) -> Option<Id> {
        let mut payload = &self.payload[..];
        (self.kind == METHOD).then(|| (payload.get_u16(), payload.get_u16()))
    }

    /// The arguments of a method.
    pub(crate) fn arguments(&self) -> Reader {
        Reader(self.payload.slice(4..))
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.put_u8(self.kind);
        out.put_u16(self.channel);
        out.put_u32(u32::try_from(self.payload.len()).unwrap());
        out.extend_from_slice(&self.payload);
        out.put_u8(0xce);
    }
}

/// The next frame.
pub(crate) async fn read_frame(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Frame> {
    let kind = from.read_u8().await?;
    let channel = from.read_u16().await?;
    let size = from.read_u32().await?;
    let mut payload = vec![0; size as usize];
    from.read_exact(&mut payload).await?;
    if from.read_u8().await? != 0xce {
        return Err(io::Error::other("a frame has no end"));
    }
    Ok(Frame {
        kind,
        channel,
        payload: payload.into(),
    })
}

/// The frames of a message's properties and body.
pub(crate) fn content(channel: u16, properties: &Properties<'_>, body: &[u8], out: &mut Vec<u8>) {
    let mut payload = Vec::new();
    payload.put_u16(60);
    payload.put_u16(0);
    payload.put_u64(body.len() as u64);
    payload.extend(properties.encode());
    let header = Frame {
        kind: HEADER,
        channel,
        payload: payload.into(),
    };
    header.encode(out);
    for piece in body.chunks(LARGEST_PIECE) {
        let piece = Frame {
            kind: BODY,
            channel,
            payload: Bytes::copy_from_slice(piece),
        };
        piece.encode(out);
    }
}

/// The properties that oslo.messaging looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Properties<'a> {
    pub(crate) content_type: &'a str,
    /// The header `compression`.
    pub(crate) compression: Option<&'a str>,
}

impl Properties<'_> {
    pub(crate) const JSON: Self = Self {
        content_type: "application/json",
        compression: None,
    };

    fn encode(&self) -> Vec<u8> {
        let mut flags = 1 << 15 | 1 << 14;
        let arguments = Arguments::new().short(self.content_type).short("utf-8");
        let arguments = match self.compression {
            None => arguments,
            Some(name) => {
                flags |= 1 << 13;
                arguments.table(&[("compression", Value::Text(name))])
            }
        };
        let mut properties = Vec::new();
        properties.put_u16(flags);
        properties.extend(arguments.0);
        properties
    }
}

/// A value in a table.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Int(i32),
    Text(&'a str),
}

/// A method's arguments as they are written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arguments(Vec<u8>);

impl Arguments {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn u8(mut self, value: u8) -> Self {
        self.0.put_u8(value);
        self
    }

    pub(crate) fn u16(mut self, value: u16) -> Self {
        self.0.put_u16(value);
        self
    }

    pub(crate) fn u32(mut self, value: u32) -> Self {
        self.0.put_u32(value);
        self
    }

    pub(crate) fn u64(mut self, value: u64) -> Self {
        self.0.put_u64(value);
        self
    }

    pub(crate) fn short(mut self, text: &str) -> Self {
        self.0.put_u8(u8::try_from(text.len()).unwrap());
        self.0.extend(text.as_bytes());
        self
    }

    pub(crate) fn long(mut self, bytes: &[u8]) -> Self {
        self.0.put_u32(u32::try_from(bytes.len()).unwrap());
        self.0.extend(bytes);
        self
    }

    pub(crate) fn table(self, entries: &[(&str, Value<'_>)]) -> Self {
        let mut table = Self::new();
        for (name, value) in entries {
            table = table.short(name);
            table = match *value {
                Value::Int(value) => table.u8(b'I').u32(value.cast_unsigned()),
                Value::Text(text) => table.u8(b'S').long(text.as_bytes()),
            };
        }
        self.long(&table.0)
    }
}

/// A method's arguments as they are read.
#[derive(Clone, Debug)]
pub(crate) struct Reader(Bytes);

impl Reader {
    pub(crate) fn u8(&mut self) -> u8 {
        self.0.get_u8()
    }

    pub(crate) fn u16(&mut self) -> u16 {
        self.0.get_u16()
    }

    pub(crate) fn u32(&mut self) -> u32 {
        self.0.get_u32()
    }

    pub(crate) fn short(&mut self) -> String {
        let length = usize::from(self.u8());
        String::from_utf8_lossy(&self.0.split_to(length)).into_owned()
    }
}

const LARGEST_PIECE: usize = 128 * 1024 - 8;
