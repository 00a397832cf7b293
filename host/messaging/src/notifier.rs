//! Notifications on their way out.

mod send;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::client::to_raw;
use crate::error::{Error, Result};
use crate::priority::Priority;
use crate::serializer::Serializer;
use crate::transport::Transport;

/// Tells whoever wants to know that something happened (upstream `oslo_messaging/notify/notifier.py`).
///
/// A notification of the topic `notifications` and the priority `info` goes to the exchange of the
/// transport ([`control_exchange`](Transport::control_exchange)) with the routing key
/// `notifications.info`. The notifier makes the queue of that name if it is not there, so that what is
/// sent before anybody listens is kept: a topic that nobody ever listens to fills a queue. Listeners
/// with a [pool](crate::NotificationListenerBuilder::pool) get a copy each.
///
/// Setters make copies, which share the transport and are cheap.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> oslo_messaging::Result<()> {
/// use oslo_messaging::{
///     Notification, NotificationEndpoint, NotificationFilter, NotificationListener,
///     NotificationResult, Notifier, Priority, Target, Transport,
/// };
/// use serde_json::{Value, json};
///
/// let transport = Transport::memory();
/// let notifier = Notifier::new(&transport, "compute.host-1");
/// notifier.info(&json!({}), "compute.instance.create.end", &json!({"id": 7})).await?;
///
/// let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
/// let endpoint = NotificationEndpoint::new()
///     .filter(NotificationFilter::new().event_type(r"^compute\.instance\.")?)
///     .on(Priority::Info, move |notification: Notification| {
///         let payload: Option<Value> = notification.payload();
///         let _ = sender.send(payload);
///         async { NotificationResult::Handled }
///     });
/// let listener = NotificationListener::builder(&transport, [Target::topic("notifications")])
///     .endpoint(endpoint)
///     .start()
///     .await?;
/// assert_eq!(seen.recv().await, Some(Some(json!({"id": 7}))));
/// listener.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Notifier {
    transport: Transport,
    serializer: Option<Arc<dyn Serializer>>,
    publisher_id: Option<String>,
    topics: Vec<String>,
    format: NotificationFormat,
    timeout: Option<Duration>,
    retry: Option<u32>,
}

/// How a notification is written. Listeners read both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotificationFormat {
    /// 1.0, without envelope: upstream's driver `messaging`, for listeners of before 2013.
    V1,
    /// 2.0, with an envelope: upstream's driver `messagingv2`.
    #[default]
    V2,
}

