//! A fresh plugin of each language is made, built and run outside of the repository.

use std::path::Path;
use std::process::Command;

use crate::run;

#[test]
fn a_fresh_plugin_runs_in_c() {
    check("c", "2 + 3 = 5\n");
}

#[test]
fn a_fresh_plugin_runs_in_go() {
    check("go", "2 + 3 = 5\n");
}

#[test]
fn a_fresh_plugin_runs_in_javascript() {
    check("javascript", "fresh-javascript: the server says hello\n");
}

#[test]
fn a_fresh_plugin_runs_in_python() {
    check("python", "hello world\n");
}

#[test]
fn a_fresh_plugin_runs_in_rust() {
    check("rust", "40 + 2 = 42\n");
}

fn check(language: &str, prints: &str) {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join(format!("fresh-{language}"));
    xtask(&["new".as_ref(), language.as_ref(), &plugin]);
    xtask(&["build".as_ref(), &plugin]);
    let component = plugin.join(format!("fresh-{language}.wasm"));
    assert_eq!(run::text(run::demo_file(&component, &[])), prints);
}

/// Runs a chore.
pub(crate) fn xtask(words: &[&Path]) {
    let program = std::env::var_os("OSLO_TEST_XTASK")
        .expect("OSLO_TEST_XTASK names the chores' program; `cargo xtask test` sets it");
    let output = Command::new(program).args(words).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {errors}");
}
