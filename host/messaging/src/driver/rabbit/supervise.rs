//! Keeps one connection of one purpose up: connects when it is wanted, again when it breaks,
//! pauses between failed rounds, and tells those who wait.

use std::fmt;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::backoff::{Backoff, chance, quick_losses};
use super::connect::{Line, Settings, SharedLine};
use crate::delivery::{Delivery, WaitingFor};
use crate::driver::{Limits, SendError, TransportError};
use crate::observe::Purpose;

/// Whoever needs a connection that stays up.
pub(super) trait User: fmt::Debug + Send + 'static {
    /// What others get while a connection is up.
    type Session: Clone + fmt::Debug + Send + Sync + 'static;

    /// What it is for.
    const PURPOSE: Purpose;

    /// Prepares a new connection. Has [`OPEN_LIMIT`].
    fn open(
        &mut self,
        settings: &Settings,
        line: &SharedLine,
    ) -> impl Future<Output = Result<Self::Session, TransportError>> + Send;

    /// Whether the failure of [`open`](Self::open) has taught what makes it succeed, so that it is worth
    /// trying again at once. Says so once.
    fn knows_better(&mut self) -> bool {
        false
    }

    /// Ends when nobody needs a connection any more, for those who need one as long as they live: nobody
    /// asks a server for its connection, and what the broker refuses today it may take tomorrow.
    fn unwanted(&self) -> Option<BoxFuture<'static, ()>> {
        None
    }

    /// Works with it until it cannot, and says why.
    fn hold(&mut self, line: &Line) -> impl Future<Output = Lost> + Send;

    /// Ends in good order. There may be no connection, because the transport is closed while it is
    /// lost.
    fn leave(self, settings: &Settings, line: Option<&Line>) -> impl Future<Output = ()> + Send;
}

/// Why a user does not work with a connection any more.
pub(super) enum Lost {
    /// It broke.
    Broken(TransportError),
    /// Nobody needs it.
    Unwanted,
}

/// The current connection, for those who want it.
#[derive(Debug)]
pub(super) struct Supervised<S> {
    state: watch::Receiver<State<S>>,
    wanted: Arc<Notify>,
}

#[derive(Debug)]
struct State<S> {
    session: Option<S>,
    /// Rounds that have failed, ever.
    failures: u64,
    /// Rounds that have failed since a connection was up.
    failures_in_a_row: u64,
    /// Why there is no session.
    trouble: Option<TransportError>,
    /// The trouble is so recent that there is no sense in asking again.
    is_fresh: bool,
}

impl<S> State<S> {
    fn failed(&mut self, error: TransportError) {
        self.failures += 1;
        self.failures_in_a_row += 1;
        self.trouble = Some(error);
        self.is_fresh = true;
    }
}

impl<S> Default for State<S> {
    fn default() -> Self {
        Self {
            session: None,
            failures: 0,
            failures_in_a_row: 0,
            trouble: None,
            is_fresh: false,
        }
    }
}

impl<S: Clone + fmt::Debug + Send + Sync + 'static> Supervised<S> {
    /// Starts the task. It connects when it is first wanted, and ends when `closing` becomes true
    /// or its sender is dropped.
    pub(super) fn start<U: User<Session = S>>(
        settings: Arc<Settings>,
        user: U,
        closing: watch::Receiver<bool>,
    ) -> (Self, JoinHandle<()>) {
        let (supervisor, state) = Supervisor::new(settings, user, closing);
        let wanted = Arc::clone(&supervisor.wanted);
        let task = tokio::spawn(supervisor.run(None));
        (Self { state, wanted }, task)
    }

    /// How it is now.
    pub(super) fn now(&self) -> Option<S> {
        self.state.borrow().session.clone()
    }

    /// Whether its task runs: it ends with its runtime, too.
    pub(super) fn runs(&self) -> bool {
        self.state.has_changed().is_ok()
    }

    /// Waits for a session that is up, until the deadline.
    ///
    /// Fails when `limits.retry` rounds have failed after the first, at once on a failure that will not
    /// mend itself, and when the transport is closed. A round that failed while nobody was connected
    /// counts as the first: asking does not make rounds come sooner, or everybody who asks would set
    /// the rate at which a fleet comes back to its broker.
    pub(super) async fn session(&self, limits: Limits) -> Result<S, SendError> {
        let mut state = self.state.clone();
        let mut allowed = None;
        loop {
            {
                let now = state.borrow_and_update();
                if let Some(session) = &now.session {
                    return Ok(session.clone());
                }
                match (allowed, &now.trouble) {
                    (None, Some(trouble)) if !trouble.kind().is_temporary() && now.is_fresh => {
                        return Err(SendError::not_sent(trouble.clone()));
                    }
                    (None, _) => {
                        let first = u64::from(now.failures_in_a_row == 0);
                        let more = limits.retry.map(|retry| u64::from(retry) + first);
                        allowed = Some(more.map(|more| now.failures + more));
                        self.wanted.notify_one();
                        if let (Some(0), Some(trouble)) = (more, &now.trouble) {
                            return Err(SendError::not_sent(trouble.clone()));
                        }
                    }
                    (Some(last), Some(trouble)) if now.failures_in_a_row > 0 => {
                        let enough = last.is_some_and(|last| now.failures >= last);
                        if enough || !trouble.kind().is_temporary() {
                            return Err(SendError::not_sent(trouble.clone()));
                        }
                    }
                    _ => {}
                }
            }
            match timeout_at(limits.deadline.instant(), state.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err(SendError::not_sent(TransportError::closed())),
                Err(_) => {
                    return Err(SendError::TimedOut {
                        waiting_for: WaitingFor::Connection,
                        delivery: Delivery::NotSent,
                        trouble: state.borrow().trouble.clone(),
                    });
                }
            }
        }
    }
}

