//! Whether the tables of the documents name behaviours that run, which a name in the source is not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::surface::SURFACES;

/// Says which behaviour of a table does not run by the native client and in every language, by the
/// names of the tests.
pub(crate) fn check(tests: &BTreeSet<String>) -> Result<(), String> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let mut named = BTreeSet::new();
    for document in ["behaviours.md", "refusals.md"] {
        let text = fs::read_to_string(docs.join(document));
        named.extend(in_tables(
            &text.map_err(|error| format!("{document}: {error}"))?,
        ));
    }
    if named.len() < 50 {
        return Err(format!("only {} behaviours are named", named.len()));
    }
    let missing: Vec<_> = named.iter().filter_map(|it| missing(it, tests)).collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(missing.join("\n"))
    }
}

/// What is in italics in the last column of each table.
fn in_tables(text: &str) -> impl Iterator<Item = String> {
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let last = rows.filter_map(|row| row.trim_end_matches([' ', '|']).rsplit('|').next());
    last.flat_map(|tests| tests.split('*').skip(1).step_by(2))
        .map(|behaviour| behaviour.replace(' ', "_"))
}

/// Where a behaviour should run and does not.
fn missing(behaviour: &str, tests: &BTreeSet<String>) -> Option<String> {
    let runs = |surface: &str| {
        ["memory", "rabbit"]
            .iter()
            .any(|transport| tests.contains(&format!("{transport}/{surface}/{behaviour}")))
    };
    let nowhere = SURFACES.iter().map(|it| it.name).filter(|it| !runs(it));
    let nowhere: Vec<_> = nowhere.collect();
    (!nowhere.is_empty()).then(|| format!("{behaviour} does not run in {}", nowhere.join(", ")))
}
