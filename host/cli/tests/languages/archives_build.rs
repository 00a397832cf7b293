//! What `oslo-plugin new`, `build` and `test` are made of, as a registry has it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::archives::{cargo, packed};
use crate::fresh::{path, said};

/// Outside of the checkout it has every file of the SDKs, the templates and the WIT texts. That all of it compiles there
/// is what `.ci/packages` is for; here it is its build script, and what embeds what that finds.
#[test]
fn the_packed_builder_brings_what_the_program_brings() {
    let folder = tempfile::tempdir().unwrap();
    let unpacked = packed("oslo-messaging-build", folder.path());
    let manifest = unpacked.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    // They stay in what cargo says of the crate.
    let not_compiled = text.replace("[dependencies.", "[target.'cfg(any())'.dependencies.");
    fs::write(&manifest, not_compiled).unwrap();
    let list =
        "pub const FILES: &[(&str, &[u8])] = include!(concat!(env!(\"OUT_DIR\"), \"/files.rs\"));";
    fs::write(unpacked.join("src/lib.rs"), list).unwrap();
    let target = folder.path().join("target");
    let words = ["check", "--offline", "--target-dir", path(&target)];
    said(Command::new(cargo()).args(words).current_dir(&unpacked));

    let embedded = embedded(&target.join("debug/build"));
    let outside = |path: &&PathBuf| !path.starts_with(&unpacked) && !path.starts_with(&target);
    // What other crates bring is where cargo has these.
    let others = embedded.iter().filter(|(_, path)| outside(path));
    let is_of_others = |(name, _): (&String, _)| name.starts_with("third-party/");
    assert!(others.clone().all(is_of_others), "{others:#?}");
    assert!(others.count() > 5);

    let mut new = Command::new(env!("CARGO_BIN_EXE_oslo-plugin"));
    new.args(["new", "--language", "c", "plugin"]);
    let caches = folder.path().join("caches");
    said(
        new.current_dir(folder.path())
            .env("XDG_CACHE_HOME", &caches),
    );
    let mut folders = fs::read_dir(caches.join("oslo-plugin")).unwrap();
    let sdk = folders.find_map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name()?.to_str()?;
        name.starts_with("sdk-").then(|| path.clone())
    });
    let mut unpacked_by_program = BTreeMap::new();
    files(&sdk.unwrap(), "", &mut unpacked_by_program);
    let names = |files: &BTreeMap<String, PathBuf>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&embedded), names(&unpacked_by_program));
    for (name, path) in &embedded {
        let same = fs::read(path).unwrap() == fs::read(&unpacked_by_program[name]).unwrap();
        assert!(same, "{name}");
    }
}

/// The files that the crate's build script lists, by their names in what is unpacked.
fn embedded(builds: &Path) -> BTreeMap<String, PathBuf> {
    let entries = fs::read_dir(builds).unwrap();
    let lists: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("oslo-messaging-build-")
        })
        .map(|path| path.join("out/files.rs"))
        .filter(|path| path.exists())
        .collect();
    let [list] = lists.as_slice() else {
        panic!("one list is wanted: {lists:?}")
    };
    let text = fs::read_to_string(list).unwrap();
    let quoted = text.lines().filter(|line| line.contains("include_bytes!"));
    quoted
        .map(|line| {
            let mut parts = line.split('"').skip(1).step_by(2);
            let name = parts.next().unwrap().to_owned();
            (name, parts.next().unwrap().into())
        })
        .collect()
}

fn files(folder: &Path, name: &str, found: &mut BTreeMap<String, PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let own = path.file_name().unwrap().to_str().unwrap();
        let name = format!("{name}{own}");
        if path.is_dir() {
            files(&path, &format!("{name}/"), found);
        } else {
            found.insert(name, path);
        }
    }
}
