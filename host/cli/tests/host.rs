//! The daemon and its policy, as a shell has them. No broker is needed.

mod common;
#[path = "common/component.rs"]
mod component;
#[path = "common/daemon.rs"]
mod daemon;
#[path = "common/replace.rs"]
mod replace;

use std::fs;
use std::path::Path;

use common::{check_failure, oslo_plugin, program};
use component::component;
use daemon::Daemon;
use replace::replace;
use tempfile::TempDir;

const POLICY: &str = r#"
[transports.default]
url = "memory://"

[plugins.timed]
component = "timed.wasm"

[[plugins.timed.on]]
every = "50ms"

[[plugins.timed.allow]]
name = "read compute"
topic = "compute"
methods = "get_*"
"#;

fn folder(code: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("timed.wasm"), component("", code)).unwrap();
    fs::write(folder.path().join("plugins.toml"), POLICY).unwrap();
    folder
}

fn policy(folder: &TempDir) -> String {
    let path = folder.path().join("plugins.toml");
    path.to_string_lossy().into_owned()
}

#[test]
fn a_policy_is_checked_with_and_without_its_components() {
    let folder = folder("(i32.const 0)");
    let policy = policy(&folder);
    for words in [["policy", "check", &policy], ["host", "--check", &policy]] {
        let output = oslo_plugin(&words);
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(said.contains("plugins.toml is good"), "{said}");
    }
    fs::write(folder.path().join("timed.wasm"), "(component)").unwrap();
    let says = "plugin `timed`: ";
    check_failure(&["host", "--no-cache", "--check", &policy], 31, says);
    check_failure(&["host", "--no-cache", &policy], 31, "make a binary of it");
    fs::write(&policy, "[limits]\nmemory = 64\n").unwrap();
    let says = "plugins.toml:2:10: limits.memory: a size is wanted";
    for words in [["policy", "check", &policy], ["host", "--check", &policy]] {
        check_failure(&words, 30, says);
    }
    check_failure(
        &["policy", "check", "nowhere.toml"],
        30,
        "cannot be read: No such file",
    );
}

#[test]
fn plugins_that_may_have_more_than_the_host_are_warned_of() {
    let folder = folder("(i32.const 0)");
    let policy = policy(&folder);
    let more = "[plugins.other]\ncomponent = \"timed.wasm\"\n[[plugins.other.on]]\nevery = \"1h\"\n\
                overlap = true\n[plugins.other.limits]\ninstances = 3\n";
    fs::write(&policy, POLICY.to_owned() + more).unwrap();
    let checked = |options: &[&str]| {
        let words = [&["host", "--no-cache", "--check"], options, &[&policy]].concat();
        let output = oslo_plugin(&words);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let errors = checked(&["--instances", "4"]);
    assert!(!errors.contains("plugins may have"), "{errors}");
    let says = "warning: plugins may have 4 instances at the same time, and the host has room for 3: some may wait \
                for others, and be refused; lower `instances` in `limits`, or raise `--instances`\n";
    let errors = checked(&["--instances", "3"]);
    assert!(errors.contains(says), "{errors}");
    // So are those of a policy that changes.
    fs::write(&policy, POLICY).unwrap();
    let daemon = Daemon::start_with(&["--instances", "3"], &policy);
    daemon.says(&["started", "timed"]);
    replace(Path::new(&policy), (POLICY.to_owned() + more).as_bytes());
    daemon.says(&["plugins may have 4 instances at the same time"]);
    daemon.ends("-TERM");
}

#[test]
fn a_decision_is_explained_before_it_happens() {
    let folder = folder("(i32.const 0)");
    let policy = policy(&folder);
    let explain = |words: &[&str]| {
        let output = oslo_plugin(&[&["policy", "explain", &policy], words].concat());
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), said)
    };
    let (code, said) = explain(&["timed", "compute", "get_free"]);
    assert_eq!(code, Some(0));
    assert_eq!(
        said,
        "call of `get_free` on `compute` is allowed by rule `read compute`\n\
         - `read compute`: decides\n"
    );
    let (code, said) = explain(&["timed", "compute.host-1", "reboot"]);
    assert_eq!(code, Some(32));
    let says = "call of `reboot` on `compute.host-1` is denied: no rule allows it; the nearest is";
    assert!(said.starts_with(says), "{said}");
    let (code, said) = explain(&["--notify", "timed", "notifications", "a.b"]);
    assert_eq!(code, Some(32));
    assert_eq!(
        said,
        "notification `a.b` to `notifications.info` is denied: no rule allows it; the nearest is `read compute`, \
         but its topic is `compute`, it is for calls and casts\n\
         - `read compute`: its topic is `compute`, it is for calls and casts\n"
    );
    let (_, said) = explain(&["--notify", "--priority", "warn", "timed", "n", "a.b"]);
    assert!(
        said.starts_with("notification `a.b` to `n.warn` is denied"),
        "{said}"
    );
    let says = "there is no plugin `tmed`, but there are: `timed`";
    let words = ["policy", "explain", &policy, "tmed", "compute", "get_free"];
    check_failure(&words, 4, says);
}

