//! The connection that publishes.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use crate::mutex::Mutex;
use oslo_amqp::driver::{Channel, State};
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;

use super::kept::Kept;
use crate::driver::TransportError;
use crate::driver::rabbit::connect::{Line, Settings, SharedLine};
use crate::driver::rabbit::supervise::{Lost, User};
use crate::driver::rabbit::topology::Exchange;
use crate::observe::{Observer, Purpose};

/// A connection for publishing, with a channel for each exchange: a refused publish kills its channel
/// and every confirmation on it, which must not be somebody else's. Broker flow control stalls the
/// whole connection, so replies are not consumed on it.
#[derive(Debug)]
pub(in crate::driver::rabbit) struct Publisher {
    pub(in crate::driver::rabbit) line: SharedLine,
    pub(super) tally: Arc<Tally>,
    lanes: Mutex<HashMap<(&'static str, String), Arc<Slot>>>,
    clock: AtomicU64,
    /// The queues of notifications that are there.
    pub(super) kept: Kept,
    /// Channels for what has no channel of its own.
    shared: [tokio::sync::Mutex<Option<Channel>>; SHARED],
    /// Of lanes that are opened at the same time, each of which takes a channel for it.
    opening: Semaphore,
}

/// A confirming channel to an exchange.
#[derive(Debug)]
pub(in crate::driver::rabbit) struct Lane {
    pub(super) channel: Channel,
    pub(super) exchange: Arc<str>,
}

/// A lane, or the place where it is being opened by one of those who want it.
#[derive(Debug, Default)]
struct Slot {
    open: Mutex<Option<Arc<Lane>>>,
    opening: tokio::sync::Mutex<()>,
    used: AtomicU64,
    /// Its channel is others' as well.
    is_shared: bool,
}

impl Publisher {
    /// Waits until nothing is on its way.
    pub(in crate::driver::rabbit) async fn settled(&self) {
        self.tally.none().await;
    }

    /// The lane to an exchange; no exchange is the default exchange. Opens it, unless it is open; none if
    /// there is no such exchange.
    pub(super) async fn lane(
        &self,
        exchange: Option<&Exchange>,
    ) -> Result<Option<Arc<Lane>>, TransportError> {
        let key = exchange.map_or(("", ""), |exchange| (exchange.kind(), exchange.name()));
        let slot = self.slot(key);
        if let Some(lane) = slot.working() {
            return Ok(Some(lane));
        }
        let _opening = slot.opening.lock().await;
        if let Some(lane) = slot.working() {
            return Ok(Some(lane));
        }
        let open = self
            .line
            .within(LANE_LIMIT, self.open(exchange, slot.is_shared))
            .await;
        match open {
            Ok(Some(lane)) => {
                let lane = Arc::new(lane);
                *slot.open.lock() = Some(Arc::clone(&lane));
                Ok(Some(lane))
            }
            other => {
                // Names that do not work are not remembered.
                self.lanes
                    .lock()
                    .retain(|_, known| !Arc::ptr_eq(known, &slot));
                other.map(|_| None)
            }
        }
    }

    async fn open(
        &self,
        exchange: Option<&Exchange>,
        is_shared: bool,
    ) -> Result<Option<Lane>, TransportError> {
        // It is never closed.
        let _turn = self.opening.acquire().await;
        let found = match exchange {
            None => self.line.channel().await?,
            Some(exchange) => match exchange.find(&self.line).await? {
                Some(channel) => channel,
                None => return Ok(None),
            },
        };
        let channel = if is_shared {
            found.close();
            found.has_ended().await;
            self.shared_channel().await?
        } else {
            self.confirming(found).await?
        };
        Ok(Some(Lane {
            channel,
            exchange: exchange.map_or("", Exchange::name).into(),
        }))
    }

    /// One of the channels that lanes share.
    async fn shared_channel(&self) -> Result<Channel, TransportError> {
        let turn = self.clock.load(Ordering::Relaxed) as usize % SHARED;
        let [first, rest @ ..] = &self.shared;
        let place = turn.checked_sub(1).and_then(|turn| rest.get(turn));
        let mut shared = place.unwrap_or(first).lock().await;
        match shared.as_ref().filter(|channel| channel.ended().is_none()) {
            Some(channel) => Ok(channel.clone()),
            None => {
                let channel = self.confirming(self.line.channel().await?).await?;
                Ok(shared.insert(channel).clone())
            }
        }
    }

    async fn confirming(&self, channel: Channel) -> Result<Channel, TransportError> {
        let confirms = channel.confirm().await;
        confirms.map_err(|ended| self.line.refused("a channel", &ended))?;
        Ok(channel)
    }

