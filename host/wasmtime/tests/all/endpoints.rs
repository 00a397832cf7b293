//! A component whose methods are served, and callers of them.

use std::time::Duration;

use oslo_messaging::{Error, RemoteError, RpcClient, RpcServer, Target, Transport};
use oslo_messaging_wasmtime::{
    Instances, Limits, MessagingCtx, PluginEndpoints, ServeError, add_to_linker,
};
use serde_json::{Value, json};
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

use crate::components::{component, engine, plain_component};
use crate::guest::State;
use crate::logged::Logged;

fn endpoints(engine: &Engine, component: &Component) -> Result<PluginEndpoints<State>, ServeError> {
    endpoints_with(engine, component, Limits::default())
}

fn endpoints_with(
    engine: &Engine,
    component: &Component,
    limits: Limits,
) -> Result<PluginEndpoints<State>, ServeError> {
    let mut linker = Linker::<State>::new(engine);
    add_to_linker(&mut linker).unwrap();
    let engine = engine.clone();
    let new_store = move || {
        let ctx = MessagingCtx::builder().limits(limits.clone());
        let mut store = Store::new(&engine, State::new(ctx));
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        store
    };
    PluginEndpoints::new(linker.instantiate_pre(component).unwrap(), new_store)
}

pub(crate) struct Served {
    client: RpcClient,
    _server: RpcServer,
}

impl Served {
    pub(crate) async fn start(
        change: impl FnOnce(PluginEndpoints<State>) -> PluginEndpoints<State>,
    ) -> Self {
        Self::start_on(&Engine::default(), change).await
    }

    async fn start_on(
        engine: &Engine,
        change: impl FnOnce(PluginEndpoints<State>) -> PluginEndpoints<State>,
    ) -> Self {
        Self::of(change(endpoints(engine, &unaltered(engine)).unwrap())).await
    }

    async fn of(endpoints: PluginEndpoints<State>) -> Self {
        let transport = Transport::memory();
        let target = Target::topic("served").server("s1");
        let server = endpoints.server(&transport, target).await.unwrap();
        Self {
            client: RpcClient::new(&transport, Target::topic("served").version("1.2")),
            _server: server.ping(true).start().await.unwrap(),
        }
    }

    pub(crate) async fn call(&self, method: &str, args: Value) -> Result<Value, Error> {
        self.client
            .call(&json!({"user": "me"}), method, &args)
            .await
    }

