//! What needs no broker: plugins that cannot be run, and messages that cannot be sent.

mod common;
#[path = "common/component.rs"]
mod component;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use common::{check_failure, oslo_plugin, program};
use component::component;

#[test]
fn what_cannot_be_sent_says_why() {
    let call = |url: &str, words: &[&str], code: i32, says: &str| {
        let all = [&["call", "--topic", "t", "--transport", url], words].concat();
        check_failure(&all, code, says);
    };
    call("nonsense", &["m"], 3, "no scheme");
    call("amqp://u:secret@h", &["m"], 3, "`amqp`");
    call("rabbit://u:secret@h:port/", &["m"], 3, "the port of host 1");
    call(
        "rabbit://u:secret@h/v?heartbeat_timeout_treshold=5",
        &["m"],
        3,
        "heartbeat_timeout_threshold",
    );
    call("memory://", &["m", r#"{"a": "#], 4, "not JSON");
    call("memory://", &["m", "[1]"], 4, "must be a JSON object");
    call("memory://", &["--context", "x", "m"], 4, "--context");
    call("memory://", &["--rpc-version", "5", "m"], 4, "major.minor");
    call(
        "memory://",
        &["m"],
        5,
        "no server listens on `t` of exchange `openstack`",
    );
    call(
        "memory://",
        &["--wait-for-target", "--timeout", "0.2", "m"],
        6,
        "timed out",
    );
    call(
        "memory://",
        &["--rpc-version", "2.0", "--version-cap", "1.9", "m"],
        8,
        "1.9",
    );
    call(
        "rabbit://u:secret@no-such-host.invalid/",
        &["m"],
        12,
        "no-such-host.invalid",
    );
    call("rabbit://u:secret@127.0.0.1:1/", &["m"], 13, "127.0.0.1:1");
}

#[test]
fn a_configuration_file_is_read_and_what_is_wrong_with_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nova.conf");
    let path = path.to_str().unwrap();
    let call = |text: &str, more: &[&str], code: i32, says: &str| {
        std::fs::write(path, text).unwrap();
        let words = [
            &["call", "--topic", "t", "--config-file", path],
            more,
            &["m"],
        ]
        .concat();
        check_failure(&words, code, says);
    };
    let section = "[oslo_messaging_rabbit]\n";
    let memory = ["--transport", "memory://"];
    call(
        "[DEFAULT]\ntransport_url = rabbit://u:secret@127.0.0.1:1/\n",
        &[],
        13,
        "127.0.0.1:1",
    );
    // What is given replaces the file's URL, not its other options.
    let nova = "[DEFAULT]\ntransport_url = rabbit://u:secret@127.0.0.1:1/\n\
                control_exchange = nova\nrpc_response_timeout = 1\n";
    call(nova, &memory, 5, "of exchange `nova`");
    call(
        nova,
        &[&memory[..], &["--exchange", "own"]].concat(),
        5,
        "of exchange `own`",
    );
    let waiting = [&memory[..], &["--wait-for-target"]].concat();
    call(nova, &waiting, 6, "after 1s");
    let shorter = [&waiting[..], &["--timeout", "0.2"]].concat();
    call(nova, &shorter, 6, "after 200ms");
    call(
        "[DEFAULT]\ntransport_url = memory://\n",
        &[],
        5,
        "of exchange `openstack`",
    );

    let wrong = |text: String, says: &str| call(&text, &memory, 3, says);
    wrong(
        "[DEFAULT]\ntransport_url = rabbit://u:secret@h:port/\n".to_owned(),
        "nova.conf:2: the port of host 1",
    );
    wrong(
        "[DEFAULT]\ntransport_url = rabbit://u:pass$secret@h/\n".to_owned(),
        "a `$` is written `$$`",
    );
    wrong(format!("{section}ssl = perhaps\n"), "true or false");
    wrong(format!("{section}ssl_key_file = /key\n"), "ssl_cert_file");
    let rabbit = ["--transport", "rabbit://u:secret@h/?ssl_kye_file=x"];
    call(section, &rabbit, 3, "ssl_key_file");
    let absent = [
        "call",
        "--topic",
        "t",
        "--config-file",
        "/no/such.conf",
        "m",
    ];
    check_failure(&absent, 3, "/no/such.conf: ");
}

/// What nobody reads is told, once, and refused only when asked to.
#[test]
fn what_nobody_reads_is_a_warning_or_with_strict_config_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let file = write(
        "nova.conf",
        "[DEFAULT]\ncontrol_exchange = nova\ntransport_ulr = rabbit://u:secret@h/\n\
         [oslo_messaging_rabbit]\nrabbit_quorum_queues = true\n",
    );
    write("nova.conf.d/10.conf", "[DEFAULT]\ncontrol_exchange = ten\n");
    write(
        "nova.conf.d/9.conf",
        "[DEFAULT]\ncontrol_exchange = nine\n[oslo_messaging_rabit]\n",
    );
    let dir = folder.path().join("nova.conf.d");
    let dir = dir.to_str().unwrap();
    let call = |words: &[&str]| {
        let first = ["call", "--topic", "t", "--transport", "memory://"];
        let output = oslo_plugin(&[&first[..], words, &["m"]].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains("secret"), "{said}");
        (output.status.code(), said)
    };
    let warnings = [
        format!(
            "warning: {file}:3: unknown option `transport_ulr` in `[DEFAULT]`, \
             did you mean `transport_url`?"
        ),
        format!(
            "warning: {file}:5: unknown option `rabbit_quorum_queues` in \
             `[oslo_messaging_rabbit]`, did you mean `rabbit_quorum_queue`?"
        ),
        format!(
            "warning: {dir}/9.conf:3: unknown section `[oslo_messaging_rabit]`, \
             did you mean `[oslo_messaging_rabbit]`?"
        ),
    ];
    for (words, exchange, number) in [
        (vec!["--config-file", &file], "nova", 2),
        (vec!["--config-file", &file, "--config-dir", dir], "nine", 3),
        (vec!["--config-dir", dir, "--config-file", &file], "nova", 3),
    ] {
        let (code, said) = call(&words);
        let mut lines: Vec<_> = said.lines().take(number).collect();
        lines.sort_unstable();
        let mut expected = warnings[..number].to_vec();
        expected.sort_unstable();
        assert_eq!(lines, expected, "{words:?}");
        let rest: Vec<_> = said.lines().skip(number).collect();
        let expected = format!("error: no server listens on `t` of exchange `{exchange}`");
        assert_eq!(rest[0], expected, "{words:?}");
        assert_eq!(code, Some(5), "{said}");
    }
    let (code, said) = call(&["--config-file", &file, "--strict-config"]);
    let error = warnings[0].replacen("warning", "error", 1);
    assert_eq!((code, said.trim_end()), (Some(3), error.as_str()));

    let (_, said) = call(&["--json", "--config-file", &file]);
    let lines: Vec<serde_json::Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [first, second, error] = &lines[..] else {
        panic!("{said}")
    };
    assert_eq!(first["warning"]["file"], file.as_str());
    assert_eq!(second["warning"]["option"], "rabbit_quorum_queues");
    assert_eq!(second["warning"]["line"], 5);
    assert_eq!(error["error"]["kind"], "no-such-target");
}

