//! Files: fixtures of services' own, and what their grammar has in store.

use std::fs;
use std::path::Path;

use oslo_messaging::transport::{ConfigError, ConfigFiles, ServiceConfig};
use serde_json::{Value, json};

use crate::documented::fixtures;
use crate::upstream::{ask, parts, repository, values};

/// The value of every option that is read, and how the URL is.
#[test]
fn the_files_of_services_say_the_same_to_both() {
    let cases: Vec<_> = fixtures().into_iter().map(|(files, _)| files).collect();
    assert!(cases.len() >= 9, "{cases:?}");
    compare(&cases);
}

#[test]
fn files_and_folders_say_the_same_to_both() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    };
    write(
        "a.conf",
        "[DEFAULT]\nhost = mq1\ntransport_url = rabbit://${host}/$control_exchange\n\
         control_exchange = a\nrpc_response_timeout = 1\n\
         [oslo_messaging_rabbit]\nkombu_missing_consumer_retry_timeout = 7\nssl = yes\n",
    );
    write(
        "b.conf",
        "[DEFAULT]\nhost = mq2\ncontrol_exchange = b\n\
         [Oslo_Messaging_Rabbit]\nkombu_reconnect_timeout = 5\nrabbit-retry-interval = 9\n",
    );
    write("d/9.conf", "[DEFAULT]\ncontrol_exchange = nine\n");
    write("d/10.conf", "[DEFAULT]\ncontrol_exchange = ten\n");
    write(
        "d/1.conf",
        "[DEFAULT]\ncontrol_exchange = one\nrpc_response_timeout = 11\n",
    );
    write("d/.5.conf", "nonsense");
    write("d/9.conf.orig", "nonsense");
    write("d/sub/9.conf", "nonsense");
    fs::create_dir(folder.path().join("empty")).unwrap();
    let (file, dir) = ("--config-file", "--config-dir");
    let given: [&[(&str, &str)]; 9] = [
        &[(file, "a.conf")],
        &[(file, "a.conf"), (file, "b.conf")],
        &[(file, "b.conf"), (file, "a.conf")],
        &[(file, "a.conf"), (dir, "d")],
        &[(dir, "d"), (file, "a.conf")],
        &[(file, "a.conf"), (dir, "d"), (file, "b.conf")],
        &[(file, "a.conf"), (dir, "empty")],
        &[(file, "a.conf"), (dir, "absent")],
        &[(file, "absent.conf")],
    ];
    let cases = given.map(|given| {
        let place = |name: &&str| folder.path().join(name).to_str().unwrap().to_owned();
        given
            .iter()
            .map(|(option, name)| ((*option).to_owned(), place(name)))
            .collect()
    });
    compare(&cases);
}

/// What stands between `[DEFAULT]` and the end of a file.
#[test]
fn the_grammar_is_the_same_to_both() {
    let folder = tempfile::tempdir().unwrap();
    let rabbit = "\n[oslo_messaging_rabbit]\n";
    let texts = [
        "control_exchange=b",
        "control_exchange = b = c",
        "control_exchange: b = c",
        "control_exchange = b:c",
        "control_exchange = b # c",
        "control_exchange = b ; c",
        "control_exchange = \" b \"",
        "control_exchange = 'b\"",
        "control_exchange = \"b\" \"c\"",
        "control_exchange = 'x\n y'",
        "control_exchange = b\\nc",
        "control_exchange = b\n c\n\td",
        "control_exchange = b\n# c",
        "control_exchange = b\n# c\n d",
        "control_exchange = b\n\n d",
        "control_exchange = b\ncontrol_exchange = c",
        "control_exchange = b\n[t]\ncontrol_exchange = x\n[DEFAULT]\ncontrol_exchange = c",
        "control_exchange = b\n[default]\ncontrol_exchange = c",
        "control_exchange = b\rcontrol_exchange = c",
        "control_exchange = b\r\n c\r d",
        "control_exchange = 5$$",
        "control_exchange = 5$",
        "control_exchange = \\$b",
        "control_exchange = $5 ${} $- ${",
        "control_exchange = ${host}x$host.\nhost = h",
        "control_exchange = ${host}\nhost = ${my_ip}\nmy_ip = $$",
        "control_exchange = $nobody",
        "control_exchange = \u{e9}\u{2003}",
        "\u{a0}control_exchange = b",
        "# c\n; c\n  \ncontrol_exchange = b",
        "control_exchange",
        "= b",
        " control_exchange = b",
        "[]",
        "[x",
        "rpc_response_timeout = 7",
        "rpc_response_timeout = \" 7 \"",
        "rpc_response_timeout = seven",
        "transport_url = rabbit://u:p@h1:1,\n    u:p@h2:2\n    /v",
        "transport_url = rabbit://u:100%sure@h",
        "transport_url = rabbit://u:p$$w@h",
        "transport_url = rabbit://h/v?ssl=true&rabbit_retry_interval=3",
        "transport_url = rabbit://h/v?rabbit_quorum_queues=true",
        "transport_url = rabbit://h:x",
        &format!("{rabbit}ssl = TRUE\nrabbit_quorum_queue=on\namqp_durable_queues = 1"),
        &format!("{rabbit}ssl = perhaps"),
        &format!("{rabbit}rabbit-quorum-queue = true"),
        &format!("{rabbit}kombu_reconnect_timeout = 5"),
        &format!("{rabbit}kombu_missing_consumer_retry_timeout = 7\nkombu_reconnect_timeout = 5"),
        &format!("{rabbit}rabbit_retry_interval = 0"),
        &format!("{rabbit}ssl_ca_file = '/a b'\nhostname = h\nprocessname = p"),
        &format!("{rabbit}kombu_failover_strategy = random"),
    ];
    let cases: Vec<_> = (0..)
        .zip(texts)
        .map(|(number, text)| {
            let path = folder.path().join(format!("{number}.conf"));
            fs::write(&path, format!("[DEFAULT]\n{text}\n")).unwrap();
            vec![(
                "--config-file".to_owned(),
                path.to_str().unwrap().to_owned(),
            )]
        })
        .collect();
    compare(&cases);
}

