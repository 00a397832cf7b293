//! The pages for authors and operators, run as they are printed: see `oslo_messaging_tests::page`.

#[path = "common/certificate.rs"]
mod certificate;

use std::env;
use std::net::TcpListener;
use std::path::Path;

use oslo_messaging_tests::page::Page;
use oslo_messaging_tests::peer::{compiled, guests, transport_url};
use oslo_messaging_tests::registry::{Registry, Wanted};
use tempfile::TempDir;

#[test]
fn the_page_for_authors_is_true() {
    let page = Page::of_docs("author.md").not_run(&[
        // Minutes.
        INSTALL,
        // A service that nobody has here.
        "oslo-plugin run --transport rabbit://user:password@host/ --record calls.jsonl free-memory.wasm host-1",
    ]);
    check(page);
}

#[test]
fn the_page_for_operators_is_true() {
    let page = Page::of_docs("operating.md").not_run(&[
        // Minutes.
        INSTALL,
        // Root, and a system that runs by systemd.
        "install -m 755 /home/you/.cargo/bin/oslo-plugin /usr/local/bin/",
        // A program that runs containers.
        "podman build --format docker --file host/cli/container/Containerfile --tag oslo-plugin .",
        "podman run --detach --name plugins --read-only --cap-drop all --security-opt no-new-privileges \\",
        // What an object of the log looks like.
        "{\"timestamp\":\"2026-11-25T22:10:09.123456Z\",\"level\":\"WARN\",\"fields\":{\"message\":\"denied\",\"plugin\":\"rebalance\",\"rule\":\"read compute\",\"why\":\"call of `reboot` on `compute` is denied: …\"},\"target\":\"oslo_messaging_plugins::hooks\"}",
        // Prometheus's.
        "rate(oslo_plugin_invocations_total{outcome=~\"trapped|out-of-cpu|timed-out\"}[5m]) > 0",
        // A collector, and a program with another feature.
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 oslo-plugin host plugins.toml",
    ]);
    // A registry with TLS, as the page has one, by an authority that is trusted beside the system's.
    let (certificate, key) = certificate::localhost();
    let wanted = Wanted {
        login: None,
        tls: Some((&certificate, &key)),
    };
    let registry = Registry::start_with(&wanted).unwrap();
    let area = TempDir::new().unwrap();
    let authorities = area.path().join("authorities.pem");
    let of_system = std::fs::read_to_string("/etc/ssl/certs/ca-certificates.crt");
    std::fs::write(&authorities, of_system.unwrap_or_default() + &certificate).unwrap();
    let page = page
        .variable("SSL_CERT_FILE", authorities)
        .variable("DOCKER_CONFIG", area.path())
        .variable("REGISTRY_AUTH_FILE", area.path().join("auth.json"))
        .replaced("registry.example", format!("localhost:{}", registry.port()));
    check(page.replaced("9464", free_port().to_string()));
}

/// Works through a page in an empty folder, with the program that was built here.
fn check(page: Page<'_>) {
    let area = TempDir::new().unwrap();
    let guests = guests().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_oslo-plugin"));
    let programs = env::var_os("PATH").unwrap_or_default();
    let programs = [program.parent().unwrap().to_owned()]
        .into_iter()
        .chain(env::split_paths(&programs));
    let page = page
        .variable("PATH", env::join_paths(programs).unwrap())
        .variable("TRANSPORT_URL", transport_url().unwrap())
        // Kept from one run of the tests to the next: what cargo has compiled is in it.
        .variable("XDG_CACHE_HOME", guests.join("author"))
        .variable("OSLO_PLUGIN_TOOLS", guests.join("tools"))
        .variable("OSLO_PLUGIN_CACHE", compiled().unwrap());
    let home = area.path().join("home");
    std::fs::create_dir(&home).unwrap();
    let home = home.canonicalize().unwrap();
    page.run(&home).unwrap_or_else(|error| panic!("{error:#}"));
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

const INSTALL: &str = "cargo install --locked --path host/cli     # in a checkout of this project";
