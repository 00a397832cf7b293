//! Field tables (specification §4.2.5.5, with the types that RabbitMQ and Python's clients use).

use std::fmt;

use bytes::{BufMut, BytesMut};

use super::primitive::{Field, Malformed, Reader, Short, Writer};

/// A table that is sent: names with values, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table(Vec<(&'static str, Value)>);

/// A value of a table that is sent.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `t`
    Bool(bool),
    /// `I`
    Int(i32),
    /// `l`
    Long(i64),
    /// `F`
    Table(Table),
    /// `S`
    Text(String),
    /// `T`, in seconds of the epoch
    Timestamp(u64),
}

impl Table {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds an entry, or replaces the one of this name: a peer that finds two takes either. The name is
    /// one that the program knows.
    ///
    /// # Panics
    ///
    /// On a name of more than the 128 bytes that it may have (specification §4.2.5.5).
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.insert(name, value);
        self
    }

    /// As [`with`](Self::with), in place.
    ///
    /// # Panics
    ///
    /// As `with`.
    pub fn insert(&mut self, name: &'static str, value: impl Into<Value>) {
        assert!(name.len() <= LONGEST_NAME, "a name of a table is too long");
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    /// The entries in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    /// The entries as they are on the wire, without the length in front.
    #[must_use]
    pub fn encode(&self) -> BytesMut {
        let mut out = BytesMut::new();
        for (name, value) in &self.0 {
            Writer::new(&mut out).write(&Short::new(name).unwrap_or_default());
            value.encode(&mut out);
        }
        out
    }
}

impl Value {
    fn encode(&self, out: &mut BytesMut) {
        let long = |out: &mut BytesMut, kind, bytes: &[u8]| {
            out.put_u8(kind);
            Writer::new(out).write(&super::primitive::Long(bytes));
        };
        match self {
            Self::Bool(value) => out.put_slice(&[b't', u8::from(*value)]),
            Self::Int(value) => {
                out.put_u8(b'I');
                out.put_i32(*value);
            }
            Self::Long(value) => {
                out.put_u8(b'l');
                out.put_i64(*value);
            }
            Self::Table(table) => long(out, b'F', &table.encode()),
            Self::Text(text) => long(out, b'S', text.as_bytes()),
            Self::Timestamp(seconds) => {
                out.put_u8(b'T');
                out.put_u64(*seconds);
            }
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Table> for Value {
    fn from(table: Table) -> Self {
        Self::Table(table)
    }
}

/// A table as it came, not looked into before somebody asks. What is malformed in it ends the
/// asking and nothing else: brokers pass on tables that they have not read.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct RawTable<'a>(&'a [u8]);

impl<'a> RawTable<'a> {
    /// Of the bytes of the entries.
    #[must_use]
    pub const fn new(entries: &'a [u8]) -> Self {
        Self(entries)
    }

    /// The entries, up to the first that cannot be read.
    pub fn iter(self) -> impl Iterator<Item = (Short<'a>, RawValue<'a>)> {
        let mut reader = Reader::new("table", self.0);
        std::iter::from_fn(move || {
            if reader.rest().is_empty() {
                return None;
            }
            let name = reader.read().ok()?;
            let value = RawValue::read(&mut reader).ok()?;
            Some((name, value))
        })
    }

    /// The value of this name, if there is one.
    #[must_use]
    pub fn get(self, name: &str) -> Option<RawValue<'a>> {
        self.iter()
            .find_map(|(known, value)| (known.as_bytes() == name.as_bytes()).then_some(value))
    }

    /// The text of this name, if it is one in UTF-8.
    #[must_use]
    pub fn text(self, name: &str) -> Option<&'a str> {
        match self.get(name)? {
            RawValue::Text(text) => std::str::from_utf8(text).ok(),
            _ => None,
        }
    }

    /// The bit of this name; false if there is none.
    #[must_use]
    pub fn bit(self, name: &str) -> bool {
        matches!(self.get(name), Some(RawValue::Bool(true)))
    }
}

impl fmt::Debug for RawTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table of {} bytes", self.0.len())
    }
}

