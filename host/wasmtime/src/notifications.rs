//! Gives notifications to a component: `oslo:messaging/notification-endpoint` and its twin with
//! `async`.

mod bindings;
mod instance;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oslo_messaging::{Notification, NotificationEndpoint, NotificationResult, Priority};
use tokio::time::{Instant, timeout_at};
use wasmtime::Store;
use wasmtime::component::InstancePre;

use self::instance::{Exports, Instance};
use crate::{Around, Halted, MessagingView, invocation, time};

/// The endpoint of a component, for listeners over any transport.
///
/// Whatever a plugin does, the listener goes on: a trap, and a plugin that takes too long, count as
/// [`NotificationResult::Requeue`], and are told in the log (`tracing`).
///
/// What an endpoint calls and sends is its store's business: it needs the transports of that store, and
/// obeys its hooks and limits.
///
/// # Examples
///
/// ```no_run
/// use oslo_messaging::{NotificationListener, Target, Transport};
/// use oslo_messaging_wasmtime::{MessagingCtx, MessagingView, PluginNotifications};
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
/// let new_store = move || {
///     let state = State { messaging: MessagingCtx::default(), table: ResourceTable::new() };
///     Store::new(&engine, state)
/// };
/// let plugin = PluginNotifications::new(linker.instantiate_pre(&component)?, new_store)?.kept(4);
/// let transport = Transport::new("rabbit://plugins:secret@broker-1/")?;
/// let listener = NotificationListener::builder(&transport, [Target::topic("notifications")])
///     .endpoint(plugin.endpoint().await?)
///     .pool("plugins")
///     .allow_requeue(true)
///     .start()
///     .await?;
/// # listener.stop().await;
/// # Ok(())
/// # }
/// ```
pub struct PluginNotifications<T: 'static> {
    instances: Arc<Instances<T>>,
    time_limit: Duration,
    around: Option<Arc<dyn Around>>,
    only: Option<Only>,
}

/// What the embedder lets through.
#[derive(Clone)]
struct Only {
    priorities: Vec<Priority>,
    wanted: Arc<dyn Fn(&Notification) -> bool + Send + Sync>,
}

impl<T: MessagingView + 'static> PluginNotifications<T> {
    /// Of a component that exports `notification-endpoint-async`, or else `notification-endpoint`.
    /// Stores are made as they are needed: with epoch interruption that yields, because a time limit
    /// does not stop a guest that computes without giving way.
    ///
    /// # Errors
    ///
    /// [`ListenError::NoEndpoint`].
    pub fn new(
        plugin: InstancePre<T>,
        new_store: impl Fn() -> Store<T> + Send + Sync + 'static,
    ) -> Result<Self, ListenError> {
        let instances = Instances {
            exports: Exports::of(plugin)?,
            new_store: Arc::new(new_store),
            most: 0,
            idle: Arc::default(),
        };
        Ok(Self {
            instances: Arc::new(instances),
            time_limit: TIME_LIMIT,
            around: None,
            only: None,
        })
    }

    /// How many instances are kept for the next notifications, with what the plugin remembers. Default
    /// none: each notification finds a fresh one. How many are at work at the same time is the
    /// listener's [concurrency](oslo_messaging::NotificationListenerBuilder::concurrency).
    #[must_use]
    pub fn kept(mut self, instances: usize) -> Self {
        self.instances = Arc::new(Instances {
            most: instances,
            ..self.instances.as_ref().clone()
        });
        self
    }

    /// How long a notification may take, the start of an instance included; default one hour, as for
    /// calls, so that it stops mistakes only. No call of the endpoint lasts longer.
    #[must_use]
    pub const fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// What goes around each notification's handling.
    #[must_use]
    pub fn around(mut self, around: Arc<dyn Around>) -> Self {
        self.around = Some(around);
        self
    }

    /// Lets only notifications of these priorities through, and of them only those that are wanted. What
    /// the plugin's own filter says holds as well. Others are passed over, as if they had been handled,
    /// and a priority that is not among these is not listened for at all. Default: all.
    #[must_use]
    pub fn only(
        mut self,
        priorities: impl IntoIterator<Item = Priority>,
        wanted: impl Fn(&Notification) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.only = Some(Only {
            priorities: priorities.into_iter().collect(),
            wanted: Arc::new(wanted),
        });
        self
    }

    /// The endpoint, for one listener or several. One instance is made to ask what it wants, within the
    /// time limit.
    ///
    /// # Errors
    ///
    /// [`ListenError::Plugin`] when the plugin cannot be started, traps, or takes too long;
    /// [`ListenError::Filter`] when its filter cannot be used.
    ///
    /// # Cancel safety
    ///
    /// Dropped, nothing is left.
    pub async fn endpoint(&self) -> Result<NotificationEndpoint, ListenError> {
        let asking = tokio::time::timeout(self.time_limit, self.instances.filter()).await;
        let filter = asking.map_err(|_| {
            let why = "`filter-rule` took longer than its time limit";
            ListenError::Plugin(wasmtime::format_err!("{why}"))
        })?;
        let filter = filter.map_err(ListenError::Plugin)?;
        let (mut priorities, filter) = filter.read().map_err(ListenError::Filter)?;
        let (instances, limit) = (Arc::clone(&self.instances), self.time_limit);
        let around = self.around.clone();
        let wanted = self.only.as_ref().map(|only| {
            priorities.retain(|priority| only.priorities.contains(priority));
            Arc::clone(&only.wanted)
        });
        let handler = move |notification| {
            let is_wanted = wanted.as_ref().is_none_or(|wanted| wanted(&notification));
            let (instances, around) = (Arc::clone(&instances), around.clone());
            async move {
                if !is_wanted {
                    return NotificationResult::Handled;
                }
                instances.handle(notification, limit, around.as_ref()).await
            }
        };
        Ok(NotificationEndpoint::new()
            .filter(filter)
            .on_each(priorities, handler))
    }
}

