//! The daemon and its policy, as a shell has them. No broker is needed.

mod common;
#[path = "common/component.rs"]
mod component;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use common::{check_failure, oslo_plugin, program};
use component::component;
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

/// The daemon, and the lines of its log.
struct Daemon {
    child: Child,
    log: Receiver<String>,
}

impl Daemon {
    fn start(policy: &str) -> Self {
        let mut child = program()
            .args(["host", "--no-cache", policy])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let (sender, log) = channel();
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self { child, log }
    }

    /// Waits for a line that says all of this.
    fn says(&self, parts: &[&str]) -> String {
        let ends = Instant::now() + Duration::from_secs(60);
        let mut seen = Vec::new();
        while let Ok(line) = self
            .log
            .recv_timeout(ends.saturating_duration_since(Instant::now()))
        {
            if parts.iter().all(|part| line.contains(part)) {
                return line;
            }
            seen.push(line);
        }
        panic!("nothing says {parts:?}: {seen:#?}");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
    }

    fn ends(mut self, signal: &str) {
        self.signal(signal);
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{signal}");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn replace(path: &Path, bytes: &[u8]) {
    let new = path.with_extension("new");
    fs::write(&new, bytes).unwrap();
    fs::rename(new, path).unwrap();
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
