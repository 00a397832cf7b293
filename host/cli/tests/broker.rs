//! The program with a real broker and a Python server.

mod common;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use common::{check_failure, oslo_plugin};
use oslo_messaging::{RpcClient, Target, Transport};
use oslo_messaging_tests::peer::{PythonServer, guests, transport_url, unique_name};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn call_prints_the_result_of_a_python_server() {
    let url = transport_url().unwrap();
    let topic = unique_name("program");
    let server = PythonServer::start(&url, &topic, "s1").await.unwrap();
    let words = |words: &[&str]| {
        let first = ["--transport", url.as_str(), "--topic", topic.as_str()];
        let words: Vec<String> = words[..1]
            .iter()
            .chain(&first)
            .chain(&words[1..])
            .map(|&word| word.to_owned())
            .collect();
        words
    };
    let prints = |given: &[&str], line: &str| {
        let all = words(given);
        let output = oslo_plugin(&all.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(String::from_utf8_lossy(&output.stdout), line, "{given:?}");
    };
    let fails = |given: &[&str], code: i32, says: &str| {
        let all = words(given);
        check_failure(
            &all.iter().map(String::as_str).collect::<Vec<_>>(),
            code,
            says,
        );
    };
    prints(
        &["call", "--rpc-version", "2.5", "add", "a=40", "b=2"],
        "42\n",
    );
    prints(
        &[
            "call",
            "--rpc-version",
            "2.0",
            "echo",
            r#"{"value": {"x": [1, null]}}"#,
        ],
        "{\"x\": [1, null]}\n",
    );
    prints(
        &["call", "--server", "s1", "--rpc-version", "2.0", "whoami"],
        "\"s1\"\n",
    );
    prints(
        &[
            "cast",
            "--fanout",
            "--rpc-version",
            "2.0",
            "remember",
            "word=x",
        ],
        "",
    );
    let all = words(&["ping", "--server", "s1"]);
    let output = oslo_plugin(&all.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(
        String::from_utf8_lossy(&output.stdout).starts_with("pong in "),
        "{output:?}"
    );

    fails(&["call", "--server", "nobody", "none"], 5, ".nobody");
    fails(
        &[
            "call",
            "--rpc-version",
            "2.0",
            "--timeout",
            "0.5",
            "sleep",
            "seconds=2",
        ],
        6,
        "timed out",
    );
    fails(
        &["call", "--rpc-version", "2.0", "fail_value"],
        7,
        "ValueError",
    );
    fails(&["call", "--rpc-version", "2.0", "nan"], 9, "NaN");
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_services_configuration_file_is_enough() {
    let url = transport_url().unwrap();
    let (topic, exchange) = (unique_name("configured"), unique_name("nova"));
    // Durable exchanges: a client of another mind could not publish.
    let options = [
        "--exchange",
        &exchange,
        "--option",
        "oslo_messaging_rabbit.amqp_durable_queues=true",
        "--option",
        "oslo_messaging_rabbit.kombu_compression=gzip",
    ];
    let server = PythonServer::start_with(&url, &topic, "s1", &options)
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nova.conf");
    let write = |url: &str| {
        let text = format!(
            "[DEFAULT]\n# As a service has it.\ndebug = true\ntransport_url = {url}\n\
             control_exchange = {exchange}\nrpc_response_timeout = 20\n\
             [oslo_messaging_rabbit]\namqp_durable_queues = true\nkombu_compression = gzip\n"
        );
        std::fs::write(&path, text).unwrap();
    };
    let file = path.to_str().unwrap();
    let call = |more: &[&str]| {
        let words = [
            "call",
            "--config-file",
            file,
            "--topic",
            &topic,
            "--rpc-version",
            "2.0",
        ];
        let output = oslo_plugin(&[&words[..], more, &["whoami"]].concat());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "\"s1\"\n");
    };
    write(&url);
    call(&[]);
    write("rabbit://nobody:secret@127.0.0.1:1/");
    call(&["--transport", &url]);
    check_failure(
        &["call", "--config-file", file, "--topic", &topic, "whoami"],
        13,
        "127.0.0.1:1",
    );
    server.stop().await.unwrap();
}

#[test]
fn a_broker_that_refuses_is_named() {
    let url = transport_url().unwrap();
    let (_, address) = url.rsplit_once('@').unwrap();
    let (address, _) = address.split_once('/').unwrap();
    let (credentials, _) = url
        .strip_prefix("rabbit://")
        .unwrap()
        .rsplit_once('@')
        .unwrap();
    let call = |url: String, code: i32, says: &str| {
        check_failure(
            &["call", "--topic", "t", "--transport", &url, "m"],
            code,
            says,
        );
    };
    call(format!("rabbit://nobody:secret@{address}/"), 10, address);
    call(
        format!("rabbit://{credentials}@{address}/no-such-vhost"),
        11,
        "no-such-vhost",
    );
    call(url.clone(), 5, "`t`");
}

/// `oslo-plugin serve` as the server `only`.
struct Serving(Child);

impl Serving {
    /// Returns when it says that it serves.
    fn start(url: &str, topic: &str, words: &[&str]) -> Self {
        let mut serve = Command::new(env!("CARGO_BIN_EXE_oslo-plugin"))
            .args(["serve", "--transport", url, "--topic", topic])
            .args(["--server", "only"])
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(serve.stdout.take().unwrap())
            .read_line(&mut ready)
            .unwrap();
        assert!(ready.contains(topic), "{ready}");
        Self(serve)
    }

    /// Ends it in good order. Returns its log.
    fn interrupt(self) -> String {
        Command::new("kill")
            .args(["-INT", &self.0.id().to_string()])
            .status()
            .unwrap();
        let ended = self.0.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0));
        String::from_utf8_lossy(&ended.stderr).into_owned()
    }
}

