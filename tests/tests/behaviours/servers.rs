//! The servers that the behaviours call: two on one topic, one on the same topic of another
//! exchange, and one on a topic of its own that runs one method at a time.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use oslo_messaging::{
    Context, Endpoint, RemoteError, RpcServer, Serializer, SerializerError, Target, Transport,
};
use oslo_messaging_tests::peer::{PythonServer, transport_url, unique_name};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

pub(crate) struct Servers {
    pub(crate) transport: Transport,
    /// Its broker is not there.
    pub(crate) unreachable: Transport,
    pub(crate) topic: String,
    pub(crate) exchange: String,
    /// For how many messages a method was executed, if they are ours.
    executed: Option<Arc<AtomicUsize>>,
    _native: Vec<RpcServer>,
    _python: Vec<PythonServer>,
}

impl Servers {
    /// Ours, in memory.
    pub(crate) async fn memory() -> Self {
        let transport = Transport::memory();
        let executed = Counting::default();
        let (topic, exchange) = names();
        let mut native = Vec::new();
        let targets = [
            Target::topic(&topic).server("s1"),
            Target::topic(&topic).server("s2"),
            Target::topic(&topic)
                .server("elsewhere")
                .exchange(&exchange),
        ];
        for target in targets {
            native.push(serve(&transport, target, 64, &executed).await);
        }
        let ordered = Target::topic(ordered(&topic)).server("ordered");
        native.push(serve(&transport, ordered, 1, &executed).await);
        Self {
            transport,
            unreachable: unreachable(),
            topic,
            exchange,
            executed: Some(executed.0),
            _native: native,
            _python: Vec::new(),
        }
    }

    /// Python's, over RabbitMQ.
    pub(crate) async fn rabbit() -> Self {
        let url = transport_url().expect("`cargo xtask test` names the broker");
        let transport = Transport::new(&url).expect("the broker's URL is well-formed");
        let (topic, exchange) = names();
        let other = ["--exchange", &exchange];
        let alone = ["--option", "executor_thread_pool_size=1"];
        let ordered = ordered(&topic);
        let python = tokio::try_join!(
            PythonServer::start(&url, &topic, "s1"),
            PythonServer::start(&url, &topic, "s2"),
            PythonServer::start_with(&url, &topic, "elsewhere", &other),
            PythonServer::start_with(&url, &ordered, "ordered", &alone),
        );
        let (first, second, third, fourth) = python.expect("the Python servers start");
        Self {
            transport,
            unreachable: unreachable(),
            topic,
            exchange,
            executed: None,
            _native: Vec::new(),
            _python: vec![first, second, third, fourth],
        }
    }
}

impl Servers {
    /// For how many messages a method was executed, as soon as they are so many or two seconds are
    /// over. None: the servers are not ours.
    pub(crate) async fn executed_until(&self, messages: usize) -> Option<usize> {
        let executed = self.executed.as_deref()?;
        let deadline = Instant::now() + Duration::from_secs(2);
        while executed.load(Ordering::Relaxed) < messages && Instant::now() < deadline {
            sleep(Duration::from_millis(1)).await;
        }
        // More than these would be there by now.
        sleep(Duration::from_millis(10)).await;
        Some(executed.load(Ordering::Relaxed))
    }
}

/// A serializer that counts how often a method is handed a context, and changes nothing.
#[derive(Clone, Debug, Default)]
struct Counting(Arc<AtomicUsize>);

impl Serializer for Counting {
    fn deserialize_context<'a>(
        &self,
        context: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Cow::Borrowed(context))
    }
}

/// Nothing listens on port 1.
fn unreachable() -> Transport {
    let url = "rabbit://127.0.0.1:1/?rabbit_retry_interval=1&rabbit_interval_max=1";
    Transport::new(url).expect("the URL is well-formed")
}

fn ordered(topic: &str) -> String {
    format!("{topic}-ordered")
}

fn names() -> (String, String) {
    (unique_name("behaviours"), unique_name("other-exchange"))
}

