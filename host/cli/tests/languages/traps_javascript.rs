//! What the toolchain of JavaScript does to plugins, and what the SDK makes of it.

use std::process::Command;

use oslo_messaging_tests::peer::guests;

use crate::run::demo;

/// Runs the plugin, and returns its exit code, standard output and standard error.
fn run(words: &[&str]) -> (Option<i32>, String, String) {
    let output = demo("traps-javascript", words);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn what_the_engine_lacks_works() {
    let (code, lines, errors) = run(&[]);
    assert_eq!(code, Some(0), "{lines}{errors}");
    assert_eq!(errors, "this is standard error\n");
    for line in [
        "text zażółć ☃ 😀",
        "order first job timer 1 no",
        "waited true",
        "array 2 4",
        "generated 1",
        "generated 2",
        "endless 0.05",
        "date string true",
        "in flight 0.1 timer 0.3",
        "race early",
        "any 0.05",
        "sync waited for 0.3",
        "many true",
        "cancelled AbortError",
        "too long TimeoutError",
        "at once true",
        "clients still here",
        "retry 4294967295",
        "digits true",
        "text true",
        "bigint true",
        "deepest true true",
        "deep reply InvalidReply executed",
        "long true",
        "deep InvalidArgument `args` is nested more than 1000 levels deep",
    ] {
        assert!(lines.lines().any(|it| it == line), "no {line:?}: {lines}");
    }
}

/// The one of this has an hour.
#[test]
fn a_signal_keeps_no_plugin_alive() {
    let end = run(&["signalled"]);
    let printed = "in time\nand a timer\n".to_owned();
    assert_eq!(end, (Some(0), printed, String::new()));
}

#[test]
fn instances_have_random_numbers_of_their_own() {
    let numbers = || {
        let (_, lines, _) = run(&[]);
        lines.lines().next().unwrap_or_default().to_owned()
    };
    let (first, second) = (numbers(), numbers());
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let (first, second) = (words(&first), words(&second));
    assert_eq!((first.len(), first[0].as_str()), (4, "random"));
    for (one, other) in first.iter().zip(&second).skip(1) {
        assert_ne!(one, other);
    }
}

#[test]
fn mistakes_are_named() {
    let (_, lines, _) = run(&[]);
    let check = |mistake: &str, error: &str| {
        let line = lines.lines().find(|it| it.starts_with(mistake));
        let found = line.and_then(|it| it.strip_prefix(&format!("{mistake}: ")));
        assert!(found.is_some_and(|it| it.starts_with(error)), "{lines}");
    };
    let invalid = |what: &str| format!("InvalidArgument: {what}");
    for (mistake, error) in [
        (
            "a misspelt setting",
            "there is no setting `timeuot`; did you mean `timeout`?",
        ),
        (
            "a misspelt option",
            "there is no option `version_cap`; did you mean `versionCap`?",
        ),
        (
            "a misspelt field",
            "there is no field of a target `topik`; did you mean `topic`?",
        ),
        (
            "a target that is a string",
            "the target must be an object, not \"demo\"",
        ),
        ("a timeout that is a string", "`timeout` must be seconds"),
        (
            "a version that is a number",
            "`version` must be a string, not 2.5",
        ),
        ("not a version", "a version is `major.minor`"),
        ("half a signal", "`signal` must be an AbortSignal, not"),
        ("no date", "`args.value.0` is a Date that is no date"),
        ("other digits", "`args.value` is 1152921504606847000, which"),
        ("no requests", "the requests must be an array or iterable"),
        ("disposed of", "this client was disposed of"),
        ("disposed of, in a setting", "this client was disposed of"),
        ("disposed of, notified", "this notifier was disposed of"),
        (
            "arguments in a list",
            "`args` must be an object, not an array",
        ),
        (
            "not a number",
            "`args.value.1` is NaN, which JSON cannot carry",
        ),
        (
            "a function",
            "`context.user` is a function, which JSON cannot carry",
        ),
        ("a cycle", "`args` does not become JSON: "),
        (
            "a promise",
            "`args.value` is a Promise, which JSON cannot carry",
        ),
        (
            "an expression",
            "`args.value.0` is a RegExp, which JSON cannot carry",
        ),
        (
            "bytes",
            "`args.value` is a Uint8Array, which JSON cannot carry",
        ),
        ("no signal", "`signal` must be an AbortSignal, not 5"),
        ("JSON cut off", "it is not JSON: "),
        (
            "half a character",
            "`method` has half of a surrogate pair in it",
        ),
        ("no method", "`method` must be a string, not undefined"),
        (
            "a wrong request",
            "`retry` must be a whole number from 0 to 4294967295, not -1",
        ),
    ] {
        check(mistake, &invalid(error));
    }
    check(
        "a transport that is not granted",
        "AccessDenied: no transport `mine`",
    );
}

#[test]
fn what_nobody_catches_ends_the_plugin_with_its_stack() {
    for (way, error) in [
        (
            "throw",
            "Uncaught RangeError: thrown by the plugin\n    at ",
        ),
        (
            "reject",
            "Uncaught RangeError: rejected by the plugin\n    at ",
        ),
        (
            "forgotten",
            "Uncaught RangeError: a promise that nobody waits for\n    at ",
        ),
        (
            "never",
            "Uncaught Error: `main` waits for a promise that nothing will settle\n    at ",
        ),
        (
            "text",
            "Uncaught TypeError: `main` returns nothing or an exit code, and returned done\n    at ",
        ),
        (
            "missing",
            "Uncaught ReferenceError: fetch is not defined\n    at ",
        ),
    ] {
        let (code, lines, errors) = run(&[way]);
        assert_eq!((code, lines.as_str()), (Some(1), ""), "{way}: {errors}");
        assert!(errors.starts_with(error), "{way}: {errors}");
    }
    let (_, _, errors) = run(&["missing"]);
    assert!(errors.ends_with("`fetch` does not exist in a plugin: it has no network, only the clients that openClient gives\n"), "{errors}");
    assert_eq!(run(&["code"]), (Some(1), String::new(), String::new()));
}

/// The tests of the SDK's part that needs no host, by Node.js's own runner.
#[test]
fn the_sdk_passes_its_own_tests() {
    let output = Command::new("npm")
        .arg("test")
        .current_dir(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../guest/javascript"
        ))
        .env(
            "OSLO_TEST_TOOLS",
            guests().unwrap().join("tools/javascript"),
        )
        .output()
        .expect("npm is here, because it installed what built the plugin");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}");
}
