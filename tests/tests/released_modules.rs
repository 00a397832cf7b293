//! Released modules of OpenStack, unmodified, on the Python SDK: `cargo xtask test --released-modules`.

use std::path::Path;
use std::process::Command;

#[test]
fn cinders_rpc_base_class() {
    check("cinder");
}

#[test]
fn heats_engine_client() {
    check("heat");
}

#[test]
fn neutrons_client_that_backs_off() {
    check("neutron_lib");
}

#[test]
fn novas_client_and_router() {
    check("nova");
}

#[test]
fn the_serializer_of_versioned_objects() {
    check("versionedobjects");
}

/// In a process for each: a service's configuration is global.
fn check(module: &str) {
    let python = std::env::var_os("OSLO_TEST_PYTHON")
        .expect("OSLO_TEST_PYTHON names a Python with these modules; xtask sets it");
    let output = Command::new(python)
        .args(["-W", "ignore", "-m", "unittest"])
        .arg(format!("tests.modules.{module}_test"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../guest/python"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.trim_end().ends_with("\nOK"), "{said}");
}
