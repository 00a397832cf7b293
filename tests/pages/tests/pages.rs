//! The pages for embedders and for programmers in Rust, run as they are printed: see
//! `oslo_messaging_tests::page`. Their programs are compiled from them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use oslo_messaging_build::{Builder, Kind, Written, create};
use oslo_messaging_tests::page::Page;
use oslo_messaging_tests::peer::{guests, transport_url};
use tempfile::TempDir;

#[test]
fn the_page_for_embedders_is_true() {
    let area = TempDir::new().unwrap();
    let home = area.path().canonicalize().unwrap();
    // The two commands of the program `oslo-plugin` that the page has; this package has not the program.
    let guests = guests().unwrap();
    let tools = guests.join("tools");
    let builder = Builder::in_folder(&guests.join("author/oslo-plugin"), Some(&tools)).unwrap();
    let plugin = create(&builder, Written::C, Kind::Command, &home.join("sums")).unwrap();
    plugin.build(&builder).unwrap();

    Page::of_docs("embedder.md")
        .not_run(&["oslo-plugin new --language c sums"])
        .replaced(RUN, env!("CARGO_BIN_EXE_embedder"))
        .run(&home)
        .unwrap_or_else(|error| panic!("{error:#}"));
}

#[test]
fn the_page_for_programmers_in_rust_is_true() {
    let area = TempDir::new().unwrap();
    Page::of_docs("native.md")
        .not_run(&["[dependencies]"])
        .elsewhere(&["rust"])
        .variable("TRANSPORT_URL", transport_url().unwrap())
        // What cargo hands on.
        .replaced(&format!("{RUN} --"), env!("CARGO_BIN_EXE_native"))
        .replaced(RUN, env!("CARGO_BIN_EXE_native"))
        .run(&area.path().canonicalize().unwrap())
        .unwrap_or_else(|error| panic!("{error:#}"));
}

/// Whoever copies the manifests has what the programs are compiled with here: a page may leave off the end
/// of a version, and the pages together name the features.
#[test]
fn the_manifests_on_the_pages_are_those_of_this_package() {
    let own = dependencies(&read("tests/pages/Cargo.toml"));
    let workspace: toml::Table = read("Cargo.toml").parse().unwrap();
    let used = &workspace["workspace"]["dependencies"];
    let repository = &workspace["workspace"]["package"]["repository"];
    let mut shown = BTreeMap::<String, BTreeSet<String>>::new();
    for page in ["docs/embedder.md", "docs/native.md"] {
        let text = read(page);
        let blocks = text.split("```toml\n").skip(1);
        let blocks = blocks.filter_map(|block| block.split("```").next());
        let manifest = blocks.into_iter().find(|it| it.contains("[dependencies]"));
        for (name, said) in dependencies(manifest.unwrap()) {
            if name.starts_with("oslo-messaging") {
                assert_eq!(&said["git"], repository, "{page}: {name}");
            } else {
                let (said, used) = (version(&said), version(&used[&name]));
                let rest = used.strip_prefix(said);
                let is_prefix = rest.is_some_and(|it| it.is_empty() || it.starts_with('.'));
                assert!(is_prefix, "{page}: {name} {said} is not {used}");
            }
            shown.entry(name).or_default().extend(features(&said));
        }
    }
    let names: BTreeSet<_> = own.iter().map(|(name, _)| name).collect();
    assert_eq!(shown.keys().collect::<BTreeSet<_>>(), names);
    for (name, of_package) in &own {
        // A page that names none has the default ones.
        if !shown[name].is_empty() {
            let mut used = features(&used[name]);
            used.extend(features(of_package));
            assert_eq!(shown[name], used, "{name}");
        }
    }
}

fn version(dependency: &toml::Value) -> &str {
    let version = dependency.get("version").unwrap_or(dependency);
    version.as_str().unwrap()
}

fn features(dependency: &toml::Value) -> BTreeSet<String> {
    let features = dependency.get("features").and_then(toml::Value::as_array);
    let features = features.into_iter().flatten();
    features.map(|it| it.as_str().unwrap().to_owned()).collect()
}

fn dependencies(manifest: &str) -> Vec<(String, toml::Value)> {
    let manifest: toml::Table = manifest.parse().unwrap();
    let dependencies = manifest["dependencies"].as_table().unwrap().clone();
    dependencies.into_iter().collect()
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// How a page runs its program.
const RUN: &str = "cargo run --quiet";
