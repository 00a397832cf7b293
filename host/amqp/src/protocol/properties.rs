//! The properties of a message (specification §4.2.6.1).

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};

use super::primitive::{Field as _, Long, Malformed, Reader, Short, Writer};
use super::table::{RawTable, Table};

/// The properties of a message as they are on the wire: flags and values. Cloning is cheap, and they
/// are looked into when somebody asks: a broker passes on what a publisher made of them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Properties(Bytes);

impl Properties {
    /// Begins with none.
    #[must_use]
    pub const fn builder<'a>() -> PropertiesBuilder<'a> {
        PropertiesBuilder {
            content_type: None,
            content_encoding: None,
            headers: None,
            delivery_mode: None,
            priority: None,
            expiration: None,
            message_id: None,
        }
    }

    pub(crate) const fn from_wire(bytes: Bytes) -> Self {
        Self(bytes)
    }

    /// What they say, in their order. What is malformed ends the list.
    #[must_use]
    pub fn read(&self) -> PropertiesRead<'_> {
        let mut read = PropertiesRead::default();
        // The part before the malformed one is as good as it was.
        let _ = read.fill(&self.0);
        read
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "properties of {} bytes", self.0.len())
    }
}

/// What [`Properties`] say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PropertiesRead<'a> {
    /// `content-type`
    pub content_type: Option<Short<'a>>,
    /// `content-encoding`
    pub content_encoding: Option<Short<'a>>,
    /// `headers`
    pub headers: Option<RawTable<'a>>,
    /// `delivery-mode`: 2 is persistent
    pub delivery_mode: Option<u8>,
    /// `priority`
    pub priority: Option<u8>,
    /// `correlation-id`
    pub correlation_id: Option<Short<'a>>,
    /// `reply-to`
    pub reply_to: Option<Short<'a>>,
    /// `expiration`, in milliseconds, as a text
    pub expiration: Option<Short<'a>>,
    /// `message-id`
    pub message_id: Option<Short<'a>>,
}

impl<'a> PropertiesRead<'a> {
    fn fill(&mut self, wire: &'a [u8]) -> Result<(), Malformed> {
        let mut reader = Reader::new("properties", wire);
        let flags = reader.read::<u16>()?;
        // Fifteen are enough for the class: a continuation has nothing that we know.
        let mut more = flags & 1 == 1;
        while more {
            more = reader.read::<u16>()? & 1 == 1;
        }
        let has = |flag: u16| flags & flag != 0;
        macro_rules! next {
            ($($flag:ident $field:ident),*) => {$(
                if has($flag) {
                    self.$field = Some(reader.read()?);
                }
            )*};
        }
        next!(
            CONTENT_TYPE content_type, CONTENT_ENCODING content_encoding, HEADERS headers,
            DELIVERY_MODE delivery_mode, PRIORITY priority, CORRELATION_ID correlation_id,
            REPLY_TO reply_to, EXPIRATION expiration, MESSAGE_ID message_id
        );
        Ok(())
    }
}

/// Makes [`Properties`]: those that a publisher of messages needs.
#[derive(Clone, Copy, Debug)]
pub struct PropertiesBuilder<'a> {
    content_type: Option<Short<'a>>,
    content_encoding: Option<Short<'a>>,
    headers: Option<&'a Table>,
    delivery_mode: Option<u8>,
    priority: Option<u8>,
    expiration: Option<Short<'a>>,
    message_id: Option<Short<'a>>,
}

impl<'a> PropertiesBuilder<'a> {
    /// Such as `application/json`.
    #[must_use]
    pub const fn content_type(mut self, text: Short<'a>) -> Self {
        self.content_type = Some(text);
        self
    }

    /// Such as `utf-8`.
    #[must_use]
    pub const fn content_encoding(mut self, text: Short<'a>) -> Self {
        self.content_encoding = Some(text);
        self
    }

    /// Anything.
    #[must_use]
    pub const fn headers(mut self, headers: &'a Table) -> Self {
        self.headers = Some(headers);
        self
    }

    /// 1 or, persistent, 2.
    #[must_use]
    pub const fn delivery_mode(mut self, mode: u8) -> Self {
        self.delivery_mode = Some(mode);
        self
    }

