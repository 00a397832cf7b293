//! Notifications on their way in.

mod dispatch;
mod endpoint;
mod expression;
mod filter;
mod matching;
mod notification;
mod serve;
mod work;

use std::sync::Arc;
use std::time::Duration;

pub use self::endpoint::{NotificationEndpoint, NotificationResult};
pub use self::filter::NotificationFilter;
pub use self::notification::Notification;

use self::dispatch::Dispatcher;
use self::serve::Serving;
use crate::delivery::Delivery;
use crate::driver::{NotificationSubscription, Source};
use crate::error::{Error, Result};
use crate::running::Running;
use crate::serializer::Serializer;
use crate::target::Target;
use crate::transport::Transport;

/// A running listener (upstream `oslo_messaging/notify/listener.py`).
///
/// It takes the notifications of its targets' topics, of those priorities that its
/// [endpoints](NotificationEndpoint) have something for. A notification is acknowledged when they have
/// handled it, so that one that was being handled when the listener died comes again. What is certain
/// is that each comes at least once.
///
/// [`stop`](Self::stop) lets what is being handled end; dropping the listener aborts it.
#[derive(Debug)]
pub struct NotificationListener(Running);

impl NotificationListener {
    /// A listener that is not started, for the exchanges and topics of these targets. What else they
    /// say is not looked at.
    #[must_use]
    pub fn builder(
        transport: &Transport,
        targets: impl IntoIterator<Item = Target>,
    ) -> NotificationListenerBuilder {
        NotificationListenerBuilder {
            transport: transport.clone(),
            targets: targets.into_iter().collect(),
            endpoints: Vec::new(),
            serializer: None,
            pool: None,
            allow_requeue: false,
            requeue_pause: DEFAULT_PAUSE,
            concurrency: DEFAULT_CONCURRENCY,
            grace: DEFAULT_GRACE,
        }
    }

    /// Takes no more notifications, and returns when those that are being handled have been, or when
    /// the [grace](NotificationListenerBuilder::grace) is over: then they are aborted. What was not
    /// handled is for other listeners.
    ///
    /// Cancel safety: dropped early, what is being handled is aborted, and comes again.
    pub async fn stop(self) {
        self.0.stop().await;
    }

    /// Waits until it listens no more: because its transport was closed.
    ///
    /// Cancel safe.
    pub async fn ended(&self) {
        self.0.ended().await;
    }
}

/// Makes a [`NotificationListener`].
#[derive(Debug)]
pub struct NotificationListenerBuilder {
    transport: Transport,
    targets: Vec<Target>,
    endpoints: Vec<NotificationEndpoint>,
    serializer: Option<Arc<dyn Serializer>>,
    pool: Option<String>,
    allow_requeue: bool,
    requeue_pause: Duration,
    concurrency: usize,
    grace: Duration,
}

impl NotificationListenerBuilder {
    /// Adds an endpoint. A notification is given to all that want it, one after the other in the order
    /// in which they were added, until one wants it requeued.
    #[must_use]
    pub fn endpoint(mut self, endpoint: NotificationEndpoint) -> Self {
        self.endpoints.push(endpoint);
        self
    }

    /// Converts payloads and contexts, as the notifiers do. One that cannot be converted is treated as
    /// if an endpoint had wanted it requeued.
    #[must_use]
    pub fn serializer(mut self, serializer: impl Serializer + 'static) -> Self {
        self.serializer = Some(Arc::new(serializer));
        self
    }

