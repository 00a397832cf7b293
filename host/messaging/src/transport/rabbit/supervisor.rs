//! Keeps one connection of one purpose up: connects when it is wanted, again when it breaks,
//! pauses between failed rounds, and tells those who wait.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::FutureExt;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::address::Addresses;
use super::backoff::{Backoff, chance, quick_losses};
use super::classify::lost;
use super::connect::Line;
use super::leave::leave;
use super::options::RabbitOptions;
use super::queue::Queue;
use crate::error::{TransportError, TransportErrorKind};
use crate::transport::driver::{Attempt, PublishError};

/// What all connections of one transport share.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) addresses: Addresses,
    pub(super) options: RabbitOptions,
    pub(super) virtual_host: String,
}

impl Settings {
    /// Connects to one host after the other until one works. Fails with what is worth telling
    /// most: what will not mend itself, else the last failure.
    pub(super) async fn connect(&self, purpose: &str) -> Result<(usize, Line), TransportError> {
        let mut worst: Option<TransportError> = None;
        for (position, address) in self.addresses.round() {
            match Line::open(address, &self.virtual_host, &self.options, purpose).await {
                Ok(line) => {
                    self.addresses.worked(position);
                    return Ok((position, line));
                }
                Err(error) => {
                    tracing::debug!(%error, purpose, "a host was tried in vain");
                    if worst
                        .as_ref()
                        .is_none_or(|worst| worst.kind().is_temporary())
                    {
                        worst = Some(error);
                    }
                }
            }
        }
        Err(worst.unwrap_or_else(|| {
            TransportError::new(TransportErrorKind::UnknownHost, "the transport has no host")
        }))
    }
}

/// What is done with a connection while it is up.
pub(super) trait Session: fmt::Debug + Send + Sync + Sized + 'static {
    /// What outlives a connection.
    type Memory: Send + 'static;

    /// The word for it in names and logs.
    const PURPOSE: &'static str;

    fn open(
        settings: &Settings,
        line: Line,
        memory: &mut Self::Memory,
    ) -> impl Future<Output = Result<Self, TransportError>> + Send;

    /// Works until it cannot, and says why.
    fn run(&self, memory: &mut Self::Memory) -> impl Future<Output = TransportError> + Send;

    fn line(&self) -> &Line;

    /// Whether opening failed by something that will be done otherwise from now on.
    fn knows_better(_: &Self::Memory) -> bool {
        false
    }

    /// What nobody uses any more once the transport is closed.
    fn leftovers(memory: Self::Memory) -> Vec<Queue>;
}

/// The current connection, for those who want it.
#[derive(Debug)]
pub(super) struct Supervised<S> {
    state: watch::Receiver<State<S>>,
    wanted: Arc<Notify>,
    urgent: Arc<Notify>,
}

impl<S: Session> Supervised<S> {
    /// Starts the task. It connects when it is first wanted, and ends when `closing` becomes true
    /// or its sender is dropped.
    pub(super) fn start(
        settings: Arc<Settings>,
        memory: S::Memory,
        closing: watch::Receiver<bool>,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (sender, state) = watch::channel(State::default());
        let wanted = Arc::new(Notify::new());
        let urgent = Arc::new(Notify::new());
        let supervisor = Supervisor {
            settings,
            memory,
            sender,
            wanted: Arc::clone(&wanted),
            urgent: Arc::clone(&urgent),
            closing,
        };
        let task = tokio::spawn(supervisor.run());
        (
            Self {
                state,
                wanted,
                urgent,
            },
            task,
        )
    }

    /// Waits for a session that is up.
    ///
    /// Fails when `attempt.retry` repetitions of a round have failed since this wait began, at
    /// once on a failure that will not mend itself, and when the transport is closed.
    pub(super) async fn session(&self, attempt: &Attempt) -> Result<Arc<S>, PublishError> {
        let mut state = self.state.clone();
        let mut failures_before = None;
        loop {
            {
                let now = state.borrow_and_update();
                if let Some(session) = &now.session {
                    return Ok(Arc::clone(session));
                }
                let trouble = now.trouble.as_ref();
                if let Some(trouble) = trouble {
                    attempt.note_trouble(trouble.clone());
                }
                match (failures_before, trouble) {
                    (None, Some(trouble)) if !trouble.kind().is_temporary() && now.is_fresh => {
                        return Err(PublishError::not_sent(trouble.clone()));
                    }
                    (None, _) => {
                        failures_before = Some(now.failures);
                        self.wanted.notify_one();
                        // Who waits for so many rounds must not wait for a long pause first.
                        if attempt.retry.is_some() {
                            self.urgent.notify_one();
                        }
                    }
                    (Some(before), Some(trouble)) if now.failures > before => {
                        let repetitions = now.failures - before - 1;
                        let enough = attempt
                            .retry
                            .is_some_and(|retry| repetitions >= u64::from(retry));
                        if enough || !trouble.kind().is_temporary() {
                            return Err(PublishError::not_sent(trouble.clone()));
                        }
                    }
                    _ => {}
                }
            }
            if state.changed().await.is_err() {
                return Err(PublishError::not_sent(closed()));
            }
        }
    }
}

#[derive(Debug)]
struct State<S> {
    session: Option<Arc<S>>,
    /// Rounds that have failed, ever.
    failures: u64,
    /// Why there is no session.
    trouble: Option<TransportError>,
    /// The trouble is so recent that there is no sense in asking again.
    is_fresh: bool,
}

