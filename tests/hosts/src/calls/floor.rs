//! Plugins whose calls go nowhere: a function of the host's that has the same signature as the real one, and
//! nothing in it, gives back the arguments. What such a call takes is WebAssembly's and the plugin's own.

use anyhow::{Result, anyhow};
use oslo_messaging::{RpcServer, Target, Transport};
use oslo_messaging_plugins::{Kept, engine, tick};
use oslo_messaging_wasmtime::bindings::types::Error;
use oslo_messaging_wasmtime::resources::{Client, Options};
use oslo_messaging_wasmtime::{
    Instances, MessagingCtx, MessagingCtxView, MessagingView, PluginEndpoints, Unrestricted,
    add_to_linker,
};
use tokio::task::yield_now;
use wasmtime::component::{Component, Linker, Resource, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView, p2};

use crate::plugin::Surface;

/// The topic of the plugin with plain functions.
pub(super) const PLAIN: &str = "plain-floor";
/// The topic of the plugin with `async`.
pub(super) const ASYNC: &str = "async-floor";

pub(super) struct Floor(Vec<RpcServer>);

impl Floor {
    pub(super) async fn start(transport: &Transport) -> Result<Self> {
        let engine = engine(&Kept::default()).map_err(|error| anyhow!("{error:#}"))?;
        tick(&engine)?;
        let mut servers = Vec::new();
        for (topic, surface) in [(PLAIN, Surface::Plain), (ASYNC, Surface::Asynchronous)] {
            let endpoints = endpoints(&engine, &surface.component()?, transport);
            let endpoints = endpoints.map_err(|error| anyhow!("{error:#}"))?;
            let target = Target::topic(topic).server("one");
            servers.push(endpoints.server(transport, target).await?.start().await?);
        }
        Ok(Self(servers))
    }

    pub(super) async fn stop(self) {
        for server in self.0 {
            server.stop().await;
        }
    }
}

fn endpoints(
    engine: &Engine,
    component: &[u8],
    transport: &Transport,
) -> wasmtime::Result<PluginEndpoints<State>> {
    let mut linker = Linker::new(engine);
    p2::add_to_linker_async(&mut linker)?;
    add_to_linker(&mut linker)?;
    answer(&mut linker)?;
    let component = Component::new(engine, component)?;
    let granted = MessagingCtx::builder().transport("default", transport.clone());
    let of_stores = engine.clone();
    let new_store = move || {
        let state = State {
            wasi: WasiCtx::builder().build(),
            table: ResourceTable::new(),
            messaging: granted.clone().build(),
        };
        let mut store = Store::new(&of_stores, state);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        store
    };
    let endpoints = PluginEndpoints::new(linker.instantiate_pre(&component)?, new_store)?;
    Ok(endpoints.instances(Instances::Kept(1)))
}

/// Client, context, method, arguments and options of a call.
type Asked = (
    Resource<Client>,
    String,
    String,
    String,
    Option<Resource<Options>>,
);

/// Puts functions that wait once, as for a reply, in the place of `call`.
fn answer(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    linker
        .instance("oslo:messaging/rpc@0.1.0")?
        .func_wrap_async("call", |_, (_, _, _, args, _): Asked| {
            Box::new(async move {
                yield_now().await;
                Ok((Ok::<_, Error>(args),))
            })
        })?;
    linker
        .instance("oslo:messaging/rpc-async@0.1.0")?
        .func_wrap_concurrent("call", |_, (_, _, _, args, _): Asked| {
            Box::pin(async move {
                // The first time wasmtime itself asks again.
                yield_now().await;
                yield_now().await;
                Ok((Ok::<_, Error>(args),))
            })
        })?;
    linker.allow_shadowing(false);
    Ok(())
}

struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    messaging: MessagingCtx,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
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
