//! Reading values of TOML into types.

use std::collections::BTreeMap;
use std::ops::Deref;

use serde_json::{Map, Value, json};
use toml::de::DeValue;

use super::tables::SecretTable;
use super::told::{Spot, Told};
use crate::value::{Count, ExposedSecret, Label, Secret, Word, quoted};

/// A value in a file, and where it is.
pub(crate) struct Item<'a> {
    pub(crate) spot: Spot,
    pub(crate) value: &'a DeValue<'a>,
}

impl Item<'_> {
    /// Tells that something else is wanted here.
    pub(crate) fn wrong_type(&self, wanted: &str, example: &str, told: &mut Told) {
        let is = match self.value {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let message = format!("{wanted} is wanted, and this is {is}");
        told.error(&self.spot, message, format!("write it as in `{example}`"));
    }
}

/// A value with its place.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub(crate) spot: Spot,
    pub(crate) value: T,
}

impl<T: Read> At<T> {
    pub(crate) fn read(item: &Item<'_>, told: &mut Told) -> Option<Self> {
        Some(Self {
            spot: item.spot.clone(),
            value: T::read(item, told)?,
        })
    }
}

impl<T> Deref for At<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// What can be read from a file.
pub(crate) trait Read: Sized {
    /// Tells what is wrong; none if something is.
    fn read(item: &Item<'_>, told: &mut Told) -> Option<Self>;

    /// What it has to look like, as a JSON schema.
    fn schema() -> Value;

    /// How it may be written.
    fn example() -> String;
}

impl<T: Word> Read for T {
    fn read(item: &Item<'_>, told: &mut Told) -> Option<Self> {
        let DeValue::String(text) = item.value else {
            item.wrong_type(T::WHAT, &T::example(), told);
            return None;
        };
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                told.invalid(&item.spot, error);
                None
            }
        }
    }

    fn schema() -> Value {
        json!({"type": "string", "pattern": T::PATTERN})
    }

    fn example() -> String {
        format!("\"{}\"", T::EXAMPLE)
    }
}

impl Read for bool {
    fn read(item: &Item<'_>, told: &mut Told) -> Option<Self> {
        if let DeValue::Boolean(value) = item.value {
            return Some(*value);
        }
        item.wrong_type("`true` or `false`", "true", told);
        None
    }

    fn schema() -> Value {
        json!({"type": "boolean"})
    }

    fn example() -> String {
        "true".to_owned()
    }
}

impl Read for Count {
    fn read(item: &Item<'_>, told: &mut Told) -> Option<Self> {
        let DeValue::Integer(integer) = item.value else {
            item.wrong_type("a whole number", &Self::example(), told);
            return None;
        };
        let number = u32::from_str_radix(integer.as_str(), integer.radix()).ok();
        let count = number.and_then(Self::new);
        if count.is_none() {
            let message = format!("{} is no number of things", quoted(integer.as_str()));
            told.error(
                &item.spot,
                message,
                "write a whole number from 1 to 4294967295",
            );
        }
        count
    }

    fn schema() -> Value {
        json!({"type": "integer", "minimum": 1, "maximum": u32::MAX})
    }

    fn example() -> String {
        "8".to_owned()
    }
}

impl<T: Read> Read for Vec<At<T>> {
    fn read(item: &Item<'_>, told: &mut Told) -> Option<Self> {
        let DeValue::Array(array) = item.value else {
            item.wrong_type("a list", &Self::example(), told);
            return None;
        };
        let read = array.iter().enumerate().filter_map(|(number, entry)| {
            let item = Item {
                spot: Spot {
                    at: entry.span().start,
                    key: format!("{}[{number}]", item.spot.key),
                },
                value: entry.get_ref(),
            };
            At::read(&item, told)
        });
        Some(read.collect())
    }

    fn schema() -> Value {
        json!({"type": "array", "items": T::schema()})
    }

    fn example() -> String {
        format!("[{}]", T::example())
    }
}

/// One value, or a list of them, which has something in it.
#[derive(Clone, Debug)]
pub(crate) struct Many<T>(pub(crate) Vec<At<T>>);

impl<T: Read> Read for Many<T> {
    fn read(item: &Item<'_>, told: &mut Told) -> Option<Self> {
        if let DeValue::Array(array) = item.value {
            if array.is_empty() {
                told.error(&item.spot, "the list is empty", "name at least one");
                return None;
            }
            return Vec::read(item, told).map(Self);
        }
        At::read(item, told).map(|value| Self(vec![value]))
    }

    fn schema() -> Value {
        json!({"anyOf": [T::schema(), {"type": "array", "items": T::schema(), "minItems": 1}]})
    }

    fn example() -> String {
        T::example()
    }
}