impl Notifier {
    /// A notifier that says who it is, such as `compute.host-1`; none says nothing. It connects when it
    /// first sends.
    #[must_use]
    pub fn new<'a>(transport: &Transport, publisher_id: impl Into<Option<&'a str>>) -> Self {
        Self {
            transport: transport.clone(),
            serializer: None,
            publisher_id: publisher_id.into().map(ToOwned::to_owned),
            topics: vec![DEFAULT_TOPIC.to_owned()],
            format: NotificationFormat::default(),
            timeout: None,
            retry: None,
        }
    }

    /// Converts payloads and contexts, as its listeners do.
    #[must_use]
    pub fn serializer(mut self, serializer: impl Serializer + 'static) -> Self {
        self.serializer = Some(Arc::new(serializer));
        self
    }

    /// A copy to override settings on.
    #[must_use]
    pub fn prepare(&self) -> Self {
        self.clone()
    }

    /// Who it says it is.
    #[must_use]
    pub fn publisher_id<'a>(mut self, publisher_id: impl Into<Option<&'a str>>) -> Self {
        self.publisher_id = publisher_id.into().map(ToOwned::to_owned);
        self
    }

    /// The topics, each of which gets a copy of every notification; default `notifications`.
    #[must_use]
    pub fn topics<T: Into<String>>(mut self, topics: impl IntoIterator<Item = T>) -> Self {
        self.topics = topics.into_iter().map(Into::into).collect();
        self
    }

    /// How notifications are written; default [`V2`](NotificationFormat::V2).
    #[must_use]
    pub const fn format(mut self, format: NotificationFormat) -> Self {
        self.format = format;
        self
    }

    /// How long one notification may take in all, connecting included. None: the transport's
    /// `rpc_response_timeout`. Upstream waits for ever.
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// How many times a failed attempt to connect is repeated before
    /// [`Error::DeliveryFailure`]. None: until the timeout. What a broker may already have is never
    /// sent again.
    #[must_use]
    pub fn retry(mut self, retry: impl Into<Option<u32>>) -> Self {
        self.retry = retry.into();
        self
    }

    /// The exchange that it sends to, which is the transport's.
    #[must_use]
    pub fn exchange(&self) -> &str {
        self.transport.control_exchange()
    }

    /// The topics that it sends to.
    #[must_use]
    pub fn topic_names(&self) -> &[String] {
        &self.topics
    }

    /// How long a notification may take.
    #[must_use]
    pub fn effective_timeout(&self) -> Duration {
        self.timeout
            .unwrap_or_else(|| self.transport.rpc_response_timeout())
    }

    /// Says whether the settings can be used for this priority, without sending anything; sending says
    /// so as well.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] without topics, with an empty one, with one that is longer than AMQP
    /// can carry, and with one that is a pattern (`*` or `#` between dots), whose queue would get what
    /// others send.
    pub fn validate(&self, priority: Priority) -> Result<()> {
        if self.topics.is_empty() {
            return Err(Error::invalid_argument("topics", "there has to be one"));
        }
        for topic in &self.topics {
            if topic.is_empty() {
                return Err(Error::invalid_argument("topics", "a topic is empty"));
            }
            if topic.split('.').any(|word| matches!(word, "*" | "#")) {
                let reason = format!("`{topic}` is a pattern, not a topic");
                return Err(Error::invalid_argument("topics", reason));
            }
            let bytes = topic.len() + 1 + priority.as_str().len();
            if bytes > LONGEST_NAME {
                let reason = format!(
                    "AMQP names have at most {LONGEST_NAME} bytes, `<topic>.{priority}` has {bytes}"
                );
                return Err(Error::invalid_argument("topics", reason));
            }
        }
        Ok(())
    }

    /// Sends a notification, and returns when the broker has it. `context` must become a JSON object;
    /// all of it is sent: leave out what listeners must not see, such as tokens. (Upstream sends nothing
    /// of a context that is a `dict`, and of others what `redacted_copy` leaves.) The payload is mostly
    /// an object.
    ///
    /// It is sent once to each topic, to one after the other; [`Error::may_have_been_executed`] tells
    /// whether a topic's queue may have got it when it failed.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`], [`Error::DeliveryFailure`] and [`Error::Timeout`]. With several topics
    /// all are tried, and the first failure is told; it may have been delivered if any topic may have it.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it is unknown whether it was sent.
    pub async fn notify(
        &self,
        priority: Priority,
        context: &(impl Serialize + ?Sized),
        event_type: &str,
        payload: &(impl Serialize + ?Sized),
    ) -> Result<()> {
        let (context, payload) = (to_raw("context", context)?, to_raw("payload", payload)?);
        self.notify_raw(priority, &context, event_type, &payload)
            .await
    }

    /// [`notify`](Self::notify) with JSON texts, which are passed on untouched.
    ///
    /// # Errors
    ///
    /// As `notify`.
    ///
    /// # Cancel safety
    ///
    /// As `notify`.
    pub async fn notify_raw(
        &self,
        priority: Priority,
        context: &RawValue,
        event_type: &str,
        payload: &RawValue,
    ) -> Result<()> {
        let told = send::Told {
            priority,
            contexts: &[context],
            event_type,
            payload,
        };
        send::notify(self, send::Time::of(self), told).await
    }

    /// [`notify_raw`](Self::notify_raw) that ends by a deadline, or earlier, when the notifier's timeout
    /// is over: for whoever has spent a part of the time already.
    ///
    /// # Errors
    ///
    /// As `notify`.
    ///
    /// # Cancel safety
    ///
    /// As `notify`.
    pub async fn notify_raw_by(
        &self,
        deadline: std::time::Instant,
        priority: Priority,
        context: &RawValue,
        event_type: &str,
        payload: &RawValue,
    ) -> Result<()> {
        self.notify_each_raw_by(deadline, priority, &[context], event_type, payload)
            .await
    }

    /// [`notify_raw_by`](Self::notify_raw_by) with a context for each topic, in the order of
    /// [`topic_names`](Self::topic_names), or one for all: for whoever says something else to each. All
    /// copies have one message id.
    ///
    /// # Errors
    ///
    /// As `notify`, and [`Error::InvalidArgument`] when there are more or fewer contexts.
    ///
    /// # Cancel safety
    ///
    /// As `notify`.
    pub async fn notify_each_raw_by(
        &self,
        deadline: std::time::Instant,
        priority: Priority,
        contexts: &[&RawValue],
        event_type: &str,
        payload: &RawValue,
    ) -> Result<()> {
        let told = send::Told {
            priority,
            contexts,
            event_type,
            payload,
        };
        send::notify(self, send::Time::until(self, deadline), told).await
    }
}

macro_rules! priorities {
    ($($name:ident $priority:ident)*) => {
        /// One method for each priority, as upstream has them.
        impl Notifier {
            $(
                #[doc = concat!(
                    "[`notify`](Self::notify) with [`Priority::", stringify!($priority), "`].\n\n",
                    "# Errors\n\nAs `notify`.\n\n# Cancel safety\n\nAs `notify`."
                )]
                pub async fn $name(
                    &self,
                    context: &(impl Serialize + ?Sized),
                    event_type: &str,
                    payload: &(impl Serialize + ?Sized),
                ) -> Result<()> {
                    self.notify(Priority::$priority, context, event_type, payload).await
                }
            )*
        }
    };
}

priorities! {
    audit Audit
    debug Debug
    info Info
    warn Warn
    error Error
    critical Critical
    sample Sample
}

/// Upstream's default of `[oslo_messaging_notifications] topics`.
const DEFAULT_TOPIC: &str = "notifications";
const LONGEST_NAME: usize = 255;