    pub(crate) async fn raised(&self, method: &str) -> RemoteError {
        match self.call(method, json!({})).await {
            Err(Error::Remote(error)) => *error,
            other => panic!("{method}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn methods_get_their_arguments_and_context() {
    let served = Served::start(|it| it).await;
    let args = json!({"value": [1, "\u{e9}"], "more": 12_345_678_901_234_567_890_u64});
    assert_eq!(served.call("echo", args.clone()).await.unwrap(), args);
    let context = served.call("context", json!({})).await.unwrap();
    assert_eq!(context, json!({"user": "me"}));
    let empty = json!({});
    served.client.cast(&empty, "echo", &empty).await.unwrap();
}

#[tokio::test]
async fn requests_are_dispatched_as_upstream_does() {
    let served = Served::start(|it| it).await;
    let call = async |namespace: Option<&str>, version: &str, method: &str| {
        let client = served.client.prepare().namespace(namespace);
        let client = client.version(Some(version));
        match client.call::<Value>(&json!({}), method, &json!({})).await {
            Ok(value) => value.to_string(),
            Err(Error::Remote(error)) => error.class,
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(call(Some("ns"), "2.0", "which").await, "1");
    assert_eq!(call(Some("old"), "2.0", "which").await, "1");
    assert_eq!(call(Some("ns"), "2.1", "which").await, "UnsupportedVersion");
    assert_eq!(call(Some("ns"), "2.0", "echo").await, "NoSuchMethod");
    assert_eq!(
        call(Some("other"), "1.0", "echo").await,
        "UnsupportedVersion"
    );
    assert_eq!(call(None, "1.5", "echo").await, "{}");
    assert_eq!(call(None, "1.6", "echo").await, "UnsupportedVersion");
    assert_eq!(call(None, "1.0", "handle").await, "NoSuchMethod");
    assert_eq!(call(None, "1.0", "oslo_rpc_server_ping").await, "\"pong\"");
}

#[tokio::test]
async fn an_exception_arrives_whole_whether_it_is_expected_or_not() {
    let served = Served::start(|it| it).await;
    for method in ["raise", "expect"] {
        let error = served.raised(method).await;
        assert!(error.is("acme.errors", "Quota"), "{error:?}");
        assert_eq!(error.message, "no more of it");
        assert_eq!(error.args.get(), r#"["cores",8]"#);
        assert_eq!(error.kwargs.get(), r#"{"limit":20}"#);
        assert_eq!(*error.traceback, ["plugin.py, line 7\n"]);
    }
}

fn unaltered(engine: &Engine) -> Component {
    component(engine, WORLD, MODULE)
}

/// A component of the module with another text of the same length in it.
fn altered(engine: &Engine, text: &str, other: &str) -> Component {
    assert_eq!(text.len(), other.len());
    let module = MODULE.replace(text, other);
    assert_ne!(module, MODULE, "`{text}` is not in it");
    component(engine, WORLD, &module)
}

#[tokio::test]
async fn an_exception_is_bounded_as_a_result_is() {
    let engine = Engine::default();
    let component = unaltered(&engine);
    let raised = async |reply_bytes: usize| {
        let mut limits = Limits::default();
        limits.reply_bytes = reply_bytes;
        let served = Served::of(endpoints_with(&engine, &component, limits).unwrap()).await;
        [served.raised("raise").await, served.raised("expect").await]
    };
    let bytes = "Quota".len() + "acme.errors".len() + "no more of it".len();
    let bytes =
        bytes + "[\"cores\",8]".len() + "{\"limit\":20}".len() + "plugin.py, line 7\n".len();
    for error in raised(bytes).await {
        assert_eq!(error.class, "Quota");
    }
    for error in raised(bytes - 1).await {
        assert!(error.is("builtins", "ValueError"), "{error:?}");
        let told = format!(
            "its exception has {bytes} bytes, and at most {} are sent",
            bytes - 1
        );
        assert!(error.message.ends_with(&told), "{error:?}");
    }
}

#[tokio::test]
async fn what_an_exception_says_is_in_no_log() {
    let logged = Logged::start();
    let engine = Engine::default();
    let component = altered(&engine, r#"[\"cores\",8]"#, r#"{\"cores\":8}"#);
    let served = Served::of(endpoints(&engine, &component).unwrap()).await;
    let error = served.raised("raise").await;
    assert!(error.message.contains("`args` of its Quota"), "{error:?}");
    let text = logged.text();
    assert!(text.contains("`args` of its Quota"), "{text}");
    assert!(!text.contains("no more of it"), "{text}");
}

#[tokio::test]
async fn names_that_are_too_long_are_not_served() {
    let engine = Engine::default();
    let mut limits = Limits::default();
    limits.name_bytes = 6;
    // `context` has seven.
    let component = unaltered(&engine);
    let endpoints = endpoints_with(&engine, &component, limits).unwrap();
    let target = Target::topic("served").server("s1");
    let refused = endpoints.server(&Transport::memory(), target).await;
    let Err(error) = refused else {
        panic!("it was taken")
    };
    assert!(error.to_string().contains("a name has 7 bytes"), "{error}");
}

#[tokio::test]
async fn what_is_no_json_is_an_exception_that_says_so() {
    let served = Served::start(|it| it).await;
    let error = served.raised("junk").await;
    assert!(error.is("builtins", "ValueError"), "{error:?}");
    assert!(
        error.message.starts_with("junk(): its result is not JSON"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_fresh_instance_remembers_nothing_and_a_kept_one_does() {
    let served = Served::start(|it| it).await;
    for _ in 0..3 {
        assert_eq!(served.call("number", json!({})).await.unwrap(), 1);
    }
    let served = Served::start(|it| it.instances(Instances::Kept(1))).await;
    for number in 1..4 {
        assert_eq!(served.call("number", json!({})).await.unwrap(), number);
    }
    // Those that wait for it get it one after another.
    let calls = (4..9).map(|_| served.call("number", json!({})));
    let mut numbers = Vec::new();
    for result in futures_util::future::join_all(calls).await {
        numbers.push(result.unwrap().as_u64().unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, [4, 5, 6, 7, 8]);
}

#[tokio::test(start_paused = true)]
async fn a_pooled_instance_lasts_for_its_invocations_and_as_long_as_it_has_work() {
    let idle = Duration::from_secs(30);
    let pooled = |invocations: u32| Instances::Pooled {
        concurrency: 1,
        idle,
        invocations,
    };
    let served = Served::start(|it| it.instances(pooled(3))).await;
    for number in [1, 2, 3, 1, 2, 3, 1] {
        assert_eq!(served.call("number", json!({})).await.unwrap(), number);
    }
    let served = Served::start(|it| it.instances(pooled(1000))).await;
    for (pause, number) in [(0, 1), (29, 2), (29, 3), (31, 1), (1, 2)] {
        tokio::time::sleep(Duration::from_secs(pause)).await;
        assert_eq!(served.call("number", json!({})).await.unwrap(), number);
    }
}

#[tokio::test]
async fn a_trap_answers_its_caller_and_ends_nothing_else() {
    for instances in [Instances::Fresh, Instances::Kept(1)] {
        let served = Served::start(|it| it.instances(instances)).await;
        served.call("number", json!({})).await.unwrap();
        let error = served.raised("trap").await;
        assert!(error.is("builtins", "RuntimeError"), "{error:?}");
        // Nothing of the inside of the plugin.
        assert_eq!(error.message, "trap(): the plugin trapped");
        assert!(error.traceback.is_empty(), "{error:?}");
        assert_eq!(served.call("number", json!({})).await.unwrap(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_never_ends_is_stopped() {
    let engine = engine();
    let limit = Duration::from_millis(300);
    let served = Served::start_on(&engine, |it| {
        it.instances(Instances::Kept(1)).time_limit(limit)
    });
    let served = served.await;
    let started = std::time::Instant::now();
    let error = served.raised("spin").await;
    assert!(error.is("builtins", "TimeoutError"), "{error:?}");
    assert_eq!(
        error.message,
        "spin(): it was stopped after its time limit of 300ms"
    );
    assert!(started.elapsed() < limit * 10, "{:?}", started.elapsed());
    assert_eq!(served.call("number", json!({})).await.unwrap(), 1);
}

#[tokio::test]
async fn a_component_that_serves_nothing_is_refused() {
    let engine = Engine::default();
    let refused = endpoints(&engine, &plain_component(&engine, "compute"));
    let Err(error) = refused else {
        panic!("it was taken")
    };
    assert!(error.to_string().contains("rpc-endpoint@0.1.0"), "{error}");
}

#[tokio::test]
async fn a_version_that_is_none_is_refused() {
    let engine = Engine::default();
    let component = altered(&engine, "\"1.5\"", "\"1,5\"");
    let endpoints = endpoints(&engine, &component).unwrap();
    let target = Target::topic("served").server("s1");
    let server = endpoints
        .server(&Transport::memory(), target)
        .await
        .unwrap();
    let error = server.start().await.unwrap_err().to_string();
    assert!(error.contains("1,5"), "{error}");
}

const WORLD: &str = "include oslo:messaging/rpc-server@0.1.0;";
const MODULE: &str = include_str!("components/endpoint.wat");
