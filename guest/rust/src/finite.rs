//! Values without `NaN` and infinities, which `serde_json` turns into null without a word.

use std::fmt::Display;

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// A value that is serialized as it is, or not at all.
pub(crate) struct Finite<'a, T: ?Sized>(pub(crate) &'a T);

impl<T: Serialize + ?Sized> Serialize for Finite<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(Checked(serializer))
    }
}

/// Another serializer, or a part of its work.
struct Checked<S>(S);

macro_rules! forward {
    ($($function:ident($kind:ty))*) => {
        $(
            fn $function(self, value: $kind) -> Result<S::Ok, S::Error> {
                self.0.$function(value)
            }
        )*
    };
}

impl<S: Serializer> Serializer for Checked<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Checked<S::SerializeSeq>;
    type SerializeTuple = Checked<S::SerializeTuple>;
    type SerializeTupleStruct = Checked<S::SerializeTupleStruct>;
    type SerializeTupleVariant = Checked<S::SerializeTupleVariant>;
    type SerializeMap = Checked<S::SerializeMap>;
    type SerializeStruct = Checked<S::SerializeStruct>;
    type SerializeStructVariant = Checked<S::SerializeStructVariant>;

    forward! {
        serialize_bool(bool) serialize_i8(i8) serialize_i16(i16) serialize_i32(i32)
        serialize_i64(i64) serialize_i128(i128) serialize_u8(u8) serialize_u16(u16)
        serialize_u32(u32) serialize_u64(u64) serialize_u128(u128) serialize_char(char)
        serialize_str(&str) serialize_bytes(&[u8]) serialize_unit_struct(&'static str)
    }

    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        if value.is_finite() {
            return self.0.serialize_f32(value);
        }
        Err(refused(value))
    }

    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        if value.is_finite() {
            return self.0.serialize_f64(value);
        }
        Err(refused(value))
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.0.serialize_none()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.0.serialize_some(&Finite(value))
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.0.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.0.serialize_unit_variant(name, index, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.0.serialize_newtype_struct(name, &Finite(value))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.0
            .serialize_newtype_variant(name, index, variant, &Finite(value))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        self.0.serialize_seq(len).map(Checked)
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, S::Error> {
        self.0.serialize_tuple(len).map(Checked)
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        self.0.serialize_tuple_struct(name, len).map(Checked)
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        let variant = self.0.serialize_tuple_variant(name, index, variant, len);
        variant.map(Checked)
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        self.0.serialize_map(len).map(Checked)
    }

    fn serialize_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStruct, S::Error> {
        self.0.serialize_struct(name, len).map(Checked)
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        let variant = self.0.serialize_struct_variant(name, index, variant, len);
        variant.map(Checked)
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.0.collect_str(value)
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

fn refused<E: serde::ser::Error>(value: impl Display) -> E {
    E::custom(format_args!("{value} is no number of JSON"))
}

macro_rules! forward_parts {
    ($($kind:ident { $($function:ident($($key:ident: $of:ty)?))* })*) => {
        $(
            impl<S: $kind> $kind for Checked<S> {
                type Ok = S::Ok;
                type Error = S::Error;

                $(
                    fn $function<T: Serialize + ?Sized>(
                        &mut self,
                        $($key: $of,)?
                        value: &T,
                    ) -> Result<(), S::Error> {
                        self.0.$function($($key,)? &Finite(value))
                    }
                )*

                fn end(self) -> Result<S::Ok, S::Error> {
                    self.0.end()
                }
            }
        )*
    };
}

forward_parts! {
    SerializeSeq { serialize_element() }
    SerializeTuple { serialize_element() }
    SerializeTupleStruct { serialize_field() }
    SerializeTupleVariant { serialize_field() }
    SerializeMap { serialize_key() serialize_value() }
    SerializeStruct { serialize_field(key: &'static str) }
    SerializeStructVariant { serialize_field(key: &'static str) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;
    use serde_json::value::RawValue;
    use serde_json::{json, to_string, to_value};

    use super::*;

    #[derive(Serialize)]
    enum Kind {
        Unit,
        Newtype(f64),
        Tuple(u8, f32),
        Struct { of: Option<f64> },
    }

    #[derive(Serialize)]
    struct Newtype(f64);

    #[derive(Serialize)]
    struct Pair(u8, f64);

    #[test]
    fn what_json_has_is_printed_as_ever() {
        #[derive(Serialize)]
        struct Everything {
            kinds: Vec<Kind>,
            numbers: (i8, u64, i128, f32, f64),
            texts: (char, &'static str, Newtype, Pair),
            map: BTreeMap<u8, Option<()>>,
            raw: Box<RawValue>,
        }
        let everything = Everything {
            kinds: vec![
                Kind::Unit,
                Kind::Newtype(1.5),
                Kind::Tuple(1, 2.5),
                Kind::Struct { of: Some(1e300) },
            ],
            numbers: (-1, u64::MAX, i128::from(i64::MIN), 0.1, -0.0),
            texts: ('\u{e9}', "\"", Newtype(2.0), Pair(3, 4.0)),
            map: BTreeMap::from([(7, None)]),
            raw: RawValue::from_string("[1.00, 12345678901234567890123]".to_owned()).unwrap(),
        };
        assert_eq!(
            to_string(&Finite(&everything)).unwrap(),
            to_string(&everything).unwrap()
        );
        let value = json!({"a": [1, null, {"b": 1.5}]});
        assert_eq!(to_value(Finite(&value)).unwrap(), value);
    }

    #[test]
    fn what_is_no_number_is_refused_wherever_it_stands() {
        fn check(value: impl Serialize) {
            for error in [
                to_string(&Finite(&value)).unwrap_err(),
                to_value(Finite(&value)).unwrap_err(),
            ] {
                assert!(
                    error.to_string().ends_with("is no number of JSON"),
                    "{error}"
                );
            }
        }
        check(f64::NAN);
        check(f32::INFINITY);
        check(BTreeMap::from([("a", vec![1.0, f64::NEG_INFINITY])]));
        check(Kind::Newtype(f64::NAN));
        check(Kind::Tuple(1, f32::NAN));
        check(Kind::Struct { of: Some(f64::NAN) });
        check((Newtype(f64::NAN), 1));
        check(Pair(1, f64::NAN));
    }
}
