//! The package can grow: components of today run in a host that has more functions, those of a
//! released version in the host of today.

use std::fs;
use std::path::{Path, PathBuf};

use oslo_messaging_wasmtime::add_to_linker;
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi_io::add_to_linker_async;
use wit_component::{
    ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata, semver_check,
};
use wit_parser::{ManglingAndAbi, Resolve, UnresolvedPackageGroup, WorldId};

use crate::components::{instance, plain_component};
use crate::guest::{State, world};

const WORLDS: [&str; 9] = [
    "imports",
    "imports-async",
    "imports-notifier",
    "imports-notifier-async",
    "imports-poll",
    "notification-listener",
    "notification-listener-async",
    "rpc-server",
    "rpc-server-async",
];

/// What plugins export. These never change: a plugin of before has no more than it had.
const EXPORTED: [&str; 4] = [
    "notification-endpoint",
    "notification-endpoint-async",
    "rpc-endpoint",
    "rpc-endpoint-async",
];

/// A folder with the package, in which each file was changed.
fn changed(change: impl Fn(&str) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (from, to) in [("wit", ""), ("wit/deps", "deps")] {
        let to = folder.path().join(to);
        fs::create_dir_all(&to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|it| it == "wit") {
                let text = fs::read_to_string(&path).unwrap();
                let text = if from == "wit" { change(&text) } else { text };
                fs::write(to.join(path.file_name().unwrap()), text).unwrap();
            }
        }
    }
    folder
}

/// The package with a function more in every interface that plugins import, and in every resource.
fn grown(name: &str) -> tempfile::TempDir {
    changed(|text| {
        let mut grown = String::new();
        for line in text.lines() {
            grown.push_str(&line.replace(TODAY, name));
            grown.push('\n');
            let opens = |what: &str| line.trim_start().starts_with(what) && line.ends_with('{');
            let is_exported = EXPORTED
                .iter()
                .any(|it| line == format!("interface {it} {{"));
            if opens("interface ") && !is_exported {
                grown.push_str("    @since(version = 0.1.0) one-more: func(a: u32) -> string;\n");
            } else if opens("resource ") {
                grown.push_str("    @since(version = 0.1.0) and-another: func() -> option<u64>;\n");
            }
        }
        grown
    })
}

/// What a file begins with, and what it does in a package of another version: versions are set aside
/// when two packages are compared.
const TODAY: &str = "package oslo:messaging@0.1.0";
const NEXT: &str = concat!("package oslo:messaging", "@9.0.0");

/// Whether components of a world of the first package can be given that of the second.
fn fits(before: &Path, after: &Path, world: &str) -> Result<(), String> {
    let mut resolve = Resolve::default();
    let (before, _) = resolve.push_dir(before).unwrap();
    // What both need is there already.
    let group = UnresolvedPackageGroup::parse_dir(after).map_err(|e| format!("{e:#}"))?;
    let after = resolve.push_group(group).map_err(|e| e.to_string())?;
    let before = resolve.select_world(&[before], Some(world)).unwrap();
    let after = resolve.select_world(&[after], Some(world)).unwrap();
    semver_check(resolve, before, after).map_err(|error| format!("{error:#}"))
}

/// A component that imports every function of a world of a package.
fn everything(engine: &Engine, folder: &Path, world: &str) -> Component {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(folder).unwrap();
    let world: WorldId = resolve.select_world(&[package], Some(world)).unwrap();
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let encoder = ComponentEncoder::default().validate(true);
    let mut encoder = encoder.module(&module).unwrap();
    Component::new(engine, encoder.encode().unwrap()).unwrap()
}

/// A host that has one function more in every interface and resource.
fn grown_host(engine: &Engine) -> Linker<State> {
    let mut linker = host(engine);
    for interface in [
        "types",
        "client",
        "limits",
        "notification",
        "notifier",
        "notifier-async",
        "rpc",
        "rpc-async",
        "rpc-poll",
        "serving",
    ] {
        let name = format!("oslo:messaging/{interface}@0.1.0");
        let mut instance = linker.instance(&name).unwrap();
        let more = |_: wasmtime::StoreContextMut<'_, State>, (_,): (u32,)| Ok((String::new(),));
        instance.func_wrap("one-more", more).unwrap();
        let resources: &[&str] = match interface {
            "client" => &["options", "client"],
            "notification" => &["filter", "notification"],
            "notifier" => &["notifier"],
            "rpc-poll" => &["pending"],
            "serving" => &["request"],
            _ => &[],
        };
        for resource in resources {
            let name = format!("[method]{resource}.and-another");
            instance.func_new(&name, |_, _, _, _| Ok(())).unwrap();
        }
    }
    linker
}

