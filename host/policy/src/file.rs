//! A policy file as it is written: tables with keys, each with its place. What it means is worked
//! out in [`policy`](crate::policy).

mod read;
pub(crate) mod table;
pub(crate) mod tables;
mod told;

use std::collections::BTreeSet;

use toml::de::{DeTable, DeValue};

pub(crate) use self::read::{At, Item, Many, Read};
pub(crate) use self::tables::File;
use self::told::Lines;
pub(crate) use self::told::{Spot, Told};

/// Reads text; what is wrong is told, and left out of what is returned.
pub(crate) fn read(text: &str, told: &mut Told) -> Option<File> {
    let (tree, errors) = DeTable::parse_recoverable(text);
    let lines = Lines::of(text);
    let mut complained = BTreeSet::new();
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        let (line, _) = lines.place(at);
        // What follows on the same line mostly follows from it.
        if complained.insert(line) {
            let spot = Spot {
                at,
                key: String::new(),
            };
            // Its own printed form has the line itself, which may have a password in it.
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            let remedy = if message.contains("duplicate") {
                TWICE
            } else {
                SYNTAX
            };
            told.error(&spot, format!("this is not TOML: {message}"), remedy);
        }
    }
    if !errors.is_empty() {
        return None;
    }
    let tree = DeValue::Table(tree.into_inner());
    let item = Item {
        spot: Spot::default(),
        value: &tree,
    };
    File::read(&item, told)
}

const SYNTAX: &str =
    "write `key = value`, with text in quotes, under headers such as `[plugins.NAME]`";

const TWICE: &str = "remove one of them";
