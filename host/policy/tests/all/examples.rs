//! The example, read by the parser and by the schema.

use std::path::Path;
use std::time::Duration;

use boon::{Compiler, SchemaIndex, Schemas};
use oslo_messaging_policy::{
    Instances, LoadError, Policy, Schedule, Secret, TransportSource, Trigger, schema,
};
use serde_json::{Value, json};

const EXAMPLE: &str = include_str!("../../examples/plugins.toml");

/// The pages that have a policy in them show one that is good.
#[test]
fn policies_in_documents_are_good() {
    for page in [
        include_str!("../../../../README.md"),
        include_str!("../../../../docs/embedder.md"),
        include_str!("../../../../docs/operating.md"),
        include_str!("../../../../docs/policy.md"),
    ] {
        let blocks = page.split("```toml\n").skip(1);
        let blocks = blocks.filter_map(|block| block.split("```").next());
        let policies = blocks.filter(|block| block.starts_with("[transports."));
        let policies: Vec<_> = policies
            .map(|text| Policy::parse("plugins.toml", text).unwrap())
            .collect();
        assert!(!policies.is_empty());
        for policy in policies {
            assert_eq!(policy.warnings(), []);
        }
    }
}

#[test]
fn the_example_is_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/plugins.toml");
    let policy = Policy::load(&path).unwrap();
    assert_eq!(policy.warnings(), []);
    let names: Vec<_> = policy.plugins().map(|plugin| plugin.name()).collect();
    assert_eq!(names, ["rebalance", "report"]);

    let http = policy.http().unwrap();
    assert_eq!(http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(http.connections.get(), 256);

    let volumes = policy.transport("volumes").unwrap();
    let url = Secret::Env("VOLUMES_TRANSPORT_URL".to_owned());
    assert_eq!(volumes.source(), &TransportSource::Url(url));
    assert_eq!(volumes.control_exchange(), Some("cinder"));
    let nova = TransportSource::ConfigFile("/etc/nova/nova.conf".into());
    assert_eq!(policy.transport("default").unwrap().source(), &nova);

    let rebalance = policy.plugin("rebalance").unwrap();
    assert_eq!(rebalance.component(), Path::new("rebalance.wasm"));
    assert!(
        rebalance
            .sha256()
            .unwrap()
            .to_string()
            .starts_with("e3b0c442")
    );
    assert_eq!(rebalance.instances(), Instances::Fresh);
    assert_eq!(
        Value::Object(rebalance.context().clone()),
        json!({"is_admin": false, "project_id": "ops"})
    );
    assert_eq!(rebalance.transports(), ["default"]);
    let [
        Trigger::Rpc(service),
        Trigger::Notification(notifications),
        http,
        timer,
    ] = rebalance.triggers()
    else {
        panic!("{:?}", rebalance.triggers())
    };
    assert_eq!(
        (service.topic.as_str(), service.server.as_str()),
        ("rebalance", "host-1")
    );
    assert_eq!(notifications.event_types[0].as_str(), "compute.instance.*");
    assert_eq!(notifications.pool.as_ref().unwrap().as_str(), "rebalance");
    assert_eq!(
        http,
        &Trigger::Http {
            path: "/rebalance".to_owned()
        }
    );
    let every = Schedule::Every(Duration::from_secs(30));
    assert_eq!(
        timer,
        &Trigger::Timer {
            overlap: false,
            schedule: every
        }
    );

    // What the plugin says holds, and the rest is inherited.
    let report = policy.plugin("report").unwrap();
    assert_eq!(report.limits().time.duration(), Duration::from_secs(60));
    assert_eq!(report.limits().memory, rebalance.limits().memory);
    assert!(
        matches!(report.instances(), Instances::Pooled { concurrency, .. } if concurrency.get() == 8)
    );
    assert_eq!(report.transports(), ["default", "volumes"]);
    assert!(report.rules().iter().nth(1).unwrap().traceback());
}

#[test]
fn limits_are_inherited_from_the_nearest() {
    let policy = Policy::parse(
        "plugins.toml",
        "[limits]\ntime = \"9s\"\nrate = \"7/s\"\n[plugins.a]\ncomponent = \"a\"\n\
         [plugins.b]\ncomponent = \"b\"\nlimits = { time = \"8s\" }\n",
    )
    .unwrap();
    let limits = |name| {
        let limits = policy.plugin(name).unwrap().limits();
        (
            limits.time.to_string(),
            limits.rate.to_string(),
            limits.memory.to_string(),
        )
    };
    let said = |time: &str| (time.to_owned(), "7/s".to_owned(), "64MiB".to_owned());
    assert_eq!(limits("a"), said("9s"));
    assert_eq!(limits("b"), said("8s"));
}

