//! What goes wrong in a plugin in Python is an exception that names the thing, and never a trap.

use std::process::Output;

use crate::run::demo;

#[test]
fn traps_and_mistakes_are_exceptions() {
    let output = run(&[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines = text(&output.stdout);
    for (name, says) in [
        ("lazy import", "(0.0, 1.0, 1.0)"),
        (
            "import by name",
            "ModuleNotFoundError: No module named 'telepathy' in this plugin",
        ),
        ("codec", "b'xn--bcher-kva.example'"),
        ("file", "OSError: [Errno 52] a plugin has no file system"),
        ("folder", "OSError: [Errno 52] a plugin has no file system"),
        (
            "raw file",
            "a plugin has no file system, and io.FileIO() needs it",
        ),
        ("place in a file", "and os.pread() needs it"),
        ("shorter file", "and os.ftruncate() needs it"),
        ("files to wait for", "and select.select() needs it"),
        ("polled files", "and select.poll() needs it"),
        (
            "clock by number",
            "OSError: [Errno 52] this plugin was built without a clock",
        ),
        (
            "kind of clock",
            "OSError: [Errno 52] this plugin was built without a clock",
        ),
        (
            "clock",
            "OSError: [Errno 52] this plugin was built without a clock: neither",
        ),
        ("environment", "[]"),
        ("thread", "RuntimeError: can't start new thread"),
        ("socket", "OSError: [Errno 52] a plugin has no network"),
        ("misspelt", "Did you mean 'timeout'?"),
        ("misspelt client", "Did you mean 'version_cap'?"),
        ("bad version", "InvalidArgument: `version` is `major.minor`"),
        ("bad timeout", "InvalidArgument: `timeout` is a number"),
        ("bad retry", "InvalidArgument: `retry` is a number"),
        (
            "bad server",
            "InvalidArgument: `server` is a string or None",
        ),
        (
            "half a server",
            "InvalidArgument: `server` has a surrogate without its other half at character 1",
        ),
        ("bad topic", "InvalidArgument: `topic` is a string or None"),
        ("half a topic", "InvalidArgument: `topic` has a surrogate"),
        ("bad method", "InvalidArgument: `method` is a string, not 5"),
        ("half a method", "InvalidArgument: `method` has a surrogate"),
        ("half transport", "InvalidArgument: `name` has a surrogate"),
        ("monitor", "InvalidArgument: `call_monitor_timeout`: "),
        (
            "not granted",
            "AccessDenied: no transport `other` is granted",
        ),
        (
            "address",
            "InvalidTransportURL: a plugin cannot choose an address",
        ),
        ("no JSON", "InvalidArgument: `other` cannot be sent as JSON"),
        (
            "not a number",
            "InvalidArgument: `value` cannot be sent as JSON",
        ),
        (
            "no JSON context",
            "InvalidArgument: `ctxt` cannot be sent as JSON",
        ),
        (
            "context",
            "InvalidArgument: `ctxt`: it must be a JSON object",
        ),
        ("nested", "102"),
        (
            "nested deeply",
            "InvalidArgument: `value` cannot be sent as JSON",
        ),
        (
            "deep reply",
            "InvalidReply: the reply has 200000 characters and Python cannot read it",
        ),
        ("reply", "ValueError: invalid literal for int()"),
        ("no topic", "InvalidTarget: a topic is required"),
        ("fanout", "InvalidTarget: A call cannot be used with fanout"),
        ("closed", "RuntimeError: this client was closed"),
        ("surface", "NoHost: the plugin's world has no `rpc-async`"),
    ] {
        let line = lines
            .lines()
            .find(|line| line.starts_with(&format!("{name:<15} ")))
            .unwrap_or_else(|| panic!("no line {name:?} in {lines}"));
        assert!(line.contains(says), "{line}");
    }
    assert!(!lines.contains("secret@"), "{lines}");
    assert!(lines.contains("caf\u{e9}"), "{lines}");
    assert_eq!(text(&output.stderr), "to standard error\n");
}

#[test]
fn instances_have_numbers_of_their_own() {
    let (one, other) = (text(&run(&[]).stdout), text(&run(&[]).stdout));
    for name in ["random", "secret", "uuid"] {
        let of = |lines: &str| {
            let line = lines.lines().find(|line| line.starts_with(name));
            line.map(str::to_owned)
        };
        assert!(of(&one).is_some());
        assert_ne!(of(&one), of(&other));
    }
}

#[test]
fn an_uncaught_exception_prints_its_traceback_and_does_not_trap() {
    let output = run(&["uncaught"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout), "before\n");
    let errors = text(&output.stderr);
    assert!(
        errors.starts_with("Traceback (most recent call last):\n"),
        "{errors}"
    );
    assert!(errors.contains("return a / b\n"), "{errors}");
    assert!(
        errors.ends_with("ZeroDivisionError: division by zero\n"),
        "{errors}"
    );
}

#[test]
fn a_program_ends_as_python_programs_do() {
    assert_eq!(run(&["exit", "0"]).status.code(), Some(0));
    assert_eq!(run(&["exit", "3"]).status.code(), Some(1));
    let output = run(&["message"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "it ends with a message\n");
}

fn run(arguments: &[&str]) -> Output {
    demo("traps-python", arguments)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
