//! The elements that methods, properties and tables are made of (specification §4.2.5).

use std::fmt;

use bytes::{BufMut, BytesMut};

/// What a peer sent cannot be what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed {what}: {why}")]
pub struct Malformed {
    /// What was being read.
    pub what: &'static str,
    /// What is wrong with it.
    pub why: &'static str,
}

impl Malformed {
    pub(crate) const fn new(what: &'static str, why: &'static str) -> Self {
        Self { what, why }
    }
}

/// A text of at most 255 bytes, as it is on the wire: bytes, which are UTF-8 unless somebody made
/// them otherwise.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Short<'a>(&'a [u8]);

impl<'a> Short<'a> {
    /// Nothing.
    pub const EMPTY: Self = Self(&[]);

    /// The text, unless it is longer than 255 bytes.
    #[must_use]
    pub const fn new(text: &'a str) -> Option<Self> {
        if text.len() > LONGEST_SHORT {
            None
        } else {
            Some(Self(text.as_bytes()))
        }
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The text; what is not UTF-8 is replaced.
    #[must_use]
    pub fn to_text(self) -> std::borrow::Cow<'a, str> {
        String::from_utf8_lossy(self.0)
    }
}

impl fmt::Debug for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_text(), f)
    }
}

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

/// Any bytes with a length of 32 bits. Shown by its length alone, because passwords travel in it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Long<'a>(pub &'a [u8]);

impl fmt::Debug for Long<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// A place that the specification reserves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reserved;

/// A bit that is never set, and is not looked at: `no-wait`, because whoever asks wants the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Never;

/// Reads elements out of a payload.
#[derive(Debug)]
pub struct Reader<'a> {
    what: &'static str,
    rest: &'a [u8],
    /// Bits share octets: those left of the last one, and how many.
    bits: (u8, u8),
}

impl<'a> Reader<'a> {
    /// `what` names the payload in errors.
    #[must_use]
    pub const fn new(what: &'static str, payload: &'a [u8]) -> Self {
        Self {
            what,
            rest: payload,
            bits: (0, 0),
        }
    }

    /// What is not read yet.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) const fn malformed(&self, why: &'static str) -> Malformed {
        Malformed::new(self.what, why)
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        self.bits = (0, 0);
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| self.malformed("it ends too early"))?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn bit(&mut self) -> Result<bool, Malformed> {
        if self.bits.1 == 0 {
            let [octet] = self.array()?;
            self.bits = (octet, 8);
        }
        let (octet, left) = self.bits;
        self.bits = (octet >> 1, left - 1);
        Ok(octet & 1 == 1)
    }

    /// Bytes with a length of 32 bits in front.
    pub(crate) fn long(&mut self) -> Result<&'a [u8], Malformed> {
        let length = u32::from_be_bytes(self.array()?);
        let length = usize::try_from(length).map_err(|_| self.malformed("it is too long"))?;
        self.take(length)
    }

    /// Reads one element.
    ///
    /// # Errors
    ///
    /// [`Malformed`] when the payload ends within it.
    pub fn read<F: Field<'a>>(&mut self) -> Result<F, Malformed> {
        F::read(self)
    }
}

/// Appends elements to a payload.
#[derive(Debug)]
pub struct Writer<'b> {
    out: &'b mut BytesMut,
    bits: (u8, u8),
}

impl<'b> Writer<'b> {
    /// Appends to these bytes.
    #[must_use]
    pub const fn new(out: &'b mut BytesMut) -> Self {
        Self { out, bits: (0, 0) }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.bits = (0, 0);
        self.out.put_slice(bytes);
    }

    fn bit(&mut self, bit: bool) {
        let (octet, used) = match self.bits {
            (_, 0 | 8) => {
                self.out.put_u8(0);
                (0, 0)
            }
            bits => bits,
        };
        let octet = octet | (u8::from(bit) << used);
        if let Some(last) = self.out.last_mut() {
            *last = octet;
        }
        self.bits = (octet, used + 1);
    }

    fn long(&mut self, bytes: &[u8]) {
        // Nothing that is written here comes near to four gigabytes: callers bound it.
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.bytes(&length.to_be_bytes());
        self.bytes(bytes);
    }

    /// Writes one element.
    pub fn write<'a>(&mut self, field: &impl Field<'a>) {
        field.write(self);
    }
}

/// An element of a payload.
pub trait Field<'a>: Sized {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// [`Malformed`] when the payload ends within it.
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed>;

    /// Writes it.
    fn write(&self, writer: &mut Writer<'_>);
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl<'a> Field<'a> for $integer {
            fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
                reader.array().map(Self::from_be_bytes)
            }

            fn write(&self, writer: &mut Writer<'_>) {
                writer.bytes(&self.to_be_bytes());
            }
        }
    )*};
}

integers!(u8, u16, u32, u64, i8, i16, i32, i64);

impl<'a> Field<'a> for bool {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        reader.bit()
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.bit(*self);
    }
}

impl<'a> Field<'a> for Never {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        reader.bit().map(|_| Self)
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.bit(false);
    }
}

impl<'a> Field<'a> for Short<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let length = u8::read(reader)?;
        reader.take(length.into()).map(Self)
    }

    fn write(&self, writer: &mut Writer<'_>) {
        let length = u8::try_from(self.0.len()).unwrap_or(u8::MAX);
        length.write(writer);
        writer.bytes(self.0);
    }
}

impl<'a> Field<'a> for Long<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        reader.long().map(Self)
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.long(self.0);
    }
}

impl<'a> Field<'a> for Reserved {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        reader.take(2).map(|_| Self)
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.bytes(&[0, 0]);
    }
}

pub(crate) const LONGEST_SHORT: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_share_octets_until_something_else_comes() {
        let mut out = BytesMut::new();
        let mut writer = Writer::new(&mut out);
        for bit in [true, false, true] {
            writer.write(&bit);
        }
        writer.write(&7_u8);
        for position in 0..9 {
            writer.write(&(position == 8));
        }
        assert_eq!(out[..], [0b101, 7, 0, 1]);
        let mut reader = Reader::new("bits", &out);
        let mut bits =
            |count| -> Vec<bool> { (0..count).map(|_| reader.read().unwrap()).collect() };
        assert_eq!(bits(3), [true, false, true]);
        assert_eq!(reader.read(), Ok(7_u8));
        let mut bits =
            |count| -> Vec<bool> { (0..count).map(|_| reader.read().unwrap()).collect() };
        assert_eq!(bits(9).iter().position(|bit| *bit), Some(8));
        assert!(reader.rest().is_empty());
    }

    #[test]
    fn a_length_is_not_believed_beyond_the_payload() {
        let check = |payload: &[u8]| {
            Reader::new("text", payload).read::<Long<'_>>().unwrap_err();
        };
        check(&[]);
        check(&[0, 0, 0]);
        check(&[0, 0, 0, 2, 1]);
        check(&[0xff, 0xff, 0xff, 0xff, 1]);
        Reader::new("text", &[3, 1])
            .read::<Short<'_>>()
            .unwrap_err();
        assert_eq!(Short::new(&"x".repeat(256)), None);
    }

    #[test]
    fn what_may_hold_a_password_is_not_shown() {
        assert_eq!(format!("{:?}", Long(b"secret")), "6 bytes");
    }
}