/// Tables by a name that the operator chose.
impl<T: Read> Read for BTreeMap<String, At<T>> {
    fn read(item: &Item<'_>, told: &mut Told) -> Option<Self> {
        let DeValue::Table(table) = item.value else {
            item.wrong_type("a table of tables", &Self::example(), told);
            return None;
        };
        let mut read = Self::new();
        for (name, value) in table {
            let at = name.span().start;
            match name.get_ref().parse() {
                Ok(Label(name)) => {
                    let item = Item {
                        spot: item.spot.below(at, &name),
                        value: value.get_ref(),
                    };
                    if let Some(value) = At::read(&item, told) {
                        read.insert(name, value);
                    }
                }
                Err(error) => told.invalid(&item.spot.below(at, "…"), error),
            }
        }
        Some(read)
    }

    fn schema() -> Value {
        json!({
            "type": "object",
            "additionalProperties": T::schema(),
            "propertyNames": {"pattern": Label::PATTERN},
        })
    }

    fn example() -> String {
        "{ NAME = { … } }".to_owned()
    }
}

/// A secret, which is the URL of a transport.
impl Read for Secret {
    fn read(item: &Item<'_>, told: &mut Told) -> Option<Self> {
        match item.value {
            DeValue::String(text) if text.contains("://") => {
                Some(Self::Value(ExposedSecret::new(text)))
            }
            DeValue::String(_) => {
                let remedy = "write it as in `rabbit://user:password@host:5672/vhost`, or where it \
                              is, as in `{ env = \"TRANSPORT_URL\" }`";
                told.error(&item.spot, "this is not the URL of a transport", remedy);
                None
            }
            DeValue::Table(_) => match SecretTable::read(item, told)? {
                SecretTable {
                    env: Some(name), ..
                } => Some(Self::Env(name.value.0)),
                SecretTable {
                    file: Some(path), ..
                } => Some(Self::File(path.value.0)),
                SecretTable { .. } => None,
            },
            _ => {
                item.wrong_type("a URL", &Self::example(), told);
                None
            }
        }
    }

    fn schema() -> Value {
        json!({"anyOf": [{"type": "string", "pattern": "://"}, SecretTable::schema()]})
    }

    fn example() -> String {
        "{ env = \"TRANSPORT_URL\" }".to_owned()
    }
}

/// What the host puts into the context of every message.
impl Read for Map<String, Value> {
    fn read(item: &Item<'_>, told: &mut Told) -> Option<Self> {
        match item.value {
            DeValue::Table(table) => {
                for key in table
                    .keys()
                    .filter(|key| STAMPED.contains(&&**key.get_ref()))
                {
                    let spot = item.spot.below(key.span().start, key.get_ref());
                    told.error(&spot, "the host sets this itself", "leave it out");
                }
                match to_json(&item.spot, item.value, told) {
                    Some(Value::Object(map)) => Some(map),
                    _ => None,
                }
            }
            _ => {
                item.wrong_type("a table", &Self::example(), told);
                None
            }
        }
    }

    fn schema() -> Value {
        json!({"type": "object"})
    }

    fn example() -> String {
        "{ project_id = \"ops\" }".to_owned()
    }
}

/// A value of TOML as it will be in a message.
fn to_json(spot: &Spot, value: &DeValue<'_>, told: &mut Told) -> Option<Value> {
    match value {
        DeValue::String(text) => Some(Value::from(&**text)),
        DeValue::Boolean(value) => Some(Value::from(*value)),
        DeValue::Integer(integer) => {
            let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
            if number.is_none() {
                let message = format!("{} has more than 64 bits", quoted(integer.as_str()));
                told.error(spot, message, "write it as text");
            }
            number.map(Value::from)
        }
        DeValue::Float(float) => {
            let number = float.as_str().parse::<f64>().ok();
            let number = number.and_then(serde_json::Number::from_f64);
            if number.is_none() {
                let message = format!("{} is no number of JSON", quoted(float.as_str()));
                told.error(spot, message, "write a finite number, or text");
            }
            number.map(Value::Number)
        }
        DeValue::Datetime(_) => {
            told.error(spot, "JSON has no dates", "write it as text, in quotes");
            None
        }
        DeValue::Array(array) => {
            let entries = array.iter().enumerate().filter_map(|(number, entry)| {
                let spot = Spot {
                    at: entry.span().start,
                    key: format!("{}[{number}]", spot.key),
                };
                to_json(&spot, entry.get_ref(), told)
            });
            Some(Value::Array(entries.collect()))
        }
        DeValue::Table(table) => {
            let entries = table.iter().filter_map(|(key, value)| {
                let spot = spot.below(value.span().start, key.get_ref());
                let value = to_json(&spot, value.get_ref(), told)?;
                Some((key.get_ref().to_string(), value))
            });
            Some(Value::Object(entries.collect()))
        }
    }
}

/// Entries of a context that the host fills in for each request.
const STAMPED: [&str; 3] = ["plugin", "request_id", "traceparent"];
