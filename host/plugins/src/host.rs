//! The host: plugins that run as a policy says, and as the next one says.

mod builder;
mod listening;
mod status;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use oslo_messaging::Transport;
use oslo_messaging_policy::Policy;
use oslo_messaging_wasmtime::Admission;
use parking_lot::Mutex;
use tokio::sync::Mutex as AsyncMutex;
use tokio::task::JoinSet;
use wasmtime::component::Linker;

pub use self::builder::{HostError, HostLinker, PluginHostBuilder};
use self::listening::Hears;
pub use self::status::{Change, PluginStatus, TransportStatus};
use crate::candidate::Candidate;
use crate::http::{Listener, Routes};
use crate::kept::Kept;
use crate::metrics::{self, Places};
use crate::problem::{LoadProblem, LoadProblems};
use crate::shares::{Share, Shares};
use crate::spans::Tracer;
use crate::statistics::Counters;
use crate::store::State;
use crate::transports::Transports;
use crate::version::{Of, Version};

/// Runs the plugins of a policy.
///
/// [`apply`](Self::apply) makes it so: plugins that are new are started, those that have changed are
/// replaced while they work, and those that are gone are stopped in good order. What has not changed is
/// left alone. Dropped, everything that runs is ended at once; [`drain`](Self::drain) lets it end.
///
/// It needs a runtime of tokio with its timers, and better one with several threads: a plugin that
/// computes has its thread until the next tick, a hundredth of a second.
pub struct PluginHost {
    kept: Kept,
    linker: Linker<State>,
    places: Admission,
    routes: Routes,
    /// Where requests of HTTP come in.
    http: Mutex<Option<SocketAddr>>,
    /// How many places there are.
    calls_in_flight: usize,
    shares: Arc<Shares>,
    /// One policy is applied after the other.
    applied: AsyncMutex<Applied>,
    /// Those of the policy that is applied: for whoever asks while another one is.
    opened: Mutex<Transports>,
    running: Mutex<BTreeMap<String, Running>>,
    tracer: Option<Arc<dyn Tracer>>,
}

#[derive(Default)]
struct Applied {
    transports: Transports,
    listener: Option<Listener>,
    /// Versions that were replaced, and answer HTTP requests until other plugins have their paths: so no request
    /// comes to nobody.
    leaving: Vec<Version>,
    /// Versions and listeners that were replaced, and what still runs of them.
    retiring: JoinSet<()>,
}

impl Applied {
    fn retire(&mut self, version: Version) {
        version.leave();
        self.retiring.spawn(version.stop());
    }

    fn retire_leaving(&mut self) {
        for version in std::mem::take(&mut self.leaving) {
            self.retire(version);
        }
    }
}

struct Running {
    version: Version,
    counters: Arc<Counters>,
    share: Arc<Share>,
}

impl PluginHost {
    /// A host without plugins, with the defaults of its [builder](PluginHostBuilder).
    ///
    /// # Errors
    ///
    /// As [`PluginHostBuilder::build`].
    pub fn new() -> Result<Self, HostError> {
        PluginHostBuilder::default().build()
    }

    /// A builder.
    #[must_use]
    pub fn builder() -> PluginHostBuilder {
        PluginHostBuilder::default()
    }

    /// Reads, compiles and checks the components of a policy, and opens its transports, without starting or
    /// connecting anything. Relative paths of the policy are relative to the folder of this file.
    ///
    /// # Errors
    ///
    /// [`LoadProblems`]: everything that [`apply`](Self::apply) would refuse, but for what only a plugin
    /// itself can say, when it is asked what it serves.
    pub fn check(&self, policy: &Policy, policy_file: &Path) -> Result<(), LoadProblems> {
        let mut problems = Vec::new();
        let _ = Transports::default().opened(policy, policy_file, &mut problems);
        self.candidates(policy, policy_file, &mut problems);
        if problems.is_empty() {
            Ok(())
        } else {
            Err(LoadProblems(problems))
        }
    }