fn host(engine: &Engine) -> Linker<State> {
    let mut linker = Linker::new(engine);
    add_to_linker(&mut linker).unwrap();
    add_to_linker_async(&mut linker).unwrap();
    linker
}

#[test]
fn a_function_more_everywhere_is_compatible() {
    let grown = grown(NEXT);
    for world in WORLDS {
        assert_eq!(fits(Path::new("wit"), grown.path(), world), Ok(()));
    }
}

/// That the check can fail: what the package must never do is noticed.
#[test]
fn what_is_not_compatible_is_noticed() {
    for (before, after) in [
        // Another field, another case, another parameter, a function less.
        ("fanout: bool,", "fanout: bool, color: u8,"),
        ("not-executed,", "not-executed, half-executed,"),
        ("set-retry: func(retry", "set-retry: func(times: u32, retry"),
        ("transports: func() -> list<string>;", ""),
    ] {
        let broken = changed(|text| {
            let text = text.replace(TODAY, NEXT);
            let text = text.replace(before, after);
            // A comment without an item is a mistake of its own.
            let orphaned = "    /// The names of the transports that the host granted, in alphabetical \
                            order. Empty: none.\n    @since(version = 0.1.0)\n    \n";
            text.replace(orphaned, "")
        });
        let result = fits(Path::new("wit"), broken.path(), "imports");
        assert!(result.is_err(), "{after:?} was taken for compatible");
    }
}

/// What plugins export has one function more, or one more to say: those of before do not have it.
#[test]
fn what_plugins_export_cannot_grow() {
    for (world, before, after) in [
        (
            "rpc-server",
            "    endpoints: func() -> list<endpoint>;",
            "    endpoints: func() -> list<endpoint>;\n    @since(version = 0.1.0)\n    stop: func();",
        ),
        (
            "rpc-server-async",
            "    endpoints: func() -> list<endpoint>;",
            "    endpoints: func() -> list<endpoint>;\n    @since(version = 0.1.0)\n    stop: func();",
        ),
        (
            "rpc-server",
            "expected: bool,",
            "expected: bool, color: u8,",
        ),
        (
            "rpc-server-async",
            "methods: list<string>,",
            "methods: list<string>, color: u8,",
        ),
    ] {
        let broken = changed(|text| text.replace(TODAY, NEXT).replace(before, after));
        let result = fits(Path::new("wit"), broken.path(), world);
        assert!(result.is_err(), "{after:?} was taken for compatible");
    }
}

#[test]
fn components_of_today_link_to_a_host_that_has_grown() {
    let engine = Engine::default();
    let linker = grown_host(&engine);
    for world in WORLDS {
        let component = everything(&engine, Path::new("wit"), world);
        linker.instantiate_pre(&component).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn components_of_today_run_in_a_host_that_has_grown() {
    let (_transport, _server, ctx) = world().await;
    let engine = Engine::default();
    let linker = grown_host(&engine);
    let component = plain_component(&engine, "compute");
    let (mut store, run) = instance(&linker, &component, ctx).await;
    let (said,) = run.call_async(&mut store, ()).await.unwrap();
    assert_eq!(said, r#"{"seconds":2}"#);
}

/// What a component wants that is not there yet is named.
#[test]
fn a_component_that_wants_more_is_told() {
    let engine = Engine::default();
    let grown = grown(TODAY);
    let component = everything(&engine, grown.path(), "imports");
    let Err(error) = host(&engine).instantiate_pre(&component) else {
        panic!("it was linked")
    };
    let told = format!("{error:#}");
    assert!(told.contains("one-more"), "{told}");
}

/// Every version that was released fits the package of today, and its components this host.
#[test]
fn releases_are_kept() {
    let engine = Engine::default();
    for release in releases() {
        for world in WORLDS {
            assert_eq!(fits(&release, Path::new("wit"), world), Ok(()));
            let component = everything(&engine, &release, world);
            host(&engine).instantiate_pre(&component).unwrap();
        }
    }
}

fn releases() -> Vec<PathBuf> {
    let folder = Path::new("../../tests/releases");
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.is_dir()).collect()
}

/// The `wasi:io` that the package is made of is the one that hosts have.
#[test]
fn the_vendored_package_is_that_of_wasmtime() {
    let metadata = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let manifest = packages
        .iter()
        .find(|package| package["name"] == "wasmtime-wasi")
        .and_then(|package| package["manifest_path"].as_str())
        .unwrap();
    let theirs = Path::new(manifest).with_file_name("src/p2/wit/deps/io.wit");
    assert_eq!(
        fs::read_to_string("wit/deps/io.wit").unwrap(),
        fs::read_to_string(theirs).unwrap()
    );
}
