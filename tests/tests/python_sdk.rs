//! The Python SDK's own tests, which need no component, and the archives that it is published in.

use std::fs;
use std::path::Path;
use std::process::Command;

use oslo_messaging_tests::peer::python;

#[test]
fn the_sdk_passes_its_tests() {
    run("tests/sdk");
}

#[test]
fn what_the_build_puts_around_a_plugin_passes_its_tests() {
    run("tests/component");
}

/// In a process of their own: there `import oslo_messaging` is another package.
#[test]
fn the_package_with_upstreams_name_passes_its_tests() {
    run("tests/alias");
}

#[test]
fn the_archives_have_the_version_of_the_workspace_and_everything_that_a_build_needs() {
    let version = env!("CARGO_PKG_VERSION");
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        fs::read_to_string(sdk().join("LICENSE")).unwrap(),
        fs::read_to_string(sdk().join("../../LICENSE")).unwrap()
    );
    // A copy, because the build leaves files beside what it reads.
    let source = folder.path().join("python");
    copy(&sdk(), &source);
    let output = Command::new(python().unwrap())
        .args([
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
        ])
        .args(["--disable-pip-version-check", "--no-index", "--wheel-dir"])
        .arg(folder.path())
        .arg(&source)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let wheel = folder
        .path()
        .join(format!("oslo_messaging_guest-{version}-py3-none-any.whl"));
    let listed = Command::new(python().unwrap())
        .args(["-m", "zipfile", "--list"])
        .arg(&wheel)
        .output()
        .unwrap();
    let files = String::from_utf8_lossy(&listed.stdout);
    for file in [
        "oslo_messaging_guest/__init__.py",
        "oslo_messaging_guest/py.typed",
        "oslo_messaging_guest/testing/__init__.py",
        "oslo_messaging_guest/alias/oslo_messaging/rpc/dispatcher.py",
        "/METADATA",
        "/LICENSE",
    ] {
        assert!(files.contains(file), "{file} is not in {files}");
    }
    // Beside the real oslo.messaging ours would be in its place.
    for not_to_be_found in [
        "oslo_messaging/",
        "oslo_component/",
        "examples/",
        "template/",
        "tests/",
    ] {
        let file = files.lines().find(|line| line.starts_with(not_to_be_found));
        assert_eq!(file, None);
    }
}

/// Without the checkout: a plugin's code and its test, in a folder of their own, with the package that
/// was made of the source archive.
#[test]
fn a_plugin_is_tested_with_what_is_published() {
    let version = env!("CARGO_PKG_VERSION");
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let source = root.join("python");
    copy(&sdk(), &source);
    let make = "import sys\nfrom setuptools import build_meta\nbuild_meta.build_sdist(sys.argv[1])";
    run_python(&source, &[], &["-c", make, path(root)]);
    fs::remove_dir_all(&source).unwrap();

    let archive = root.join(format!("oslo_messaging_guest-{version}.tar.gz"));
    let installed = root.join("installed");
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
    ];
    let more = ["--disable-pip-version-check", "--no-index", "--target"];
    let all = [&pip[..], &more, &[path(&installed), path(&archive)]].concat();
    run_python(root, &[], &all);

    let plugin = root.join("plugin");
    fs::create_dir(&plugin).unwrap();
    let readme = fs::read_to_string(sdk().join("README.md")).unwrap();
    let blocks: Vec<_> = readme.split("```python\n").skip(1).collect();
    for (name, block) in ["plugin.py", "plugin_test.py"].into_iter().zip(blocks) {
        fs::write(plugin.join(name), block.split("```").next().unwrap()).unwrap();
    }
    let run = "import plugin_test, oslo_messaging_guest\nplugin_test.test_it_says_who_asks()\n\
               print(oslo_messaging_guest.__file__)";
    let said = run_python(&plugin, &[&installed], &["-c", run]);
    let (answer, used) = said.split_once('\n').unwrap();
    assert_eq!(answer, "me says hello");
    assert!(used.starts_with(path(&installed)), "{used}");
}

/// Runs Python with folders to import from, and says what it printed.
fn run_python(folder: &Path, import_from: &[&Path], arguments: &[&str]) -> String {
    let output = Command::new(python().unwrap())
        .args(arguments)
        .current_dir(folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONPATH", std::env::join_paths(import_from).unwrap())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Runs the tests of a folder.
fn run(folder: &str) {
    let output = Command::new(python().unwrap())
        .args([
            "-W",
            "ignore",
            "-m",
            "unittest",
            "discover",
            "-t",
            ".",
            "-p",
            "*_test.py",
            "-s",
        ])
        .arg(folder)
        .current_dir(sdk())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    // Discovery that finds nothing is content with that, and a skipped test is not a passed one.
    assert!(!said.contains("Ran 0 tests"), "{said}");
    assert!(said.trim_end().ends_with("\nOK"), "{said}");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}

fn sdk() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../guest/python")
}
