//! Running guests of this repository.

use std::path::PathBuf;
use std::process::{Command, Output};

/// Runs a guest beside the servers of the demo, in memory.
pub(crate) fn run(name: &str, arguments: &[&str]) -> Output {
    let folder: PathBuf = std::env::var_os("OSLO_TEST_GUESTS")
        .expect("OSLO_TEST_GUESTS names the folder of the guests; `cargo xtask test` sets it")
        .into();
    Command::new(env!("CARGO_BIN_EXE_oslo-plugin"))
        .args(["run", "--serve-demo", "--time-limit", "120", "--cache"])
        .arg(folder.join("compiled"))
        .arg(folder.join(name).with_extension("wasm"))
        .args(arguments)
        .env_remove("OSLO_PLUGIN_CONFIG_FILE")
        .env_remove("OSLO_PLUGIN_TRANSPORT_URL")
        .env_remove("OSLO_PLUGIN_LOG")
        .output()
        .expect("the program starts")
}

/// Runs a guest that must end well and complain of nothing, and returns the lines it printed.
pub(crate) fn lines(name: &str, arguments: &[&str]) -> Vec<String> {
    let output = run(name, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {errors}");
    assert_eq!(errors, "", "{name}");
    let text = String::from_utf8(output.stdout).expect("guests print text");
    text.lines().map(ToOwned::to_owned).collect()
}