    /// 0 to 9.
    #[must_use]
    pub const fn priority(mut self, priority: u8) -> Self {
        self.priority = Some(priority);
        self
    }

    /// When the broker drops the message: milliseconds, as a text.
    #[must_use]
    pub const fn expiration(mut self, millis: Short<'a>) -> Self {
        self.expiration = Some(millis);
        self
    }

    /// What the publisher calls the message. On a confirming channel a mandatory message is given its
    /// number instead, which is how a return finds its publish.
    #[must_use]
    pub const fn message_id(mut self, text: Short<'a>) -> Self {
        self.message_id = Some(text);
        self
    }

    /// The properties.
    #[must_use]
    pub fn build(self) -> Properties {
        let mut out = BytesMut::with_capacity(64);
        self.encode(&mut out);
        Properties(out.freeze())
    }

    /// Appends them as they are on the wire.
    pub fn encode(self, out: &mut BytesMut) {
        let flags = [
            (self.content_type.is_some(), CONTENT_TYPE),
            (self.content_encoding.is_some(), CONTENT_ENCODING),
            (self.headers.is_some(), HEADERS),
            (self.delivery_mode.is_some(), DELIVERY_MODE),
            (self.priority.is_some(), PRIORITY),
            (self.expiration.is_some(), EXPIRATION),
            (self.message_id.is_some(), MESSAGE_ID),
        ];
        let flags = flags.into_iter().filter(|(given, _)| *given);
        out.put_u16(flags.fold(0, |all, (_, flag)| all | flag));
        let mut writer = Writer::new(out);
        for text in [self.content_type, self.content_encoding]
            .into_iter()
            .flatten()
        {
            writer.write(&text);
        }
        if let Some(headers) = self.headers {
            writer.write(&Long(&headers.encode()));
        }
        for octet in [self.delivery_mode, self.priority].into_iter().flatten() {
            octet.write(&mut writer);
        }
        for text in [self.expiration, self.message_id].into_iter().flatten() {
            writer.write(&text);
        }
    }
}

const CONTENT_TYPE: u16 = 1 << 15;
const CONTENT_ENCODING: u16 = 1 << 14;
const HEADERS: u16 = 1 << 13;
const DELIVERY_MODE: u16 = 1 << 12;
const PRIORITY: u16 = 1 << 11;
const CORRELATION_ID: u16 = 1 << 10;
const REPLY_TO: u16 = 1 << 9;
const EXPIRATION: u16 = 1 << 8;
const MESSAGE_ID: u16 = 1 << 7;

#[cfg(test)]
mod tests {
    use super::*;

    fn short(text: &str) -> Short<'_> {
        Short::new(text).unwrap()
    }

    #[test]
    fn what_is_built_is_read() {
        let headers = Table::new().with("compression", "application/x-gzip");
        let properties = Properties::builder()
            .content_type(short("application/json"))
            .content_encoding(short("utf-8"))
            .headers(&headers)
            .delivery_mode(2)
            .priority(0)
            .expiration(short("60000"))
            .message_id(short("7"))
            .build();
        let read = properties.read();
        assert_eq!(read.content_type, Some(short("application/json")));
        assert_eq!(read.content_encoding, Some(short("utf-8")));
        let headers = read.headers.unwrap();
        assert_eq!(headers.text("compression"), Some("application/x-gzip"));
        assert_eq!((read.delivery_mode, read.priority), (Some(2), Some(0)));
        assert_eq!(read.expiration, Some(short("60000")));
        assert_eq!(read.message_id, Some(short("7")));
        assert_eq!((read.correlation_id, read.reply_to), (None, None));
    }

    #[test]
    fn what_is_malformed_hides_what_comes_after_it_only() {
        let check = |wire: &'static [u8], content_type: Option<&str>| {
            let properties = Properties(Bytes::from_static(wire));
            assert_eq!(properties.read().content_type, content_type.map(short));
        };
        check(b"\x90\0\x01a", Some("a"));
        check(b"\x90\0\x09a", None);
        check(b"", None);
        check(b"\x80\x01\0\0\x01a", Some("a"));
    }
}