/// Both read the same, or both refuse.
fn compare(cases: &[Vec<(String, String)>]) {
    let asked: Vec<_> = cases
        .iter()
        .map(|case| {
            let arguments = case.iter().flat_map(|(option, path)| [option, path]);
            json!({"arguments": arguments.collect::<Vec<_>>()})
        })
        .collect();
    let (theirs, _) = ask(&asked);
    let mut refused = 0;
    for (case, theirs) in cases.iter().zip(theirs) {
        let said = || {
            let texts = case
                .iter()
                .map(|(_, path)| fs::read_to_string(path).unwrap_or_default());
            format!("{case:?}\n{}", texts.collect::<String>())
        };
        match (read(case), theirs.get("error")) {
            (Ok(ours), None) => assert_eq!(described(&ours, &theirs), theirs, "{}", said()),
            (Err(_), Some(_)) => refused += 1,
            (Err(ours), None) => panic!("only we refuse: {ours}\n{}", said()),
            (Ok(_), Some(theirs)) => panic!("only they refuse: {theirs}\n{}", said()),
        }
    }
    assert!(refused < cases.len() / 2, "{refused} are refused");
}

/// What we read of it.
pub(crate) fn read(case: &[(String, String)]) -> Result<ServiceConfig, ConfigError> {
    let files = case
        .iter()
        .fold(ConfigFiles::new(), |files, (option, path)| {
            match option.as_str() {
                "--config-file" => files.file(path),
                _ => files.folder(path),
            }
        });
    files.read()
}

/// In their form, with theirs in the place of what is not for us to say.
fn described(ours: &ServiceConfig, theirs: &Value) -> Value {
    let options = &ours.options;
    let url = options.transport_url.clone();
    let url = url.unwrap_or_else(|| "rabbit://".parse().unwrap());
    let mut rabbit = options.rabbit.clone();
    for (name, value) in url.options() {
        rabbit.set(name, value).unwrap();
    }
    let mut described = values(&rabbit);
    for (name, theirs) in theirs["rabbit"].as_object().unwrap() {
        // The defaults of these are the machine's and the program's.
        let is_default = described.get(name) == Some(&Value::Null);
        let is_named = ["hostname", "processname"].contains(&name.as_str());
        if is_default && is_named || !described.contains_key(name) {
            described.insert(name.clone(), theirs.clone());
        }
    }
    json!({
        "url": parts(&url),
        "control_exchange": options.control_exchange,
        "rpc_response_timeout": options.rpc_response_timeout.as_secs(),
        "rabbit": described,
    })
}

/// The fixtures are files of this repository.
#[test]
fn no_fixture_is_forgotten() {
    let folder = repository().join("tests/configurations");
    let used: Vec<_> = fixtures()
        .into_iter()
        .flat_map(|(files, _)| files)
        .collect();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let is_used = used.iter().any(|(_, used)| Path::new(used) == path);
        assert!(
            is_used,
            "{} is in no row of docs/configuration.md",
            path.display()
        );
    }
}
