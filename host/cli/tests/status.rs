//! What the daemon says of itself over HTTP, and whoever asks it. No broker is needed.

mod common;
#[path = "common/component.rs"]
mod component;
#[path = "common/daemon.rs"]
mod daemon;
#[path = "common/replace.rs"]
mod replace;

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use common::{check_failure, oslo_plugin, program};
use component::component;
use daemon::Daemon;
use replace::replace;
use serde_json::Value;
use tempfile::TempDir;

const POLICY: &str = r#"
[transports.default]
url = "memory://"

[plugins.timed]
component = "timed.wasm"

[[plugins.timed.on]]
every = "20ms"

[[plugins.timed.allow]]
topic = "compute"
methods = "get_*"
"#;

struct World {
    folder: TempDir,
    daemon: Daemon,
    address: String,
}

impl World {
    fn start(policy: &str, options: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let code = component("", "(i32.const 1)");
        fs::write(folder.path().join("timed.wasm"), code).unwrap();
        fs::write(folder.path().join("plugins.toml"), policy).unwrap();
        let file = folder.path().join("plugins.toml");
        let options = [&["--listen-status", "127.0.0.1:0"], options].concat();
        let daemon = Daemon::start_with(&options, &file.to_string_lossy());
        let line = daemon.says(&["the status is served"]);
        let address = line.split("127.0.0.1:").nth(1).unwrap();
        let end = address.find(|c: char| !c.is_ascii_digit());
        let port = &address[..end.unwrap_or(address.len())];
        Self {
            address: format!("127.0.0.1:{port}"),
            folder,
            daemon,
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        let patience = Some(Duration::from_secs(30));
        stream.set_read_timeout(patience).unwrap();
        stream
    }

    /// The code and the whole answer to a request.
    fn send(&self, request: &str) -> (u16, String) {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        answer(&mut stream)
    }

    fn get(&self, path: &str) -> (u16, String) {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: here\r\n\r\n"))
    }

    /// Asks until it answers so.
    fn until(&self, path: &str, is_so: impl Fn(u16, &str) -> bool) -> String {
        let ends = Instant::now() + Duration::from_secs(30);
        loop {
            let (code, text) = self.get(path);
            if is_so(code, &text) {
                return text;
            }
            assert!(Instant::now() < ends, "{path}: {code} {text}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn answer(stream: &mut TcpStream) -> (u16, String) {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let code = text.strip_prefix("HTTP/1.1 ").and_then(|it| it.get(..3));
    (code.unwrap_or_default().parse().unwrap_or(0), text)
}

#[test]
fn a_daemon_says_how_it_is_and_what_its_plugins_do() {
    let world = World::start(POLICY, &[]);
    assert_eq!(world.get("/healthz").0, 200);
    world.until("/readyz", |code, _| code == 200);
    let failed =
        "oslo_plugin_invocations_total{plugin=\"timed\",trigger=\"timer\",outcome=\"failed\"} ";
    let metrics = world.until("/metrics", |_, text| {
        let count = text.split(failed).nth(1).and_then(|it| it.lines().next());
        count.is_some_and(|count| count.parse::<u64>().unwrap() >= 2)
    });
    assert!(
        metrics.contains("content-type: text/plain; version=0.0.4"),
        "{metrics}"
    );
    let status = world.get("/status").1;
    let (_, json) = status.split_once("\r\n\r\n").unwrap();
    let status: Value = serde_json::from_str(json).unwrap();
    let plugin = &status["plugins"][0];
    assert_eq!(
        (&status["ready"], &plugin["name"]),
        (&true.into(), &"timed".into())
    );
    assert!(
        plugin["invoked"]["outcomes"]["failed"].as_u64() >= Some(2),
        "{plugin}"
    );
    assert!(plugin["invoked"]["p99_ms"].as_f64() > Some(0.0), "{plugin}");
    assert_eq!(plugin["most_instances"], 1, "{plugin}");
    assert!(plugin["instances"].as_u64() <= Some(1), "{plugin}");

    assert_eq!(world.get("/").0, 404);
    let (code, text) = world.send("POST /status HTTP/1.1\r\nhost: here\r\n\r\n");
    assert!(code == 405 && text.contains("allow: GET, HEAD"), "{text}");
    let (code, text) = world.send("HEAD /metrics HTTP/1.1\r\nhost: here\r\n\r\n");
    assert!(code == 200 && text.ends_with("\r\n\r\n"), "{text}");
    world.daemon.ends("-TERM");
}

#[test]
fn who_is_not_served_is_told_with_why() {
    // Nobody listens at port 1.
    let policy = POLICY.replace("memory://", "rabbit://u:secret@127.0.0.1:1/")
        + "[[plugins.timed.on]]\nnotification = { topic = \"told\", priority = \"info\" }\n";
    let world = World::start(POLICY, &[]);
    world.until("/readyz", |code, _| code == 200);
    // Its component has no such export, so that the version of before goes on.
    replace(&world.folder.path().join("plugins.toml"), policy.as_bytes());
    world.daemon.says(&["refused", "notification"]);
    world.until("/readyz", |code, _| code == 200);
    // Another one that cannot be run.
    let more = POLICY.to_owned() + "[plugins.other]\ncomponent = \"nowhere.wasm\"\n";
    replace(&world.folder.path().join("plugins.toml"), more.as_bytes());
    let text = world.until("/readyz", |code, _| code == 503);
    assert!(text.contains("plugin `other`: "), "{text}");
    assert!(text.contains("nowhere.wasm cannot be read"), "{text}");
    assert!(!text.contains("secret"), "{text}");
    check_failure(
        &["top", "--ready", &world.address],
        33,
        "nowhere.wasm cannot be read",
    );
}

/// Whoever is slow, says too much or comes too often loses its own connection, and nobody else's.
#[test]
fn hostile_clients_are_cut_off_and_others_are_served() {
    let world = World::start(POLICY, &[]);
    let began = Instant::now();
    let mut silent: Vec<_> = (0..20).map(|_| world.connect()).collect();
    let mut slow = world.connect();
    slow.write_all(b"GET /metrics HTTP/1.1\r\nx: ").unwrap();
    let (code, text) = world.send(&format!(
        "GET / HTTP/1.1\r\nx: {}\r\n\r\n",
        "y".repeat(15_000)
    ));
    assert_eq!(code, 404, "{text}");
    let mut large = world.connect();
    // It may be cut off while it still writes, and what it was told is lost then.
    let head = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(10_000_000));
    let written = large.write_all(head.as_bytes());
    let mut told = String::new();
    let read = large.read_to_string(&mut told);
    assert!(
        written.is_err() || read.is_err() || told.contains(" 431 "),
        "{told}"
    );
    let many = "x: y\r\n".repeat(1000);
    let (code, text) = world.send(&format!("GET / HTTP/1.1\r\n{many}\r\n"));
    assert_eq!(code, 431, "{text}");
    let (code, text) = world.send("no HTTP\r\n\r\n");
    assert_eq!(code, 400, "{text}");
    // All of the places are taken: whoever comes then waits.
    silent.extend((0..200).map(|_| world.connect()));
    let (code, _) = world.get("/healthz");
    assert_eq!(code, 200);
    assert!(
        began.elapsed() > Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    let mut rest = Vec::new();
    match slow.read_to_end(&mut rest) {
        Ok(_) => assert!(!rest.starts_with(b"HTTP/1.1 200"), "{rest:?}"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    drop(silent);
    world.daemon.ends("-TERM");
}

#[test]
fn an_address_that_cannot_be_had_is_told_with_what_to_do() {
    let folder = TempDir::new().unwrap();
    let policy = folder.path().join("plugins.toml");
    fs::write(&policy, POLICY).unwrap();
    let policy = policy.to_string_lossy();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let check = |address: &str, says: &str| {
        let words = ["host", "--no-cache", "--listen-status", address, &policy];
        check_failure(&words, 1, says);
    };
    check(&address, "another program has the port");
    check("192.0.2.1:9464", "the address is none of this machine's");
    let output = oslo_plugin(&["host", "--listen-status", "localhost", &policy]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(
        errors.contains("an IP address and a port are wanted"),
        "{errors}"
    );
}

#[test]
fn top_shows_what_a_daemon_says() {
    let world = World::start(POLICY, &[]);
    world.until("/status", |_, text| text.contains("\"failed\":"));
    let output = oslo_plugin(&["top", &world.address]);
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let mut lines = shown.lines();
    let head = lines.next().unwrap();
    assert!(
        head.starts_with("PLUGIN ") && head.ends_with("REFUSED"),
        "{shown}"
    );
    let row: Vec<_> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!((row[0], row[2]), ("timed", "running"), "{shown}");
    assert!(row[3].ends_with("/1"), "{shown}");
    assert!(row[7].parse::<u64>().unwrap() > 0, "{shown}");
    let ready = oslo_plugin(&["top", "--ready", &world.address]);
    let says = String::from_utf8_lossy(&ready.stdout);
    assert_eq!(
        (ready.status.code(), &*says),
        (Some(0), "all plugins are started and served\n")
    );
    let output = oslo_plugin(&["--json", "top", &world.address]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["plugins"][0]["name"], "timed");

    let address = world.address.clone();
    world.daemon.ends("-TERM");
    let says = "`oslo-plugin host --listen-status ADDRESS:PORT` serves it there";
    check_failure(&["top", &address], 13, says);
    check_failure(&["top", "--ready", &address], 13, says);
    // Something else listens there.
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = other.accept().unwrap();
        let mut head = [0; 1024];
        let _ = stream.read(&mut head).unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
            .unwrap();
    });
    check_failure(
        &["top", &address],
        9,
        "does not answer as `oslo-plugin host` does",
    );
    answering.join().unwrap();
}

#[test]
fn a_log_of_json_has_an_object_a_line() {
    let world = World::start(POLICY, &["--log-format", "json"]);
    let line = world
        .daemon
        .says(&["a plugin that a timer started says that it failed"]);
    let event: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(event["level"], "WARN");
    assert_eq!(event["fields"]["plugin"], "timed");
    assert_eq!(event["fields"]["code"], 1);
    assert!(
        event["timestamp"].is_string() && event["target"].is_string(),
        "{line}"
    );
    replace(
        &world.folder.path().join("plugins.toml"),
        b"[plugins.timed]\n",
    );
    world.daemon.says(&["the policy is not applied"]);
    for line in world.daemon.ends("-TERM") {
        let event: Value = serde_json::from_str(&line).unwrap();
        assert!(event["fields"]["message"].is_string(), "{line}");
    }
    // So is the failure that ends the program.
    let output = oslo_plugin(&["host", "--log-format", "json", "nowhere.toml"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(errors.lines().count(), 1, "{errors}");
    let failure: Value = serde_json::from_str(&errors).unwrap();
    assert_eq!(failure["error"]["kind"], "invalid-policy");
}

#[test]
fn nothing_is_served_unless_it_is_asked_for() {
    let folder = TempDir::new().unwrap();
    let code = component("", "(i32.const 0)");
    fs::write(folder.path().join("timed.wasm"), code).unwrap();
    let policy = folder.path().join("plugins.toml");
    fs::write(&policy, POLICY).unwrap();
    let daemon = Daemon::start(&policy.to_string_lossy());
    let first = daemon.says(&[" INFO "]);
    assert!(first.contains("started plugin=\"timed\""), "{first}");
    let rest = daemon.ends("-TERM").join("\n");
    assert!(!rest.contains("the status is served"), "{rest}");
}