    /// Runs the plugins of this policy, and no others. Relative paths are relative to the folder of this
    /// file, and what is relative or absolute is read again each time: so this also takes a component
    /// whose file has changed.
    ///
    /// A plugin that has changed is compiled, checked and started beside the one that runs. When it serves,
    /// the other one leaves, and what runs of it has its limit to end. No call is lost. Until the broker has
    /// seen it leave, either may get a call, and a fanout reaches both. A version that cannot be started is
    /// told of, and leaves the one that runs running.
    ///
    /// A plugin that gives a path of HTTP, or a part of one, to another plugin answers its requests until all
    /// plugins of the policy were started, and does nothing else any more. If the other one cannot be started,
    /// the path is nobody's from then on.
    ///
    /// A broker that cannot be reached is no problem here: its plugins wait for it
    /// ([`PluginStatus::waiting`]).
    ///
    /// Compiling may take some time; it has a thread of its own. What is replaced is waited for by
    /// [`drain`](Self::drain), not here.
    ///
    /// # Cancel safety
    ///
    /// Dropped, some plugins run by the new policy and some by the old one, and what a plugin gives away is
    /// answered by its old version until the next policy is applied. Apply it again.
    pub async fn apply(self: &Arc<Self>, policy: &Policy, policy_file: &Path) -> Change {
        let mut applied = self.applied.lock().await;
        let (transports, candidates, mut problems) = self.read(&applied, policy, policy_file).await;
        let bound = Self::bind(&applied, policy);
        let bound = bound.map_err(|problem| problems.push(problem));
        let mut change = Change {
            problems,
            ..Change::default()
        };
        self.change(&mut applied, policy, transports, candidates, &mut change)
            .await;
        // One that cannot be had leaves the one that there is.
        if let Ok(bound) = bound {
            self.listen(&mut applied, bound);
        }
        change
    }

    /// As [`apply`](Self::apply), unless something is wrong with the policy's plugins or transports: then
    /// nothing is changed. For a first start, which nobody wants to be half of one.
    ///
    /// # Errors
    ///
    /// [`LoadProblems`]: everything that [`check`](Self::check) finds. What a plugin itself finds wrong when
    /// it is asked what it serves is among the [`Change::problems`].
    ///
    /// # Cancel safety
    ///
    /// As `apply`.
    pub async fn apply_all(
        self: &Arc<Self>,
        policy: &Policy,
        policy_file: &Path,
    ) -> Result<Change, LoadProblems> {
        let mut applied = self.applied.lock().await;
        let (transports, candidates, mut problems) = self.read(&applied, policy, policy_file).await;
        let bound = match Self::bind(&applied, policy) {
            Ok(bound) if problems.is_empty() => bound,
            Ok(_) => return Err(LoadProblems(problems)),
            Err(problem) => {
                problems.push(problem);
                return Err(LoadProblems(problems));
            }
        };
        let mut change = Change::default();
        self.change(&mut applied, policy, transports, candidates, &mut change)
            .await;
        self.listen(&mut applied, bound);
        Ok(change)
    }

    async fn read(
        self: &Arc<Self>,
        applied: &Applied,
        policy: &Policy,
        policy_file: &Path,
    ) -> (Transports, Vec<Candidate>, Vec<LoadProblem>) {
        let (host, known) = (Arc::clone(self), applied.transports.clone());
        let names: Vec<_> = policy.plugins().map(|it| it.name().to_owned()).collect();
        let (policy, policy_file) = (policy.clone(), policy_file.to_owned());
        let reading = tokio::task::spawn_blocking(move || {
            let mut problems = Vec::new();
            let transports = known.opened(&policy, &policy_file, &mut problems);
            let candidates = host.candidates(&policy, &policy_file, &mut problems);
            (transports, candidates, problems)
        });
        match reading.await {
            Ok(read) => read,
            // It panics only by a mistake of the compiler's, which is not this host's end.
            Err(error) => {
                let problems = names.iter().map(|name| LoadProblem::plugin(name, &error));
                (applied.transports.clone(), Vec::new(), problems.collect())
            }
        }
    }

    async fn change(
        &self,
        applied: &mut Applied,
        policy: &Policy,
        transports: Transports,
        candidates: Vec<Candidate>,
        change: &mut Change,
    ) {
        while applied.retiring.try_join_next().is_some() {}
        *self.opened.lock() = transports.clone();
        for candidate in candidates {
            let before = self.take(candidate, &transports, change).await;
            let Some(Running { version, .. }) = before else {
                continue;
            };
            if version.gives_a_path_to_another(policy) {
                version.leave_all_but_http();
                applied.leaving.push(version);
            } else {
                applied.retire(version);
            }
        }
        applied.retire_leaving();
        let gone: Vec<_> = {
            let mut running = self.running.lock();
            let is_gone = |name: &String, _: &mut Running| policy.plugin(name).is_none();
            running.extract_if(.., is_gone).collect()
        };
        for (name, running) in gone {
            tracing::info!(plugin = name, "stopped");
            applied.retire(running.version);
            change.stopped.push(name);
        }
        // Plugins that could not be replaced may still have those of before, which their clones keep open.
        applied.transports = transports;
    }

