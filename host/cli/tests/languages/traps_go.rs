//! What a plugin in Go could fall over, and does not: `guest/plugins/traps-go`.

use std::process::Output;

use crate::run::demo;

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

fn traps(arguments: &[&str]) -> Output {
    demo("traps-go", arguments)
}

const LINES: [&str; 20] = [
    // The collector starts often, and never while the host hands over a reply.
    "30000 replies among garbage: ok",
    "200 replies of 1 MiB: ok",
    "3000 raw replies of 64 KiB: ok",
    "goroutines and timers: ok",
    "calls in flight: ok",
    "deadline of a context: ok",
    "cancelled context: ok",
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
