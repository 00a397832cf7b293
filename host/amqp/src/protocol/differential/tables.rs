use std::collections::BTreeMap;

use amq_protocol::types::generation::gen_field_table;
use amq_protocol::types::parsing::parse_field_table;
use amq_protocol::types::{AMQPValue, DecimalValue, FieldArray, FieldTable, ShortString};
use proptest::prelude::*;

use super::{cases, mutate, mutations, text, written};
use crate::protocol::primitive::Reader;
use crate::protocol::table::{RawTable, RawValue, Table, Value};

/// A table of theirs.
pub(super) fn table() -> impl Strategy<Value = FieldTable> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(AMQPValue::Boolean),
        any::<i8>().prop_map(AMQPValue::ShortShortInt),
        any::<u8>().prop_map(AMQPValue::ShortShortUInt),
        any::<i16>().prop_map(AMQPValue::ShortInt),
        any::<u16>().prop_map(AMQPValue::ShortUInt),
        any::<i32>().prop_map(AMQPValue::LongInt),
        any::<u32>().prop_map(AMQPValue::LongUInt),
        any::<i64>().prop_map(AMQPValue::LongLongInt),
        any::<f32>().prop_map(AMQPValue::Float),
        any::<f64>().prop_map(AMQPValue::Double),
        (any::<u8>(), any::<u32>())
            .prop_map(|(scale, value)| AMQPValue::DecimalValue(DecimalValue { scale, value })),
        prop::collection::vec(any::<u8>(), 0..20)
            .prop_map(|bytes| AMQPValue::LongString(bytes.into())),
        any::<u64>().prop_map(AMQPValue::Timestamp),
        prop::collection::vec(any::<u8>(), 0..20)
            .prop_map(|bytes| AMQPValue::ByteArray(bytes.into())),
        Just(AMQPValue::Void),
    ];
    let value = leaf.prop_recursive(3, 20, 4, |value| {
        let values = prop::collection::vec(value.clone(), 0..4);
        prop_oneof![
            values.prop_map(|values| AMQPValue::FieldArray(FieldArray::from(values))),
            entries(value).prop_map(AMQPValue::FieldTable),
        ]
    });
    entries(value)
}

fn entries(value: impl Strategy<Value = AMQPValue>) -> impl Strategy<Value = FieldTable> {
    prop::collection::btree_map(text(), value, 0..5).prop_map(|entries| {
        let mut table = FieldTable::default();
        for (name, value) in entries {
            table.insert(name.into(), value);
        }
        table
    })
}

/// What theirs is, as ours are read.
pub(super) fn is_same(ours: RawTable<'_>, theirs: &FieldTable) -> bool {
    // The last entry of a name counts, as there.
    let ours: BTreeMap<_, _> = ours
        .iter()
        .map(|(name, value)| (name.as_bytes(), value))
        .collect();
    let theirs = theirs.inner();
    ours.len() == theirs.len()
        && theirs.iter().all(|(name, value)| {
            ours.get(name.as_str().as_bytes())
                .is_some_and(|ours| is_same_value(*ours, value))
        })
}

fn is_same_value(ours: RawValue<'_>, theirs: &AMQPValue) -> bool {
    match (ours, theirs) {
        (RawValue::Bool(ours), AMQPValue::Boolean(theirs)) => ours == *theirs,
        (RawValue::Int(ours), theirs) => {
            let theirs = match *theirs {
                AMQPValue::ShortShortInt(theirs) => theirs.into(),
                AMQPValue::ShortShortUInt(theirs) => theirs.into(),
                AMQPValue::ShortInt(theirs) => theirs.into(),
                AMQPValue::ShortUInt(theirs) => theirs.into(),
                AMQPValue::LongInt(theirs) => theirs.into(),
                AMQPValue::LongUInt(theirs) => theirs.into(),
                AMQPValue::LongLongInt(theirs) => theirs,
                _ => return false,
            };
            ours == theirs
        }
        (RawValue::Table(ours), AMQPValue::FieldTable(theirs)) => is_same(ours, theirs),
        (RawValue::Text(ours), AMQPValue::LongString(theirs)) => ours == theirs.as_bytes(),
        (RawValue::Text(ours), AMQPValue::ByteArray(theirs)) => ours == theirs.as_slice(),
        (RawValue::Timestamp(ours), AMQPValue::Timestamp(theirs)) => ours == *theirs,
        (
            RawValue::Other,
            AMQPValue::DecimalValue(_)
            | AMQPValue::Double(_)
            | AMQPValue::FieldArray(_)
            | AMQPValue::Float(_)
            | AMQPValue::Void,
        ) => true,
        _ => false,
    }
}

