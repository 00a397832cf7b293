//! The plugins, each as a server that keeps one instance.

use std::path::PathBuf;

use oslo_messaging::{RpcServer, Target, Transport};
use oslo_messaging_wasmtime::{
    Instances, MessagingCtx, MessagingCtxView, MessagingView, PluginEndpoints, Unrestricted,
    add_to_linker,
};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Cache, CacheConfig, Config, Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// Languages, and their components.
pub(crate) const LANGUAGES: [(&str, &str); 4] = [
    ("rust", "served"),
    ("rust-async", "served-async"),
    ("python", "served-python"),
    ("c", "served-c"),
];

pub(crate) struct Plugins {
    folder: PathBuf,
    engine: Engine,
    linker: Linker<State>,
}

impl Plugins {
    pub(crate) fn new() -> Self {
        let folder: PathBuf = std::env::var_os("OSLO_TEST_GUESTS")
            .expect("OSLO_TEST_GUESTS names the folder of the guests; `cargo xtask test` sets it")
            .into();
        let mut cache = CacheConfig::new();
        cache.with_directory(folder.join("compiled"));
        let mut config = Config::new();
        config.cache(Some(Cache::new(cache).expect("the folder can be made")));
        let engine = Engine::new(&config).expect("the configuration is good");
        let mut linker = Linker::<State>::new(&engine);
        add_to_linker(&mut linker).expect("the linker is empty");
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).expect("nothing of WASI is linked");
        Self {
            folder,
            engine,
            linker,
        }
    }

    /// Serves a plugin under a topic, as the server `s1`.
    pub(crate) async fn serve(
        &self,
        component: &str,
        transport: &Transport,
        topic: &str,
    ) -> Result<RpcServer, String> {
        let path = self.folder.join(component).with_extension("wasm");
        let linked = Component::from_file(&self.engine, &path)
            .and_then(|component| self.linker.instantiate_pre(&component))
            .map_err(|error| format!("{}: {error:#}", path.display()))?;
        let granted = MessagingCtx::builder().transport("default", transport.clone());
        let engine = self.engine.clone();
        let new_store = move || {
            let state = State {
                messaging: granted.clone().build(),
                wasi: WasiCtx::builder().inherit_stderr().build(),
                table: ResourceTable::new(),
            };
            Store::new(&engine, state)
        };
        let endpoints =
            PluginEndpoints::new(linked, new_store).map_err(|error| error.to_string())?;
        let endpoints = endpoints.instances(Instances::Kept(1));
        let target = Target::topic(topic).server("s1");
        let server = endpoints.server(transport, target).await;
        let server = server.map_err(|error| error.to_string())?;
        server
            .ping(true)
            .start()
            .await
            .map_err(|error| error.to_string())
    }
}

pub(crate) struct State {
    messaging: MessagingCtx,
    wasi: WasiCtx,
    table: ResourceTable,
}

impl MessagingView for State {
    fn messaging(&mut self) -> MessagingCtxView<'_> {
        MessagingCtxView {
            ctx: &mut self.messaging,
            table: &mut self.table,
            hooks: Unrestricted::hooks(),
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}
