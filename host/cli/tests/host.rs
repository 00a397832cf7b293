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