pub(super) struct Supervisor<U: User> {
    settings: Arc<Settings>,
    user: U,
    sender: watch::Sender<State<U::Session>>,
    wanted: Arc<Notify>,
    closing: watch::Receiver<bool>,
    backoff: Backoff,
    failed_rounds: u32,
}

impl<U: User> Supervisor<U> {
    fn new(
        settings: Arc<Settings>,
        user: U,
        closing: watch::Receiver<bool>,
    ) -> (Self, watch::Receiver<State<U::Session>>) {
        let (sender, state) = watch::channel(State::default());
        let backoff = Backoff::new(&settings.options);
        let supervisor = Self {
            settings,
            user,
            sender,
            wanted: Arc::default(),
            closing,
            backoff,
            failed_rounds: 0,
        };
        (supervisor, state)
    }

    /// Connects at once, in a task of its own, which tells how that went. When it fails, or the transport
    /// is closed meanwhile, nothing is left behind. Whoever starts it may go away: then the user has to
    /// find out that it is not needed.
    pub(super) fn start_now(
        settings: Arc<Settings>,
        user: U,
        closing: watch::Receiver<bool>,
    ) -> (
        oneshot::Receiver<Result<(), TransportError>>,
        JoinHandle<()>,
    ) {
        let (mut supervisor, _) = Self::new(settings, user, closing);
        let (sender, started) = oneshot::channel();
        let task = tokio::spawn(async move {
            match supervisor.open().await {
                Ok(first) => {
                    let _ = sender.send(Ok(()));
                    supervisor.run(Some(first)).await;
                }
                Err(error) => {
                    supervisor.user.leave(&supervisor.settings, None).await;
                    let _ = sender.send(Err(error));
                }
            }
        });
        (started, task)
    }

    async fn run(mut self, first: Option<(SharedLine, U::Session)>) {
        let held = self.supervise(first).await;
        let Self {
            settings,
            user,
            sender,
            ..
        } = self;
        // Whoever waits for a session hears of it now.
        drop(sender);
        user.leave(&settings, held.as_deref()).await;
    }

    /// Returns when the transport was closed or nobody needs a connection any more, with the one that is
    /// up then.
    async fn supervise(
        &mut self,
        mut first: Option<(SharedLine, U::Session)>,
    ) -> Option<SharedLine> {
        let mut closing = self.closing.clone();
        if first.is_none() {
            let wanted = Arc::clone(&self.wanted);
            tokio::select! {
                () = wanted.notified() => {}
                _ = closing.wait_for(|closing| *closing) => return None,
            }
            self.settings.observer.wanted();
        }
        loop {
            let opened = match first.take() {
                Some(first) => Ok(first),
                None => self.open().await,
            };
            if *closing.borrow() {
                return opened.ok().map(|(line, _)| line);
            }
            let again = match opened {
                Ok((line, session)) => {
                    let begin = Instant::now();
                    if !self.hold(&line, session).await {
                        return Some(line);
                    }
                    self.failed_rounds = quick_losses(self.failed_rounds, begin.elapsed());
                    let pause = self.backoff.pause_after_loss(self.failed_rounds, chance());
                    Again::At(Instant::now() + pause)
                }
                Err(error) => self.failed(error),
            };
            let unwanted = self.user.unwanted();
            tokio::select! {
                () = self.pause(again) => {}
                () = unwanted.unwrap_or_else(|| Box::pin(pending())) => return None,
                _ = closing.wait_for(|closing| *closing) => return None,
            }
        }
    }