/// The environment's come first, as a service's default files do.
#[test]
fn the_environment_names_files_for_a_command_that_is_given_none() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    std::fs::create_dir(place("d")).unwrap();
    for (name, exchange) in [("a", "a"), ("b", "b"), ("d/c.conf", "c")] {
        let text = format!("[DEFAULT]\ncontrol_exchange = {exchange}\n");
        std::fs::write(place(name), text).unwrap();
    }
    let (file, dir) = ("--config-file", "--config-dir");
    let (file_env, dir_env) = ("OSLO_PLUGIN_CONFIG_FILE", "OSLO_PLUGIN_CONFIG_DIR");
    for (environment, option, exchange) in [
        (&[(file_env, "a")][..], None, "a"),
        (&[(file_env, "a"), (dir_env, "d")], None, "c"),
        (&[(file_env, "a")], Some((file, "b")), "b"),
        (&[(file_env, "a")], Some((dir, "d")), "c"),
        (&[(dir_env, "d")], Some((file, "b")), "b"),
    ] {
        let mut command = program();
        command.args(["call", "--topic", "t", "--transport", "memory://", "m"]);
        for (variable, name) in environment {
            command.env(variable, place(name));
        }
        if let Some((option, name)) = option {
            command.arg(option).arg(place(name));
        }
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let expected = format!("of exchange `{exchange}`");
        assert!(
            said.contains(&expected),
            "{environment:?} {option:?}: {said}"
        );
    }
}

#[test]
fn run_grants_what_the_configuration_file_names() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("working.wasm");
    std::fs::write(&plugin, component("", "i32.const 0")).unwrap();
    let path = folder.path().join("nova.conf");
    std::fs::write(&path, "[DEFAULT]\ntransport_url = memory://\n").unwrap();
    let (plugin, path) = (plugin.to_str().unwrap(), path.to_str().unwrap());
    for more in [&[][..], &["--transport", "other=memory://"]] {
        // The demo is served on the transport `default`.
        let words = [
            &["run", "--serve-demo", "--config-file", path],
            more,
            &[plugin],
        ]
        .concat();
        let output = oslo_plugin(&words);
        assert!(output.status.success(), "{output:?}");
    }
    std::fs::write(path, "[DEFAULT]\n").unwrap();
    let words = [
        "run",
        "--serve-demo",
        "--config-file",
        path,
        "--transport",
        "o=memory://",
        plugin,
    ];
    check_failure(&words, 4, "none has this name");
}