    /// Starts a candidate in the place of what runs, which it returns, unless that is the same.
    async fn take(
        &self,
        candidate: Candidate,
        transports: &Transports,
        change: &mut Change,
    ) -> Option<Running> {
        let name = candidate.policy.name().to_owned();
        let known = {
            let running = self.running.lock();
            running.get(&name).map(|running| {
                let shared = &running.version.shared;
                let mut used = candidate.transports().into_iter();
                let is_same = shared.candidate.is_same(&candidate)
                    && !used.any(|used| shared.transports.differs(transports, used));
                let kept = (Arc::clone(&running.counters), Arc::clone(&running.share));
                (is_same, kept)
            })
        };
        let is_new = known.is_none();
        let (is_same, (counters, share)) =
            known.unwrap_or_else(|| (false, (Arc::default(), self.shares.share())));
        if is_same {
            change.unchanged.push(name);
            return None;
        }
        let sha256 = candidate.sha256;
        let started = Version::start(
            candidate,
            transports,
            &self.routes,
            &self.places,
            self.tracer.as_ref(),
            Of {
                counters: &counters,
                share: &share,
                replaces: !is_new,
            },
        );
        let version = match started.await {
            Ok(version) => version,
            Err(problem) => {
                change.problems.push(problem);
                return None;
            }
        };
        let running = Running {
            version,
            counters: Arc::clone(&counters),
            share,
        };
        let before = self.running.lock().insert(name.clone(), running);
        if before.is_some() {
            counters.replaced.add();
        }
        if is_new {
            tracing::info!(plugin = name, %sha256, "started");
            change.started.push(name);
        } else {
            tracing::info!(plugin = name, %sha256, "replaced");
            change.replaced.push(name);
        }
        before
    }

    fn candidates(
        &self,
        policy: &Policy,
        policy_file: &Path,
        problems: &mut Vec<LoadProblem>,
    ) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        for plugin in policy.plugins() {
            match Candidate::check(&self.linker, plugin, policy_file) {
                Ok(candidate) => candidates.push(candidate),
                Err(found) => problems.extend(found),
            }
        }
        self.kept.write();
        candidates
    }

    /// Lets no plugin begin anything more, and returns when all that runs has ended, or was ended at its
    /// limit. Then the transports of the policy are closed.
    ///
    /// # Cancel safety
    ///
    /// Dropped, what still runs is ended at once.
    pub async fn drain(&self) {
        let mut applied = self.applied.lock().await;
        // First of all, so that what comes from now on is not taken for what nobody has a plugin for.
        self.listen(&mut applied, Hears::Nothing);
        let running = std::mem::take(&mut *self.running.lock());
        applied.retire_leaving();
        for running in running.into_values() {
            applied.retiring.spawn(running.version.stop());
        }
        let retiring = std::mem::take(&mut applied.retiring);
        all(retiring).await;
        applied.transports.close().await;
    }

    /// The transport of this name, as the last policy that was applied has it: for what an embedder does
    /// beside its plugins.
    pub async fn transport(&self, name: &str) -> Option<Transport> {
        self.applied.lock().await.transports.get(name).cloned()
    }

    /// What runs, in the order of the names.
    #[must_use]
    pub fn plugins(&self) -> Vec<PluginStatus> {
        let running = self.running.lock();
        let status = |(name, running): (&String, &Running)| {
            let shared = &running.version.shared;
            let pause = shared.invocations.pause();
            PluginStatus {
                name: name.clone(),
                sha256: shared.candidate.sha256,
                policy: shared.candidate.policy.clone(),
                paused: pause.map(|pause| pause.left),
                waiting: running.version.waiting(),
                instances: running.share.in_use(),
                most_instances: shared.share.most(),
                statistics: running.counters.statistics(),
            }
        };
        running.iter().map(status).collect()
    }

    /// The transports, in the order of the names.
    #[must_use]
    pub fn transports(&self) -> Vec<TransportStatus> {
        self.opened.lock().status()
    }

    /// What [`plugins`](Self::plugins) and [`transports`](Self::transports) say, and how many calls the whole
    /// host has in flight and how many instances, in the text format 0.0.4 of Prometheus, whose media type is
    /// [`METRICS_CONTENT_TYPE`](crate::METRICS_CONTENT_TYPE). It waits for nothing, also while a policy is applied.
    #[must_use]
    pub fn metrics(&self) -> String {
        let places = Places {
            all: self.calls_in_flight,
            free: self.places.free(),
            refused: self.places.refused(),
            instances: self.shares.in_use(),
            most_instances: self.shares.all(),
        };
        metrics::text(self.plugins(), self.transports(), places)
    }
}

/// Waits for all of them.
async fn all(mut tasks: JoinSet<()>) {
    while tasks.join_next().await.is_some() {}
}

impl std::fmt::Debug for PluginHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.running.lock().keys().cloned().collect();
        f.debug_struct("PluginHost")
            .field("plugins", &names)
            .finish_non_exhaustive()
    }
}