    /// The listeners of a pool share the notifications out, and each pool gets all of them, from when
    /// its queue, which has the pool's name, was first made. None: shared with all listeners that have
    /// no pool either.
    #[must_use]
    pub fn pool<'a>(mut self, pool: impl Into<Option<&'a str>>) -> Self {
        let pool = pool.into().filter(|pool| !pool.is_empty());
        self.pool = pool.map(ToOwned::to_owned);
        self
    }

    /// Whether a notification that an endpoint wants requeued, or fails on, is put back into its queue,
    /// from where it comes again, here or elsewhere. Default no: it is forgotten, as upstream.
    #[must_use]
    pub const fn allow_requeue(mut self, allow: bool) -> Self {
        self.allow_requeue = allow;
        self
    }

    /// How long a notification is held that is put back more than once, so that one that nobody can
    /// handle does not go around as fast as it can. Default 100 ms. (Upstream: not at all.)
    #[must_use]
    pub const fn requeue_pause(mut self, pause: Duration) -> Self {
        self.requeue_pause = pause;
        self
    }

    /// How many notifications may be handled at the same time; default 64, upstream's thread pool. Zero
    /// counts as one. With one they are handled in their order.
    #[must_use]
    pub const fn concurrency(mut self, notifications: usize) -> Self {
        self.concurrency = if notifications == 0 { 1 } else { notifications };
        self
    }

    /// How long [`stop`](NotificationListener::stop) waits for what is being handled; default 60 s.
    #[must_use]
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Declares the queues and begins to take notifications.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidTarget`] for a target without topic; [`Error::InvalidArgument`] without targets,
    /// without an endpoint that has something for a priority, and for a name that is longer than AMQP
    /// can carry; [`Error::DeliveryFailure`] when the broker cannot be reached or refuses the queues.
    ///
    /// # Cancel safety
    ///
    /// Dropped, nothing is listened to; queues may have been declared.
    pub async fn start(self) -> Result<NotificationListener> {
        let dispatcher = Dispatcher::new(self.endpoints, self.serializer);
        let priorities = dispatcher.priorities();
        if priorities.is_empty() {
            let reason = "none of them has something for a priority";
            return Err(Error::invalid_argument("endpoints", reason));
        }
        if self.targets.is_empty() {
            let reason = "a listener needs a target with the topic to listen to";
            return Err(Error::invalid_argument("targets", reason));
        }
        let named = |name: &Option<String>| name.clone().filter(|name| !name.is_empty());
        let mut sources = Vec::new();
        for target in self.targets {
            let Some(topic) = named(&target.topic) else {
                return Err(Error::InvalidTarget {
                    reason: "a listener's target needs a topic",
                    target: Box::new(target),
                });
            };
            let exchange = named(&target.exchange)
                .unwrap_or_else(|| self.transport.control_exchange().to_owned());
            for priority in &priorities {
                let source = Source {
                    exchange: exchange.clone(),
                    routing_key: format!("{topic}.{priority}"),
                };
                if !sources.contains(&source) {
                    sources.push(source);
                }
            }
        }
        let of_targets = sources
            .iter()
            .flat_map(|source| [&source.exchange, &source.routing_key]);
        let names = of_targets.map(|name| ("targets", name));
        let pool = self.pool.as_ref().map(|pool| ("pool", pool));
        for (argument, name) in names.chain(pool) {
            let bytes = name.len();
            if bytes > LONGEST_NAME {
                let reason =
                    format!("AMQP names have at most {LONGEST_NAME} bytes, one here has {bytes}");
                return Err(Error::invalid_argument(argument, reason));
            }
        }
        let subscription = NotificationSubscription {
            sources,
            pool: self.pool,
        };
        let listening = self.transport.driver.listen_for_notifications(subscription);
        let listening = listening.await.map_err(|source| Error::DeliveryFailure {
            delivery: Delivery::NotSent,
            source,
        })?;
        let pause = self.allow_requeue.then_some(self.requeue_pause);
        Ok(NotificationListener(Running::start(
            self.grace,
            |stopped| Serving::new(dispatcher, self.concurrency, pause, stopped).run(listening),
        )))
    }
}

/// Upstream's `executor_thread_pool_size`.
const DEFAULT_CONCURRENCY: usize = 64;
const DEFAULT_GRACE: Duration = Duration::from_secs(60);
const DEFAULT_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_NAME: usize = 255;