#[test]
fn a_failure_is_an_object_with_json() {
    let output = oslo_plugin(&[
        "--json",
        "call",
        "--topic",
        "t",
        "--transport",
        "memory://",
        "m",
    ]);
    let error: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error["error"]["kind"], "no-such-target");
    assert_eq!(error["error"]["code"], 5);
}

#[test]
fn what_cannot_be_run_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let check = |path: &PathBuf, code: i32, says: &str| {
        check_failure(
            &["run", "--time-limit", "0.5", path.to_str().unwrap()],
            code,
            says,
        );
    };
    check(
        &folder.path().join("absent.wasm"),
        20,
        "absent.wasm cannot be read",
    );
    check(
        &file("module.wasm", b"\0asm\x01\0\0\0"),
        21,
        "is a core WebAssembly module",
    );
    check(&file("text.wat", b"(component)"), 21, "is WebAssembly text");
    check(&file("picture.wasm", b"\x89PNG"), 21, "is not WebAssembly");
    check(
        &file("broken.wasm", b"\0asm\x0d\0\x01\0\x63"),
        21,
        "is not a valid component",
    );
    check(
        &file(
            "lacking.wasm",
            &component(
                r#"(import "example:lacking/thing@1.0.0"
            (instance (export "f" (func))))"#,
                "i32.const 0",
            ),
        ),
        22,
        "example:lacking/thing@1.0.0",
    );
    check(
        &file("idle.wasm", &wat::parse_str("(component)").unwrap()),
        23,
        "exports neither",
    );
    let endpoint =
        r#"(component (instance $it) (export "oslo:messaging/rpc-endpoint@0.1.0" (instance $it)))"#;
    check(
        &file("endpoint.wasm", &wat::parse_str(endpoint).unwrap()),
        23,
        "`oslo-plugin serve` and `oslo-plugin host` start it",
    );
    check(
        &file("trap.wasm", &component("", "unreachable")),
        24,
        "trapped: wasm trap: wasm `unreachable` instruction executed\n",
    );

    let started = Instant::now();
    check(
        &file("spin.wasm", &component("", "(loop (br 0)) unreachable")),
        25,
        "time limit",
    );
    assert!(started.elapsed() < Duration::from_secs(5));

    let failing = file("failing.wasm", &component("", "i32.const 1"));
    let output = oslo_plugin(&["run", failing.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("no transport was given"), "{told}");
    let output = oslo_plugin(&["run", "--serve-demo", failing.to_str().unwrap()]);
    assert!(output.stderr.is_empty(), "{output:?}");
    let working = file("working.wasm", &component("", "i32.const 0"));
    let output = oslo_plugin(&["run", working.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn what_cannot_be_served_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plugin.wasm");
    std::fs::write(&path, wat::parse_str("(component)").unwrap()).unwrap();
    let path = path.to_str().unwrap();
    let serve = |words: &[&str], code: i32, says: &str| {
        let first = ["serve", "--no-cache", "--transport", "memory://", path];
        check_failure(&[&first, words].concat(), code, says);
    };
    serve(&["--topic", "t", "--server", "s"], 23, "rpc-endpoint");
    serve(
        &["--topic", "t", "--server", "s"],
        23,
        "`oslo-plugin inspect` shows what",
    );
    serve(&["--topic", "t"], 2, "--server");
    serve(&["--server", "s"], 2, "--topic");
}

#[test]
fn what_was_compiled_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("plugin.wasm");
    std::fs::write(&plugin, wat::parse_str("(component)").unwrap()).unwrap();
    let cache = folder.path().join("cache");
    let [plugin, cache] = [&plugin, &cache].map(|path| path.to_str().unwrap().to_owned());
    let kept = || {
        let mut folders = vec![PathBuf::from(&cache)];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_none_or(|it| it != "stats") {
                    // How often it was used is written beside it, some time later.
                    files += 1;
                }
            }
        }
        files
    };

    let output = oslo_plugin(&["compile", "--cache", &cache, &plugin]);
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("is ready after"));
    let once = kept();
    assert!(once > 0);
    // The program that runs plugins finds it, and adds nothing.
    let output = oslo_plugin(&["inspect", "--cache", &cache, &plugin]);
    assert_eq!(output.status.code(), Some(23), "{output:?}");
    assert_eq!(kept(), once);

    check_failure(
        &["compile", "--cache", &plugin, &plugin],
        4,
        "cannot be used",
    );
}