/// A server with the methods of `tests/python/server.py`.
async fn serve(
    transport: &Transport,
    target: Target,
    concurrency: usize,
    counting: &Counting,
) -> RpcServer {
    let name = target.server.clone().unwrap_or_default();
    let hello = |_: Context, args: Value| async move {
        Ok(format!(
            "hello {}",
            args["who"].as_str().unwrap_or_default()
        ))
    };
    RpcServer::builder(transport, target)
        .endpoint(endpoint(name))
        .endpoint(
            Endpoint::new()
                .namespace("ns")
                .version("1.1")
                .method("hello", hello),
        )
        .ping(true)
        .concurrency(concurrency)
        .serializer(counting.clone())
        .start()
        .await
        .expect("the memory transport is open")
}

fn endpoint(name: String) -> Endpoint {
    let words = Arc::new(watch::Sender::new(Vec::<Value>::new()));
    let remembered = Arc::clone(&words);
    let texts = Arc::new(watch::Sender::new(Map::new()));
    Endpoint::new()
        .version("2.5")
        .method("append", move |_, args: Value| {
            let texts = Arc::clone(&texts);
            async move { Ok(append(&texts, &args).await) }
        })
        .method(
            "echo",
            |_, args: Value| async move { Ok(args["value"].clone()) },
        )
        .method("add", |_, args: Value| async move {
            Ok(args["a"].as_i64().unwrap_or_default() + args["b"].as_i64().unwrap_or_default())
        })
        .method("none", |_, _: Value| async { Ok(()) })
        .method("boom", |_, _: Value| async {
            let mut error = RemoteError::new(
                "peer_errors",
                "QuotaExceeded",
                "('quota exceeded', 'cores')",
            );
            error.args = to_raw_value(&json!(["quota exceeded", "cores"])).unwrap_or(error.args);
            error.kwargs = to_raw_value(&json!({"limit": 20})).unwrap_or(error.kwargs);
            Err::<(), _>(error)
        })
        .method("fail_value", |_, _: Value| async {
            let mut error = RemoteError::new("builtins", "ValueError", "('boom', 42)");
            error.args = to_raw_value(&json!(["boom", 42])).unwrap_or(error.args);
            Err::<(), _>(error)
        })
        .method("sleep", |_, args: Value| async move {
            let seconds = args["seconds"].as_f64().unwrap_or_default();
            sleep(Duration::from_secs_f64(seconds)).await;
            Ok(args["seconds"].clone())
        })
        .method("whoami", move |_, _: Value| {
            let name = name.clone();
            async move { Ok(name) }
        })
        .method("context", |context: Context, _: Value| async move {
            let mut seen: Map<_, _> = context
                .iter()
                .map(|(name, value)| (name.to_owned(), json!(value)))
                .collect();
            // Upstream adds it.
            let monitor = context
                .call_monitor_timeout()
                .map(|timeout| timeout.as_secs());
            seen.insert("client_timeout".to_owned(), json!(monitor));
            Ok(seen)
        })
        .method("remember", move |_, args: Value| {
            remembered.send_modify(|words| words.push(args["word"].clone()));
            async { Ok(()) }
        })
        .method("recall", move |_, args: Value| {
            let mut words = words.subscribe();
            async move {
                if args["until"].is_string() {
                    let there = words.wait_for(|words| words.contains(&args["until"]));
                    timeout(PATIENCE, there).await.ok();
                }
                Ok(words.borrow().clone())
            }
        })
}

/// Appends to the text of a name, and gives it as soon as `until` is in it.
async fn append(texts: &watch::Sender<Map<String, Value>>, args: &Value) -> Value {
    let part = |name: &str| args[name].as_str().unwrap_or_default();
    let (name, until) = (part("name"), part("until"));
    let text = |texts: &Map<String, Value>| texts[name].as_str().unwrap_or_default().to_owned();
    let mut appended = texts.subscribe();
    texts.send_modify(|texts| {
        let before = texts.get(name).and_then(Value::as_str).unwrap_or_default();
        let after = format!("{before}{}", part("text"));
        texts.insert(name.to_owned(), after.into());
    });
    // Without `until` it is what this call made of it, whoever appends besides.
    let there = appended.wait_for(|texts| text(texts).contains(until));
    timeout(PATIENCE, there).await.ok();
    text(&appended.borrow()).into()
}

/// How long a method waits for what it is asked to wait for.
const PATIENCE: Duration = Duration::from_secs(2);