/// The plugin in Rust that serves.
fn served() -> String {
    let served = guests().unwrap().join("served.wasm");
    served.to_str().unwrap().to_owned()
}

#[test]
fn serve_serves_until_it_is_interrupted() {
    let url = transport_url().unwrap();
    let topic = unique_name("serve");
    let serving = Serving::start(&url, &topic, &[]);
    let output = oslo_plugin(&["call", "--transport", &url, "--topic", &topic, "whoami"]);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "\"only\"\n",
        "{output:?}"
    );
    serving.interrupt();
}

/// A plugin in Rust, whose log says what went wrong and nothing of what was expected to.
#[test]
fn serve_serves_a_plugin_until_it_is_interrupted() {
    let url = transport_url().unwrap();
    let topic = unique_name("serve-plugin");
    let serving = Serving::start(&url, &topic, &["--keep", "1", "--ping", &served()]);
    let call = |method: &str, code: i32, printed: &str| {
        let over = ["--transport", &url, "--topic", &topic];
        let output = oslo_plugin(&[&["call"], &over[..], &[method]].concat());
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), printed);
    };
    call("whoami", 0, "\"only\"\n");
    call("count", 0, "1\n");
    call("count", 0, "2\n");
    call("oslo_rpc_server_ping", 0, "\"pong\"\n");
    call("fail_expected", 7, "");
    call("fail_value", 7, "");
    let log = serving.interrupt();
    assert!(log.contains("ValueError"), "{log}");
    assert!(!log.contains("LookupError"), "{log}");
}

/// More methods that never end than the runtime has threads: each ends at its limit, and others are served.
#[test]
fn methods_that_spin_do_not_stop_the_others() {
    let url = transport_url().unwrap();
    let topic = unique_name("serve-spinning");
    let serving = Serving::start(&url, &topic, &["--time-limit", "2", &served()]);
    let over = ["--transport", &url, "--topic", &topic];
    let threads = std::thread::available_parallelism().unwrap().get();
    std::thread::scope(|scope| {
        let spin = || oslo_plugin(&[&["call"], &over[..], &["spin"]].concat());
        let spinning: Vec<_> = (0..2 * threads).map(|_| scope.spawn(spin)).collect();
        let output = oslo_plugin(&[&["call"], &over[..], &["whoami"]].concat());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        for spinning in spinning {
            let output = spinning.join().unwrap();
            assert_eq!(output.status.code(), Some(7), "{output:?}");
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(told.contains("TimeoutError"), "{told}");
        }
    });
    serving.interrupt();
}

/// Each of these methods fails, and is told in a line of the log.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_nobody_reads_stops_nothing() {
    const CASTS: usize = 3000;
    let url = transport_url().unwrap();
    let topic = unique_name("serve-logging");
    let serving = Serving::start(&url, &topic, &["--keep", "4", &served()]);
    let transport = Transport::new(&url).unwrap();
    let client = RpcClient::new(&transport, Target::topic(&topic));
    for _ in 0..CASTS {
        client
            .cast(&json!({}), "fail_value", &json!({}))
            .await
            .unwrap();
    }
    let name: String = client.call(&json!({}), "whoami", &json!({})).await.unwrap();
    assert_eq!(name, "only");
    transport.close().await;
    let log = serving.interrupt();
    let told = log.lines().filter(|line| line.contains("ValueError"));
    let lost = log.lines().filter_map(|line| {
        let (lost, _) = line.strip_prefix('(')?.split_once(" lines of the log")?;
        lost.parse::<usize>().ok()
    });
    let lost = lost.sum::<usize>();
    assert!(lost > 0, "{log}");
    // One of the plugin and one of its server each.
    assert_eq!(told.count() + lost, 2 * CASTS);
}

/// One after the other: all of them meet on the topic `demo`.
#[test]
fn the_tours_do_what_they_should_in_memory_and_over_the_broker() {
    let guests = guests().unwrap();
    let guests = guests.display();
    for transport in ["memory://", transport_url().unwrap().as_str()] {
        for (plugin, last_line) in [
            ("tour", "All 13 steps did what they should."),
            ("tour-async", "All steps did what they should."),
        ] {
            let path = format!("{guests}/{plugin}.wasm");
            let output = oslo_plugin(&["run", "--transport", transport, "--serve-demo", &path]);
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(
                output.status.success(),
                "{said}{}",
                String::from_utf8_lossy(&output.stderr)
            );
            assert!(said.ends_with(&format!("{last_line}\n")), "{said}");
            assert!(said.contains("ZeroDivisionError"), "{said}");
        }
    }
}
