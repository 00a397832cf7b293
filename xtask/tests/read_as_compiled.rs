//! What `.ci/compile` finds wrong in a crate that it compiles.

use std::fs;
use std::path::Path;
use std::process::Command;

/// A crate that compiles; nothing is wrong with the first of these, a lint with the second, a link with the third.
#[test]
fn what_compiles_is_linted_and_documented_too() {
    for (library, tests, wrong) in [
        ("//! As [`str`].", "#[test] fn passes() {}", None),
        (
            "//! As [`str`].",
            "#[test] fn passes() { return; }",
            Some("unneeded `return` statement"),
        ),
        (
            "//! As [`nowhere`].",
            "#[test] fn passes() {}",
            Some("unresolved link to `nowhere`"),
        ),
    ] {
        let folder = tempfile::tempdir().expect("there is room");
        let write = |name: &str, text: &str| {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().expect("it is in a folder")).expect("it is made");
            fs::write(file, text).expect("it is written");
        };
        write(
            "Cargo.toml",
            "[package]\nname = \"read\"\nedition = \"2024\"\n[workspace]\n",
        );
        write("src/lib.rs", library);
        write("tests/all.rs", tests);
        let wrapper = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.ci/compile");
        let output = Command::new(env!("CARGO"))
            .args(["test", "--offline", "--no-run"])
            .current_dir(folder.path())
            .env("CARGO_TARGET_DIR", folder.path().join("target"))
            .env("RUSTC_WORKSPACE_WRAPPER", wrapper)
            .output()
            .expect("cargo runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), wrong.is_none(), "{said}");
        assert!(said.contains(wrong.unwrap_or_default()), "{said}");
    }
}