    fn slot(&self, (kind, name): (&'static str, &str)) -> Arc<Slot> {
        let mut lanes = self.lanes.lock();
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        let key = (kind, name.to_owned());
        if let Some(slot) = lanes.get(&key) {
            slot.used.store(now, Ordering::Relaxed);
            return Arc::clone(slot);
        }
        // The broker allows a connection so many channels and no more: the one that was not used for
        // longest makes room, and if all are in use, the newcomer gets no channel of its own.
        let most = usize::from(self.line.connection.agreed().channel_max);
        let most = most.saturating_sub(SHARED + 3 * OPENING).min(LANES);
        let mut is_shared = false;
        if lanes.values().filter(|slot| !slot.is_shared).count() >= most {
            let idle = lanes.iter().filter(|(_, slot)| slot.is_idle());
            let oldest = idle.min_by_key(|(_, slot)| slot.used.load(Ordering::Relaxed));
            let oldest = oldest.map(|(key, _)| key.clone());
            match oldest.and_then(|key| lanes.remove(&key)) {
                Some(evicted) => {
                    if let Some(lane) = evicted.open.lock().take()
                        && !evicted.is_shared
                    {
                        lane.channel.close();
                    }
                    is_shared = evicted.is_shared;
                }
                None => is_shared = true,
            }
        }
        let slot = Arc::new(Slot {
            is_shared,
            used: AtomicU64::new(now),
            ..Slot::default()
        });
        lanes.insert(key, Arc::clone(&slot));
        slot
    }
}

impl Slot {
    fn working(&self) -> Option<Arc<Lane>> {
        self.open
            .lock()
            .as_ref()
            .filter(|lane| lane.channel.ended().is_none())
            .cloned()
    }

    /// Nothing is on its way on it, and nobody is about to use it.
    fn is_idle(self: &Arc<Self>) -> bool {
        let open = self.open.lock();
        Arc::strong_count(self) == 1
            && open
                .as_ref()
                .is_none_or(|lane| Arc::strong_count(lane) == 1)
    }
}

/// How many messages are on their way.
#[derive(Debug, Default)]
pub(super) struct Tally {
    count: AtomicUsize,
    zero: Notify,
}

impl Tally {
    pub(super) fn add(&self) {
        self.count.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn remove(&self) {
        if self.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.zero.notify_waiters();
        }
    }

    async fn none(&self) {
        loop {
            let zero = self.zero.notified();
            if self.count.load(Ordering::Acquire) == 0 {
                return;
            }
            zero.await;
        }
    }
}

/// Keeps a [`Publisher`] up.
#[derive(Debug)]
pub(in crate::driver::rabbit) struct Publishing {
    tally: Arc<Tally>,
    observer: Arc<Observer>,
}

impl Publishing {
    pub(in crate::driver::rabbit) fn new(observer: Arc<Observer>) -> Self {
        Self {
            tally: Arc::default(),
            observer,
        }
    }

    /// Tells whether the broker takes messages.
    async fn watch(&self, line: &Line) {
        let mut state = line.connection.state();
        let mut was_blocked = false;
        loop {
            let reason = match &*state.borrow_and_update() {
                State::Blocked(reason) => Some(reason.clone()),
                _ => None,
            };
            if reason.is_some() != was_blocked {
                was_blocked = reason.is_some();
                self.observer.blocked(reason.as_deref());
                match &reason {
                    Some(why) => {
                        tracing::warn!(peer = line.peer, why, "the broker blocks this connection");
                    }
                    None => {
                        tracing::info!(peer = line.peer, "the broker unblocks this connection");
                    }
                }
            }
            if state.changed().await.is_err() {
                // Its end is somebody else's to tell.
                return std::future::pending().await;
            }
        }
    }
}

impl User for Publishing {
    type Session = Arc<Publisher>;

    const PURPOSE: Purpose = Purpose::Publish;

    async fn open(
        &mut self,
        _: &Settings,
        line: &SharedLine,
    ) -> Result<Arc<Publisher>, TransportError> {
        Ok(Arc::new(Publisher {
            line: Arc::clone(line),
            tally: Arc::clone(&self.tally),
            lanes: Mutex::default(),
            kept: Kept::default(),
            clock: AtomicU64::new(0),
            shared: Default::default(),
            opening: Semaphore::new(OPENING),
        }))
    }

    async fn hold(&mut self, line: &Line) -> Lost {
        tokio::select! {
            biased;
            error = line.lost() => Lost::Broken(error),
            () = self.watch(line) => Lost::Unwanted,
        }
    }

    /// What was handed over before leaves, and is confirmed, if the broker does so soon.
    async fn leave(self, _: &Settings, line: Option<&Line>) {
        if let Some(line) = line {
            let _ = timeout(CONFIRM_LIMIT, self.tally.none()).await;
            line.close().await;
        }
    }
}

/// Brokers allow 2047 channels by default.
const LANES: usize = 500;
const SHARED: usize = 4;
const OPENING: usize = 8;
pub(super) const LANE_LIMIT: Duration = Duration::from_secs(30);
const CONFIRM_LIMIT: Duration = Duration::from_secs(2);
