//! Running guests of this repository.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use oslo_messaging_tests::peer::{compiled, guests};

/// Runs a guest beside the servers of the demo, in memory.
pub(crate) fn demo(name: &str, arguments: &[&str]) -> Output {
    demo_file(&guest(name), arguments)
}

/// The same with any plugin.
pub(crate) fn demo_file(plugin: &Path, arguments: &[&str]) -> Output {
    run(&["--serve-demo"], plugin, arguments)
}

/// Runs a guest over a broker.
pub(crate) fn over(url: &str, name: &str, arguments: &[&str]) -> Output {
    run(&["--transport", url], &guest(name), arguments)
}

fn guest(name: &str) -> PathBuf {
    folder().join(name).with_extension("wasm")
}

/// Where the guests are, and the toolchains.
pub(crate) fn folder() -> PathBuf {
    guests().unwrap()
}

/// Runs a guest with these options.
pub(crate) fn with(options: &[&str], name: &str, arguments: &[&str]) -> Output {
    run(options, &guest(name), arguments)
}

fn run(options: &[&str], plugin: &Path, arguments: &[&str]) -> Output {
    let mut command = command(options, plugin, arguments);
    command.output().expect("the program starts")
}

/// What runs a guest of this name beside the servers of the demo.
pub(crate) fn demo_command(name: &str, arguments: &[&str]) -> Command {
    command(&["--serve-demo"], &guest(name), arguments)
}

fn command(options: &[&str], plugin: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oslo-plugin"));
    command
        .args(["run", "--time-limit", "300", "--cache"])
        .arg(compiled().unwrap())
        .args(options)
        .arg(plugin)
        .args(arguments)
        .env_remove("OSLO_PLUGIN_CONFIG_DIR")
        .env_remove("OSLO_PLUGIN_CONFIG_FILE")
        .env_remove("OSLO_PLUGIN_TRANSPORT_URL")
        .env_remove("OSLO_PLUGIN_LOG");
    command
}

/// Runs a guest that must end well and complain of nothing, and returns the lines it printed.
pub(crate) fn lines(name: &str, arguments: &[&str]) -> Vec<String> {
    let text = text(demo(name, arguments));
    text.lines().map(ToOwned::to_owned).collect()
}

/// What was printed by a guest that ended well and complained of nothing.
pub(crate) fn text(output: Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert_eq!(errors, "");
    String::from_utf8(output.stdout).expect("guests print text")
}
