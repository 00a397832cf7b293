//! Plugins made of what an SDK is published as, outside of the repository.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use wasi_preview1_component_adapter_provider::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME;
use wit_component::ComponentEncoder;

use crate::fresh::{author, build, path, said};
use crate::run;

/// The package, as a registry has it, is all that a plugin needs of the SDK.
#[test]
fn a_plugin_in_rust_has_the_packed_sdk() {
    let folder = tempfile::tempdir().unwrap();
    let unpacked = packed("oslo-messaging-guest", folder.path());
    let plugin = folder.path().join("packed-rust");
    said(author().args(["new", "--language", "rust"]).arg(&plugin));
    let manifest = plugin.join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let version = concat!("\"", env!("CARGO_PKG_VERSION"), "\"");
    let sdk = format!("path = \"{}\"", path(&unpacked));
    let text = text
        .replace(
            &format!("guest = {version}"),
            &format!("guest = {{ {sdk} }}"),
        )
        .replace(
            &format!("guest = {{ version = {version}"),
            &format!("guest = {{ {sdk}"),
        );
    assert_eq!(text.matches(&sdk).count(), 2, "{text}");
    std::fs::write(&manifest, text).unwrap();
    build(&plugin);
    let component = plugin.join("packed-rust.wasm");
    assert_eq!(run::text(run::demo_file(&component, &[])), "40 + 2 = 42\n");
}

/// The source archive has the SDK that a component is made of, and what its toolchain is pinned to.
#[test]
fn a_plugin_in_python_has_the_packed_sdk() {
    let folder = tempfile::tempdir().unwrap();
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guest/python");
    // A copy, because the build leaves files beside what it reads.
    let source = folder.path().join("python");
    said(Command::new("cp").arg("-r").arg(&checkout).arg(&source));
    let make = "import sys\nfrom setuptools import build_meta\nbuild_meta.build_sdist(sys.argv[1])";
    let words = ["-c", make, path(folder.path())];
    said(Command::new(python()).args(words).current_dir(&source));
    std::fs::remove_dir_all(&source).unwrap();
    let package = concat!("oslo_messaging_guest-", env!("CARGO_PKG_VERSION"));
    let archive = folder.path().join(format!("{package}.tar.gz"));
    let unpacked = unpack(&archive, folder.path(), package);
    let pinned = |folder: &Path| std::fs::read_to_string(folder.join("requirements.txt")).unwrap();
    assert_eq!(pinned(&checkout), pinned(&unpacked));

    let plugin = folder.path().join("packed-python");
    std::fs::create_dir(&plugin).unwrap();
    // Its folders, of which this is `/1` in the component, come before the builder's own SDK.
    std::fs::write(plugin.join("plugin.pth"), format!("../{package}\n")).unwrap();
    let source = "import oslo_messaging_guest as messaging, oslo_component

def main(arguments):
    client = messaging.get_rpc_client(
        messaging.get_rpc_transport(), messaging.Target(topic='demo', version='1.5'))
    print(client.call({}, 'add', a=2, b=3))
    for module in messaging, oslo_component:
        print(module.__file__)
";
    std::fs::write(plugin.join("plugin.py"), source).unwrap();
    build(&plugin);
    let component = plugin.join("packed-python.wasm");
    assert_eq!(
        run::text(run::demo_file(&component, &[])),
        "5\n/1/oslo_messaging_guest/__init__.py\n/1/oslo_component/__init__.py\n"
    );
}

/// Packs a crate of this checkout as for a registry, unpacks that in a folder, and says where.
pub(crate) fn packed(name: &str, folder: &Path) -> PathBuf {
    let made = folder.join("made");
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut pack = Command::new(cargo());
    pack.args(["package", "--package", name, "--no-verify", "--offline"])
        .args(["--allow-dirty", "--target-dir", path(&made)]);
    said(pack.current_dir(checkout));
    let package = format!("{name}-{}", env!("CARGO_PKG_VERSION"));
    let archive = made.join("package").join(format!("{package}.crate"));
    unpack(&archive, folder, &package)
}

/// Unpacks an archive, and says where its one folder is.
pub(crate) fn unpack(archive: &Path, folder: &Path, name: &str) -> PathBuf {
    said(
        Command::new("tar")
            .arg("-xzf")
            .args([archive, "-C".as_ref(), folder]),
    );
    folder.join(name)
}

pub(crate) fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn python() -> OsString {
    std::env::var_os("OSLO_TEST_PYTHON")
        .expect("OSLO_TEST_PYTHON names Python; `cargo xtask test` sets it")
}

/// What `wasm-tools component new` makes of a module, with what stands between it and WASI 0.2.
pub(crate) fn componentise(module: &[u8], wasi: &[u8]) -> Vec<u8> {
    let name = WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME;
    let encoder = ComponentEncoder::default().validate(true);
    let mut encoder = encoder.module(module).unwrap().adapter(name, wasi).unwrap();
    encoder.encode().unwrap()
}