impl<T: 'static> fmt::Debug for PluginNotifications<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginNotifications")
            .field("kept", &self.instances.most)
            .field("time_limit", &self.time_limit)
            .finish_non_exhaustive()
    }
}

/// Why a component is given no notifications.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// It exports neither of the two interfaces, in the version that this host knows.
    #[error(
        "the component exports neither oslo:messaging/notification-endpoint@0.1.0 nor \
         oslo:messaging/notification-endpoint-async@0.1.0"
    )]
    NoEndpoint,
    /// Its filter cannot be used: a priority that there is none of, or no regular expression.
    #[error("the filter of the plugin cannot be used: {0}")]
    Filter(String),
    /// It could not say what it wants.
    #[error("the plugin cannot say which notifications it wants: {0:#}")]
    Plugin(wasmtime::Error),
}

/// The instances of a component that wait for work, and how more are made.
struct Instances<T: 'static> {
    exports: Exports<T>,
    new_store: Arc<dyn Fn() -> Store<T> + Send + Sync>,
    most: usize,
    idle: Arc<Mutex<Vec<Instance<T>>>>,
}

impl<T: 'static> Clone for Instances<T> {
    fn clone(&self) -> Self {
        Self {
            exports: self.exports.clone(),
            new_store: Arc::clone(&self.new_store),
            most: self.most,
            idle: Arc::default(),
        }
    }
}

impl<T: MessagingView + 'static> Instances<T> {
    async fn filter(&self) -> wasmtime::Result<crate::notification::Filter> {
        let mut instance = self.take().await?;
        let filter = instance.filter().await?;
        self.give_back(instance);
        Ok(filter)
    }

    /// Dropped, the instance that is at work is gone.
    async fn handle(
        &self,
        notification: Notification,
        limit: Duration,
        around: Option<&Arc<dyn Around>>,
    ) -> NotificationResult {
        let ends = time::after(Instant::now(), limit);
        let (event_type, message_id) = (
            notification.event_type.clone(),
            notification.message_id.clone(),
        );
        let running = invocation::run(around, self.work(notification, ends));
        let why = match timeout_at(ends, running).await {
            Ok(Ok(Ok(()))) => return NotificationResult::Handled,
            Ok(Ok(Err(()))) => return NotificationResult::Requeue,
            Ok(Err(trap)) if trap.is::<Halted>() => trap.to_string(),
            Ok(Err(trap)) => format!("the plugin trapped: {trap:#}"),
            Err(_) => format!("it was stopped after its time limit of {limit:?}"),
        };
        tracing::error!(
            event_type,
            message_id,
            why,
            "a plugin failed to handle a notification"
        );
        NotificationResult::Requeue
    }

    async fn work(
        &self,
        notification: Notification,
        ends: Instant,
    ) -> wasmtime::Result<Result<(), ()>> {
        let mut instance = self.take().await?;
        let left = ends.saturating_duration_since(Instant::now());
        let handled = instance.handle(Arc::new(notification), left).await?;
        self.give_back(instance);
        Ok(handled)
    }

    async fn take(&self) -> wasmtime::Result<Instance<T>> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        match idle {
            Some(instance) => Ok(instance),
            None => Instance::start(&self.exports, (self.new_store)()).await,
        }
    }

    /// Keeps an instance that has done its work well, if there is room.
    fn give_back(&self, mut instance: Instance<T>) {
        if !instance.is_good() {
            return;
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.most {
            idle.push(instance);
        }
    }
}

const TIME_LIMIT: Duration = Duration::from_secs(60 * 60);
