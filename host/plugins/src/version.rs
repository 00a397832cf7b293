//! A version of a plugin that runs: what its triggers share, and the triggers.

use std::sync::Arc;
use std::time::Duration;

use oslo_messaging_policy::{Instances as Reuse, Plugin, Policy, Trigger as Told};
use oslo_messaging_wasmtime::instances::Places;
use oslo_messaging_wasmtime::{Admission, Around, Instances, Limits, MessagingCtx};
use tokio::task::JoinSet;

use crate::candidate::Candidate;
use crate::hooks::Permissions;
use crate::http::Routes;
use crate::invocations::Invocations;
use crate::problem::LoadProblem;
use crate::shares::{AT_ONCE, Share, VersionShare};
use crate::spans::Tracer;
use crate::statistics::{Counters, StartedBy};
use crate::store::Stores;
use crate::transports::Transports;
use crate::trigger::{Trigger, start};

/// What the triggers of one version share.
pub(crate) struct Shared {
    pub(crate) candidate: Candidate,
    pub(crate) stores: Arc<Stores>,
    pub(crate) invocations: Arc<Invocations>,
    pub(crate) transports: Transports,
    pub(crate) routes: Routes,
    pub(crate) counters: Arc<Counters>,
    pub(crate) share: Arc<VersionShare>,
    /// Whether another version runs, until this one has started.
    pub(crate) replaces: bool,
}

impl Shared {
    pub(crate) fn name(&self) -> &str {
        self.candidate.policy.name()
    }

    /// The limit of one invocation.
    pub(crate) fn time(&self) -> Duration {
        self.candidate.policy.limits().time.duration()
    }

    /// What goes around each invocation by one kind of trigger.
    pub(crate) fn started_by(&self, started_by: StartedBy) -> Arc<dyn Around> {
        self.invocations.started_by(started_by)
    }

    /// Which instance a trigger's invocation gets. A timer's is fresh whatever is said here: no command can
    /// be started twice.
    pub(crate) fn instances(&self) -> Instances {
        match self.candidate.policy.instances() {
            Reuse::Fresh => Instances::Fresh,
            Reuse::Pooled {
                concurrency,
                idle,
                invocations,
            } => Instances::Pooled {
                concurrency: usize::try_from(concurrency.get()).unwrap_or(usize::MAX),
                idle: idle.duration(),
                invocations: invocations.get(),
            },
        }
    }

    /// Where each instance has a place.
    pub(crate) fn places(&self) -> Arc<dyn Places> {
        Arc::clone(&self.share) as _
    }

    /// How many invocations a server or listener begins at the same time. What has no instance yet is better
    /// off at the broker, where it uses up none of its time and another server may take it.
    pub(crate) fn concurrency(&self) -> usize {
        let of_trigger = match self.instances() {
            Instances::Pooled { concurrency, .. } => concurrency,
            _ => AT_ONCE,
        };
        of_trigger.min(self.share.most())
    }

    /// What stopping waits for: the longest invocation, and its reply.
    pub(crate) fn grace(&self) -> Duration {
        self.time().saturating_add(REPLYING)
    }
}

/// What a plugin has over all of its versions.
#[derive(Clone, Copy)]
pub(crate) struct Of<'a> {
    pub(crate) counters: &'a Arc<Counters>,
    pub(crate) share: &'a Arc<Share>,
    /// Whether one runs.
    pub(crate) replaces: bool,
}

pub(crate) struct Version {
    pub(crate) shared: Arc<Shared>,
    triggers: Vec<Trigger>,
}

