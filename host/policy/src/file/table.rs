//! Tables as one list of keys each, from which the type, its reading and its schema are made, so
//! that they cannot differ.

use serde_json::{Map, Value, json};
use toml::de::{DeTable, DeValue};

use super::read::{At, Item, Read};
use super::told::Told;
use crate::nearest::suggest;

/// A table with these keys: `At<T>` and `Needed<T>` are needed, `Option<At<T>>` is not. What is not given
/// has the value behind `=`, in documentation and schema; who reads the table fills it in. Of
/// the keys behind `one of` there is exactly one.
macro_rules! table {
    (
        $(#[doc = $about:literal])*
        $name:ident {
            $( $(#[doc = $doc:literal])* $field:ident: $type:ty $(= $default:expr)?, )*
        }
        $(one of $($choice:ident)*)?
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug)]
        pub(crate) struct $name {
            $( $(#[doc = $doc])* pub(crate) $field: $type, )*
        }

        impl $crate::file::Read for $name {
            fn read(
                item: &$crate::file::Item<'_>,
                told: &mut $crate::file::Told,
            ) -> Option<Self> {
                const KEYS: &[&str] = &[$(stringify!($field)),*];
                const CHOICE: &[&str] = &[$($(stringify!($choice)),*)?];
                let section = $crate::file::table::Section::open(item, KEYS, CHOICE, told)?;
                $( let $field = section.take::<$type>(stringify!($field), told); )*
                Some(Self { $($field: $field?),* })
            }

            fn schema() -> serde_json::Value {
                let mut schema = $crate::file::table::TableSchema::new(concat!($($about),*));
                $(
                    let default: Option<serde_json::Value> = None$(.or(Some($default.into())))?;
                    schema.key::<$type>(stringify!($field), concat!($($doc),*), default);
                )*
                $( schema.one_of(&[$(stringify!($choice)),*]); )?
                schema.end()
            }

            fn example() -> String {
                "{ … }".to_owned()
            }
        }
    };
}
pub(crate) use table;

/// As it is written in a file: with `-` where Rust has `_`.
fn spelt(field: &str) -> String {
    field.replace('_', "-")
}

/// A table that is being read.
pub(crate) struct Section<'a> {
    item: &'a Item<'a>,
    table: &'a DeTable<'a>,
}

impl<'a> Section<'a> {
    /// Tells of keys that do not belong there; none if it is not a table.
    pub(crate) fn open(
        item: &'a Item<'a>,
        fields: &[&str],
        choice: &[&str],
        told: &mut Told,
    ) -> Option<Self> {
        let DeValue::Table(table) = item.value else {
            item.wrong_type("a table", "{ key = value }", told);
            return None;
        };
        let known: Vec<_> = fields.iter().map(|field| spelt(field)).collect();
        let known: Vec<_> = known.iter().map(String::as_str).collect();
        for key in table.keys() {
            let name = key.get_ref();
            if !known.contains(&&**name) {
                let spot = item.spot.below(key.span().start, name);
                told.error(&spot, "there is no such key", suggest(name, &known));
            }
        }
        let choice: Vec<_> = choice.iter().map(|field| spelt(field)).collect();
        let given = choice
            .iter()
            .filter(|name| table.contains_key(name.as_str()));
        let given: Vec<_> = given.map(|name| format!("`{name}`")).collect();
        if !choice.is_empty() && given.len() != 1 {
            let choice: Vec<_> = choice.iter().map(|name| format!("`{name}`")).collect();
            let (message, remedy) = if given.is_empty() {
                ("something is missing".to_owned(), "write one of")
            } else {
                let given = given.join(" and ");
                (format!("{given} cannot be together"), "write only one of")
            };
            told.error(
                &item.spot,
                message,
                format!("{remedy} {}", choice.join(", ")),
            );
        }
        Some(Self { item, table })
    }

    /// The value of a key; tells if it is missing. None if what is needed is not there.
    pub(crate) fn take<F: Field>(&self, field: &str, told: &mut Told) -> Option<F> {
        let name = spelt(field);
        let Some((key, value)) = self.table.get_key_value(name.as_str()) else {
            if F::IS_NEEDED {
                let spot = self.item.spot.below(self.item.spot.at, &name);
                let remedy = format!("write `{name} = {}`", F::Value::example());
                told.error(&spot, "this is missing", remedy);
            }
            return F::take(None);
        };
        // A table may be in several places, and then only its name is in one.
        let at = match value.get_ref() {
            DeValue::Table(_) | DeValue::Array(_) => key.span().start,
            _ => value.span().start,
        };
        let item = Item {
            spot: self.item.spot.below(at, &name),
            value: value.get_ref(),
        };
        F::take(At::read(&item, told))
    }
}

/// A field of a table.
pub(crate) trait Field: Sized {
    type Value: Read;
    const IS_NEEDED: bool;

    /// None if it is needed and not there.
    fn take(value: Option<At<Self::Value>>) -> Option<Self>;
}

impl<T: Read> Field for At<T> {
    type Value = T;
    const IS_NEEDED: bool = true;

    fn take(value: Option<Self>) -> Option<Self> {
        value
    }
}

/// Needed, but what is beside it can be judged without it.
#[derive(Clone, Debug)]
pub(crate) struct Needed<T>(pub(crate) Option<At<T>>);

impl<T: Read> Field for Needed<T> {
    type Value = T;
    const IS_NEEDED: bool = true;

    fn take(value: Option<At<T>>) -> Option<Self> {
        Some(Self(value))
    }
}

impl<T: Read> Field for Option<At<T>> {
    type Value = T;
    const IS_NEEDED: bool = false;

    fn take(value: Self) -> Option<Self> {
        Some(value)
    }
}

/// The schema of a table that is being made.
pub(crate) struct TableSchema {
    about: String,
    choice: Vec<Value>,
    needed: Vec<String>,
    properties: Map<String, Value>,
}

impl TableSchema {
    pub(crate) fn new(about: &str) -> Self {
        Self {
            about: about.trim().to_owned(),
            choice: Vec::new(),
            needed: Vec::new(),
            properties: Map::new(),
        }
    }

    pub(crate) fn key<F: Field>(&mut self, field: &str, doc: &str, default: Option<Value>) {
        let name = spelt(field);
        let mut schema = F::Value::schema();
        if let Value::Object(schema) = &mut schema {
            schema.insert("description".to_owned(), doc.trim().into());
            if let Some(default) = default {
                schema.insert("default".to_owned(), default);
            }
        }
        if F::IS_NEEDED {
            self.needed.push(name.clone());
        }
        self.properties.insert(name, schema);
    }

    pub(crate) fn one_of(&mut self, fields: &[&str]) {
        let needs = |field: &&str| json!({"required": [spelt(field)]});
        self.choice = fields.iter().map(needs).collect();
    }

    pub(crate) fn end(self) -> Value {
        let Self {
            about,
            choice,
            needed,
            properties,
        } = self;
        let mut schema = json!({
            "type": "object",
            "description": about,
            "properties": properties,
            "additionalProperties": false,
        });
        if let Value::Object(schema) = &mut schema {
            if !needed.is_empty() {
                schema.insert("required".to_owned(), needed.into());
            }
            if !choice.is_empty() {
                schema.insert("oneOf".to_owned(), choice.into());
            }
        }
        schema
    }
}
