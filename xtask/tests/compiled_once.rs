//! Cargo compiles what macros, programs and tests have in common once.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// One that is compiled twice has other features for macros than for programs, or depends on one that has: the message
/// says which features. `[build-dependencies]` of `tests/hosts` turn them on for macros. What takes seconds may stay.
#[test]
fn no_crate_that_takes_long_is_compiled_twice() {
    let mut units: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let graph = graph();
    for unit in graph["units"].as_array().expect("it has units") {
        let target = &unit["target"];
        if unit["mode"] != "build" || target["kind"] == serde_json::json!(["custom-build"]) {
            continue;
        }
        let package = unit["pkg_id"].as_str().expect("it has a package");
        let (_, package) = package.rsplit_once('#').expect("it has a name");
        let name = format!("{package}, {} {}", target["name"], target["crate_types"]);
        units
            .entry(name)
            .or_default()
            .push(unit["features"].to_string());
    }
    units.retain(|name, features| {
        features.len() > 1 && !SHORT.iter().any(|it| name.starts_with(it))
    });
    assert!(units.is_empty(), "{units:#?}");
}

/// They are compiled in moments, and most have no version that somebody else could ask for.
const SHORT: [&str; 4] = [
    "cranelift-bitset@",
    "libc@",
    "pulley-interpreter@",
    "wasmtime-internal-core@",
];

/// What cargo would do for the tests. It tells that to who asks for what is unstable.
fn graph() -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "test",
            "--no-run",
            "--locked",
            "--workspace",
            "--all-features",
        ])
        .args(["-Z", "unstable-options", "--unit-graph"])
        .env("RUSTC_BOOTSTRAP", "1")
        .current_dir(root)
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).expect("it is JSON")
}
