use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use oslo_messaging::Transport;
use tokio::time::Instant;
use wasmtime::component::ResourceTable;

use crate::admission::{Admission, Budget};
use crate::notification::FilterRoom;
use crate::options::OpenOptions;
use crate::{Limits, MessagingHooks, time};

/// Where this crate finds its state in the data of a store.
pub trait MessagingView: Send {
    /// Borrows it.
    fn messaging(&mut self) -> MessagingCtxView<'_>;
}

/// What host functions work on: parts of a store's data.
pub struct MessagingCtxView<'a> {
    /// The guest's transports, limits and time.
    pub ctx: &'a mut MessagingCtx,
    /// The guest's resources, which may hold those of other interfaces as well. With `rpc-poll` it
    /// has to be the table that `wasi:io` uses.
    pub table: &'a mut ResourceTable,
    /// The embedder's decisions; [`Unrestricted`](crate::Unrestricted) if the transports are all of them.
    pub hooks: &'a mut dyn MessagingHooks,
}

/// The topics of transports, by the name of these; none: whatever the hooks allow.
type Topics = BTreeMap<Arc<str>, Option<Arc<[String]>>>;

/// What one store's guest has: transports by name, limits, and the time left for the invocation.
///
/// The default has no transport, so that everything is denied.
#[derive(Debug)]
pub struct MessagingCtx {
    pub(crate) transports: Arc<BTreeMap<Arc<str>, Transport>>,
    /// Where the embedder has said which.
    pub(crate) topics: Arc<Topics>,
    pub(crate) limits: Arc<Limits>,
    /// The store's own places first, so that a plugin waits for itself before it takes a place
    /// from others.
    pub(crate) admission: Arc<[Admission]>,
    pub(crate) budget: Budget,
    pub(crate) open_clients: usize,
    pub(crate) options: OpenOptions,
    pub(crate) open_notifications: usize,
    pub(crate) filters: FilterRoom,
    /// Requests that the guest serves or has served, and has not dropped.
    pub(crate) open_requests: usize,
    invocation_ends: Option<Instant>,
}

impl MessagingCtx {
    /// A builder with nothing granted and the default limits.
    #[must_use]
    pub fn builder() -> MessagingCtxBuilder {
        MessagingCtxBuilder::default()
    }

    /// Starts the clock of an invocation: from now on no call of the guest lasts longer than what
    /// is left of `limit`, and the guest's `remaining` says how much that is. None: no limit.
    ///
    /// It ends calls, not the guest: stop a guest that computes with epoch interruption, and the
    /// invocation as a whole with a timeout around it.
    pub fn start_invocation(&mut self, limit: impl Into<Option<Duration>>) {
        self.invocation_ends = limit.into().map(|limit| time::after(Instant::now(), limit));
    }

    /// What is left of the invocation; none without a limit.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        self.remaining_at(Instant::now())
    }

    /// How many of the guest's calls, casts and notifications run, wait for their turn, or have ended
    /// without that the guest knows yet (`rpc-poll`).
    #[must_use]
    pub fn pending_calls(&self) -> usize {
        self.budget.calls(&self.limits)
    }

    /// How many clients and notifiers the guest has open.
    #[must_use]
    pub const fn open_clients(&self) -> usize {
        self.open_clients
    }

    /// How many options the guest has open.
    #[must_use]
    pub const fn open_options(&self) -> usize {
        self.options.count()
    }

    pub(crate) fn remaining_at(&self, now: Instant) -> Option<Duration> {
        self.invocation_ends
            .map(|end| end.saturating_duration_since(now))
    }
}

impl Default for MessagingCtx {
    fn default() -> Self {
        Self::builder().build()
    }
}

/// Makes a [`MessagingCtx`]. A plugin's builder is kept and cloned for each of its stores: a clone shares
/// transports and [`Admission`]s and costs four reference counts.
#[derive(Clone, Debug, Default)]
pub struct MessagingCtxBuilder {
    transports: Arc<BTreeMap<Arc<str>, Transport>>,
    topics: Arc<Topics>,
    limits: Arc<Limits>,
    admission: Vec<Admission>,
}

impl MessagingCtxBuilder {
    /// Grants a transport under a name: the one the guest says in `client.open` and `notifier.open`. The
    /// guest never sees the transport's address.
    #[must_use]
    pub fn transport(mut self, name: &str, transport: Transport) -> Self {
        Arc::make_mut(&mut self.transports).insert(name.into(), transport);
        self
    }

    /// Which topics the guest may notify over the transport of this name; a guest that names none
    /// notifies the first of them. Default: `notifications`, upstream's default. Without a topic it may
    /// notify nobody.
    ///
    /// To notify makes a queue on the broker, for each topic and priority, if it is not there yet. It is
    /// never deleted, and keeps what is sent until somebody listens: grant topics that somebody listens
    /// to.
    #[must_use]
    pub fn notification_topics<S: Into<String>>(
        mut self,
        transport: &str,
        topics: impl IntoIterator<Item = S>,
    ) -> Self {
        let topics = topics.into_iter().map(Into::into).collect();
        Arc::make_mut(&mut self.topics).insert(transport.into(), Some(topics));
        self
    }

    /// Lets the guest name any topic over the transport of this name, for hooks that decide about each of them
    /// ([`MessagingHooks::authorize`]). A guest that names none notifies `notifications`.
    #[must_use]
    pub fn any_notification_topic(mut self, transport: &str) -> Self {
        Arc::make_mut(&mut self.topics).insert(transport.into(), None);
        self
    }

    /// Replaces the limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Arc::new(limits);
        self
    }

    /// Adds places shared with other stores, beside the store's own
    /// ([`Limits::calls_in_flight`]). Add the narrower first: the plugin's, then the host's.
    #[must_use]
    pub fn admission(mut self, admission: Admission) -> Self {
        self.admission.push(admission);
        self
    }

    /// The context of one store.
    #[must_use]
    pub fn build(self) -> MessagingCtx {
        let own = Admission::new(self.limits.calls_in_flight);
        MessagingCtx {
            budget: Budget::new(&self.limits),
            admission: std::iter::once(own).chain(self.admission).collect(),
            transports: self.transports,
            topics: self.topics,
            limits: self.limits,
            open_clients: 0,
            options: OpenOptions::default(),
            open_notifications: 0,
            filters: FilterRoom::default(),
            open_requests: 0,
            invocation_ends: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_left_of_an_invocation() {
        let mut ctx = MessagingCtx::default();
        assert_eq!(ctx.remaining(), None);
        ctx.start_invocation(Duration::from_secs(3));
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(ctx.remaining(), Some(Duration::from_secs(1)));
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(ctx.remaining(), Some(Duration::ZERO));
        ctx.start_invocation(Duration::MAX);
        assert!(ctx.remaining() > Some(Duration::from_secs(3600)));
        ctx.start_invocation(None);
        assert_eq!(ctx.remaining(), None);
    }

    #[test]
    fn a_clone_of_the_builder_leaves_the_other_as_it_is() {
        let one = MessagingCtx::builder().transport("one", Transport::memory());
        let two = one.clone().transport("two", Transport::memory());
        assert_eq!(one.build().transports.len(), 1);
        assert_eq!(two.build().transports.len(), 2);
    }
}
