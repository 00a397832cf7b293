//! `docs/policy.md` is complete, and says nothing that is not so.

use std::collections::BTreeMap;

use oslo_messaging_policy::{Instances, Kind, Policy, Request, schema};
use serde_json::Value;

const REFERENCE: &str = include_str!("../../../../docs/policy.md");

/// Table by table: every key is documented, every documented key exists, and defaults are as said.
#[test]
fn every_key_is_in_the_reference() {
    let mut known = BTreeMap::new();
    walk("", &schema(), &mut known);
    let documented = documented();
    // It has the keys of `limits`, and the reference says so.
    let inherited = known.remove("plugins.NAME.limits").unwrap();
    assert_eq!(inherited, known["limits"]);
    let tables: Vec<_> = known.keys().collect();
    assert_eq!(tables, documented.keys().collect::<Vec<_>>());
    let mut keys = 0;
    for (table, known) in &known {
        let documented = &documented[table];
        let names: Vec<_> = known.keys().collect();
        assert_eq!(names, documented.keys().collect::<Vec<_>>(), "{table}");
        for (key, Key { default, needed }) in known {
            let cell = &documented[key];
            if let Some(default) = default {
                assert!(
                    cell.contains(&format!("`{default}`")),
                    "{table}.{key}: {cell}"
                );
            }
            assert_eq!(cell == "needed", *needed, "{table}.{key}: {cell}");
            keys += 1;
        }
    }
    assert!(keys > 40, "only {keys} keys");
}

/// The schema says what holds where nothing is said.
#[test]
fn defaults_are_those_of_the_schema() {
    let plugin = "[plugins.a]\ncomponent = \"a.wasm\"\n";
    let mut known = BTreeMap::new();
    walk("", &schema(), &mut known);
    let said = |table: &str| -> String {
        let with_default = |(key, it): (&String, &Key)| {
            let default = it.default.as_ref()?;
            let is_text = default.parse::<u64>().is_err();
            Some(if is_text {
                format!("{key} = \"{default}\"\n")
            } else {
                format!("{key} = {default}\n")
            })
        };
        known[table].iter().filter_map(with_default).collect()
    };
    let parse = |text: &str| Policy::parse("plugins.toml", text).unwrap();
    let limits = said("limits");
    assert_eq!(limits.lines().count(), 9);
    let [silent, explicit] = [String::new(), format!("[limits]\n{limits}")]
        .map(|limits| parse(&format!("{plugin}{limits}")));
    let limits = |policy: &Policy| *policy.plugin("a").unwrap().limits();
    assert_eq!(limits(&silent), limits(&explicit));

    let pooled = format!("{plugin}[plugins.a.instances]\nreuse = \"pooled\"\n");
    let [silent, explicit] = ["", &said("plugins.NAME.instances")].map(|more| {
        parse(&format!("{pooled}{more}"))
            .plugin("a")
            .unwrap()
            .instances()
    });
    assert_eq!(silent, explicit);
    assert_ne!(silent, Instances::Fresh);
}

/// What is shown as a file is one.
#[test]
fn files_in_the_documentation_are_without_problems() {
    let readme = include_str!("../../README.md");
    let mut shown = 0;
    for text in [REFERENCE, readme] {
        for block in text.split("```toml\n").skip(1) {
            let block = block.split("```").next().unwrap();
            let policy = Policy::parse("docs", block).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(policy.warnings(), []);
            shown += 1;
        }
    }
    assert_eq!(shown, 2);
}

/// What the reference shows of errors and denials is what is said.
#[test]
fn messages_in_the_reference_are_true() {
    let wrong = include_str!("wrong.txt");
    let (_, problem) = REFERENCE.split_once("\nplugins.toml:12:10: ").unwrap();
    let problem = problem.lines().next().unwrap();
    assert!(wrong.contains(problem), "{problem}");
    let file = REFERENCE
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let policy = Policy::parse("docs", file).unwrap();
    let request = Request::new(Kind::Call, "compute.host-1", "reboot");
    let denial = policy
        .plugin("rebalance")
        .unwrap()
        .rules()
        .decide(&request)
        .to_string();
    assert!(REFERENCE.contains(&format!("\n{denial}\n")), "{denial}");
}

#[derive(Debug, PartialEq)]
struct Key {
    default: Option<String>,
    needed: bool,
}

/// Every table of a schema, with its keys. What an operator names is `NAME`, and an entry of a list
/// `[]`.
fn walk(table: &str, schema: &Value, found: &mut BTreeMap<String, BTreeMap<String, Key>>) {
    let below = |name: &str| match table {
        "" => name.to_owned(),
        table => format!("{table}.{name}"),
    };
    if let Some(Value::Object(properties)) = schema.get("properties") {
        let required: Vec<_> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .collect();
        let mut keys = BTreeMap::new();
        for (name, schema) in properties {
            walk(&below(name), schema, found);
            let default = schema.get("default").map(|default| match default {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            let needed = required.iter().any(|it| it.as_str() == Some(name));
            keys.insert(name.clone(), Key { default, needed });
        }
        found.insert(table.to_owned(), keys);
    }
    if let Some(schema @ Value::Object(_)) = schema.get("additionalProperties") {
        walk(&below("NAME"), schema, found);
    }
    if let Some(schema) = schema.get("items") {
        walk(&format!("{table}[]"), schema, found);
    }
    for schema in schema
        .get("anyOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if schema.get("properties").is_some() {
            walk(table, schema, found);
        }
    }
}

/// Every table of the reference: its keys, each with the cell about its default.
fn documented() -> BTreeMap<String, BTreeMap<String, String>> {
    let mut tables = BTreeMap::<String, BTreeMap<String, String>>::new();
    let mut table = None;
    for line in REFERENCE.lines() {
        if line.starts_with('#') {
            table = match line.split('`').nth(1) {
                Some(name) => Some(name.to_owned()),
                None => (line == "## The file").then(String::new),
            };
        }
        let (Some(table), Some(row)) = (&table, line.strip_prefix("| `")) else {
            continue;
        };
        let (key, rest) = row.split_once("` | ").unwrap();
        let default = rest.split(" |").nth(1).unwrap().trim();
        let keys = tables.entry(table.clone()).or_default();
        assert!(
            keys.insert(key.to_owned(), default.to_owned()).is_none(),
            "{table}.{key}"
        );
    }
    tables
}
