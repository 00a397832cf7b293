//! How a host is made.

use std::collections::BTreeMap;

use oslo_messaging::Transport;
use oslo_messaging_wasmtime::Admission;
use parking_lot::Mutex;
use tokio::sync::Mutex as AsyncMutex;
use tokio::task::JoinSet;
use wasmtime::Cache;
use wasmtime_wasi_http::p2::add_only_http_to_linker_async;

use super::{Applied, PluginHost};
use crate::engine::engine;
use crate::http::Routes;
use crate::linking::linker;
use crate::outgoing::bound_methods;
use crate::ticks::tick;
use crate::transports::Transports;

/// Makes a [`PluginHost`].
#[derive(Debug)]
pub struct PluginHostBuilder {
    cache: Option<Cache>,
    calls_in_flight: usize,
    transports: BTreeMap<String, Transport>,
}

impl PluginHostBuilder {
    /// Where compiled components are kept, found by their bytes. Default: nowhere.
    #[must_use]
    pub fn cache(mut self, cache: impl Into<Option<Cache>>) -> Self {
        self.cache = cache.into();
        self
    }

    /// Calls and casts of all plugins at the same time; further ones wait for their turn, inside their own
    /// timeout. Default: 1024, so that sixteen plugins can have all that they may by default.
    #[must_use]
    pub const fn calls_in_flight(mut self, calls: usize) -> Self {
        self.calls_in_flight = calls;
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
        let engine = engine(self.cache).map_err(HostError::Engine)?;
        tick(&engine).map_err(HostError::Ticks)?;
        let transports = Transports::own(self.transports);
        let opened = Mutex::new(transports.clone());
        let applied = Applied {
            transports,
            listener: None,
            retiring: JoinSet::new(),
        };
        let mut linker = linker(&engine).map_err(HostError::Engine)?;
        add_only_http_to_linker_async(&mut linker).map_err(HostError::Engine)?;
        bound_methods(&mut linker).map_err(HostError::Engine)?;
        Ok(PluginHost {
            linker,
            places: Admission::new(self.calls_in_flight),
            calls_in_flight: self.calls_in_flight,
            applied: AsyncMutex::new(applied),
            routes: Routes::default(),
            http: Mutex::default(),
            opened,
            running: Mutex::default(),
        })
    }
}

impl Default for PluginHostBuilder {
    fn default() -> Self {
        Self {
            cache: None,
            calls_in_flight: 1024,
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
