//! The real libraries.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use oslo_messaging::TransportUrl;
use oslo_messaging::transport::{Compression, FailoverStrategy, LoginMethod, RabbitOptions};
use serde_json::{Map, Value, json};

/// What they read in each of these cases, and the names of all their options.
pub(crate) fn ask(cases: &[Value]) -> (Vec<Value>, Value) {
    let python = std::env::var_os("OSLO_TEST_PYTHON").expect(
        "OSLO_TEST_PYTHON names a Python that has oslo.messaging; `cargo xtask test` sets it",
    );
    let mut child = Command::new(python)
        .arg(repository().join("tests/python/reading.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONUTF8", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input
        .write_all(json!(cases).to_string().as_bytes())
        .unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let Value::Array(read) = answer["read"].take() else {
        panic!("{answer}")
    };
    assert_eq!(read.len(), cases.len());
    (read, answer["names"].take())
}

/// A URL's parts, in their form.
pub(crate) fn parts(url: &TransportUrl) -> Value {
    let hosts = url.hosts().iter();
    let hosts = hosts.map(|host| json!([host.name(), host.port(), host.user(), host.password()]));
    let options: Map<_, _> = url
        .options()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    json!({
        "scheme": url.scheme().as_str(),
        "hosts": hosts.collect::<Vec<_>>(),
        "virtual_host": url.virtual_host(),
        "options": options,
    })
}

/// The values of options, in their form. What is null here has a default of the machine's there.
pub(crate) fn values(options: &RabbitOptions) -> Map<String, Value> {
    let path = |path: &Option<PathBuf>| json!(path.as_deref().unwrap_or_else(|| Path::new("")));
    let compression = options
        .kombu_compression
        .map(|compression| match compression {
            Compression::Bzip2 => "bzip2",
            Compression::Gzip => "gzip",
            other => panic!("{other:?}"),
        });
    let strategy = match options.kombu_failover_strategy {
        FailoverStrategy::RoundRobin => "round-robin",
        FailoverStrategy::Shuffle => "shuffle",
        other => panic!("{other:?}"),
    };
    let login = match options.rabbit_login_method {
        LoginMethod::AmqPlain => "AMQPLAIN",
        LoginMethod::External => "EXTERNAL",
        LoginMethod::Plain => "PLAIN",
        other => panic!("{other:?}"),
    };
    let values = json!({
        "amqp_auto_delete": options.amqp_auto_delete,
        "amqp_durable_queues": options.amqp_durable_queues,
        "direct_mandatory_flag": options.direct_mandatory_flag,
        "enable_cancel_on_failover": options.enable_cancel_on_failover,
        "heartbeat_timeout_threshold": options.heartbeat_timeout_threshold.as_secs(),
        "hostname": options.hostname,
        "kombu_compression": compression,
        "kombu_failover_strategy": strategy,
        "kombu_missing_consumer_retry_timeout":
            options.kombu_missing_consumer_retry_timeout.as_secs(),
        "processname": options.processname,
        "rabbit_interval_max": options.rabbit_interval_max.as_secs(),
        "rabbit_login_method": login,
        "rabbit_qos_prefetch_count": options.rabbit_qos_prefetch_count,
        "rabbit_quorum_delivery_limit": options.rabbit_quorum_delivery_limit,
        "rabbit_quorum_max_memory_bytes": options.rabbit_quorum_max_memory_bytes,
        "rabbit_quorum_max_memory_length": options.rabbit_quorum_max_memory_length,
        "rabbit_quorum_queue": options.rabbit_quorum_queue,
        "rabbit_retry_backoff": options.rabbit_retry_backoff.as_secs(),
        "rabbit_retry_interval": options.rabbit_retry_interval.as_secs(),
        "rabbit_stream_fanout": options.rabbit_stream_fanout,
        "rabbit_transient_queues_ttl": options.rabbit_transient_queues_ttl.as_secs(),
        "rabbit_transient_quorum_queue": options.rabbit_transient_quorum_queue,
        "ssl": options.ssl,
        "ssl_ca_file": path(&options.ssl_ca_file),
        "ssl_cert_file": path(&options.ssl_cert_file),
        "ssl_key_file": path(&options.ssl_key_file),
        "use_queue_manager": options.use_queue_manager,
    });
    let Value::Object(values) = values else {
        panic!("{values}")
    };
    let names: Vec<_> = values.keys().map(String::as_str).collect();
    assert_eq!(names, RabbitOptions::NAMES);
    values
}

pub(crate) fn repository() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap()
}
