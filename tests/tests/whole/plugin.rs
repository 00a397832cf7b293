//! Sandboxed plugins, Python's servers. The plugins run scripts (`tests/wit/conformance.wit`), so
//! that one list of behaviours runs over both surfaces.

use std::path::Path;
use std::time::{Duration, Instant};

use oslo_messaging::Transport;
use oslo_messaging_tests::peer::{PythonServer, transport_url, unique_name};
use oslo_messaging_wasmtime::{Ctx, CtxView, View, add_to_linker, default_hooks};
use serde_json::{Value, json};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store};

mod bindings {
    pub(super) mod plain {
        wasmtime::component::bindgen!({
            path: "wit",
            world: "conformance",
            exports: { default: async },
            with: { "oslo:messaging": oslo_messaging_wasmtime::bindings },
        });
    }
    pub(super) mod asynchronous {
        wasmtime::component::bindgen!({
            path: "wit",
            world: "conformance-async",
            exports: { default: async },
            with: { "oslo:messaging": oslo_messaging_wasmtime::bindings },
        });
    }
}

/// What a store of these tests holds.
struct State {
    messaging: Ctx,
    table: ResourceTable,
}

impl View for State {
    fn oslo_messaging(&mut self) -> CtxView<'_> {
        CtxView {
            ctx: &mut self.messaging,
            table: &mut self.table,
            hooks: default_hooks(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Surface {
    Plain,
    Asynchronous,
}

/// Runs a script in a fresh instance and returns its outcomes.
async fn run(surface: Surface, transport: &Transport, script: Value) -> Value {
    let file = match surface {
        Surface::Plain => "conformance.wasm",
        Surface::Asynchronous => "conformance-async.wasm",
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../target/guests")
        .join(file);
    let engine = Engine::default();
    let component = Component::from_file(&engine, &path).unwrap_or_else(|error| {
        panic!(
            "{}: {error:#}; `cargo xtask guests` makes it",
            path.display()
        )
    });
    let mut linker = Linker::<State>::new(&engine);
    add_to_linker(&mut linker).unwrap();
    let messaging = Ctx::builder()
        .transport("default", transport.clone())
        .build();
    let mut store = Store::new(
        &engine,
        State {
            messaging,
            table: ResourceTable::new(),
        },
    );
    let script = script.to_string();
    let outcomes = match surface {
        Surface::Plain => {
            let plugin =
                bindings::plain::Conformance::instantiate_async(&mut store, &component, &linker)
                    .await
                    .unwrap();
            plugin.call_run(&mut store, &script).await.unwrap()
        }
        Surface::Asynchronous => {
            let plugin = bindings::asynchronous::ConformanceAsync::instantiate_async(
                &mut store, &component, &linker,
            )
            .await
            .unwrap();
            store
                .run_concurrent(async |accessor| plugin.call_run(accessor, script).await)
                .await
                .unwrap()
                .unwrap()
        }
    };
    let state = store.data();
    assert_eq!(state.messaging.pending_calls(), 0, "calls are left behind");
    assert_eq!(state.messaging.open_clients(), 0, "clients are left behind");
    serde_json::from_str(&outcomes).unwrap()
}

struct Fixture {
    transport: Transport,
    topic: String,
    surface: Surface,
}

impl Fixture {
    fn new(surface: Surface) -> Self {
        let transport = Transport::new(&transport_url().unwrap()).unwrap();
        Self {
            transport,
            topic: unique_name("plugin"),
            surface,
        }
    }

    async fn serve(&self, server: &str) -> PythonServer {
        PythonServer::start(&transport_url().unwrap(), &self.topic, server)
            .await
            .unwrap()
    }

    async fn run(&self, steps: Value) -> Value {
        let script = json!({
            "open": {
                "target": {"topic": self.topic, "version": "2.5"},
                "settings": {"timeout": 20_000_000_000_u64},
            },
            "steps": steps,
        });
        run(self.surface, &self.transport, script).await
    }
}

/// Each behaviour over both surfaces.
macro_rules! behaviours {
    ($($name:ident)*) => {
        mod plain {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(super::Fixture::new(super::Surface::Plain)).await;
            })*
        }
        mod asynchronous {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(super::Fixture::new(super::Surface::Asynchronous)).await;
            })*
        }
    };
}

behaviours! {
    a_plugin_calls_casts_and_fans_out
    a_plugin_is_told_what_went_wrong
    a_plugin_prepares_and_checks_versions
    many_calls_of_one_instance_overlap
}

async fn a_plugin_calls_casts_and_fans_out(fixture: Fixture) {
    let (_one, _two) = tokio::join!(fixture.serve("s1"), fixture.serve("s2"));
    let outcomes = fixture
        .run(json!([
            {"op": "call", "method": "add", "args": {"a": 40, "b": 2}},
            {"op": "call", "method": "echo", "args": {"value": {"x": [null, "\u{2603}"]}}},
            {"op": "call", "method": "none"},
            {"op": "call", "method": "whoami", "settings": {"server": "s2"}},
            {"op": "call", "method": "hello", "args": {"who": "bob"},
             "settings": {"namespace": "ns", "version": "1.0"}},
            {"op": "call", "method": "context", "context": {"user": "alice"}},
            {"op": "cast", "method": "remember", "args": {"word": "all"},
             "settings": {"fanout": true}},
            {"op": "cast", "method": "remember", "args": {"word": "one"},
             "settings": {"server": "s1"}},
            // The casts come before it in the server's queue, but not in its threads.
            {"op": "call", "method": "sleep", "args": {"seconds": 0.5},
             "settings": {"server": "s1"}},
            {"op": "call", "method": "recall", "settings": {"server": "s1"}},
            {"op": "call", "method": "recall", "settings": {"server": "s2"}},
        ]))
        .await;
    let mut outcomes = outcomes.as_array().unwrap().clone();
    let words = &mut outcomes[9]["ok"];
    words
        .as_array_mut()
        .unwrap()
        .sort_by_key(|word| word.as_str().unwrap().to_owned());
    assert_eq!(
        Value::from(outcomes),
        json!([
            {"ok": 42},
            {"ok": {"x": [null, "\u{2603}"]}},
            {"ok": null},
            {"ok": "s2"},
            {"ok": "hello bob"},
            {"ok": {"user": "alice", "client_timeout": null}},
            {"ok": null},
            {"ok": null},
            {"ok": 0.5},
            {"ok": ["all", "one"]},
            {"ok": ["all"]},
        ])
    );
}

