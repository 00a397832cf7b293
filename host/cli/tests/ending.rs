//! However a command ends, it ends in good order: the broker hears a goodbye on every connection,
//! and the exit code tells how it ended.
//!
//! One test after the other, because they read the log of the broker that they share, and stop it
//! in the middle of what it does.

#[path = "common/component.rs"]
mod component;
#[path = "ending/node.rs"]
mod node;
#[path = "ending/program.rs"]
mod program;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Trial};
use oslo_messaging_tests::contain;

use self::component::component;
use self::node::Node;
use self::program::Program;

/// Whoever interrupts or kills a run leaves no broker behind.
fn main() -> ExitCode {
    match contain::run(|| Ok(run())) {
        Ok(code) => code.into(),
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> u8 {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let node = Arc::new(Node::default());
    let tests: [(&str, Test); 12] = [
        ("what_ends_by_itself_says_goodbye", ends_by_itself),
        ("what_fails_says_goodbye", fails),
        ("a_stopped_server_ends_with_0", stopped_server),
        ("an_interrupted_call_says_goodbye", interrupted_call),
        ("an_interrupted_plugin_says_goodbye", interrupted_plugin),
        (
            "what_is_interrupted_while_it_connects_says_goodbye",
            at_any_time,
        ),
        (
            "a_method_that_runs_holds_up_nobody_for_long",
            running_method,
        ),
        ("a_broker_that_is_silent_holds_up_nobody_for_long", silent),
        ("a_second_signal_ends_at_once", second_signal),
        ("a_cast_creates_no_exchange", no_exchange),
        ("what_the_broker_refuses_is_told_with_its_remedy", refused),
        ("nothing_that_is_sent_is_logged", logs_nothing),
    ];
    let trials = tests.map(|(name, test)| {
        let node = Arc::clone(&node);
        Trial::test(name, move || {
            test(&node);
            Ok(())
        })
    });
    let conclusion = libtest_mimic::run(&arguments, trials.into());
    node.stop();
    u8::from(conclusion.has_failed())
}

fn ends_by_itself(node: &Node) {
    let log = node.log_end();
    let server = Program::serve(node, "polite", &[]);
    for words in [
        &["call", "whoami"][..],
        &["cast", "remember", "word=a"],
        &["cast", "--fanout", "remember", "word=b"],
        &["ping"],
    ] {
        let ended = Program::to(node, words[0], "polite", &words[1..]).end();
        assert_eq!(ended.code, Some(0), "{words:?}: {}", ended.stderr);
    }
    let (_folder, plugin) = plugin("i32.const 0");
    let ended = Program::run(node, &plugin).end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    server.signal("INT");
    server.end();
    // The server, two for a call and a ping, one for a cast, three servers of the demo.
    node.assert_goodbyes(log, 1 + 2 + 1 + 1 + 2 + 3);
}

fn fails(node: &Node) {
    let log = node.log_end();
    let server = Program::serve(node, "failing", &[]);
    for (words, code) in [
        (&["call", "divide", "a=1", "b=0"][..], 7),
        (&["call", "--timeout", "0.5", "sleep", "seconds=3"], 6),
        (&["call", "--server", "nobody", "whoami"], 5),
        (&["cast", "--at-least-once", "--server", "nobody", "m"], 5),
        // It is of another type, so that the broker refuses to declare it.
        (&["serve", "--exchange", "amq.direct"], 15),
    ] {
        let ended = Program::to(node, words[0], "failing", &words[1..]).end();
        assert_eq!(ended.code, Some(code), "{words:?}: {}", ended.stderr);
    }
    let (_folder, plugin) = plugin("unreachable");
    let ended = Program::run(node, &plugin).end();
    assert_eq!(ended.code, Some(24), "{}", ended.stderr);
    server.signal("TERM");
    server.end();
    node.assert_goodbyes(log, 1 + 2 + 2 + 2 + 1 + 1 + 3);
}

fn stopped_server(node: &Node) {
    for signal in ["INT", "TERM"] {
        let log = node.log_end();
        let server = Program::serve(node, "stopped", &[]);
        server.signal(signal);
        let ended = server.end();
        assert_eq!(ended.code, Some(0), "{signal}: {}", ended.stderr);
        assert_eq!(ended.stderr, "");
        node.assert_goodbyes(log, 1);
    }
}

fn interrupted_call(node: &Node) {
    for (signal, code, says) in [("INT", 130, "interrupted"), ("TERM", 143, "terminated")] {
        let log = node.log_end();
        let server = Program::serve(node, "interrupted", &[]);
        let call = Program::to(
            node,
            "call",
            "interrupted",
            &["--json", "sleep", "seconds=2"],
        );
        node.wait_for_connections(log, 3);
        call.signal(signal);
        let ended = call.end();
        assert_eq!(ended.code, Some(code), "{signal}: {}", ended.stderr);
        let error: serde_json::Value = serde_json::from_str(&ended.stderr).unwrap();
        assert_eq!(error["error"]["kind"], says);
        assert_eq!(error["error"]["code"], code);
        server.signal(signal);
        server.end();
        node.assert_goodbyes(log, 3);
    }
}

fn interrupted_plugin(node: &Node) {
    let (_folder, plugin) = plugin("(loop (br 0)) unreachable");
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let log = node.log_end();
        let running = Program::run(node, &plugin);
        node.wait_for_connections(log, 3);
        // It calls one of the demo's servers, which opens the connection of its replies.
        let ended = Program::to(node, "call", "demo", &["whoami"]).end();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        running.signal(signal);
        let ended = running.end();
        assert_eq!(ended.code, Some(code), "{signal}: {}", ended.stderr);
        assert!(ended.took < Duration::from_secs(5), "{:?}", ended.took);
        node.assert_goodbyes(log, 5);
    }
}

/// Before it connects, while it does, and after.
fn at_any_time(node: &Node) {
    let log = node.log_end();
    let server = Program::serve(node, "any-time", &[]);
    for delay in (0..40).map(|step| Duration::from_millis(step * 4)) {
        for (command, words) in [("call", &["sleep", "seconds=1"][..]), ("serve", &[])] {
            let program = Program::to(node, command, "any-time", words);
            sleep(delay);
            program.signal("TERM");
            let ended = program.end();
            // Early on it is the kernel that ends it.
            let is_early = ended.code.is_none();
            let expected = if command == "serve" { 0 } else { 143 };
            assert!(
                is_early || ended.code == Some(expected),
                "{command} after {delay:?}: {:?} {}",
                ended.code,
                ended.stderr
            );
        }
    }
    server.signal("TERM");
    server.end();
    node.assert_goodbyes(log, 1);
}

fn running_method(node: &Node) {
    let log = node.log_end();
    let server = Program::serve(node, "busy", &[]);
    let call = Program::to(node, "call", "busy", &["sleep", "seconds=600"]);
    node.wait_for_connections(log, 3);
    // The answer comes behind the request.
    let ended = Program::to(node, "call", "busy", &["whoami"]).end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    server.signal("TERM");
    let ended = server.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.took < LONGEST, "{:?}", ended.took);
    call.signal("INT");
    assert_eq!(call.end().code, Some(130));
    node.assert_goodbyes(log, 5);
}

