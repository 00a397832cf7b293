//! Scripts run by the conformance plugins.

use std::path::PathBuf;

use oslo_messaging::Transport;
use oslo_messaging_wasmtime::{Ctx, CtxView, View, add_to_linker, default_hooks};
use serde_json::{Value, json};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store};

mod bindings {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "conformance",
        exports: { default: async },
        with: { "oslo:messaging": oslo_messaging_wasmtime::bindings },
    });

    pub(super) mod asynchronous {
        wasmtime::component::bindgen!({
            path: "wit",
            world: "conformance-async",
            exports: { default: async },
            with: { "oslo:messaging": oslo_messaging_wasmtime::bindings },
        });
    }
}

/// The plugins, compiled and linked once.
pub(crate) struct Guests {
    engine: Engine,
    plain: bindings::ConformancePre<State>,
    asynchronous: bindings::asynchronous::ConformanceAsyncPre<State>,
}

impl Guests {
    pub(crate) fn compile() -> Self {
        let folder: PathBuf = std::env::var_os("OSLO_TEST_GUESTS")
            .expect("OSLO_TEST_GUESTS names the folder of the guests; `cargo xtask test` sets it")
            .into();
        let engine = Engine::default();
        let mut linker = Linker::<State>::new(&engine);
        add_to_linker(&mut linker).expect("the linker is empty");
        let pre = |name: &str| {
            let component = Component::from_file(&engine, folder.join(name))
                .unwrap_or_else(|error| panic!("{name}: {error:#}"));
            linker
                .instantiate_pre(&component)
                .unwrap_or_else(|error| panic!("{name}: {error:#}"))
        };
        let plain = bindings::ConformancePre::new(pre("conformance.wasm"));
        let asynchronous =
            bindings::asynchronous::ConformanceAsyncPre::new(pre("conformance-async.wasm"));
        Self {
            plain: plain.expect("it exports run"),
            asynchronous: asynchronous.expect("it exports run"),
            engine,
        }
    }

    /// Runs a script in an instance of its own.
    pub(crate) async fn run(&self, surface: &str, transport: &Transport, script: &Value) -> Value {
        let messaging = Ctx::builder()
            .transport("default", transport.clone())
            .build();
        let state = State {
            messaging,
            table: ResourceTable::new(),
        };
        let mut store = Store::new(&self.engine, state);
        let script = script.to_string();
        let outcomes = match surface {
            "plain" => match self.plain.instantiate_async(&mut store).await {
                Ok(plugin) => plugin.call_run(&mut store, &script).await,
                Err(error) => Err(error),
            },
            _ => match self.asynchronous.instantiate_async(&mut store).await {
                Ok(plugin) => store
                    .run_concurrent(async |accessor| plugin.call_run(accessor, script).await)
                    .await
                    .and_then(|outcomes| outcomes),
                Err(error) => Err(error),
            },
        };
        let messaging = &store.data().messaging;
        match outcomes {
            Ok(outcomes) if messaging.pending_calls() == 0 && messaging.open_clients() == 0 => {
                serde_json::from_str(&outcomes).unwrap_or_else(|_| json!({"no JSON": outcomes}))
            }
            Ok(_) => json!({"left behind": {
                "calls": messaging.pending_calls(), "clients": messaging.open_clients(),
            }}),
            Err(error) => json!({"trap": format!("{error:#}")}),
        }
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
