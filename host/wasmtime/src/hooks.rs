//! Where the embedder decides.

use std::fmt;
use std::time::{Duration, Instant};

use oslo_messaging::{Error as Native, Target, Transport};
use serde_json::value::RawValue;

use crate::bindings::types::{AccessDeniedError, Error, LimitExceededError};
use crate::context::Stamp;
use crate::error::{access_denied, limit_exceeded};
use crate::invocation::Origin;
use crate::outgoing::{Outgoing, Sender};

/// What the embedder may decide for each request. Every method has a default.
///
/// A hook is called while the store is borrowed, so it decides at once, from what it has. What it
/// wants done later, when the store may be gone, it returns (see [`Grant::on_end`]).
///
/// ```
/// use std::time::{Duration, Instant};
///
/// use oslo_messaging_wasmtime::{Denied, Grant, MessagingHooks, Kind, Request};
///
/// struct ReadsOnly;
///
/// impl MessagingHooks for ReadsOnly {
///     fn authorize(&mut self, request: &Request<'_>) -> Result<Grant, Denied> {
///         if request.kind == Kind::Call && request.method.starts_with("get_") {
///             Ok(Grant::default().timeout(Duration::from_secs(5)))
///         } else {
///             Err(Denied::access("reads only", "only calls of `get_…` are allowed"))
///         }
///     }
/// }
/// ```
pub trait MessagingHooks: Send {
    /// Whether a call, cast or notification may be sent, and on which terms. It has passed the checks of
    /// size and form, and nothing was sent. Each message of a `call-all` is asked for by itself, and a
    /// notification for each of its topics: it is sent to all of them or to none, to each with the
    /// context that was granted for it, and within the shortest of their timeouts. Topics that are not
    /// the guest's are not asked for.
    ///
    /// The default denies everything. An embedder to whom the transports in the
    /// [`MessagingCtx`](crate::MessagingCtx) and their
    /// [topics](crate::MessagingCtxBuilder::notification_topics) are all the permission that there is says
    /// so, with [`Unrestricted`].
    ///
    /// To grant a notification is to let a queue be made, which stays and keeps what is sent until
    /// somebody listens.
    ///
    /// # Errors
    ///
    /// [`Denied`], which the guest gets as `access-denied` or `limit-exceeded`.
    fn authorize(&mut self, request: &Request<'_>) -> Result<Grant, Denied> {
        without_policy(request)
    }

    /// The transport of a name that the [`MessagingCtx`](crate::MessagingCtx) does not have, for embedders
    /// whose transports are not all known when a store is made. It is asked each time a client or a
    /// notifier is opened, and the guest's `transports` does not list what it would give.
    ///
    /// The default gives none, which the guest gets as `access-denied`.
    fn transport(&mut self, name: &str) -> Option<Transport> {
        let _ = name;
        None
    }

    /// Something was refused: what [`authorize`](Self::authorize) denied, what is over one of the
    /// [`Limits`](crate::Limits), what is of a transport or topic that is not the guest's. The guest gets it as
    /// `access-denied` or `limit-exceeded`. Each is told once, for audit and metrics, when nothing can be
    /// changed about it any more. The default does nothing.
    fn refused(&mut self, denied: &Denied) {
        let _ = denied;
    }

    /// Another invocation of [`PluginEndpoints`](crate::PluginEndpoints) or
    /// [`PluginNotifications`](crate::PluginNotifications) begins in this store: what counts for each
    /// begins anew. The default does nothing.
    fn invoked(&mut self, origin: &Origin) {
        let _ = origin;
    }
}

/// What is decided where the embedder has no policy of its own.
fn without_policy(request: &Request<'_>) -> Result<Grant, Denied> {
    let (kind, method) = (request.kind, request.method.escape_debug());
    let why =
        format!("this host has no policy, so that no {kind} is allowed, nor that of `{method}`");
    Err(Denied::access("default", why))
}

