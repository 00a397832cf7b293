//! What `inspect` says of components that others made: what they need, and which commands can run them.

mod common;
#[path = "common/component.rs"]
mod component;

use common::{check_failure, oslo_plugin};
use component::component;
use serde_json::{Value, json};

/// What `inspect` finds in a component, and its exit code.
fn inspect(bytes: &[u8], options: &[&str]) -> (Value, i32) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plugin.wasm");
    std::fs::write(&path, bytes).unwrap();
    let words = [&["--json", "inspect"], options, &[path.to_str().unwrap()]].concat();
    let output = oslo_plugin(&words);
    assert!(output.stderr.is_empty(), "{output:?}");
    (
        serde_json::from_slice(&output.stdout).unwrap(),
        output.status.code().unwrap(),
    )
}

/// The lines that people see.
fn lines(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plugin.wasm");
    std::fs::write(&path, bytes).unwrap();
    let output = oslo_plugin(&["inspect", path.to_str().unwrap()]);
    String::from_utf8(output.stdout).unwrap()
}

/// An import that is an interface with a function.
fn interface(name: &str) -> String {
    format!(r#"(import "{name}" (instance (export "f" (func))))"#)
}

#[test]
fn every_import_that_nobody_has_is_named() {
    let later = ["oslo:messaging/client@", "0.2.0"].concat();
    let foreign = [
        "acme:secrets/vault@1.0.0",
        "wasi:cli/terminal-x@0.2.0",
        "wasi:cli/stdout@0.9.0",
        later.as_str(),
    ];
    let imports = foreign.map(interface).concat();
    let bytes = component(&imports, "i32.const 0");
    let (found, code) = inspect(&bytes, &[]);
    assert_eq!(code, 22, "{found}");
    let import = |name: &str, others: &[&str]| json!({"name": name, "run": false, "serve": false, "host": false, "other_versions": others});
    assert_eq!(
        found["imports"],
        json!([
            import(foreign[0], &[]),
            import(foreign[1], &[]),
            import(foreign[2], &["0.2", "0.3"]),
            import(foreign[3], &["0.1"]),
        ])
    );
    assert_eq!(found["exports"], json!(["wasi:cli/run@0.2.0"]));
    let why = format!("it imports what this command lacks: {}", foreign.join(", "));
    for way in ["run", "host"] {
        let no = json!({"can": false, "code": 22, "kind": "missing-import", "why": why});
        assert_eq!(found[way], no, "{way}");
    }
    assert_eq!(found["serve"]["code"], 23);
    let text = lines(&bytes);
    for says in [
        "\n  it does not say\n",
        "\n  acme:secrets/vault@1.0.0  (nobody here has it)\n",
        "\n  wasi:cli/stdout@0.9.0  (nobody here has it, but its version 0.2 and 0.3)\n",
        "\n`oslo-plugin serve` cannot start it: it exports no oslo:messaging/rpc-endpoint\n",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
}

/// The name of a method says of which resource it is, so that nobody can be asked for it alone.
#[test]
fn a_resource_of_its_own_is_what_nobody_has() {
    let imports = r#"(import "r" (type $r (sub resource)))
        (import "[method]r.f" (func (param "self" (borrow $r))))"#;
    let (found, code) = inspect(&component(imports, "i32.const 0"), &[]);
    assert_eq!(code, 22, "{found}");
    let names = ["r", "[method]r.f"];
    for (import, name) in found["imports"].as_array().unwrap().iter().zip(names) {
        let nobody = json!({"name": name, "run": false, "serve": false, "host": false, "other_versions": []});
        assert_eq!(*import, nobody, "{found}");
    }
    assert_eq!(found["imports"].as_array().unwrap().len(), 2, "{found}");
}

/// As the linker has it: a later and an earlier version of one line fit.
#[test]
fn what_fits_by_its_version_is_there() {
    let names = ["wasi:cli/stdout@0.2.0", "wasi:cli/stdout@0.2.99"];
    for name in names {
        let bytes = component(&format!("(import \"{name}\" (instance))"), "i32.const 0");
        let (found, code) = inspect(&bytes, &[]);
        assert_eq!(
            (&found["imports"][0]["run"], code),
            (&json!(true), 0),
            "{found}"
        );
        assert_eq!(
            found["run"],
            json!({"can": true, "starts": "wasi:cli/run@0.2.0"})
        );
        assert_eq!(
            found["host"],
            json!({"can": true, "starts": "by every, cron"})
        );
    }
}

#[test]
fn an_interface_with_another_function_is_told_as_the_linker_tells_it() {
    let (found, code) = inspect(
        &component(&interface("wasi:cli/stdout@0.2.0"), "i32.const 0"),
        &[],
    );
    assert_eq!(code, 22, "{found}");
    assert_eq!(found["imports"][0]["run"], true);
    let why = found["run"]["why"].as_str().unwrap();
    assert!(why.contains("wasi:cli/stdout@0.2.0"), "{why}");
}

/// The daemon reserves room for each instance, and programs have what they need.
#[test]
fn what_is_too_large_for_the_daemon_alone_is_told() {
    let module = format!(
        "(core module $large {})",
        "(global i32 (i32.const 0))".repeat(50_000)
    );
    let instances = |count: usize| "(core instance (instantiate $large))".repeat(count);
    // Sixteen bytes each.
    for (count, code) in [(10, 0), (12, 31)] {
        let bytes = component(&format!("{module} {}", instances(count)), "i32.const 0");
        let (found, ended) = inspect(&bytes, &["--for", "host"]);
        assert_eq!(ended, code, "{found}");
        assert_eq!(found["run"]["can"], true, "{found}");
        assert_eq!(found["host"]["can"], code == 0, "{found}");
        if code != 0 {
            let why = found["host"]["why"].as_str().unwrap();
            assert!(
                why.contains("exceeds the configured maximum of 8388608 bytes"),
                "{why}"
            );
        }
    }
}

#[test]
fn the_exit_code_is_that_of_the_command_that_is_asked_for() {
    let http = r#"(import "wasi:http/outgoing-handler@0.2.0" (instance))
        (import "wasi:http/types@0.2.0" (instance))"#;
    let for_the_daemon = component(http, "i32.const 0");
    let idle = wat::parse_str("(component)").unwrap();
    for (bytes, way, expected) in [
        (&for_the_daemon, "host", 0),
        (&for_the_daemon, "serve", 23),
        (&idle, "run", 23),
        (&idle, "host", 23),
    ] {
        let (found, code) = inspect(bytes, &["--for", way]);
        assert_eq!(code, expected, "{way}: {found}");
        assert_eq!(found[way]["can"], expected == 0, "{way}: {found}");
    }
    let text = lines(&for_the_daemon);
    let alone = "wasi:http/types@0.2.0  (`oslo-plugin host` alone has it)";
    assert!(text.contains(alone), "{text}");
    assert!(!text.contains("nobody"), "{text}");
    check_failure(
        &["inspect", "nowhere.wasm"],
        20,
        "nowhere.wasm cannot be read",
    );
}