#[test]
fn rules_on_the_command_line_are_a_policy_that_can_be_printed() {
    let words = [
        "run",
        "--allow",
        "compute:get_*",
        "--print-policy",
        "a/tour.wasm",
    ];
    let output = oslo_plugin(&words);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    for part in [
        "[plugins.tour]",
        "a/tour.wasm",
        "compute",
        "get_*",
        "OSLO_PLUGIN_TRANSPORT_URL",
    ] {
        assert!(printed.contains(part), "no {part}: {printed}");
    }
    assert!(printed.ends_with("\"]\n"), "{printed:?}");
    let policy = oslo_messaging_policy::Policy::parse("printed", &printed);
    assert!(policy.unwrap().plugin("tour").is_some());
    let output = oslo_plugin(&["run", "--allow", "compute", "tour.wasm"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn the_daemon_takes_what_changes_and_ends_when_it_is_told() {
    let folder = folder("(i32.const 0)");
    let policy = policy(&folder);
    let daemon = Daemon::start(&policy);
    daemon.says(&["started", "timed"]);
    let plugin = folder.path().join("timed.wasm");
    replace(&plugin, b"\0asm");
    daemon.says(&["refused", "timed"]);
    replace(&plugin, &component("", "(i32.const 1)"));
    daemon.says(&["replaced", "timed"]);
    daemon.says(&["says that it failed", "timed"]);
    replace(Path::new(&policy), b"[plugins.timed]\n");
    daemon.says(&["the policy is not applied", "component"]);
    let without = "[transports.default]\nurl = \"memory://\"\n";
    replace(Path::new(&policy), without.as_bytes());
    daemon.signal("-HUP");
    daemon.says(&["stopped", "timed"]);
    daemon.ends("-TERM");
}

#[test]
fn ctrl_c_ends_it_as_well() {
    let folder = folder("(i32.const 0)");
    let daemon = Daemon::start(&policy(&folder));
    daemon.says(&["started", "timed"]);
    daemon.ends("-INT");
}

/// A command that logs a warning by `wasi:logging`, as the published interface has it.
const LOGS: &str = r#"(component
    (import "wasi:logging/logging@0.1.0-draft" (instance $logging
        (type $level (enum "trace" "debug" "info" "warn" "error" "critical"))
        (export "level" (type $named (eq $level)))
        (export "log" (func (param "level" $named) (param "context" string) (param "message" string)))))
    (core module $memory
        (memory (export "memory") 1)
        (data (i32.const 0) "there\1b[2J"))
    (core instance $memory (instantiate $memory))
    (alias core export $memory "memory" (core memory $words))
    (core func $log (canon lower (func $logging "log") (memory $words)))
    (core module $m
        (import "host" "log" (func $log (param i32 i32 i32 i32 i32)))
        (func (export "run") (result i32)
            (call $log (i32.const 3) (i32.const 0) (i32.const 5) (i32.const 0) (i32.const 9))
            (i32.const 0)))
    (core instance $i (instantiate $m (with "host" (instance (export "log" (func $log))))))
    (func $run (result (result)) (canon lift (core func $i "run")))
    (instance $r (export "run" (func $run)))
    (export "wasi:cli/run@0.2.0" (instance $r)))"#;

#[test]
fn what_a_plugin_logs_is_in_the_log_with_its_level() {
    let folder = folder("(i32.const 0)");
    fs::write(
        folder.path().join("timed.wasm"),
        wat::parse_str(LOGS).unwrap(),
    )
    .unwrap();
    let policy = policy(&folder);
    let daemon = Daemon::start(&policy);
    let says = r#"WARN plugin: plugin="timed" context="there" line="there\u{1b}[2J""#;
    daemon.says(&[says]);
    // What it logs counts as what it prints does.
    let limit = POLICY.to_owned() + "[plugins.timed.limits]\noutput = \"8B\"\n";
    replace(Path::new(&policy), limit.as_bytes());
    daemon.says(&["output of an invocation is cut at its limit"]);
    daemon.says(&[r#"line="the""#]);
    daemon.ends("-TERM");

    // A program that is run has it as well.
    let plugin = folder.path().join("timed.wasm");
    let output = oslo_plugin(&["run", "--no-cache", &plugin.to_string_lossy()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let says = r#"WARN plugin: plugin="timed.wasm" context="there" line="there\u{1b}[2J""#;
    assert!(said.contains(says), "{said}");
}
