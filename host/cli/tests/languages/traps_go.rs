//! What a plugin in Go could fall over, and does not: `tests/plugins/traps/go`.

use std::io::{BufRead, BufReader};
use std::process::{Output, Stdio};
use std::time::Duration;

use crate::run::{demo, demo_command};

#[test]
fn nothing_of_it_ends_the_plugin() {
    let output = traps(&[]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let printed = String::from_utf8_lossy(&output.stdout);
    for line in LINES {
        assert!(printed.lines().any(|it| it == line), "{line}\n{printed}");
    }
    assert_eq!(printed.lines().count(), LINES.len(), "{printed}");
}

#[test]
fn a_panic_prints_itself_and_is_a_failure_of_the_plugin() {
    let output = traps(&["panic"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.starts_with("panic: the plugin panics\n"), "{errors}");
    assert!(errors.contains("traps-go/plugin.go:"), "{errors}");
    assert!(!errors.contains("trapped"), "{errors}");
}

#[test]
fn an_exit_is_an_exit() {
    let output = traps(&["exit"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stderr, b"the plugin exits\n");
}

/// Nothing else of it can run, so that the host may hold its thread.
#[test]
fn a_plugin_that_waits_sleeps() {
    let mut command = demo_command("traps-go", &["wait"]);
    let mut plugin = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(plugin.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "waiting");
    let pause = || std::thread::sleep(Duration::from_secs(1));
    pause();
    let before = wake_ups(plugin.id());
    pause();
    let woken = wake_ups(plugin.id()) - before;
    assert_eq!(lines.next().unwrap().unwrap(), "waited: <nil>");
    assert!(plugin.wait().unwrap().success());
    assert!(woken < 250, "it woke up {woken} times in a second");
}

/// How often the threads of a process have slept so far, but for the one that counts epochs.
fn wake_ups(process: u32) -> u64 {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let of = |thread: std::io::Result<std::fs::DirEntry>| -> u64 {
        let status = std::fs::read_to_string(thread.unwrap().path().join("status"));
        let status = status.unwrap_or_default();
        let field = |name: &str| {
            let mut lines = status.lines();
            lines
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
                .map(str::trim)
        };
        match field("Name") {
            Some("epochs") | None => 0,
            Some(_) => field("voluntary_ctxt_switches").unwrap().parse().unwrap(),
        }
    };
    threads.map(of).sum()
}

fn traps(arguments: &[&str]) -> Output {
    demo("traps-go", arguments)
}

const LINES: [&str; 22] = [
    // The collector starts often, and never while the host hands over a reply.
    "30000 replies among garbage: ok",
    "100 replies of 1 MiB: ok",
    "1500 raw replies of 64 KiB: ok",
    "goroutines and timers: ok",
    "calls in flight: ok",
    "deadline of a context: ok",
    "cancelled context: ok",
    "computing beside a call: ok",
    "nothing to wait for: ok",
    // What an author reads.
    "a transport that is not granted: *oslo.AccessDeniedError: \
     no transport `elsewhere` is granted",
    "arguments that are not JSON: *oslo.InvalidArgumentError: \
     it is not JSON: EOF while parsing a value at line 1 column 10",
    "arguments that are no object: *oslo.InvalidArgumentError: \
     it must be a JSON object, such as {}",
    "arguments that JSON does not have: *oslo.InvalidArgumentError: \
     args cannot be sent: json: unsupported type: func()",
    "text that is not UTF-8: *oslo.InvalidArgumentError: server is not UTF-8: \"\\xff\"",
    "a version that is none: *oslo.InvalidArgumentError: \
     a version is `major.minor` or `major.minor.revision`, not `latest`",
    "an option that no function made: *oslo.InvalidArgumentError: \
     an option is made by a function such as WithTimeout",
    "a client that was closed: *oslo.InvalidArgumentError: the client was closed",
    "a reply of another type: *oslo.UnexpectedReplyError: the reply does not fit `int`: \
     json: cannot unmarshal string into Go value of type int",
    "a reply with a field of another type: *oslo.UnexpectedReplyError: \
     the reply does not fit `struct { Value []int }`: \
     json: cannot unmarshal string into Go struct field .Value of type []int",
    "a reply that goes nowhere: *oslo.InvalidArgumentError: \
     reply must be nil or point to a value, and is a int",
    "a request among others: *errors.joinError: method is not UTF-8: \"\\xff\"",
    "the reply does not fit `bool`: json: cannot unmarshal string into Go value of type bool",
];
