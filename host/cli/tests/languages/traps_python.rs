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
        check(&lines, name, says);
    }
    assert!(!lines.contains("secret@"), "{lines}");
    assert!(lines.contains("caf\u{e9}"), "{lines}");
    assert_eq!(text(&output.stderr), "to standard error\n");
}

/// All of them in one instance: what traps is the last of its lines.
#[test]
fn what_pythons_library_asks_of_a_system_raises_or_works() {
    let output = run(&["library"]);
    let lines = text(&output.stdout);
    let errors = text(&output.stderr);
    assert!(output.status.success(), "{lines}{errors}");
    for (name, says) in LIBRARY {
        check(&lines, name, says);
    }
    assert_eq!(lines.lines().count(), LIBRARY.len(), "{lines}");
}

#[test]
fn what_goes_too_deep_raises() {
    let output = run(&["depth"]);
    let lines = text(&output.stdout);
    assert!(output.status.success(), "{lines}{}", text(&output.stderr));
    check(&lines, "brackets", "MemoryError: Parser stack overflowed");
    check(&lines, "signs", "MemoryError: Parser stack overflowed");
    check(&lines, "attribute", "RecursionError: ");
    check(&lines, "calls", "RecursionError: ");
}

const LIBRARY: &[(&str, &str)] = &[
    (
        "bad module",
        "SyntaxError: invalid syntax (plugin.py, line 1)",
    ),
    ("bad file", "SyntaxError: invalid syntax (hosts, line 1)"),
    ("bad statement", "SyntaxError: invalid syntax"),
    ("bad expression", "SyntaxError: invalid syntax"),
    ("bad literal", "SyntaxError: '[' was never closed"),
    ("bad command", "SyntaxError: invalid syntax"),
    ("bad encoding", "SyntaxError: unknown encoding: nope"),
    (
        "traceback",
        r#"File "/nowhere/code.py", line 3, in <module>"#,
    ),
    ("warning", "/nowhere/code.py:7: UserWarning: an old way"),
    ("line", "''"),
    ("source", "def traced() -> str:"),
    ("no source", "OSError: could not get source code"),
    (
        "temporary file",
        "FileNotFoundError: [Errno 44] No usable temporary directory",
    ),
    (
        "temporary folder",
        "FileNotFoundError: [Errno 44] No usable temporary directory",
    ),
    ("access", "False"),
    ("path", "False"),
    ("text", "a plugin has no file system, and open() needs it"),
    ("home", "RuntimeError: Could not determine home directory."),
    ("working folder", "/"),
    ("absolute path", "/here"),
    ("pattern", "[]"),
    ("walk", "[]"),
    ("copy", "a plugin has no file system, and open() needs it"),
    ("program", "None"),
    ("size of terminal", "columns=80, lines=24"),
    (
        "data of package",
        "a plugin has no file system, and open() needs it",
    ),
    (
        "file of URL",
        "in this plugin: it has the modules that were imported",
    ),
    (
        "descriptors",
        "a plugin has no operating system, and os.closerange() needs it",
    ),
    (
        "open descriptor",
        "a plugin has no file system, and open() needs it",
    ),
    (
        "encoding",
        "a plugin has no operating system, and os.device_encoding() needs it",
    ),
    (
        "process",
        "OSError: [Errno 58] wasi does not support processes.",
    ),
    (
        "pipe",
        "OSError: [Errno 58] wasi does not support processes.",
    ),
    (
        "times",
        "a plugin has no operating system, and os.times() needs it",
    ),
    ("processors", "True"),
    ("platform", "True"),
    ("user", "OSError: No username set in the environment"),
    ("password", "EOFError"),
    ("input", "EOFError"),
    ("standard input", "''"),
    ("bytes of input", "b''"),
    ("terminal", "False"),
    ("handler", "0"),
    (
        "signal",
        "a plugin has no operating system, and signal 15 no handler",
    ),
    (
        "abort",
        "a plugin has no operating system, and os.abort() needs it",
    ),
    ("end", "SystemExit: 3"),
    ("locale", "de_DE.UTF-8"),
    ("locale of user", "C.UTF-8"),
    ("stacks", "and faulthandler.dump_traceback() needs it"),
    ("profile", "and cProfile.Profile() needs it"),
    ("bindings", "Err: "),
    (
        "address",
        "a plugin has no network, and socket.getaddrinfo() needs it",
    ),
    (
        "name of host",
        "a plugin has no network, and socket.gethostname() needs it",
    ),
    (
        "closed socket",
        "a plugin has no network, and socket.close() needs it",
    ),
    (
        "page",
        "URLError: <urlopen error [Errno 52] a plugin has no network",
    ),
    (
        "id of message",
        "OSError: [Errno 52] this plugin was built without a clock",
    ),
    ("bytes of address", "7f000001"),
    (
        "sleep",
        "OSError: [Errno 52] this plugin was built without a clock",
    ),
    ("moment", "1970"),
    ("timer", "RuntimeError: can't start new thread"),
    ("event", NOBODY),
    ("future", NOBODY),
    ("queue", NOBODY),
    ("simple queue", NOBODY),
    ("empty queue", "Empty: "),
    ("lock", NOBODY),
    ("generator", "True"),
    ("seed", "None"),
    ("generator of system", "0"),
    ("bytes", "4"),
    ("node", "True"),
    ("uuid of version 4", "4"),
];

const NOBODY: &str = "RuntimeError: a plugin has no other thread that could end this wait";

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

/// What the line of a name says.
fn check(lines: &str, name: &str, says: &str) {
    let line = lines
        .lines()
        .find(|line| line.starts_with(&format!("{name:<15} ")))
        .unwrap_or_else(|| panic!("no line {name:?} in {lines}"));
    assert!(line.contains(says), "{line}");
}

fn run(arguments: &[&str]) -> Output {
    demo("traps-python", arguments)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
