//! What a component of each language says that it was built with, and what `inspect` makes of it.

use std::process::Command;

use oslo_messaging_tests::peer::compiled;
use serde_json::{Value, json};

use crate::run;

#[test]
fn plugins_of_every_language_say_what_they_were_built_with() {
    const GUEST: &str = "oslo-messaging-guest";
    const GO: &str = "github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go";
    for (name, language, sdk, tools) in [
        ("tour", "Rust", GUEST, &["rustc"][..]),
        ("tour-python", "Python", GUEST, &["componentize-py"]),
        (
            "tour-javascript",
            "JavaScript",
            GUEST,
            &["componentize-qjs", "esbuild"],
        ),
        (
            "tour-typescript",
            "TypeScript",
            GUEST,
            &["componentize-qjs", "typescript"],
        ),
        ("tour-go", "Go", GO, &["Go cmd/compile", "wit-component"]),
        ("tour-c", "C", "oslo-messaging", &["zig", "wit-component"]),
        (
            "tour-cpp",
            "C++",
            "oslo-messaging",
            &["zig", "wit-component"],
        ),
    ] {
        let found = inspected(name);
        let with = &found["built_with"];
        let names = |field: &str| -> Vec<String> {
            let all = with[field].as_array().unwrap().iter();
            all.map(|it| it["name"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(names("languages"), [language], "{name}");
        let version = env!("CARGO_PKG_VERSION");
        let sdks = json!([
            {"name": sdk, "version": version}, {"name": "oslo:messaging", "version": version},
        ]);
        assert_eq!(with["sdks"], sdks, "{name}");
        for tool in tools.iter().chain(&["oslo-messaging-build"]) {
            assert!(names("tools").iter().any(|it| it == tool), "{name}: {with}");
        }
        let versions = with["tools"].as_array().unwrap().iter();
        for tool in versions {
            let version = tool["version"].as_str().unwrap();
            assert!(
                version.contains(|c: char| c.is_ascii_digit()),
                "{name}: {tool}"
            );
        }
        assert_eq!(found["run"]["can"], true, "{name}: {found}");
    }
}

/// What a plugin is decides which command can run it.
#[test]
fn plugins_of_every_kind_are_for_the_commands_that_can_run_them() {
    for (name, expected) in [
        (
            "tour-c",
            [Some("wasi:cli/run@0.2."), None, Some("by every, cron")],
        ),
        (
            "tour-async",
            [Some("wasi:cli/run@0.3."), None, Some("by every, cron")],
        ),
        (
            "served-go",
            [None, Some("oslo:messaging/rpc-endpoint@"), Some("by rpc")],
        ),
        (
            "served-async",
            [
                None,
                Some("oslo:messaging/rpc-endpoint-async@"),
                Some("by rpc"),
            ],
        ),
        ("notified-c", [None, None, Some("by notification")]),
        ("gateway", [None, None, Some("by http")]),
    ] {
        let found = inspected(name);
        for (way, expected) in ["run", "serve", "host"].into_iter().zip(expected) {
            let said = &found[way];
            match expected {
                Some(start) => {
                    let starts = said["starts"].as_str().unwrap_or_default();
                    assert!(starts.starts_with(start), "{name}, {way}: {said}");
                }
                None => assert_eq!(said["code"], 23, "{name}, {way}: {said}"),
            }
        }
    }
}

fn inspected(name: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_oslo-plugin"))
        .args(["inspect", "--json", "--cache"])
        .arg(compiled().unwrap())
        .arg(run::folder().join(name).with_extension("wasm"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{name}: {output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}