/// The default of every hook: everything is denied.
impl MessagingHooks for () {}

/// Hooks that allow everything that the transports of the [`MessagingCtx`](crate::MessagingCtx) reach, for
/// plugins that may do what their host may.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unrestricted;

impl Unrestricted {
    /// These hooks for a [`MessagingCtxView`](crate::MessagingCtxView), where there is none to borrow.
    #[must_use]
    pub fn hooks() -> &'static mut dyn MessagingHooks {
        // A box of a type without size allocates nothing, so there is nothing to leak.
        Box::leak(Box::new(Self))
    }
}

impl MessagingHooks for Unrestricted {
    fn authorize(&mut self, _: &Request<'_>) -> Result<Grant, Denied> {
        Ok(Grant::default())
    }
}

/// A request that a guest wants to send.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Request<'a> {
    /// The name under which the transport was granted.
    pub transport: &'a str,
    /// Call, cast or notification.
    pub kind: Kind,
    /// The exchange that the message goes to: the target's, or the transport's default. None with
    /// fanout, which goes to its topic's own exchange whatever the target says.
    pub exchange: Option<&'a str>,
    /// Where it goes in the exchange: `topic`, or `topic.server`; the topic with fanout;
    /// `topic.priority` for a notification, where a queue of that name is made if there is none. A rule about
    /// servers looks at this, because a guest can say `topic.server` as a topic. None without a
    /// topic, which the guest is told when it is sent.
    pub routing_key: Option<&'a str>,
    /// The target after all of the client's settings, as the guest has it.
    pub target: &'a Target,
    /// The method; the type of the event of a notification.
    pub method: &'a str,
    /// The size of context, method and arguments, or payload.
    pub bytes: usize,
    /// When the guest asked for it, by the clock of the runtime. Its time runs from here.
    pub at: Instant,
}

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A call: one server executes it and replies.
    Call,
    /// A cast: nothing comes back.
    Cast,
    /// A notification: whoever listens hears of it.
    Notification,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Call => "call",
            Self::Cast => "cast",
            Self::Notification => "notification",
        })
    }
}

/// The terms on which a request is sent. The default adds nothing and shows no traceback.
#[derive(Default)]
pub struct Grant {
    pub(crate) context: Stamp,
    pub(crate) on_end: Option<OnEnd>,
    pub(crate) reply_bytes: Option<usize>,
    pub(crate) sender: Option<Sender>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) traceback: bool,
}

impl Grant {
    /// Entries of the message's context that the host answers for. An entry of the same name from
    /// the guest is thrown away. A [`Stamp`] that is kept costs a message nothing.
    #[must_use]
    pub fn context(mut self, entries: impl Into<Stamp>) -> Self {
        self.context = entries.into();
        self
    }

    /// What to do when the request has ended, for audit and metrics. It is called once, on the
    /// task that ends the request, even when the store is gone by then.
    #[must_use]
    pub fn on_end(mut self, on_end: impl FnOnce(Ending<'_>) + Send + 'static) -> Self {
        self.on_end = Some(OnEnd(Some(Box::new(on_end))));
        self
    }

    /// The largest reply, a result or an exception, instead of [`Limits::reply_bytes`](crate::Limits::reply_bytes) if it
    /// is smaller.
    #[must_use]
    pub const fn reply_bytes(mut self, bytes: usize) -> Self {
        self.reply_bytes = Some(bytes);
        self
    }

    /// Sends the call or cast in place of its transport: over another one, not at all, or with something
    /// done before and after [`Outgoing::send`]. What comes back is the guest's, within the same limits of
    /// size and time; what a cast returns is thrown away. When the time is up or the guest has gone, it is
    /// dropped.
    ///
    /// A notification is sent by its notifier all the same.
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// use oslo_messaging_wasmtime::Grant;
    ///
    /// let timed = Grant::default().sent_by(|request| async move {
    ///     let (method, began) = (request.method().to_owned(), Instant::now());
    ///     let result = request.send().await;
    ///     println!("{method} took {:?}", began.elapsed());
    ///     result
    /// });
    /// ```
    #[must_use]
    pub fn sent_by<F, Fut>(mut self, send: F) -> Self
    where
        F: FnOnce(Outgoing) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Box<RawValue>, Native>> + Send + 'static,
    {
        self.sender = Some(Sender::new(send));
        self
    }

    /// The longest it may take, if that is shorter than what the guest asked and the
    /// [`Limits`](crate::Limits) allow.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Shows the guest the traceback of a remote exception, which is the inside of another
    /// machine. Default: no.
    #[must_use]
    pub const fn traceback(mut self, shown: bool) -> Self {
        self.traceback = shown;
        self
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            context,
            on_end,
            reply_bytes,
            sender,
            timeout,
            traceback,
        } = self;
        f.debug_struct("Grant")
            .field("context", context)
            .field("on_end", &on_end.is_some())
            .field("reply_bytes", reply_bytes)
            .field("sender", sender)
            .field("timeout", timeout)
            .field("traceback", traceback)
            .finish()
    }
}

