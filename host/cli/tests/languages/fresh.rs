//! Plugins in JavaScript that lie outside of the repository and have more than the template's.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::run;

/// Its `await` comes back, around an export that is its own, and it has what it uses of WASI.
#[test]
fn a_plugin_in_javascript_has_a_world_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("own-world");
    std::fs::create_dir_all(plugin.join("wit")).unwrap();
    std::fs::write(
        plugin.join("wit/world.wit"),
        "package my:plugin@0.3.0;

        world plugin {
            include oslo:messaging/imports-poll@0.1.0;
            import wasi:clocks/wall-clock@0.2.12;
            export wasi:cli/run@0.2.12;
        }",
    )
    .unwrap();
    std::fs::write(
        plugin.join("plugin.js"),
        "import { openClient } from 'oslo-messaging-guest';
        import clock from 'wasi:clocks/wall-clock@0.2.12';

        export const run = {
            async run() {
                const client = openClient({ topic: 'demo', version: '1.5' });
                const late = new Promise((resolve) => setTimeout(resolve, 20, 'timer'));
                const all = [{ a: 1, b: 2 }, { a: 3, b: 4 }].map((it) => client.call({}, 'add', it));
                console.log(...await Promise.all(all), await late, clock.now().seconds > 0);
            },
        };",
    )
    .unwrap();
    build(&plugin);
    let component = plugin.join("own-world.wasm");
    assert_eq!(
        run::text(run::demo_file(&component, &[])),
        "3 7 timer true\n"
    );

    std::fs::write(plugin.join("plugin.js"), "export function walk() {}").unwrap();
    let errors = refused(&plugin);
    assert!(
        errors.contains("plugin.js does not export `run`, which its world wants"),
        "{errors}"
    );
}

/// The archive of the SDK is all that an author's own tools need, and the builder takes it.
#[test]
fn a_plugin_in_javascript_has_the_packed_sdk() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("packed");
    std::fs::create_dir(&plugin).unwrap();
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guest/javascript");
    let template = sdk.join("template");
    let archive = npm(&sdk, &["pack", "--pack-destination", path(&plugin)]);
    std::fs::write(plugin.join("package.json"), r#"{"type": "module"}"#).unwrap();
    npm(
        &plugin,
        &[
            "install",
            "--offline",
            "--no-audit",
            &format!("./{}", archive.trim()),
        ],
    );
    let source = std::fs::read_to_string(template.join("typescript/command/plugin.ts")).unwrap();
    std::fs::write(plugin.join("plugin.ts"), source).unwrap();
    let unit = "import { grantTransport } from 'oslo-messaging-guest/testing';
        import { openClient } from 'oslo-messaging-guest';
        grantTransport({ echo: ({ value }) => value });
        console.log(await openClient({ topic: 'demo' }).call({}, 'echo', { value: 'played' }));";
    std::fs::write(plugin.join("unit.js"), unit).unwrap();
    let played = Command::new("node")
        .arg("unit.js")
        .current_dir(&plugin)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&played.stdout), "played\n");

    build(&plugin);
    let component = plugin.join("packed.wasm");
    assert_eq!(
        run::text(run::demo_file(&component, &[])),
        "NAME: the server says hello\n"
    );
    let manifest = plugin.join("node_modules/oslo-messaging-guest/package.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let other = text.replace("\"version\": \"", "\"version\": \"9");
    std::fs::write(manifest, other).unwrap();
    let errors = refused(&plugin);
    assert!(errors.contains("this builder is for"), "{errors}");
}

/// What a command printed that ended well.
pub(crate) fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// What is said of a plugin that cannot be built.
fn refused(plugin: &Path) -> String {
    let output = building(plugin).output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

fn npm(folder: &Path, words: &[&str]) -> String {
    said(Command::new("npm").args(words).current_dir(folder))
}

pub(crate) fn path(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

/// Builds a plugin, with the toolchains that the tests have.
pub(crate) fn build(plugin: &Path) {
    said(&mut building(plugin));
}

/// What builds a plugin as its author does.
fn building(plugin: &Path) -> Command {
    let mut build = author();
    build.arg("build").arg(plugin);
    build
}

/// The program as an author has it, with the toolchains that the tests have.
pub(crate) fn author() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_oslo-plugin"));
    let guests = run::folder();
    program
        .env("XDG_CACHE_HOME", guests.join("author"))
        .env("OSLO_PLUGIN_TOOLS", guests.join("tools"));
    program
}

/// Runs a chore, and returns what it printed.
pub(crate) fn xtask(words: &[&Path]) -> String {
    said(Command::new(program()).args(words))
}

fn program() -> OsString {
    std::env::var_os("OSLO_TEST_XTASK")
        .expect("OSLO_TEST_XTASK names the chores' program; `cargo xtask test` sets it")
}