#[test]
fn the_longest_path_answers() {
    let paths = ["/", "/a", "/a/b", "/ab"];
    let plugins: String = paths.iter().enumerate().map(|(number, path)| {
        format!("[plugins.p{number}]\ncomponent = \"p\"\n[[plugins.p{number}.on]]\nhttp = {{ path = \"{path}\" }}\n")
    }).collect();
    let listen = "[http]\nlisten = \"[::1]:80\"\nconnections = 7\n";
    let policy = Policy::parse("plugins.toml", &format!("{listen}{plugins}")).unwrap();
    let http = policy.http().unwrap();
    assert_eq!(http.listen.to_string(), "[::1]:80");
    assert_eq!(http.connections.get(), 7);
    let check = |path: &str, name: &str| {
        assert_eq!(policy.plugin_of_path(path).unwrap().name(), name, "{path}");
    };
    check("/", "p0");
    check("/c", "p0");
    check("/a", "p1");
    check("/a?q=/a/b", "p1");
    check("/a/", "p1");
    check("/a/bc", "p1");
    check("/a/b", "p2");
    check("/a/b/c", "p2");
    check("/ab", "p3");
    check("/ab/c", "p3");
    let other = Policy::parse("plugins.toml", "[plugins.p]\ncomponent = \"p\"\n").unwrap();
    assert!(other.plugin_of_path("/").is_none());
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = Policy::load(Path::new("no/such/file.toml")).unwrap_err();
    assert!(matches!(error, LoadError::File { .. }));
    assert_eq!(
        error.to_string(),
        "the policy file `no/such/file.toml` cannot be read"
    );
}

/// The schema accepts what the parser accepts, and refuses what it can see to be wrong.
#[test]
fn the_schema_knows_the_examples_from_wrong_files() {
    let validator = Validator::new();
    assert_eq!(validator.complaints(&json(EXAMPLE)), Vec::<String>::new());
    let dubious = include_str!("dubious.txt");
    for (title, text) in cases(dubious) {
        assert_eq!(
            validator.complaints(&json(text)),
            Vec::<String>::new(),
            "{title}"
        );
    }
    let mut refused = 0;
    let mut all = 0;
    for (title, text) in cases(include_str!("wrong.txt")) {
        all += 1;
        if text.parse::<toml::Table>().is_err() {
            continue;
        }
        let seen = !validator.complaints(&json(text)).is_empty();
        refused += usize::from(seen);
        // A slip in a key is what an editor is for.
        assert!(seen || !title.contains("slip"), "{title}");
    }
    assert!(refused * 2 > all, "only {refused} of {all}");
}

/// Every value of the example, with one more key beside it.
#[test]
fn the_schema_refuses_unknown_keys_everywhere() {
    let validator = Validator::new();
    let example = json(EXAMPLE);
    let mut tables = Vec::new();
    find_tables("", &example, &mut tables);
    let mut refused = 0;
    for table in tables {
        // Names of transports and plugins are the operator's, and so is the context.
        if ["/transports", "/plugins", "/plugins/rebalance/context"].contains(&&*table) {
            continue;
        }
        let mut changed = example.clone();
        let map = changed
            .pointer_mut(&table)
            .unwrap()
            .as_object_mut()
            .unwrap();
        map.insert("no-such-key".to_owned(), json!(1));
        assert!(!validator.complaints(&changed).is_empty(), "{table}");
        refused += 1;
    }
    assert!(refused > 15, "only {refused} tables");
}

fn find_tables(at: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            found.push(at.to_owned());
            map.iter()
                .for_each(|(key, value)| find_tables(&format!("{at}/{key}"), value, found));
        }
        Value::Array(entries) => {
            let entries = entries.iter().enumerate();
            entries
                .for_each(|(number, value)| find_tables(&format!("{at}/{number}"), value, found));
        }
        _ => {}
    }
}

/// What reads files by the schema, as an editor does.
struct Validator {
    schemas: Schemas,
    schema: SchemaIndex,
}

impl Validator {
    /// Only a good schema becomes one.
    fn new() -> Self {
        let mut compiler = Compiler::new();
        compiler.add_resource("policy.json", schema()).unwrap();
        let mut schemas = Schemas::new();
        let schema = compiler.compile("policy.json", &mut schemas).unwrap();
        Self { schemas, schema }
    }

    fn complaints(&self, file: &Value) -> Vec<String> {
        let validated = self.schemas.validate(file, self.schema);
        validated.err().iter().map(ToString::to_string).collect()
    }
}

fn json(text: &str) -> Value {
    serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap()
}

/// The title and the file of each case of a table.
fn cases(table: &str) -> impl Iterator<Item = (&str, &str)> {
    table.split("=== ").skip(1).map(|case| {
        let (title, rest) = case.split_once('\n').unwrap();
        (title, rest.split_once("---\n").unwrap().0)
    })
}