impl<S> Default for State<S> {
    fn default() -> Self {
        Self {
            session: None,
            failures: 0,
            trouble: None,
            is_fresh: false,
        }
    }
}

struct Supervisor<S: Session> {
    settings: Arc<Settings>,
    memory: S::Memory,
    sender: watch::Sender<State<S>>,
    wanted: Arc<Notify>,
    urgent: Arc<Notify>,
    closing: watch::Receiver<bool>,
}

impl<S: Session> Supervisor<S> {
    async fn run(mut self) {
        let held = self.supervise().await;
        let Self {
            settings,
            memory,
            sender,
            ..
        } = self;
        // Whoever waits for a session hears of it now.
        drop(sender);
        let line = held.as_deref().map(S::line);
        leave(&settings, S::PURPOSE, line, S::leftovers(memory)).await;
    }

    /// Returns when the transport was closed, with the session that is up then.
    async fn supervise(&mut self) -> Option<Arc<S>> {
        let mut closing = self.closing.clone();
        let wanted = Arc::clone(&self.wanted);
        tokio::select! {
            () = wanted.notified() => {}
            _ = closing.wait_for(|closing| *closing) => return None,
        }
        let mut failed_rounds = 0;
        loop {
            let opened = tokio::select! {
                opened = Self::open(&self.settings, &mut self.memory) => opened,
                _ = closing.wait_for(|closing| *closing) => return None,
            };
            let pause = match opened {
                Ok((position, session)) => {
                    let begin = Instant::now();
                    let session = Arc::new(session);
                    if !self.hold(position, &session).await {
                        return Some(session);
                    }
                    failed_rounds = quick_losses(failed_rounds, begin.elapsed());
                    let backoff = Backoff::new(&self.settings.options);
                    sleep(backoff.pause_after_loss(failed_rounds, chance())).boxed()
                }
                Err(error) => {
                    failed_rounds += 1;
                    self.failed(error, failed_rounds).boxed()
                }
            };
            tokio::select! {
                () = pause => {}
                _ = closing.wait_for(|closing| *closing) => return None,
            }
        }
    }

    async fn open(
        settings: &Settings,
        memory: &mut S::Memory,
    ) -> Result<(usize, S), TransportError> {
        let knew = S::knows_better(memory);
        let opened = Self::open_once(settings, memory).await;
        if opened.is_err() && !knew && S::knows_better(memory) {
            return Self::open_once(settings, memory).await;
        }
        opened
    }

    async fn open_once(
        settings: &Settings,
        memory: &mut S::Memory,
    ) -> Result<(usize, S), TransportError> {
        let (position, line) = settings.connect(S::PURPOSE).await?;
        let peer = line.peer.clone();
        let opened = timeout(OPEN_LIMIT, S::open(settings, line, memory)).await;
        let session = opened.map_err(|_| lost(&peer, &"no answer to declarations"))??;
        Ok((position, session))
    }

    /// Returns whether the session was lost; else the transport was closed.
    async fn hold(&mut self, position: usize, session: &Arc<S>) -> bool {
        self.sender.send_modify(|state| {
            state.session = Some(Arc::clone(session));
            state.trouble = None;
        });
        let mut closing = self.closing.clone();
        let lost = tokio::select! {
            lost = session.run(&mut self.memory) => Some(lost),
            _ = closing.wait_for(|closing| *closing) => None,
        };
        self.sender.send_modify(|state| {
            state.session = None;
            state.trouble.clone_from(&lost);
            state.is_fresh = false;
        });
        let is_lost = lost.is_some();
        if let Some(error) = lost {
            tracing::warn!(%error, purpose = S::PURPOSE, "connecting again");
            self.settings.addresses.broke(position);
        }
        is_lost
    }

    /// The pause after a failed round: the shorter, the more urgently the connection is wanted.
    fn failed(
        &self,
        error: TransportError,
        failed_rounds: u32,
    ) -> impl Future<Output = ()> + use<S> {
        let backoff = Backoff::new(&self.settings.options);
        let now = Instant::now();
        let pause_ends = now + backoff.pause(failed_rounds, chance());
        let earliest = now + backoff.least();
        let is_temporary = error.kind().is_temporary();
        tracing::warn!(%error, purpose = S::PURPOSE, failed_rounds, "no connection");
        self.sender.send_modify(|state| {
            state.failures += 1;
            state.trouble = Some(error);
            state.is_fresh = true;
        });
        let wanted = Arc::clone(&self.wanted);
        let urgent = Arc::clone(&self.urgent);
        let sender = self.sender.clone();
        async move {
            sleep_until(earliest.min(pause_ends)).await;
            sender.send_modify(|state| state.is_fresh = false);
            if is_temporary {
                tokio::select! {
                    () = sleep_until(pause_ends) => {}
                    () = urgent.notified() => {}
                }
            } else {
                // It does not mend itself: somebody has to ask for it.
                wanted.notified().await;
            }
        }
    }
}

/// A quorum queue may take the broker seconds.
pub(super) const OPEN_LIMIT: Duration = Duration::from_secs(30);

/// The transport was closed by its owner.
pub(super) fn closed() -> TransportError {
    TransportError::new(TransportErrorKind::Closed, "the transport is closed")
}
