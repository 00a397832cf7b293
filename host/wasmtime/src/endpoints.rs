//! Serves the methods of a component: `oslo:messaging/rpc-endpoint` and its twin with `async`.

mod bindings;
mod instance;
mod respond;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oslo_messaging::{Endpoint as NativeEndpoint, RpcServer, RpcServerBuilder, Target, Transport};
use serde_json::value::RawValue;
use wasmtime::Store;
use wasmtime::component::InstancePre;

use self::instance::{Methods, methods};
use self::respond::Responder;
use crate::bindings::serving::Endpoint;
use crate::instances::{Instances, Places, Pool};
use crate::{Around, Limits, MessagingView};

/// The methods of a component, for servers over any transport.
///
/// A server of them dispatches as a Python server does: by namespace, version and method, with the
/// same exceptions for what is not there, signs of life for calls that are monitored, and an answer
/// to pings if [`RpcServerBuilder::ping`] says so. It runs as many methods at the same time as
/// [`RpcServerBuilder::concurrency`] says.
///
/// Whatever a plugin does, its caller is answered, and the server goes on: a trap reaches the caller
/// as a `RuntimeError`, a method that takes too long as a `TimeoutError`, a result that is no JSON as a
/// `ValueError`. What the caller is not told, such as why the plugin trapped, is in the log
/// (`tracing`); so is every exception that is not expected, with its traceback.
///
/// A method's calls are those of its store: they need its transports, and obey its hooks and limits.
///
/// # Examples
///
/// ```no_run
/// use oslo_messaging::{Target, Transport};
/// use oslo_messaging_wasmtime::{Instances, MessagingCtx, MessagingView, PluginEndpoints};
/// # use oslo_messaging_wasmtime::{MessagingCtxView, Unrestricted};
/// use wasmtime::component::{Component, Linker, ResourceTable};
/// use wasmtime::{Engine, Store};
///
/// # struct State { messaging: MessagingCtx, table: ResourceTable }
/// # impl MessagingView for State {
/// #     fn messaging(&mut self) -> MessagingCtxView<'_> {
/// #         MessagingCtxView { ctx: &mut self.messaging, table: &mut self.table, hooks: Unrestricted::hooks() }
/// #     }
/// # }
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let engine = Engine::default();
/// let component = Component::from_file(&engine, "plugin.wasm")?;
/// let mut linker = Linker::<State>::new(&engine);
/// oslo_messaging_wasmtime::add_to_linker(&mut linker)?;
///
/// let transport = Transport::new("rabbit://plugins:secret@broker-1/")?;
/// let granted = MessagingCtx::builder().transport("default", transport.clone());
/// let new_store = move || {
///     let state = State { messaging: granted.clone().build(), table: ResourceTable::new() };
///     Store::new(&engine, state)
/// };
/// let endpoints = PluginEndpoints::new(linker.instantiate_pre(&component)?, new_store)?
///     .instances(Instances::Kept(4));
/// let target = Target::topic("images").server("host-1");
/// let server = endpoints.server(&transport, target).await?.ping(true).start().await?;
/// # server.stop().await;
/// # Ok(())
/// # }
/// ```
pub struct PluginEndpoints<T: 'static> {
    exports: Methods<T>,
    new_store: Arc<dyn Fn() -> Store<T> + Send + Sync>,
    instances: Instances,
    time_limit: Duration,
    around: Option<Arc<dyn Around>>,
    places: Option<Arc<dyn Places>>,
}

