//! Spans of a daemon's plugins, as a collector of OpenTelemetry gets them. No broker is needed.

#[path = "common/clean.rs"]
mod clean;
#[path = "traces/collector.rs"]
mod collector;
#[path = "../../plugins/tests/all/components.rs"]
mod components;
#[path = "common/daemon.rs"]
mod daemon;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use clean::program;
use collector::{Collector, attribute};
use daemon::Daemon;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use tempfile::TempDir;

/// `edge` calls `compute`, whose own call no rule allows: it raises an exception.
const POLICY: &str = r#"
[http]
listen = "127.0.0.1:0"

[transports.default]
url = "memory://"

[plugins.edge]
component = "edge.wasm"
context = { token = "secret" }

[[plugins.edge.on]]
http = { path = "/" }

[[plugins.edge.allow]]
name = "read"
topic = "compute"
methods = "get_*"

[plugins.compute]
component = "relay.wasm"

[[plugins.compute.on]]
rpc = { topic = "compute", server = "one" }
"#;

struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        for (name, component) in [
            ("edge.wasm", components::answering(1)),
            ("relay.wasm", components::relay(1)),
        ] {
            fs::write(folder.path().join(name), component).unwrap();
        }
        fs::write(folder.path().join("plugins.toml"), POLICY).unwrap();
        Self { folder }
    }

    fn policy(&self) -> String {
        let file = self.folder.path().join("plugins.toml");
        file.to_string_lossy().into_owned()
    }

    /// A daemon, and where it listens.
    fn start(&self, environment: &[(&str, &str)]) -> (Daemon, String) {
        let daemon = Daemon::start_in(environment, &[], &self.policy());
        let address = listens(&daemon);
        (daemon, address)
    }
}

fn listens(daemon: &Daemon) -> String {
    let line = daemon.says(&["HTTP is listened for"]);
    let port = line.split("127.0.0.1:").nth(1).unwrap();
    let end = port.find(|c: char| !c.is_ascii_digit());
    format!("127.0.0.1:{}", &port[..end.unwrap_or(port.len())])
}

/// The status of the answer.
fn get(address: &str, path: &str, headers: &str) -> u16 {
    let mut stream = TcpStream::connect(address).unwrap();
    let patience = Some(Duration::from_secs(30));
    stream.set_read_timeout(patience).unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let code = text.strip_prefix("HTTP/1.1 ").and_then(|it| it.get(..3));
    code.and_then(|code| code.parse().ok()).unwrap_or(0)
}