async fn a_plugin_is_told_what_went_wrong(fixture: Fixture) {
    let _server = fixture.serve("s1").await;
    let outcomes = fixture
        .run(json!([
            {"op": "call", "method": "boom"},
            {"op": "call", "method": "sleep", "args": {"seconds": 2},
             "settings": {"timeout": 700_000_000}},
            {"op": "call", "method": "none", "settings": {"server": "nobody"}},
            {"op": "call", "method": "none", "settings": {"version-cap": "2.0"}},
            {"op": "call", "method": "none", "settings": {"fanout": true}},
            {"op": "call", "method": "none", "settings": {"topic": null}},
            {"op": "call", "method": "none", "args-text": "{\"a\": "},
            {"op": "call", "method": "none", "settings": {"version": "5"}},
            {"op": "call", "method": "nan"},
            {"op": "call", "method": "none"},
        ]))
        .await;
    let error = |step: usize| &outcomes[step]["error"];
    let boom = error(0);
    assert_eq!(boom["case"], "remote", "{boom}");
    assert_eq!(
        (&boom["module"], &boom["class"]),
        (&json!("peer_errors"), &json!("QuotaExceeded"))
    );
    assert_eq!(boom["args"], json!(["quota exceeded", "cores"]));
    assert_eq!(boom["kwargs"], json!({"limit": 20}));
    assert_eq!(boom["traceback"], json!([]), "it was not granted");

    let timeout = error(1);
    assert_eq!(timeout["case"], "timeout", "{timeout}");
    assert_eq!(timeout["waiting-for"], "reply");
    assert_eq!(timeout["delivery"], "maybe-delivered");
    assert_eq!(timeout["limit"], 700_000_000);

    let nobody = error(2);
    assert_eq!(nobody["case"], "no-such-target", "{nobody}");
    assert_eq!(nobody["routing-key"], format!("{}.nobody", fixture.topic));

    let cap = error(3);
    assert_eq!(cap["case"], "version-cap", "{cap}");
    assert_eq!(
        (&cap["version"], &cap["version-cap"]),
        (&json!("2.5"), &json!("2.0"))
    );

    assert_eq!(error(4)["case"], "invalid-target");
    assert_eq!(error(5)["case"], "invalid-target");
    assert_eq!(error(6)["case"], "invalid-argument");
    assert_eq!(error(6)["argument"], "args");
    assert_eq!(error(7)["case"], "invalid-argument");
    assert_eq!(error(7)["argument"], "version");
    assert_eq!(error(8)["case"], "invalid-reply");
    assert_eq!(outcomes[9], json!({"ok": null}), "the plugin goes on");
}

async fn a_plugin_prepares_and_checks_versions(fixture: Fixture) {
    let _server = fixture.serve("s1").await;
    let outcomes = fixture
        .run(json!([
            {"op": "prepare", "settings": {"version-cap": "2.4", "version": "2.5"}},
            {"op": "can-send-version"},
            {"op": "can-send-version", "version": "2.4"},
            {"op": "prepare", "settings": {"version": "2.4"}},
            {"op": "can-send-version"},
            {"op": "call", "method": "none"},
            {"op": "prepare", "settings": {"version-cap": null, "version": null}},
            {"op": "call", "method": "oslo_rpc_server_ping"},
            {"op": "call", "client": 1, "method": "none"},
        ]))
        .await;
    assert_eq!(outcomes[1], json!({"ok": false}));
    assert_eq!(outcomes[2], json!({"ok": true}));
    assert_eq!(outcomes[4], json!({"ok": true}));
    assert_eq!(outcomes[5], json!({"ok": null}));
    assert_eq!(outcomes[7], json!({"ok": "pong"}));
    assert_eq!(outcomes[8]["error"]["case"], "version-cap");
}

async fn many_calls_of_one_instance_overlap(fixture: Fixture) {
    // Upstream's servers run 64 methods at a time.
    let (_one, _two) = tokio::join!(fixture.serve("s1"), fixture.serve("s2"));
    let calls: Vec<_> = (0..100)
        .map(|_| match fixture.surface {
            Surface::Plain => json!({"method": "sleep", "args": {"seconds": 1}}),
            Surface::Asynchronous => {
                json!({"op": "call", "method": "sleep", "args": {"seconds": 1}})
            }
        })
        .collect();
    let many = match fixture.surface {
        Surface::Plain => json!({"op": "call-all", "requests": calls}),
        Surface::Asynchronous => json!({"op": "concurrently", "steps": calls}),
    };
    // Connected, and warm.
    fixture.run(json!([{"op": "call", "method": "none"}])).await;
    let started = Instant::now();
    let outcomes = fixture.run(json!([many])).await;
    let elapsed = started.elapsed();
    let outcomes = outcomes[0]["ok"].as_array().unwrap();
    assert_eq!(outcomes.len(), 100);
    assert!(
        outcomes.iter().all(|outcome| *outcome == json!({"ok": 1})),
        "{outcomes:?}"
    );
    assert!(elapsed < Duration::from_millis(2500), "{elapsed:?}");
}
