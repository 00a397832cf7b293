//! Scripts run by the conformance plugins.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use oslo_messaging::Transport;
use oslo_messaging_tests::peer::guests;
use oslo_messaging_wasmtime::MessagingCtx;
use serde_json::{Value, json};
use wasmtime::Engine;

use crate::linked::{Linking, store};
use crate::state::State;
use crate::surface::{Guest, World};

mod bindings {
    wasmtime::component::bindgen!({
        path: ["../wit", "wit"],
        world: "oslo:messaging-tests/conformance",
        exports: { default: async },
        with: { "oslo:messaging": oslo_messaging_wasmtime::bindings },
    });

    pub(super) mod asynchronous {
        wasmtime::component::bindgen!({
            path: ["../wit", "wit"],
            world: "oslo:messaging-tests/conformance-async",
            exports: { default: async },
            with: { "oslo:messaging": oslo_messaging_wasmtime::bindings },
        });
    }
}

/// The plugins, each compiled and linked once, when it is first asked for.
pub(crate) struct Guests {
    folder: PathBuf,
    linking: Linking,
    linked: Mutex<BTreeMap<&'static str, Arc<OnceLock<Arc<Linked>>>>>,
}

impl Guests {
    pub(crate) fn new() -> Self {
        Self {
            folder: guests().expect("it is said where the plugins are"),
            linking: Linking::new(),
            linked: Mutex::default(),
        }
    }

    /// A plugin, compiled if that was not done yet.
    pub(crate) fn get(&self, guest: Guest) -> Arc<Linked> {
        let mut linked = self.linked.lock().expect("no test panics with it");
        let slot = Arc::clone(linked.entry(guest.component).or_default());
        drop(linked);
        Arc::clone(slot.get_or_init(|| Arc::new(self.link(guest))))
    }

    /// The file of a plugin.
    pub(crate) fn path(&self, guest: Guest) -> PathBuf {
        self.folder.join(guest.component).with_extension("wasm")
    }

    fn link(&self, guest: Guest) -> Linked {
        let path = self.path(guest);
        let pre = self
            .linking
            .link(&path)
            .unwrap_or_else(|error| panic!("{}: {error:#}", path.display()));
        match guest.world {
            // What both import is not of interest here, and what they export is the same.
            World::Conformance | World::ConformancePoll => {
                bindings::ConformancePre::new(pre).map(Linked::Plain)
            }
            World::ConformanceAsync => {
                bindings::asynchronous::ConformanceAsyncPre::new(pre).map(Linked::Asynchronous)
            }
        }
        .expect("it exports run")
    }
}

/// A plugin that is ready to be instantiated.
pub(crate) enum Linked {
    Plain(bindings::ConformancePre<State>),
    Asynchronous(bindings::asynchronous::ConformanceAsyncPre<State>),
}

impl Linked {
    fn engine(&self) -> &Engine {
        match self {
            Self::Plain(pre) => pre.engine(),
            Self::Asynchronous(pre) => pre.engine(),
        }
    }

    /// Runs a script in an instance of its own, in one invocation with this limit.
    pub(crate) async fn run(
        &self,
        transport: &Transport,
        script: &Value,
        limit: Option<Duration>,
    ) -> Value {
        match self.run_text(transport, &script.to_string(), limit).await {
            Ok(outcomes) => {
                serde_json::from_str(&outcomes).unwrap_or_else(|_| json!({"no JSON": outcomes}))
            }
            Err(wrong) => wrong,
        }
    }

    /// The same with texts, which have every digit of a number; or what went wrong with the plugin.
    pub(crate) async fn run_text(
        &self,
        transport: &Transport,
        script: &str,
        limit: Option<Duration>,
    ) -> Result<String, Value> {
        let mut messaging = MessagingCtx::builder()
            .transport("default", transport.clone())
            .build();
        messaging.start_invocation(limit);
        let mut store = store(self.engine(), messaging);
        let outcomes = match self {
            Self::Plain(pre) => match pre.instantiate_async(&mut store).await {
                Ok(plugin) => plugin.call_run(&mut store, script).await,
                Err(error) => Err(error),
            },
            Self::Asynchronous(pre) => match pre.instantiate_async(&mut store).await {
                Ok(plugin) => store
                    .run_concurrent(async |accessor| {
                        plugin.call_run(accessor, script.to_owned()).await
                    })
                    .await
                    .and_then(|outcomes| outcomes),
                Err(error) => Err(error),
            },
        };
        let messaging = &store.data().messaging;
        match outcomes {
            Ok(outcomes) if is_empty(messaging) => Ok(outcomes),
            Ok(_) => Err(json!({"left behind": {
                "calls": messaging.pending_calls(), "clients": messaging.open_clients(),
                "options": messaging.open_options(),
            }})),
            Err(error) => Err(json!({"trap": format!("{error:#}")})),
        }
    }
}

fn is_empty(messaging: &MessagingCtx) -> bool {
    let (calls, clients) = (messaging.pending_calls(), messaging.open_clients());
    (calls, clients, messaging.open_options()) == (0, 0, 0)
}