#[test]
fn a_collector_gets_what_a_request_has_caused_and_no_secret() {
    let (world, collector) = (World::new(), Collector::start("127.0.0.1:0"));
    let (daemon, address) = world.start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.endpoint()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=secret"),
        ("OTEL_SERVICE_NAME", "plugins"),
        // Nothing is exported before the end asks for it.
        ("OTEL_BSP_SCHEDULE_DELAY", "3600000"),
    ]);
    let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let headers = format!("traceparent: 00-{trace}-{parent}-01\r\nx-auth-token: secret\r\n");
    assert_eq!(get(&address, "/?token=secret/c", &headers), 502);
    assert_eq!(get(&address, "/o", "x-auth-token: secret\r\n"), 200);
    // Whoever began the trace does not want its spans.
    let headers = format!("traceparent: 00-{trace}-{parent}-00\r\n");
    assert_eq!(get(&address, "/o", &headers), 200);
    let log = daemon.ends("-TERM").join("\n");
    assert!(!log.contains("secret") && !log.contains("lost"), "{log}");

    let exported = collector.exported();
    assert!(
        exported.head.contains("POST /v1/traces"),
        "{}",
        exported.head
    );
    assert!(
        exported.head.contains("authorization: secret"),
        "{}",
        exported.head
    );
    assert!(!String::from_utf8_lossy(&exported.body).contains("secret"));
    assert_eq!(exported.services(), ["plugins"]);
    let spans = exported.spans();
    assert_eq!(spans.len(), 4, "{spans:#?}");
    let (own, others): (Vec<_>, Vec<_>) = spans
        .iter()
        .partition(|span| span.trace_id != collector::id(trace));
    // A request that is part of nothing begins a trace.
    let [own] = own[..] else { panic!("{spans:#?}") };
    assert_eq!((&*own.name, own.parent_span_id.len()), ("http edge", 0));
    assert_eq!(attribute(own, "oslo_plugin.outcome"), Some("returned"));
    assert_eq!(attribute(own, "error.type"), None);
    let span = |name: &str| {
        let found = others.iter().find(|span| span.name == name);
        *found.unwrap_or_else(|| panic!("no span is called {name}: {spans:#?}"))
    };
    let [http, call, rpc] = ["http edge", "call read", "rpc compute"].map(span);
    for (span, parent, kind, outcome) in [
        // It has made an answer of the exception.
        (http, collector::id(parent), SpanKind::Server, "returned"),
        (call, http.span_id.clone(), SpanKind::Client, "remote"),
        (rpc, call.span_id.clone(), SpanKind::Server, "raised"),
    ] {
        assert_eq!(span.trace_id, collector::id(trace), "{span:#?}");
        assert_eq!(span.parent_span_id, parent, "{span:#?}");
        assert_eq!(span.kind(), kind, "{span:#?}");
        assert_eq!(attribute(span, "oslo_plugin.outcome"), Some(outcome));
        assert!(span.end_time_unix_nano > span.start_time_unix_nano);
        let error = (outcome != "returned").then_some(outcome);
        assert_eq!(attribute(span, "error.type"), error, "{span:#?}");
    }
    for (span, name, value) in [
        (http, "oslo_plugin.name", "edge"),
        (call, "oslo_plugin.rule", "read"),
        (call, "oslo_messaging.topic", "compute"),
        (call, "rpc.method", "get_free"),
        (rpc, "rpc.method", "get_free"),
        (rpc, "rpc.system.name", "oslo_messaging"),
    ] {
        assert_eq!(attribute(span, name), Some(value), "{span:#?}");
    }
    let id = attribute(http, "oslo_plugin.request_id");
    assert!(id.is_some_and(|id| id.starts_with("req-")), "{id:?}");
    assert_eq!(attribute(rpc, "oslo_plugin.request_id"), id);
}

/// Plugins do not notice, and the log has one line of each outage.
#[test]
fn a_collector_that_is_away_is_told_once_and_delays_nobody() {
    let world = World::new();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nobody.local_addr().unwrap().to_string();
    drop(nobody);
    let endpoint = format!("http://user:secret@{address}");
    let (daemon, http) = world.start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "300"),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "16"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4"),
    ]);
    let began = Instant::now();
    for _ in 0..100 {
        assert_eq!(get(&http, "/o", ""), 200);
    }
    let took = began.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
    let line = daemon.says(&["spans are not exported for now", &address]);
    assert!(!line.contains("secret"), "{line}");
    // It may go on for a while.
    std::thread::sleep(Duration::from_secs(1));
    let collector = Collector::start(&address);
    let ends = Instant::now() + Duration::from_secs(60);
    while collector.is_empty() {
        assert_eq!(get(&http, "/o", ""), 200);
        assert!(Instant::now() < ends, "nothing is exported");
    }
    let rest = daemon.ends("-TERM").join("\n");
    assert!(rest.contains("spans are exported again"), "{rest}");
    assert!(!rest.contains("not exported for now"), "{rest}");
    // More than waits has no place.
    assert!(rest.contains("spans were lost"), "{rest}");
    assert!(!rest.contains("secret"), "{rest}");
}

