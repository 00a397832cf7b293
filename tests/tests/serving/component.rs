//! Components of plugins, each in stores with one transport.

use std::path::PathBuf;

use oslo_messaging::Transport;
use oslo_messaging_wasmtime::{
    MessagingCtx, MessagingCtxView, MessagingView, add_to_linker, default_hooks,
};
use wasmtime::component::{Component, InstancePre, Linker, ResourceTable};
use wasmtime::{Cache, CacheConfig, Config, Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

pub(crate) struct Components {
    folder: PathBuf,
    engine: Engine,
    linker: Linker<State>,
}

impl Components {
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

    /// A component, ready to be instantiated.
    pub(crate) fn linked(&self, component: &str) -> Result<InstancePre<State>, String> {
        let path = self.folder.join(component).with_extension("wasm");
        Component::from_file(&self.engine, &path)
            .and_then(|component| self.linker.instantiate_pre(&component))
            .map_err(|error| format!("{}: {error:#}", path.display()))
    }

    /// What makes stores with this transport.
    pub(crate) fn stores(
        &self,
        transport: &Transport,
    ) -> impl Fn() -> Store<State> + Send + Sync + 'static {
        let granted = MessagingCtx::builder().transport("default", transport.clone());
        let engine = self.engine.clone();
        move || {
            let state = State {
                messaging: granted.clone().build(),
                wasi: WasiCtx::builder().inherit_stderr().build(),
                table: ResourceTable::new(),
            };
            Store::new(&engine, state)
        }
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
            hooks: default_hooks(),
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