/// How a request ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Ending<'a> {
    /// With what the guest was told.
    Failed(&'a Error),
    /// Nobody waited for it any more: the guest cancelled it or is gone.
    Forgotten,
    /// With a result, or for a cast with the broker's confirmation.
    Succeeded,
}

/// Tells whoever wants to hear of the end.
pub(crate) fn tell(on_end: Option<OnEnd>, ending: Ending<'_>) {
    if let Some(on_end) = on_end {
        on_end.end(ending);
    }
}

type Callback = Box<dyn FnOnce(Ending<'_>) + Send>;

/// Calls back exactly once, if need be from its drop.
pub(crate) struct OnEnd(Option<Callback>);

impl OnEnd {
    pub(crate) fn end(mut self, ending: Ending<'_>) {
        if let Some(on_end) = self.0.take() {
            on_end(ending);
        }
    }
}

impl Drop for OnEnd {
    fn drop(&mut self) {
        if let Some(on_end) = self.0.take() {
            on_end(Ending::Forgotten);
        }
    }
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// The guest may not do this.
    #[error("denied by {rule}: {message}")]
    Access {
        /// The rule that decided, `default` if none did.
        rule: String,
        /// For people.
        message: String,
    },
    /// The guest may do this, but not so much of it.
    #[error("limit {limit} exceeded: {message}")]
    Limit {
        /// The limit's name.
        limit: String,
        /// For people: its value, and what was asked.
        message: String,
    },
}

impl Denied {
    /// Not by this rule; `default` when no rule allowed it.
    #[must_use]
    pub fn access(rule: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Access {
            rule: rule.into(),
            message: message.into(),
        }
    }

    /// Not so much.
    #[must_use]
    pub fn limit(limit: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Limit {
            limit: limit.into(),
            message: message.into(),
        }
    }
}

impl Denied {
    /// What a guest is told, if it is a refusal.
    pub(crate) fn of(error: &Error) -> Option<Self> {
        match error {
            Error::AccessDenied(AccessDeniedError { rule, message }) => {
                Some(Self::access(rule, message))
            }
            Error::LimitExceeded(LimitExceededError { limit, message }) => {
                Some(Self::limit(limit, message))
            }
            _ => None,
        }
    }
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Access { rule, message } => access_denied(rule, message),
            Denied::Limit { limit, message } => limit_exceeded(limit, message),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn the_end_is_told_once() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let grant = || {
            let told = Arc::clone(&told);
            Grant::default().on_end(move |ending| told.lock().unwrap().push(format!("{ending:?}")))
        };
        grant().on_end.unwrap().end(Ending::Succeeded);
        drop(grant());
        assert_eq!(*told.lock().unwrap(), ["Succeeded", "Forgotten"]);
    }
}