fn silent(node: &Node) {
    let log = node.log_end();
    let server = Program::serve(node, "silent", &[]);
    let call = Program::to(node, "call", "silent", &["sleep", "seconds=600"]);
    node.wait_for_connections(log, 3);
    node.pause();
    for (program, code) in [(call, 143), (server, 0)] {
        program.signal("TERM");
        let ended = program.end();
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        assert!(ended.took < LONGEST, "{:?}", ended.took);
    }
    node.resume();
}

fn second_signal(node: &Node) {
    let log = node.log_end();
    let server = Program::serve(node, "twice", &[]);
    let call = Program::to(node, "call", "twice", &["sleep", "seconds=600"]);
    node.wait_for_connections(log, 3);
    // Nobody answers the goodbye.
    node.pause();
    for (mut program, first, second, code) in
        [(call, "TERM", "INT", 130), (server, "INT", "TERM", 143)]
    {
        program.signal(first);
        sleep(Duration::from_millis(300));
        assert!(program.runs(), "the first signal alone ends it");
        let begin = Instant::now();
        program.signal(second);
        let ended = program.end();
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        assert!(begin.elapsed() < Duration::from_secs(1));
    }
    node.resume();
}

fn no_exchange(node: &Node) {
    let exchanges = || node.control(&["list_exchanges", "name"]);
    let before = exchanges();
    for exchange in ["compute_fanout", "compute", "amq.nothing"] {
        for more in [&[][..], &["--fanout"]] {
            let words = [&["--exchange", exchange, "m"], more].concat();
            let ended = Program::to(node, "cast", "nowhere", &words).end();
            assert_eq!(ended.code, Some(0), "{words:?}: {}", ended.stderr);
        }
    }
    assert_eq!(exchanges(), before);
    // What would not be possible were it there as another.
    let server = Program::serve(node, "compute", &[]);
    assert!(exchanges().contains("compute_fanout"));
    server.signal("INT");
    assert_eq!(server.end().code, Some(0));
}

