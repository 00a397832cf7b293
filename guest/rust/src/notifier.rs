use std::time::Duration;

use serde::Serialize;

use crate::bindings::{notifier as wit, notifier_async};
use crate::error::Result;
use crate::message::{json, text};
use crate::priority::Priority;

/// Tells whoever wants to know that something happened. What is sent before anybody listens is kept.
///
/// Each verb comes in two forms: one that waits by itself, and one to be awaited, for exports that are
/// `async func`s.
///
/// ```no_run
/// use oslo_messaging_guest::{Notifier, Result};
/// use serde_json::json;
///
/// fn created(id: u64) -> Result<()> {
///     let notifier = Notifier::open("default", "compute.host-1")?;
///     notifier.info(&json!({"user": "me"}), "compute.instance.create.end", &json!({"id": id}))
/// }
/// ```
#[derive(Debug)]
pub struct Notifier {
    raw: wit::Notifier,
}

impl Notifier {
    /// A notifier of the transport that the host granted under this name, which says who it is, such as
    /// `compute.host-1`; none says nothing. Nothing is connected or sent yet.
    ///
    /// # Errors
    /// [`Error::AccessDenied`](crate::Error::AccessDenied) when the host granted no transport of this name,
    /// [`Error::LimitExceeded`](crate::Error::LimitExceeded) when the plugin has too many clients and notifiers open,
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument) when a text is too long.
    pub fn open<'a>(transport: &str, publisher_id: impl Into<Option<&'a str>>) -> Result<Self> {
        Ok(Self {
            raw: wit::Notifier::open(transport, publisher_id.into())?,
        })
    }

    /// Which topics get a copy of each notification, instead of the operator's first one, which is
    /// `notifications` unless the operator named another. The operator has to grant each of them, or
    /// else sending is [`Error::AccessDenied`](crate::Error::AccessDenied).
    ///
    /// # Errors
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument) when there is none, or one cannot be used;
    /// [`Error::LimitExceeded`](crate::Error::LimitExceeded) when they are too many.
    pub fn topics(self, topics: &[&str]) -> Result<Self> {
        let topics: Vec<String> = topics.iter().map(|&topic| topic.to_owned()).collect();
        self.raw.set_topics(Some(&topics))?;
        Ok(self)
    }

    /// How long a notification may take in all. The host may make it shorter, never longer. None: the
    /// transport's default.
    #[must_use]
    pub fn timeout(self, timeout: impl Into<Option<Duration>>) -> Self {
        let nanos = |length: Duration| u64::try_from(length.as_nanos()).unwrap_or(u64::MAX);
        self.raw.set_timeout(timeout.into().map(nanos));
        self
    }

    /// How many times a failed attempt to connect is repeated. None: until the timeout.
    #[must_use]
    pub fn retry(self, retry: impl Into<Option<u32>>) -> Self {
        self.raw.set_retry(retry.into());
        self
    }

    /// Sends a notification, and returns when the broker has it.
    ///
    /// The context is what listeners get beside the payload (in OpenStack: user, project, request id),
    /// a struct or a map, and `&()` for an empty one. All of it is sent: leave out what they must not
    /// see. The payload is anything that becomes JSON, in which there is no `NaN`.
    ///
    /// # Errors
    /// As [`Client::cast`](crate::Client::cast), but `NoSuchTarget`, `VersionCap` and `InvalidTarget`.
    /// In an error, [`Outcome::NotExecuted`](crate::Outcome::NotExecuted) means that no topic has it,
    /// and [`Outcome::Unknown`](crate::Outcome::Unknown) that one may have it.
    pub fn notify(
        &self,
        priority: Priority,
        context: &(impl Serialize + ?Sized),
        event_type: &str,
        payload: &(impl Serialize + ?Sized),
    ) -> Result<()> {
        let (context, payload) = encode(context, payload)?;
        let priority = priority.as_str();
        Ok(wit::notify(
            &self.raw, priority, &context, event_type, &payload,
        )?)
    }

    /// [`notify`](Self::notify) as an `async fn`.
    ///
    /// # Errors
    /// As `notify`.
    ///
    /// # Cancel safety
    /// Dropping the future leaves unknown whether it was sent.
    pub async fn notify_async(
        &self,
        priority: Priority,
        context: &(impl Serialize + ?Sized),
        event_type: &str,
        payload: &(impl Serialize + ?Sized),
    ) -> Result<()> {
        let (context, payload) = encode(context, payload)?;
        let (priority, event_type) = (priority.as_str().to_owned(), event_type.to_owned());
        let sent = notifier_async::notify(&self.raw, priority, context, event_type, payload);
        Ok(sent.await?)
    }
}

macro_rules! priorities {
    ($($name:ident $name_async:ident $priority:ident)*) => {
        /// A verb for each priority.
        impl Notifier {
            $(
                #[doc = concat!(
                    "[`notify`](Self::notify) with [`Priority::", stringify!($priority), "`].\n\n",
                    "# Errors\nAs `notify`."
                )]
                pub fn $name(
                    &self,
                    context: &(impl Serialize + ?Sized),
                    event_type: &str,
                    payload: &(impl Serialize + ?Sized),
                ) -> Result<()> {
                    self.notify(Priority::$priority, context, event_type, payload)
                }

                #[doc = concat!(
                    "[`notify_async`](Self::notify_async) with [`Priority::",
                    stringify!($priority), "`].\n\n",
                    "# Errors\nAs `notify`.\n\n",
                    "# Cancel safety\nAs `notify_async`."
                )]
                pub async fn $name_async(
                    &self,
                    context: &(impl Serialize + ?Sized),
                    event_type: &str,
                    payload: &(impl Serialize + ?Sized),
                ) -> Result<()> {
                    self.notify_async(Priority::$priority, context, event_type, payload).await
                }
            )*
        }
    };
}

priorities! {
    audit audit_async Audit
    debug debug_async Debug
    info info_async Info
    warn warn_async Warn
    error error_async Error
    critical critical_async Critical
    sample sample_async Sample
}

fn encode(
    context: &(impl Serialize + ?Sized),
    payload: &(impl Serialize + ?Sized),
) -> Result<(String, String)> {
    let payload = json("payload", payload)?;
    Ok((text("context", context)?, payload))
}
