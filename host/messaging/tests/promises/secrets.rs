//! No log record of any level shows a password or what is sent and received: not ours, nor those of
//! what we use.

use std::fmt::{self, Write as _};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use oslo_messaging::{Endpoint, Error, RemoteError, TransportErrorKind};
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::case::{client, serve, transport, trials, unique};
use super::node::Login;

trials![
    calls_and_casts_are_not_logged,
    a_returned_call_is_not_logged,
    a_large_message_is_not_logged,
    a_password_is_not_logged,
    a_refused_password_is_not_logged,
];

async fn calls_and_casts_are_not_logged() {
    let (recording, topic) = (Recording::start(), unique("topic"));
    let transport = transport();
    let fail =
        |_, _: Value| async { Err::<(), _>(RemoteError::new("builtins", "ValueError", MARKER)) };
    let endpoint = Endpoint::new()
        .method("echo", |_, args: Value| async { Ok(args) })
        .method("fail", fail);
    let server = serve(&transport, &topic, endpoint).await;
    let client = client(&transport, &topic);
    let context = json!({"auth_token": MARKER});
    let args = json!({"secret": MARKER});
    client.call::<Value>(&context, "echo", &args).await.unwrap();
    client.cast(&context, "echo", &args).await.unwrap();
    let fanout = client.prepare().fanout(true);
    fanout.cast(&context, "echo", &args).await.unwrap();
    let raised = client.call::<Value>(&context, "fail", &args).await;
    assert!(raised.unwrap_err().remote().is_some());
    server.stop().await;
    transport.close().await;
    recording.assert_without(MARKER);
}

async fn a_returned_call_is_not_logged() {
    let (recording, transport) = (Recording::start(), transport());
    let context = json!({"auth_token": MARKER});
    // To an exchange that is there.
    let other = super::case::echo_server(&transport, &unique("topic")).await;
    let client = client(&transport, &unique("nobody"));
    let call = client.call::<Value>(&context, "m", &json!({})).await;
    assert!(call.unwrap_err().is_no_such_target());
    other.stop().await;
    transport.close().await;
    recording.assert_without(MARKER);
}

async fn a_large_message_is_not_logged() {
    let (recording, transport) = (Recording::start(), transport());
    let topic = unique("topic");
    let server = super::case::echo_server(&transport, &topic).await;
    let args = json!({"a": MARKER.repeat(300_000 / MARKER.len())});
    let client = client(&transport, &topic);
    let call = client.call::<Value>(&json!({}), "echo", &args).await;
    assert_eq!(call.unwrap(), args);
    server.stop().await;
    transport.close().await;
    recording.assert_without(MARKER);
}

async fn a_password_is_not_logged() {
    for method in ["PLAIN", "AMQPLAIN"] {
        let recording = Recording::start();
        let transport = super::case::transport_with(&format!("rabbit_login_method={method}"));
        let server = super::case::echo_server(&transport, &unique("topic")).await;
        server.stop().await;
        transport.close().await;
        recording.assert_without(&Login::of_the_node().password);
    }
}

async fn a_refused_password_is_not_logged() {
    for method in ["PLAIN", "AMQPLAIN"] {
        let recording = Recording::start();
        let login = Login {
            password: MARKER.to_owned(),
            ..Login::of_the_node()
        };
        let url = login.url(&format!("rabbit_login_method={method}"));
        let transport = oslo_messaging::Transport::new(&url).unwrap();
        let client = client(&transport, "topic");
        let error = client.cast(&json!({}), "m", &json!({})).await.unwrap_err();
        let Error::DeliveryFailure { source, .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!(source.kind(), TransportErrorKind::LoginRefused, "{error}");
        transport.close().await;
        recording.assert_without(MARKER);
        assert!(!format!("{error:?} {transport:?}").contains(MARKER));
    }
}

/// Everything that is logged by whoever, while it lasts.
struct Recording;

impl Recording {
    fn start() -> Self {
        INSTALLED.call_once(|| {
            tracing::subscriber::set_global_default(Recorder).unwrap();
            log::set_logger(&Recorder).unwrap();
            log::set_max_level(log::LevelFilter::Trace);
        });
        *records() = Some(String::new());
        // It records, or it proves nothing.
        tracing::trace!("tracing is recorded");
        log::trace!("log is recorded");
        Self
    }

    /// As text, and as the bytes of the text in the way that Rust prints bytes.
    fn assert_without(&self, secret: &str) {
        let found = records().take().unwrap();
        for proof in ["tracing is recorded", "log is recorded"] {
            assert!(found.contains(proof), "nothing is recorded");
        }
        let decimal: Vec<_> = secret.bytes().map(|byte| byte.to_string()).collect();
        let hexadecimal: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        for form in [secret.to_owned(), decimal.join(", "), hexadecimal] {
            if let Some(line) = found.lines().find(|line| line.contains(&form)) {
                let start: String = line.chars().take(160).collect();
                panic!("{} bytes are logged: {start}", line.len());
            }
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        *records() = None;
    }
}

static INSTALLED: Once = Once::new();
static RECORDS: Mutex<Option<String>> = Mutex::new(None);

fn records() -> MutexGuard<'static, Option<String>> {
    RECORDS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes down what it is told, a line for each record.
struct Recorder;

impl Recorder {
    fn write_fields(metadata: &Metadata<'_>, fields: impl FnOnce(&mut Line)) {
        let mut line = Line(format!("{} {}", metadata.level(), metadata.target()));
        fields(&mut line);
        Self::write(&line.0);
    }

    fn write(line: &str) {
        if let Some(records) = &mut *records() {
            records.push_str(&line.replace('\n', " "));
            records.push('\n');
        }
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        records().is_some()
    }

    fn register_callsite(&self, _: &'static Metadata<'static>) -> tracing::subscriber::Interest {
        tracing::subscriber::Interest::sometimes()
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        Self::write_fields(span.metadata(), |line| span.record(line));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line("span".to_owned());
        values.record(&mut line);
        Self::write(&line.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        Self::write_fields(event.metadata(), |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl log::Log for Recorder {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        records().is_some()
    }

    fn log(&self, record: &log::Record<'_>) {
        Self::write(&format!(
            "{} {} {}",
            record.level(),
            record.target(),
            record.args()
        ));
    }

    fn flush(&self) {}
}

const MARKER: &str = "not-to-be-shown-4711";