/// Not with the advice to check host and port, which were right.
fn refused(node: &Node) {
    let limits = |queues: i32| {
        let limits = format!(r#"{{"max-queues": {queues}}}"#);
        node.control(&["set_vhost_limits", &limits]);
    };
    limits(0);
    let server = Program::to(node, "serve", "limited", &["--server", "only"]).end();
    let json = Program::to(node, "serve", "limited", &["--server", "only", "--json"]).end();
    limits(-1);
    assert_eq!(
        (server.code, json.code),
        (Some(15), Some(15)),
        "{}",
        server.stderr
    );
    let lines: Vec<_> = server.stderr.lines().collect();
    let [message, remedy] = lines[..] else {
        panic!("{lines:?}")
    };
    assert!(message.contains("queue limit in vhost"), "{message}");
    assert!(!message.contains("set_vhost_limits"), "{message}");
    assert!(
        remedy.contains("`rabbitmqctl set_vhost_limits`"),
        "{remedy}"
    );
    let object: serde_json::Value = serde_json::from_str(&json.stderr).unwrap();
    assert_eq!(object["error"]["kind"], "refused");
    let told = object["error"]["remedy"].as_str().unwrap();
    assert_eq!(told, remedy.trim());
}

fn logs_nothing(node: &Node) {
    let topic = "discreet";
    let server = Program::serve(node, topic, &["-vvv"]);
    let password = node.password();
    let secrets = ["pass-on-this", "word-of-this", "words-of-that"];
    let context = format!(r#"{{"auth_token": "{}"}}"#, secrets[0]);
    let value = format!(r#"value={{"password": "{}"}}"#, secrets[1]);
    let words = ["-vvv", "--context", context.as_str(), "echo", &value];
    let call = Program::to(node, "call", topic, &words).end();
    assert_eq!(call.code, Some(0), "{}", call.stderr);
    assert!(call.stdout.contains(secrets[1]), "{}", call.stdout);
    // It comes back.
    let value = format!("value={}", secrets[2]);
    let words = [
        "-vvv",
        "--at-least-once",
        "--server",
        "nobody",
        "echo",
        &value,
    ];
    let returned = Program::to(node, "cast", topic, &words).end();
    assert_eq!(returned.code, Some(5), "{}", returned.stderr);
    server.signal("INT");
    for log in [call.stderr, returned.stderr, server.end().stderr] {
        assert!(log.contains("DEBUG"), "nothing is logged: {log}");
        for secret in secrets.into_iter().chain([password.as_str()]) {
            assert!(!log.contains(secret), "`{secret}` is in {log}");
        }
    }
}

/// A plugin whose `run` is this code, and the folder that it lies in.
fn plugin(code: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plugin.wasm");
    std::fs::write(&path, component("", code)).unwrap();
    (folder, path)
}

type Test = fn(&Node);

/// What a service manager that stops a container grants before it kills: ten seconds.
const LONGEST: Duration = Duration::from_secs(10);