/// A table of ours.
fn our_table() -> impl Strategy<Value = Table> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(Value::Int),
        any::<i64>().prop_map(Value::Long),
        text().prop_map(Value::Text),
        any::<u64>().prop_map(Value::Timestamp),
    ];
    let value = leaf.prop_recursive(3, 20, 4, |value| our_entries(value).prop_map(Value::Table));
    our_entries(value)
}

fn our_entries(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Table> {
    prop::collection::btree_map("[a-z-]{1,20}", value, 0..5).prop_map(|entries| {
        let entries = entries.into_iter();
        entries.fold(Table::new(), |table, (name, value)| {
            // The names of a run live as long as it.
            table.with(name.leak(), value)
        })
    })
}

fn their_value(ours: &Value) -> AMQPValue {
    match ours {
        Value::Bool(value) => AMQPValue::Boolean(*value),
        Value::Int(value) => AMQPValue::LongInt(*value),
        Value::Long(value) => AMQPValue::LongLongInt(*value),
        Value::Table(table) => AMQPValue::FieldTable(theirs(table)),
        Value::Text(text) => AMQPValue::LongString(text.as_str().into()),
        Value::Timestamp(seconds) => AMQPValue::Timestamp(*seconds),
    }
}

pub(super) fn theirs(ours: &Table) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in ours.iter() {
        table.insert(ShortString::from(name), their_value(value));
    }
    table
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn their_tables_are_read(table in table()) {
        let wire = written(gen_field_table(&table));
        let mut reader = Reader::new("table", &wire);
        let ours: RawTable<'_> = reader.read().unwrap();
        prop_assert!(reader.rest().is_empty());
        prop_assert!(is_same(ours, &table), "{table:?}");
    }

    #[test]
    fn our_tables_are_theirs(table in our_table()) {
        let entries = table.encode();
        let wire = [&u32::try_from(entries.len()).unwrap().to_be_bytes(), &entries[..]].concat();
        // Sorted by name, as theirs always are.
        prop_assert_eq!(&wire, &written(gen_field_table(&theirs(&table))));
        let (rest, read) = parse_field_table(&wire[..]).unwrap();
        prop_assert!(rest.is_empty());
        prop_assert_eq!(read, theirs(&table));
    }

    #[test]
    fn mutated_tables_are_the_same_or_end_early(table in table(), mutations in mutations()) {
        let mut wire = written(gen_field_table(&table));
        mutate(&mut wire, &mutations);
        let mut reader = Reader::new("table", &wire);
        match (reader.read::<RawTable<'_>>(), parse_field_table(&wire[..])) {
            (Ok(ours), Ok((rest, theirs))) => {
                prop_assert_eq!(reader.rest(), rest);
                prop_assert!(is_same(ours, &theirs), "{wire:?}");
            }
            // It is passed on, and read up to what they refuse.
            (Ok(ours), Err(_)) => prop_assert!(ours.iter().count() <= wire.len()),
            (Err(_), Err(_)) => {}
            (Err(error), Ok(_)) => prop_assert!(false, "{error}: {wire:?}"),
        }
    }
}
