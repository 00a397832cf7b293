//! The types of the Python SDK, as mypy reads them for the author of a plugin.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use oslo_messaging_tests::peer::python;

#[test]
fn the_sdk_is_typed() {
    let sdk = root().join(SDK);
    let check = ["--config-file", "mypy.ini", "-p", "oslo_messaging_guest"];
    assert_clean(&sdk, &[], &[&check[..], &["-p", "oslo_component"]].concat());
}

#[test]
fn the_template_and_the_examples_are_typed() {
    let conformance = root().join("tests/plugins/conformance");
    let shared = conformance.join("python");
    let check = |folder: PathBuf, path: &[PathBuf]| {
        let files = fs::read_dir(&folder).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let sources: Vec<_> = names.filter(|name| name.ends_with(".py")).collect();
        assert!(!sources.is_empty(), "{}", folder.display());
        let arguments: Vec<_> = sources.iter().map(String::as_str).collect();
        assert_clean(&folder, path, &arguments);
    };
    for kind in ["command", "async", "endpoint", "notification"] {
        check(root().join(SDK).join("template/python").join(kind), &[]);
    }
    for example in ["tour", "tour-async"] {
        check(root().join(SDK).join("examples").join(example), &[]);
    }
    check(shared.clone(), &[]);
    check(conformance.join("python-async"), &[shared]);
}

#[test]
fn what_the_sdk_does_not_take_is_named() {
    let lines = [
        ("from oslo_messaging_guest import Target", None),
        ("from oslo_messaging_guest import get_rpc_client", None),
        ("from oslo_messaging_guest import get_rpc_transport", None),
        ("right = Target(topic='t', version='1.0')", None),
        ("client = get_rpc_client(get_rpc_transport(), right)", None),
        (
            "client.prepare(server='s', timeout=2.5).cast({}, 'm')",
            None,
        ),
        ("client.call({}, 5)", Some("arg-type")),
        ("client.prepare(timeout='5')", Some("arg-type")),
        ("client.prepare(tiemout=5)", Some("call-arg")),
        ("Target(topic=1)", Some("arg-type")),
        ("client.send({}, 'm')", Some("attr-defined")),
    ];
    let folder = tempfile::tempdir().unwrap();
    let text: Vec<_> = lines.iter().map(|(line, _)| *line).collect();
    fs::write(folder.path().join("plugin.py"), text.join("\n") + "\n").unwrap();
    let (_, said) = mypy(folder.path(), &[], &["plugin.py"]);
    for (number, (line, expected)) in (1..).zip(lines) {
        let place = format!("plugin.py:{number}: error: ");
        let found = said.lines().find(|said| said.starts_with(&place));
        match expected {
            None => assert_eq!(found, None, "{line}"),
            Some(code) => assert!(
                found.is_some_and(|found| found.ends_with(&format!("[{code}]"))),
                "`{line}`: {said}"
            ),
        }
    }
}

fn assert_clean(folder: &Path, path: &[PathBuf], arguments: &[&str]) {
    let (is_clean, said) = mypy(folder, path, arguments);
    assert!(is_clean, "{}:\n{said}", folder.display());
}

/// Runs mypy in a folder, with the SDK and other folders to import from.
fn mypy(folder: &Path, path: &[PathBuf], arguments: &[&str]) -> (bool, String) {
    let mut folders: Vec<OsString> = vec![root().join(SDK).into()];
    folders.extend(path.iter().map(Into::into));
    let output = Command::new(python().unwrap())
        .args(["-m", "mypy", "--strict", "--cache-dir=/dev/null"])
        .args(arguments)
        .current_dir(folder)
        .env("MYPYPATH", std::env::join_paths(folders).unwrap())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (output.status.success(), said)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

const SDK: &str = "guest/python";
