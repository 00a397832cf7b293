//! An author's day, in every language and for every kind of plugin: `oslo-plugin new`, `test`, `build`, and
//! the plugin runs. It happens in an empty folder; of this repository there are only toolchains, because
//! installing these takes minutes.

#[path = "author/area.rs"]
mod area;
#[path = "common/clean.rs"]
mod clean;
#[path = "common/daemon.rs"]
mod daemon;
#[path = "author/kinds.rs"]
mod kinds;
#[path = "author/tools.rs"]
mod tools;
#[path = "author/waits.rs"]
mod waits;

use std::fs;

use area::Area;
use clean::program;

#[test]
fn plugins_in_c_are_made_tested_built_and_run() {
    kinds::check("c", &[("command", "2 + 3 = 5\n"), ENDPOINT, NOTIFICATION]);
}

#[test]
fn plugins_in_cpp_are_made_tested_built_and_run() {
    kinds::check("cpp", &[("command", "2 + 3 = 5\n")]);
}

#[test]
fn plugins_in_go_are_made_tested_built_and_run() {
    kinds::check("go", &[("command", "2 + 3 = 5\n"), ENDPOINT, NOTIFICATION]);
}

#[test]
fn plugins_in_javascript_are_made_tested_built_and_run() {
    let command = ("command", "my-command: the server says hello\n");
    kinds::check("javascript", &[command, ENDPOINT, NOTIFICATION]);
}

#[test]
fn plugins_in_python_are_made_tested_built_and_run() {
    let programs = [("command", "hello world\n"), ("async", "one two three\n")];
    kinds::check(
        "python",
        &[programs[0], programs[1], ENDPOINT, NOTIFICATION],
    );
}

#[test]
fn plugins_in_rust_are_made_tested_built_and_run() {
    let programs = [("command", "40 + 2 = 42\n"), ("async", "[1, 4, 9]\n")];
    kinds::check("rust", &[programs[0], programs[1], ENDPOINT, NOTIFICATION]);
}

#[test]
fn plugins_in_typescript_are_made_tested_built_and_run() {
    let command = ("command", "my-command: the server says hello\n");
    kinds::check("typescript", &[command, ENDPOINT, NOTIFICATION]);
}

/// A folder of any name, and a crate of another.
#[test]
fn a_folder_need_not_be_called_as_its_crate() {
    let area = Area::new();
    area.does(&["new", "--language", "rust", "first"]);
    let moved = area.folder().join("Mein Plugin v1.5");
    fs::rename(area.folder().join("first"), &moved).unwrap();
    let printed = area.does(&["build", "Mein Plugin v1.5"]);
    let component = moved.join("Mein Plugin v1.5.wasm");
    assert_eq!(printed, format!("{}\n", component.display()));
    assert!(component.exists());
}

#[test]
fn a_failing_test_and_a_plugin_that_does_not_compile_are_failures() {
    let area = Area::new();
    area.does(&["new", "--language", "python", "broken"]);
    let file = area.folder().join("broken/plugin.py");
    let source = fs::read_to_string(&file).unwrap();
    fs::write(&file, source.replace("f'hello {name}'", "name")).unwrap();
    let errors = area.fails(&["test", "broken"]);
    assert!(
        errors.contains("the tests of ") && errors.contains("did not pass"),
        "{errors}"
    );
    assert!(errors.contains("'you\\n' != 'hello you\\n'"), "{errors}");
    fs::write(&file, "import no_such_module\n").unwrap();
    let errors = area.fails(&["build", "broken"]);
    assert!(errors.contains("error: cannot build "), "{errors}");
    assert!(errors.contains("no_such_module"), "{errors}");
    fs::remove_file(area.folder().join("broken/plugin_test.py")).unwrap();
    let errors = area.fails(&["test", "broken"]);
    assert!(errors.contains("there are no tests: write "), "{errors}");
}

#[test]
fn what_is_wrong_is_named_with_what_there_is() {
    let area = Area::new();
    for (words, says) in [
        (
            &["new", "--language", "go", "--kind", "async", "x"][..],
            "which has command, endpoint, notification",
        ),
        (
            &["new", "--language", "go", "X"],
            "`X` is no name for a plugin",
        ),
        (
            &["new", "--language", "go", "."],
            "give the folder that is to be made, such as `my-plugin`",
        ),
        (
            &["new", "--language", "cobol", "x"],
            "[possible values: rust, python,",
        ),
        (&["build"], "has no plugin: none of Cargo.toml, plugin.py,"),
        (&["test", "nowhere"], "there is no folder nowhere"),
    ] {
        let errors = area.fails(words);
        assert!(errors.contains(says), "{words:?}: {errors}");
    }
    assert_eq!(fs::read_dir(area.folder()).unwrap().count(), 0);
}

const ENDPOINT: (&str, &str) = ("endpoint", "");
const NOTIFICATION: (&str, &str) = ("notification", "");