impl<T: MessagingView + 'static> PluginEndpoints<T> {
    /// Of a component that exports `rpc-endpoint-async`, or else `rpc-endpoint`. Stores are made as
    /// they are needed: with epoch interruption that yields, because a time limit does not stop a
    /// guest that computes without giving way.
    ///
    /// # Errors
    ///
    /// [`ServeError::NothingToServe`].
    pub fn new(
        plugin: InstancePre<T>,
        new_store: impl Fn() -> Store<T> + Send + Sync + 'static,
    ) -> Result<Self, ServeError> {
        Ok(Self {
            exports: methods(plugin)?,
            new_store: Arc::new(new_store),
            instances: Instances::Fresh,
            time_limit: TIME_LIMIT,
            around: None,
            places: None,
        })
    }

    /// Which instance runs a method; default [`Instances::Fresh`].
    #[must_use]
    pub const fn instances(mut self, instances: Instances) -> Self {
        self.instances = instances;
        self
    }

    /// How long a method may take, waiting for an instance and its start included; default one hour,
    /// as for calls, so that it stops mistakes only. No call of the method lasts longer.
    #[must_use]
    pub const fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// What goes around each method's run.
    #[must_use]
    pub fn around(mut self, around: Arc<dyn Around>) -> Self {
        self.around = Some(around);
        self
    }

    /// Where each instance has a [place](Places), those that are asked as well; default nowhere, and none is
    /// refused.
    #[must_use]
    pub fn places(mut self, places: Arc<dyn Places>) -> Self {
        self.places = Some(places);
        self
    }

    /// A server of these methods, which is not started. One instance is made to ask what they are,
    /// within the time limit; an instance that is kept serves requests as well. Servers of one
    /// `PluginEndpoints` have instances of their own.
    ///
    /// # Errors
    ///
    /// [`ServeError::Plugin`] when the plugin cannot be started, traps, or names too many methods or too
    /// long ones; [`ServeError::TooSlow`].
    ///
    /// # Cancel safety
    ///
    /// Dropped, nothing is left.
    pub async fn server(
        &self,
        transport: &Transport,
        target: Target,
    ) -> Result<RpcServerBuilder, ServeError> {
        let pool = Pool::new(
            self.exports.clone(),
            Arc::clone(&self.new_store),
            self.instances,
        )
        .places(self.places.clone());
        let asking = tokio::time::timeout(self.time_limit, described(&pool));
        let asked = asking.await.map_err(|_| ServeError::TooSlow {
            limit: self.time_limit,
        })?;
        let described = asked.map_err(ServeError::Plugin)?;
        let responder = Arc::new(Responder {
            pool,
            served_by: Arc::new(target.clone()),
            time_limit: self.time_limit,
            around: self.around.clone(),
        });
        let mut server = RpcServer::builder(transport, target);
        for (index, endpoint) in (0..).zip(described) {
            server = server.endpoint(native(&responder, index, endpoint));
        }
        Ok(server)
    }
}

impl<T: 'static> fmt::Debug for PluginEndpoints<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginEndpoints")
            .field("instances", &self.instances)
            .field("time_limit", &self.time_limit)
            .finish_non_exhaustive()
    }
}

/// Why the methods of a component are not served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// It exports neither of the two interfaces, in the version that this host knows.
    #[error(
        "the component exports neither oslo:messaging/rpc-endpoint@0.1.0 nor \
         oslo:messaging/rpc-endpoint-async@0.1.0"
    )]
    NothingToServe,
    /// It could not say what it serves.
    #[error("the plugin cannot say what it serves: {0:#}")]
    Plugin(wasmtime::Error),
    /// It took longer than its time limit to say what it serves.
    #[error("the plugin took longer than {limit:?} to say what it serves")]
    TooSlow {
        /// [`PluginEndpoints::time_limit`].
        limit: Duration,
    },
}

/// What an instance says that it serves.
async fn described<T: MessagingView + 'static>(
    pool: &Pool<T, Methods<T>>,
) -> wasmtime::Result<Vec<Endpoint>> {
    let mut working = pool.take().await?;
    let endpoints = working.instance.endpoints().await?;
    check(&working.instance.limits(), &endpoints)?;
    pool.give_back(working);
    Ok(endpoints)
}

/// The native server keeps all of it.
fn check(limits: &Limits, endpoints: &[Endpoint]) -> wasmtime::Result<()> {
    let mut names = 0_usize;
    for endpoint in endpoints {
        let namespaces = endpoint.legacy_namespaces.iter().flatten();
        let namespaces = namespaces.chain(&endpoint.namespace);
        for name in namespaces.chain(&endpoint.version).chain(&endpoint.methods) {
            if name.len() > limits.name_bytes {
                let (bytes, most) = (name.len(), limits.name_bytes);
                wasmtime::bail!("a name has {bytes} bytes, and at most {most} are allowed");
            }
        }
        let own = endpoint.methods.len() + endpoint.legacy_namespaces.len() + 1;
        names = names.saturating_add(own);
        if names > MOST_NAMES {
            wasmtime::bail!("there are more than {MOST_NAMES} endpoints, namespaces and methods");
        }
    }
    Ok(())
}

/// What the native server knows of an endpoint of the plugin.
fn native<T: MessagingView + 'static>(
    responder: &Arc<Responder<T>>,
    index: u32,
    endpoint: Endpoint,
) -> NativeEndpoint {
    let mut native = NativeEndpoint::new();
    if let Some(namespace) = endpoint.namespace {
        native = native.namespace(namespace);
    }
    for namespace in endpoint.legacy_namespaces {
        native = native.legacy_namespace(namespace.as_deref());
    }
    if let Some(version) = endpoint.version {
        native = native.version(version);
    }
    for method in endpoint.methods {
        let responder = Arc::clone(responder);
        native = native.method(method, move |context, args: Box<RawValue>| {
            let responder = Arc::clone(&responder);
            async move { responder.respond(index, context, args).await }
        });
    }
    native
}

/// More than a whole service has.
const MOST_NAMES: usize = 10_000;
const TIME_LIMIT: Duration = Duration::from_secs(60 * 60);