/// Those that had no place while they waited, and those that were to be exported in vain.
#[test]
fn what_an_outage_has_lost_is_told_when_it_is_over() {
    let world = World::new();
    let still = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = still.local_addr().unwrap().to_string();
    let endpoint = format!("http://{address}");
    let (daemon, http) = world.start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "1000"),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "16"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4"),
    ]);
    for _ in 0..100 {
        assert_eq!(get(&http, "/o", ""), 200);
    }
    daemon.says(&["spans are not exported for now"]);
    drop(still);
    let collector = Collector::start(&address);
    let mut asked = 100;
    let ends = Instant::now() + Duration::from_secs(60);
    while collector.is_empty() {
        // One has a place by now, whatever became of those before it.
        std::thread::sleep(Duration::from_millis(500));
        assert_eq!(get(&http, "/o", ""), 200);
        asked += 1;
        assert!(Instant::now() < ends, "nothing is exported");
    }
    let rest = daemon.ends("-TERM");
    let lost = format!("lost={}", asked - collector.spans());
    for what in ["spans are exported again", "spans were lost"] {
        let line = rest.iter().find(|line| line.contains(what));
        let line = line.unwrap_or_else(|| panic!("{what}: {rest:?}"));
        let told = line.split_whitespace().any(|word| word == lost);
        assert!(told, "{lost}: {line}");
    }
}

/// A collector may take a part of what it gets.
#[test]
fn what_a_collector_refuses_is_lost() {
    let (world, collector) = (World::new(), Collector::refusing("127.0.0.1:0", 2));
    let (daemon, http) = world.start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.endpoint()),
        ("OTEL_BSP_SCHEDULE_DELAY", "3600000"),
    ]);
    for _ in 0..3 {
        assert_eq!(get(&http, "/o", ""), 200);
    }
    let rest = daemon.ends("-TERM").join("\n");
    assert_eq!(collector.spans(), 3);
    assert!(
        rest.contains("the collector refuses spans") && rest.contains("no room"),
        "{rest}"
    );
    assert!(
        rest.contains("spans were lost") && rest.contains("lost=2"),
        "{rest}"
    );
}

/// It takes the connection, and says nothing.
#[test]
fn a_collector_that_stands_still_does_not_keep_the_daemon() {
    let world = World::new();
    let still = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", still.local_addr().unwrap());
    let (daemon, http) = world.start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)]);
    assert_eq!(get(&http, "/o", ""), 200);
    let began = Instant::now();
    let rest = daemon.ends("-TERM").join("\n");
    let took = began.elapsed();
    assert!(took < Duration::from_secs(15), "{took:?}");
    assert!(
        rest.contains("spans were lost") && rest.contains("lost=1"),
        "{rest}"
    );
}

#[test]
fn nothing_is_exported_unless_it_is_asked_for() {
    let (world, collector) = (World::new(), Collector::start("127.0.0.1:0"));
    let endpoint = collector.endpoint();
    let daemon = Daemon::start(&world.policy());
    assert_eq!(get(&listens(&daemon), "/o", ""), 200);
    daemon.ends("-TERM");
    for off in [
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_TRACES_EXPORTER", "none"),
    ] {
        let environment = [("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint), off];
        let (daemon, address) = world.start(&environment);
        assert_eq!(get(&address, "/o", ""), 200);
        daemon.ends("-TERM");
    }
    assert!(collector.is_empty());
}

#[test]
fn what_cannot_be_exported_to_is_told_with_what_to_do() {
    let world = World::new();
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
    for (environment, says) in [
        (
            vec![(
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "https://u:secret@collector:4318",
            )],
            "an endpoint that begins with `http://`",
        ),
        (
            vec![("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://u:secret@a b")],
            "the endpoint of the environment is none",
        ),
        (
            vec![(
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "http://u:secret@collector:431800",
            )],
            "the port of the endpoint is none",
        ),
        (
            vec![endpoint, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")],
            "the collector's port for HTTP, 4318",
        ),
        (
            vec![endpoint, ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s")],
            "set OTEL_EXPORTER_OTLP_TIMEOUT=10000",
        ),
    ] {
        let output = program()
            .envs(environment.iter().copied())
            .args(["host", "--no-cache", &world.policy()])
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{environment:?}: {errors}");
        assert!(errors.contains(says), "{environment:?}: {errors}");
        assert!(!errors.contains("secret"), "{errors}");
    }
}
