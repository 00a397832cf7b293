//! A Python file written for oslo.messaging's client prints the same as a service and, with its
//! import changed, as a plugin; both call the same Python server.

use std::path::Path;
use std::process::Command;

use oslo_messaging_tests::peer::{PythonServer, transport_url, unique_name};

use crate::run;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_prints_the_same_as_service_and_as_plugin() {
    let url = transport_url().unwrap();
    let topic = unique_name("ported");
    let _server = PythonServer::start(&url, &topic, "s1").await.unwrap();

    let service = as_service(&url, &topic);
    let plugin = as_plugin(&url, &topic);

    assert_eq!(plugin, service);
    assert_eq!(recorded_and_replayed(&url, &topic), service);
    for line in [
        "add 42\n",
        "sleep raised MessagingTimeout\n",
        "missing raised RemoteError NoSuchMethod",
        "fail_value raised ValueError (42,)\n",
        "failed to send the ping message\n",
        "dates 0:00:00 2 days, 0:00:00 2028-02-29 12:00:00+00:00 060\n",
        "sent ['2028-02-28T12:00:00.000000', '2028-02-28']\n",
        "zone 'No time zone found with key No/Where'\n",
    ] {
        assert!(service.contains(line), "{line:?} is not in {service}");
    }
}

fn as_service(url: &str, topic: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = std::env::var_os("OSLO_TEST_PYTHON").expect("`cargo xtask test` sets it");
    let output = Command::new(python)
        .arg(root.join("tests/python/ported.py"))
        .arg("--file")
        .arg(root.join("tests/plugins/ported/python/inventory.py"))
        .args(["--url", url, "--topic", topic])
        .output()
        .expect("Python starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).expect("it prints UTF-8")
}

/// What the plugin prints without a broker, by what it was told with one.
fn recorded_and_replayed(url: &str, topic: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("inventory.jsonl");
    let file = file.to_str().unwrap();
    let record = ["--transport", url, "--record", file];
    run::text(run::with(&record, "ported-python", &[topic]));
    run::text(run::with(&["--replay", file], "ported-python", &[topic]))
}

fn as_plugin(url: &str, topic: &str) -> String {
    run::text(run::over(url, "ported-python", &[topic]))
}