impl Version {
    /// Starts all triggers, or none. A transport that cannot be reached is no failure: it is tried again.
    pub(crate) async fn start(
        candidate: Candidate,
        transports: &Transports,
        routes: &Routes,
        host_places: &Admission,
        tracer: Option<&Arc<dyn Tracer>>,
        Of {
            counters,
            share,
            replaces,
        }: Of<'_>,
    ) -> Result<Self, LoadProblem> {
        let policy = &candidate.policy;
        let name: Arc<str> = policy.name().into();
        let limits = policy.limits();
        let bytes =
            |size: oslo_messaging_policy::Size| usize::try_from(size.bytes()).unwrap_or(usize::MAX);
        let permissions = Permissions::new(
            policy,
            transports.control_exchanges(),
            Arc::clone(counters),
            tracer.cloned(),
        );
        let calls = usize::try_from(limits.calls_in_flight.get()).unwrap_or(usize::MAX);
        let messaging = messaging_limits(limits, calls);
        // As much as may be pending, and one more request, so that a `call-all` of too much hears of its limit
        // and does not trap.
        let hostcall_bytes = messaging
            .pending_bytes
            .saturating_add(messaging.request_bytes)
            .saturating_add(HOSTCALL_BYTES);
        let mut granted = MessagingCtx::builder()
            .limits(messaging)
            .admission(Admission::new(calls))
            .admission(host_places.clone());
        for transport in policy.transports() {
            if let Some(open) = transports.get(transport) {
                granted = granted.transport(transport, open.clone());
                // The rules say which.
                granted = granted.any_notification_topic(transport);
            }
        }
        let stores = Stores {
            engine: candidate.engine().clone(),
            plugin: Arc::clone(&name),
            permissions: Arc::new(permissions),
            granted,
            counters: Arc::clone(counters),
            memory_bytes: bytes(limits.memory),
            output_bytes: bytes(limits.output),
            hostcall_bytes,
        };
        let invocations = Invocations::new(
            name,
            limits.cpu.duration(),
            Arc::clone(counters),
            tracer.cloned(),
        );
        let told: Vec<Told> = policy.triggers().to_vec();
        let shared = Arc::new(Shared {
            share: share.of_version(&candidate.policy),
            candidate,
            stores: Arc::new(stores),
            invocations: Arc::new(invocations),
            transports: transports.clone(),
            routes: routes.clone(),
            counters: Arc::clone(counters),
            replaces,
        });
        let mut version = Self {
            shared: Arc::clone(&shared),
            triggers: Vec::new(),
        };
        for trigger in &told {
            match start(&shared, trigger).await {
                Ok(trigger) => version.triggers.push(trigger),
                Err(why) => {
                    version.stop().await;
                    return Err(LoadProblem::plugin(shared.name(), why));
                }
            }
        }
        Ok(version)
    }

    /// The addresses that it cannot serve for now, each with why.
    pub(crate) fn waiting(&self) -> Vec<String> {
        self.triggers.iter().filter_map(Trigger::waiting).collect()
    }

    /// Whether requests of HTTP that are this one's are another plugin's by this policy: its own next version has
    /// not the same path, and the other one has that, one above it or one below it.
    pub(crate) fn gives_a_path_to_another(&self, policy: &Policy) -> bool {
        let own = &self.shared.candidate.policy;
        let next = policy.plugin(own.name());
        let is_kept = |path: &str| next.is_some_and(|next| paths(next).any(|it| it == path));
        paths(own).filter(|path| !is_kept(path)).any(|given| {
            let mut others = policy.plugins().filter(|it| it.name() != own.name());
            others.any(|other| paths(other).any(|it| is_below(it, given) || is_below(given, it)))
        })
    }

    /// Takes no new work from now on, but for requests of HTTP.
    pub(crate) fn leave_all_but_http(&self) {
        // They were started in this order.
        let told = self.shared.candidate.policy.triggers();
        for (told, trigger) in told.iter().zip(&self.triggers) {
            if !matches!(told, Told::Http { .. }) {
                trigger.leave();
            }
        }
    }

    /// Takes no new work from now on.
    pub(crate) fn leave(&self) {
        self.triggers.iter().for_each(Trigger::leave);
    }

    /// Takes no new work, and lets what runs end within its limit.
    pub(crate) async fn stop(self) {
        self.leave();
        let mut stopping: JoinSet<()> = self.triggers.into_iter().map(Trigger::stop).collect();
        while stopping.join_next().await.is_some() {}
    }
}

/// Those at which HTTP starts a plugin.
fn paths(plugin: &Plugin) -> impl Iterator<Item = &str> {
    let triggers = plugin.triggers().iter();
    triggers.filter_map(|trigger| match trigger {
        Told::Http { path } => Some(path.as_str()),
        _ => None,
    })
}

/// Whether requests for a path are also for this other one: the same, or one above it.
fn is_below(path: &str, above: &str) -> bool {
    let rest = path.strip_prefix(above.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn messaging_limits(limits: &oslo_messaging_policy::Limits, calls: usize) -> Limits {
    let bytes =
        |size: oslo_messaging_policy::Size| usize::try_from(size.bytes()).unwrap_or(usize::MAX);
    let mut messaging = Limits::default();
    messaging.call_timeout = limits.time.duration();
    messaging.calls_in_flight = calls;
    messaging.request_bytes = bytes(limits.request);
    messaging.reply_bytes = bytes(limits.reply);
    // What runs may have as much again waiting, and one store at most what its memory could hold.
    messaging.pending_calls = messaging.pending_calls.min(calls.saturating_mul(2).max(16));
    let memory = bytes(limits.memory);
    messaging.pending_bytes = messaging
        .pending_bytes
        .min(memory)
        .max(messaging.request_bytes);
    messaging.held_reply_bytes = messaging
        .held_reply_bytes
        .min(memory)
        .max(messaging.reply_bytes);
    messaging
}

/// Writing some output or reading the clock must be possible however small requests have to be.
const HOSTCALL_BYTES: usize = 1 << 20;

/// How long an answer may take to leave.
const REPLYING: Duration = Duration::from_secs(1);
