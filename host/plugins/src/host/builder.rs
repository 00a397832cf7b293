//! How a host is made.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use oslo_messaging::Transport;
use oslo_messaging_wasmtime::Admission;
use parking_lot::Mutex;
use tokio::sync::Mutex as AsyncMutex;
use tokio::task::JoinSet;
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi_http::p2::add_only_http_to_linker_async;

use super::{Applied, PluginHost};
use crate::http::Routes;
use crate::kept::Kept;
use crate::linking::linker;
use crate::outgoing::bound_methods;
use crate::pool::pooled;
use crate::shares::Shares;
use crate::spans::Tracer;
use crate::store::State;
use crate::ticks::tick;
use crate::transports::Transports;

/// Makes a [`PluginHost`].
pub struct PluginHostBuilder {
    kept: Kept,
    calls_in_flight: usize,
    tracer: Option<Arc<dyn Tracer>>,
    instances: u32,
    transports: BTreeMap<String, Transport>,
}

impl PluginHostBuilder {
    /// Where what was compiled is kept. Default: nowhere.
    #[must_use]
    pub fn kept(mut self, kept: impl Into<Kept>) -> Self {
        self.kept = kept.into();
        self
    }

    /// Calls and casts of all plugins at the same time; further ones wait for their turn, inside their own
    /// timeout. Default: 1024, so that sixteen plugins can have all that they may by default.
    #[must_use]
    pub const fn calls_in_flight(mut self, calls: usize) -> Self {
        self.calls_in_flight = calls;
        self
    }

    /// Who is told of the spans of plugins. What they send then says by its `traceparent` of which span it is;
    /// without a tracer it passes on the one of what started them. Default: nobody.
    #[must_use]
    pub fn tracer(mut self, tracer: impl Into<Option<Arc<dyn Tracer>>>) -> Self {
        self.tracer = tracer.into();
        self
    }

    /// Instances of all plugins at the same time, at work or idle. What would start one more waits for half of its
    /// time, at most ten seconds, and is refused then, as [`Halted`](oslo_messaging_wasmtime::Halted). Default: 1024, as many as calls, so
    /// that sixteen plugins can have all that they may by default. Zero counts as one.
    ///
    /// Each plugin has one of them for itself, as long as these are no more than half of all, so that it goes on
    /// whatever the others do; [`Overbooked`](crate::Overbooked) says whether they may have more than there are.
    ///
    /// Address space is reserved for so many, and the room of one that is gone is kept for the next one,
    /// which starts sooner. Where a machine or a limit of the process has less address space, instances are
    /// made one by one. A thousand instances take 16 TiB of addresses, of which a process has 128 on most machines.
    #[must_use]
    pub const fn instances(mut self, instances: u32) -> Self {
        self.instances = if instances == 0 { 1 } else { instances };
        self
    }

    /// A transport of the embedder's, which stands for the one that policies have under this name. It is
    /// not closed by the host.
    #[must_use]
    pub fn transport(mut self, name: &str, transport: Transport) -> Self {
        self.transports.insert(name.to_owned(), transport);
        self
    }

    /// The host.
    ///
    /// # Errors
    ///
    /// [`HostError`] when WebAssembly cannot be run on this machine, or there is no thread for the ticks.
    pub fn build(self) -> Result<PluginHost, HostError> {
        let engine = pooled(&self.kept, self.instances).map_err(HostError::Engine)?;
        tick(&engine).map_err(HostError::Ticks)?;
        let transports = Transports::own(self.transports);
        let opened = Mutex::new(transports.clone());
        let applied = Applied {
            transports,
            listener: None,
            leaving: Vec::new(),
            retiring: JoinSet::new(),
        };
        Ok(PluginHost {
            kept: self.kept,
            linker: linker_of_host(&engine).map_err(HostError::Engine)?,
            places: Admission::new(self.calls_in_flight),
            calls_in_flight: self.calls_in_flight,
            shares: Shares::new(self.instances),
            applied: AsyncMutex::new(applied),
            routes: Routes::default(),
            http: Mutex::default(),
            opened,
            running: Mutex::default(),
            tracer: self.tracer,
        })
    }
}

impl fmt::Debug for PluginHostBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginHostBuilder")
            .field("kept", &self.kept)
            .field("calls_in_flight", &self.calls_in_flight)
            .field("instances", &self.instances)
            .field("tracer", &self.tracer.is_some())
            .field("transports", &self.transports)
            .finish()
    }
}

/// What a [`PluginHost`] has for components, without being one: to ask whether it could run them.
pub struct HostLinker(Linker<State>);

impl HostLinker {
    /// With what was compiled before.
    ///
    /// # Errors
    ///
    /// [`HostError::Engine`].
    pub fn new(kept: &Kept) -> Result<Self, HostError> {
        let engine = pooled(kept, 1).map_err(HostError::Engine)?;
        let linker = linker_of_host(&engine).map_err(HostError::Engine)?;
        Ok(Self(linker))
    }

    /// The engine, which compiles only components that an instance's [room](PluginHostBuilder::instances) is large
    /// enough for.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        self.0.engine()
    }

    /// Whether it has all that a component of its engine imports.
    ///
    /// # Errors
    ///
    /// What it lacks, as the linker says it: the first that it stumbles over.
    ///
    /// # Panics
    ///
    /// If the component was compiled by another engine.
    pub fn links(&self, component: &Component) -> wasmtime::Result<()> {
        self.0.instantiate_pre(component).map(drop)
    }
}

impl fmt::Debug for HostLinker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostLinker").finish_non_exhaustive()
    }
}

/// What [`linker`] has, and HTTP.
fn linker_of_host(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = linker(engine)?;
    add_only_http_to_linker_async(&mut linker)?;
    bound_methods(&mut linker)?;
    Ok(linker)
}

impl Default for PluginHostBuilder {
    fn default() -> Self {
        Self {
            kept: Kept::default(),
            calls_in_flight: 1024,
            tracer: None,
            instances: 1024,
            transports: BTreeMap::new(),
        }
    }
}

/// Why there is no host.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// WebAssembly cannot be run on this machine.
    #[error("wasmtime does not start: {0:#}")]
    Engine(wasmtime::Error),
    /// The system has no thread to count.
    #[error("there is no thread for the ticks at which plugins give way: {0}")]
    Ticks(std::io::Error),
}