    /// Fails as well when the transport is closed meanwhile.
    async fn open(&mut self) -> Result<(SharedLine, U::Session), TransportError> {
        match self.open_once().await {
            Err(_) if self.user.knows_better() => self.open_once().await,
            opened => opened,
        }
    }

    async fn open_once(&mut self) -> Result<(SharedLine, U::Session), TransportError> {
        let line = Arc::new(self.connect().await?);
        let closed = self.closed();
        let opening = self.user.open(&self.settings, &line);
        let opened = tokio::select! {
            opened = line.within(OPEN_LIMIT, opening) => opened,
            () = closed => Err(TransportError::closed()),
        };
        match opened {
            Ok(session) => Ok((line, session)),
            Err(error) => {
                line.close().await;
                Err(error)
            }
        }
    }

    /// A connection that is being made when the transport is closed gets a moment to be made, because
    /// only then can it be closed in good order.
    fn connect(&self) -> impl Future<Output = Result<Line, TransportError>> + Send + use<U> {
        let (settings, closed) = (Arc::clone(&self.settings), self.closed());
        async move {
            let mut connecting = pin!(settings.connect(U::PURPOSE));
            tokio::select! {
                connected = &mut connecting => return connected,
                () = closed => {}
            }
            match timeout(HANDSHAKE_LIMIT, connecting).await {
                Ok(Ok(line)) => Ok(line),
                _ => Err(TransportError::closed()),
            }
        }
    }

    /// Waits until the transport is closed, and tells those who wait for a session: what is still to be
    /// closed is not their concern.
    fn closed(&self) -> impl Future<Output = ()> + Send + use<U> {
        let (sender, mut closing) = (self.sender.clone(), self.closing.clone());
        async move {
            let _ = closing.wait_for(|closing| *closing).await;
            sender.send_modify(|state| state.failed(TransportError::closed()));
        }
    }

    /// Returns whether the connection was lost; else it is not needed any more.
    async fn hold(&mut self, line: &SharedLine, session: U::Session) -> bool {
        self.sender.send_modify(|state| {
            state.session = Some(session);
            state.trouble = None;
            state.failures_in_a_row = 0;
        });
        self.settings.observer.connected(U::PURPOSE, &line.peer);
        let mut closing = self.closing.clone();
        let lost = tokio::select! {
            lost = self.user.hold(line) => lost,
            _ = closing.wait_for(|closing| *closing) => Lost::Unwanted,
        };
        let lost = match lost {
            Lost::Broken(error) => Some(error),
            Lost::Unwanted => None,
        };
        self.settings
            .observer
            .disconnected(U::PURPOSE, lost.as_ref());
        self.sender.send_modify(|state| {
            state.session = None;
            state.trouble.clone_from(&lost);
            state.is_fresh = false;
        });
        let Some(error) = lost else { return false };
        tracing::warn!(%error, purpose = %U::PURPOSE, "connecting again");
        self.settings.addresses.broke(line.position);
        if line.connection.works() {
            line.close().await;
        }
        true
    }

    fn failed(&mut self, error: TransportError) -> Again {
        self.failed_rounds = self.failed_rounds.saturating_add(1);
        let failed_rounds = self.failed_rounds;
        if failed_rounds == 1 {
            tracing::warn!(%error, purpose = %U::PURPOSE, "no connection");
        } else {
            tracing::debug!(%error, purpose = %U::PURPOSE, failed_rounds, "no connection");
        }
        self.settings.observer.connect_failed(U::PURPOSE, &error);
        let goes_on = self.user.unwanted().is_some() || error.kind().is_temporary();
        self.sender.send_modify(|state| state.failed(error));
        let now = Instant::now();
        if goes_on {
            Again::At(now + self.backoff.pause(failed_rounds, chance()))
        } else {
            Again::WhenWanted(now + self.backoff.least())
        }
    }

    fn pause(&self, again: Again) -> impl Future<Output = ()> + Send + use<U> {
        let sender = self.sender.clone();
        let wanted = Arc::clone(&self.wanted);
        async move {
            match again {
                Again::At(time) => sleep_until(time).await,
                Again::WhenWanted(earliest) => {
                    sleep_until(earliest).await;
                    sender.send_modify(|state| {
                        state.is_fresh = false;
                        state.failures_in_a_row = 0;
                    });
                    wanted.notified().await;
                }
            }
        }
    }
}

/// When the next round is.
enum Again {
    At(Instant),
    /// It does not mend itself: somebody has to ask for it.
    WhenWanted(Instant),
}

/// A quorum queue may take the broker seconds.
pub(super) const OPEN_LIMIT: Duration = Duration::from_secs(30);
/// A broker that is there takes some milliseconds.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(1);
