//! The pages for embedders and for programmers in Rust, run as they are printed: see
//! `oslo_messaging_tests::page`. Their programs are compiled from them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use oslo_messaging_build::{Builder, Kind, Written, create};
use oslo_messaging_tests::page::Page;
use oslo_messaging_tests::peer::transport_url;
use tempfile::TempDir;

#[test]
fn the_page_for_embedders_is_true() {
    let area = TempDir::new().unwrap();
    let home = area.path().canonicalize().unwrap();
    // The two commands of the program `oslo-plugin` that the page has; this package has not the program.
    let guests = guests();
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

/// Whoever copies the manifests has what the programs are compiled with here.
#[test]
fn the_manifests_on_the_pages_are_those_of_this_package() {
    let own = dependencies(&read("tests/pages/Cargo.toml"));
    let workspace: toml::Table = read("Cargo.toml").parse().unwrap();
    let versions = workspace["workspace"]["dependencies"].clone();
    let repository = &workspace["workspace"]["package"]["repository"];
    let mut shown = BTreeSet::new();
    for page in ["docs/embedder.md", "docs/native.md"] {
        let text = read(page);
        let blocks = text.split("```toml\n").skip(1);
        let blocks = blocks.filter_map(|block| block.split("```").next());
        let manifest = blocks.into_iter().find(|it| it.contains("[dependencies]"));
        for (name, said) in dependencies(manifest.unwrap()) {
            if name.starts_with("oslo-messaging") {
                assert_eq!(&said["git"], repository, "{page}: {name}");
            } else {
                let version = |value: &toml::Value| value.get("version").cloned();
                let said = version(&said).unwrap_or(said);
                let used = version(&versions[&name]).unwrap_or_else(|| versions[&name].clone());
                assert_eq!(said, used, "{page}: {name}");
            }
            shown.insert(name);
        }
    }
    let own: BTreeSet<_> = own.into_iter().map(|(name, _)| name).collect();
    assert_eq!(shown, own);
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

fn guests() -> PathBuf {
    env::var_os("OSLO_TEST_GUESTS")
        .expect("OSLO_TEST_GUESTS names the folder of the guests; `cargo xtask test` sets it")
        .into()
}

/// How a page runs its program.
const RUN: &str = "cargo run --quiet";
