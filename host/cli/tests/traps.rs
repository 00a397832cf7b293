//! What an author in each language might stumble over, tried in plugins that say what happened.

mod common;

use common::{guests, oslo_plugin};

/// Runs a plugin that must end well, and returns what it printed.
fn lines(name: &str, arguments: &[&str]) -> Vec<String> {
    let folder = guests();
    let (plugin, cache) = (
        folder.join(name).with_extension("wasm"),
        folder.join("compiled"),
    );
    let mut words = vec!["run", "--serve-demo", "--time-limit", "120"];
    words.extend(["--cache", cache.to_str().unwrap(), plugin.to_str().unwrap()]);
    words.extend(arguments);
    let output = oslo_plugin(&words);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(ToOwned::to_owned).collect()
}

#[test]
fn rust_has_clocks_and_is_refused_threads_and_files() {
    assert_eq!(
        lines("traps", &[]),
        [
            "a monotonic clock passes: true",
            "the wall clock is set: true",
            "a thread is refused: true",
            "a file is refused: true",
            "the time left is known: true",
            "a transport that was not granted: no transport `other` is granted",
        ]
    );
}
