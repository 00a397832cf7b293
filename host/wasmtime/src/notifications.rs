//! Gives notifications to a component: `oslo:messaging/notification-endpoint` and its twin with
//! `async`.

mod bindings;
mod instance;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oslo_messaging::{Notification, NotificationEndpoint, NotificationResult, Priority};
use tokio::time::{Instant, timeout_at};
use wasmtime::Store;
use wasmtime::component::InstancePre;

use self::instance::{Handlers, handlers};
use crate::cut::cut;
use crate::instances::{Instances, Places, Pool};
use crate::notification::Filter;
use crate::{Around, End, Halted, MessagingView, Origin, invocation, time};

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
/// use oslo_messaging_wasmtime::{Instances, MessagingCtx, MessagingView, PluginNotifications};
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
/// let plugin = PluginNotifications::new(linker.instantiate_pre(&component)?, new_store)?
///     .instances(Instances::Kept(4));
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
    exports: Handlers<T>,
    new_store: Arc<dyn Fn() -> Store<T> + Send + Sync>,
    instances: Instances,
    time_limit: Duration,
    around: Option<Arc<dyn Around>>,
    places: Option<Arc<dyn Places>>,
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
        Ok(Self {
            exports: handlers(plugin)?,
            new_store: Arc::new(new_store),
            instances: Instances::Fresh,
            time_limit: TIME_LIMIT,
            around: None,
            places: None,
            only: None,
        })
    }

    /// Which instance handles a notification; default [`Instances::Fresh`]. With
    /// [`Kept`](Instances::Kept) and [`Pooled`](Instances::Pooled), no more are at work at the same time,
    /// however many the listener's
    /// [concurrency](oslo_messaging::NotificationListenerBuilder::concurrency) allows.
    #[must_use]
    pub const fn instances(mut self, instances: Instances) -> Self {
        self.instances = instances;
        self
    }

    /// How long a notification may take, waiting for an instance and its start included; default one hour, as for
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

    /// Where each instance has a [place](Places), those that are asked as well; default nowhere, and none is
    /// refused.
    #[must_use]
    pub fn places(mut self, places: Arc<dyn Places>) -> Self {
        self.places = Some(places);
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

    /// The endpoint, for a listener. One instance is made to ask what it wants, and its filter is
    /// compiled, all within the time limit; an instance that is kept handles notifications as well.
    /// Endpoints of one `PluginNotifications` have instances of their own.
    ///
    /// # Errors
    ///
    /// [`ListenError::Plugin`] when the plugin cannot be started or traps; [`ListenError::TooSlow`];
    /// [`ListenError::Filter`] when its filter cannot be used.
    ///
    /// # Cancel safety
    ///
    /// Dropped, nothing is left.
    pub async fn endpoint(&self) -> Result<NotificationEndpoint, ListenError> {
        let (new_store, limit) = (Arc::clone(&self.new_store), self.time_limit);
        let pool =
            Pool::new(self.exports.clone(), new_store, self.instances).places(self.places.clone());
        let wanted = async {
            let filter = filter(&pool).await.map_err(ListenError::Plugin)?;
            // To compile expressions is work.
            let reading = tokio::task::spawn_blocking(move || filter.read());
            let read = reading.await.map_err(|error| {
                let why = format!("its filter was not read: {error}");
                ListenError::Plugin(wasmtime::format_err!("{why}"))
            })?;
            read.map_err(ListenError::Filter)
        };
        let wanted = tokio::time::timeout(limit, wanted).await;
        let (mut priorities, filter) = wanted.map_err(|_| ListenError::TooSlow { limit })??;
        let around = self.around.clone();
        let handling = Arc::new(Handling {
            pool,
            limit,
            around,
        });
        let only = self.only.as_ref().map(|only| {
            priorities.retain(|priority| only.priorities.contains(priority));
            Arc::clone(&only.wanted)
        });
        let handler = move |notification| {
            let is_wanted = only.as_ref().is_none_or(|wanted| wanted(&notification));
            let handling = Arc::clone(&handling);
            async move {
                if is_wanted {
                    handling.handle(notification).await
                } else {
                    NotificationResult::Handled
                }
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
            .field("instances", &self.instances)
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
    /// Its filter cannot be used: a priority that there is none of, no regular expression, or more
    /// than [untrusted](oslo_messaging::NotificationFilter::untrusted) filters take.
    #[error("the filter of the plugin cannot be used: {0}")]
    Filter(String),
    /// It could not say what it wants.
    #[error("the plugin cannot say which notifications it wants: {0:#}")]
    Plugin(wasmtime::Error),
    /// It took longer than its time limit to say what it wants.
    #[error("the plugin took longer than {limit:?} to say which notifications it wants")]
    TooSlow {
        /// [`PluginNotifications::time_limit`].
        limit: Duration,
    },
}

/// What an instance says that it wants.
async fn filter<T: MessagingView + 'static>(
    pool: &Pool<T, Handlers<T>>,
) -> wasmtime::Result<Filter> {
    let mut working = pool.take().await?;
    let filter = working.instance.filter().await?;
    pool.give_back(working);
    Ok(filter)
}

struct Handling<T: Send + 'static> {
    pool: Pool<T, Handlers<T>>,
    limit: Duration,
    around: Option<Arc<dyn Around>>,
}

impl<T: MessagingView + 'static> Handling<T> {
    /// Dropped, the instance that is at work is gone.
    async fn handle(&self, notification: Notification) -> NotificationResult {
        let ends = time::after(Instant::now(), self.limit);
        let notification = Arc::new(notification);
        let event_type = notification.event_type.as_deref();
        let origin = Origin::read(event_type, |name| notification.context(name));
        let begin = |origin| self.work(Arc::clone(&notification), origin, ends);
        let running = invocation::run(self.around.as_ref(), origin, begin, End::of);
        let why = match timeout_at(ends, running).await {
            Ok(Ok(Ok(()))) => return NotificationResult::Handled,
            Ok(Ok(Err(()))) => return NotificationResult::Requeue,
            Ok(Err(trap)) if trap.is::<Halted>() => trap.to_string(),
            Ok(Err(trap)) => format!("the plugin trapped: {trap:#}"),
            Err(_) => format!("it was stopped after its time limit of {:?}", self.limit),
        };
        let (event_type, message_id, why) = (
            notification.event_type.as_deref().map(cut),
            notification.message_id.as_deref().map(cut),
            cut(&why),
        );
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
        notification: Arc<Notification>,
        origin: Origin,
        ends: Instant,
    ) -> wasmtime::Result<Result<(), ()>> {
        let mut working = self.pool.take().await?;
        let left = ends.saturating_duration_since(Instant::now());
        let instance = &mut working.instance;
        let handled = instance.handle(notification, &origin, left).await?;
        self.pool.give_back(working);
        Ok(handled)
    }
}

const TIME_LIMIT: Duration = Duration::from_secs(60 * 60);