impl<'a> Field<'a> for RawTable<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        reader.long().map(Self)
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.write(&super::primitive::Long(self.0));
    }
}

/// A value of a table that came. Values that nobody asks for are passed over whole.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum RawValue<'a> {
    /// `t`
    Bool(bool),
    /// `b`, `B`, `s`, `U`, `u`, `I`, `i`, `l`, `L`: an integer of any size
    Int(i64),
    /// `F`
    Table(RawTable<'a>),
    /// `S`, `x`
    Text(&'a [u8]),
    /// `T`
    Timestamp(u64),
    /// Anything else, arrays and floating points among it.
    Other,
}

impl<'a> RawValue<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        Ok(match reader.read::<u8>()? {
            b't' => Self::Bool(reader.read::<u8>()? != 0),
            b'b' => Self::Int(reader.read::<i8>()?.into()),
            b'B' => Self::Int(reader.read::<u8>()?.into()),
            // RabbitMQ's reading of the types that the specification and practice disagree about.
            b's' | b'U' => Self::Int(reader.read::<i16>()?.into()),
            b'u' => Self::Int(reader.read::<u16>()?.into()),
            b'I' => Self::Int(reader.read::<i32>()?.into()),
            b'i' => Self::Int(reader.read::<u32>()?.into()),
            b'l' | b'L' => Self::Int(reader.read()?),
            b'F' => Self::Table(reader.read()?),
            b'S' | b'x' => Self::Text(reader.long()?),
            b'T' => Self::Timestamp(reader.read()?),
            b'A' => {
                reader.long()?;
                Self::Other
            }
            b'D' => {
                reader.take(5)?;
                Self::Other
            }
            b'd' => {
                reader.take(8)?;
                Self::Other
            }
            b'f' => {
                reader.take(4)?;
                Self::Other
            }
            b'V' => Self::Other,
            _ => return Err(reader.malformed("a value has an unknown type")),
        })
    }
}

const LONGEST_NAME: usize = 128;

/// The beginning of a text, of at most so many bytes.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let end = (0..=bytes).rev().find(|end| text.is_char_boundary(*end));
    end.and_then(|end| text.get(..end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let inner = Table::new().with("basic.nack", true);
        let table = Table::new()
            .with("x-queue-type", "quorum")
            .with("x-expires", Value::Int(-5))
            .with("x-long", Value::Long(1 << 40))
            .with("since", Value::Timestamp(7))
            .with("capabilities", inner);
        let encoded = table.encode();
        let read = RawTable::new(&encoded);
        assert_eq!(read.text("x-queue-type"), Some("quorum"));
        assert_eq!(read.get("x-expires"), Some(RawValue::Int(-5)));
        assert_eq!(read.get("x-long"), Some(RawValue::Int(1 << 40)));
        assert_eq!(read.get("since"), Some(RawValue::Timestamp(7)));
        let Some(RawValue::Table(inner)) = read.get("capabilities") else {
            panic!()
        };
        assert!(inner.bit("basic.nack") && !inner.bit("other"));
        assert_eq!(read.iter().count(), 5);
    }

    #[test]
    fn a_name_is_written_once() {
        let mut table = Table::new().with("a", Value::Int(1)).with("b", true);
        table.insert("a", "two");
        assert_eq!(table, Table::new().with("a", "two").with("b", true));
        let encoded = table.encode();
        assert_eq!(encoded[..], *b"\x01aS\0\0\0\x03two\x01bt\x01");
    }

    #[test]
    fn what_cannot_be_read_ends_the_table_and_nothing_else() {
        let mut encoded = Table::new().with("a", true).encode();
        encoded.put_slice(b"\x01bZ");
        let read = RawTable::new(&encoded);
        assert!(read.bit("a"));
        assert_eq!(read.get("b"), None);
        assert_eq!(read.iter().count(), 1);
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("a\u{2603}", 2), "a");
    }
}
