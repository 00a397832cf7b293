//! What `docs/limits.md` and `docs/operating.md` say is what there is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use oslo_messaging_plugins::{CallOutcome, InvocationOutcome, StartedBy};

use crate::world::World;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All of a folder's sources, one after the other.
fn sources(folder: &str) -> String {
    let mut text = String::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                text += &fs::read_to_string(path).unwrap();
            }
        }
    }
    text
}

/// The fields of a struct `Limits`, as limits are called.
fn limits(file: &str) -> BTreeSet<String> {
    let text = read(file);
    let (_, text) = text.split_once("pub struct Limits {\n").unwrap();
    let (fields, _) = text.split_once("\n}").unwrap();
    let fields = fields.lines().filter_map(|line| {
        let (name, _) = line.trim().strip_prefix("pub ")?.split_once(':')?;
        Some(name.replace('_', "-"))
    });
    fields.collect()
}

/// The names with which a guest is told `limit-exceeded`.
fn told() -> BTreeSet<String> {
    let text = sources("host/wasmtime/src");
    let calls = text.split("limit_exceeded(").skip(1);
    let names = calls.filter_map(|call| call.trim_start().strip_prefix('"')?.split('"').next());
    names.map(str::to_owned).collect()
}

/// The cells of each row of the tables, without their heads.
fn rows(document: &str) -> Vec<Vec<String>> {
    let lines = document.lines().filter(|line| line.starts_with("| "));
    let cells = |line: &str| {
        let cells = line.trim_matches('|').split(" | ");
        cells.map(|cell| cell.trim().to_owned()).collect()
    };
    let rows = lines.map(cells);
    rows.filter(|row: &Vec<String>| row[0] != "limit").collect()
}

/// What is between backticks.
fn code(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn metrics() -> BTreeSet<String> {
    let text = World::new().host.metrics();
    let names = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let names = names.filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

#[tokio::test]
async fn every_limit_has_a_row_and_every_row_is_true() {
    let document = read("docs/limits.md");
    let rows = rows(&document);
    let has_row = |limit: &str| rows.iter().any(|row| code(&row[0]).any(|it| it == limit));
    let of_contract = limits("host/wasmtime/src/limits.rs");
    assert!(of_contract.len() > 10, "{of_contract:?}");
    let told = told();
    assert!(told.len() > 6, "{told:?}");
    for limit in of_contract.iter().chain(&told) {
        assert!(has_row(limit), "the limit `{limit}` has no row");
    }
    let of_policy = limits("host/policy/src/plugin.rs");
    assert!(of_policy.len() > 7, "{of_policy:?}");
    for limit in of_policy {
        let key = format!("`limits.{limit}`");
        let is_there = rows.iter().any(|row| row[1].contains(&key));
        assert!(is_there, "{key} is set in no row");
    }
    let outcomes: BTreeSet<_> = InvocationOutcome::ALL
        .map(InvocationOutcome::name)
        .into_iter()
        .chain(CallOutcome::ALL.map(CallOutcome::name))
        .collect();
    let (metrics, source) = (metrics(), sources("host"));
    for row in &rows {
        let [limit, _, _, events, counters] = &row[..] else {
            panic!("five cells are wanted: {row:?}")
        };
        assert!(row.iter().all(|cell| !cell.is_empty()), "{row:?}");
        for event in code(events).filter(|it| *it != "debug") {
            let line = format!("\"{event}\"");
            assert!(source.contains(&line), "{limit}: nothing logs `{event}`");
        }
        for counter in code(counters) {
            let is_there = metrics.contains(counter) || outcomes.contains(counter);
            assert!(is_there, "{limit}: nothing counts `{counter}`");
        }
    }
}

/// Of what is refused, stopped or left out, each counter is in a row.
#[tokio::test]
async fn everything_that_is_counted_is_told_of() {
    let limits = read("docs/limits.md");
    let refusals = metrics().into_iter().filter(|metric| {
        let refusing = [
            "denied",
            "over_rate",
            "limited",
            "cut",
            "refused",
            "timeouts",
        ];
        refusing.iter().any(|part| metric.contains(part))
    });
    let refusals: Vec<_> = refusals.collect();
    assert!(refusals.len() > 6, "{refusals:?}");
    let good = [InvocationOutcome::Returned, InvocationOutcome::Failed];
    let stopped = InvocationOutcome::ALL.into_iter();
    let stopped = stopped.filter(|it| !good.contains(it));
    let stopped = stopped.map(|it| it.name().to_owned());
    for counter in refusals.into_iter().chain(stopped) {
        let code = format!("`{counter}`");
        assert!(limits.contains(&code), "{code} is not in docs/limits.md");
    }
}

#[tokio::test]
async fn every_metric_and_outcome_is_explained() {
    let document = read("docs/operating.md");
    let metrics = metrics();
    assert!(metrics.len() > 25, "{metrics:?}");
    let names = InvocationOutcome::ALL.map(InvocationOutcome::name);
    let names = names
        .into_iter()
        .chain(CallOutcome::ALL.map(CallOutcome::name));
    let names = names.chain(StartedBy::ALL.map(StartedBy::name));
    for name in metrics.iter().map(String::as_str).chain(names) {
        let code = format!("`{name}`");
        assert!(
            document.contains(&code),
            "{code} is not in docs/operating.md"
        );
    }
    for word in document.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
        let is_metric = [
            "oslo_plugin_",
            "oslo_messaging_rpc_",
            "rpc_client_",
            "rpc_server_",
            "messaging_client_",
            "messaging_process_",
        ];
        let is_metric = is_metric.iter().any(|start| word.starts_with(start));
        assert!(
            !is_metric || metrics.contains(word),
            "there is no metric `{word}`"
        );
    }
}
