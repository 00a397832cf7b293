//! What can be seen of a transport: its state, what happens to its connections, and how many messages
//! of which outcome there were.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::mutex::Mutex;
use tokio::sync::broadcast;

use crate::driver::TransportError;

/// What a connection is for. A transport has one for what it sends and another one for notifications,
/// one for replies, and one for each server and notification listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// A server's requests, or a listener's notifications, come on it.
    Listen,
    /// Requests, casts and a server's replies leave on it, or notifications.
    Publish,
    /// Replies come on it.
    Replies,
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Listen => "listen",
            Self::Publish => "publish",
            Self::Replies => "replies",
        })
    }
}

/// Something that happened to a transport. See [`Transport::events`](crate::Transport::events).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The broker takes no messages on the connection that publishes: it is short of memory or disk.
    Blocked {
        /// Why, in the broker's words.
        reason: String,
    },
    /// The transport was closed.
    Closed,
    /// A connection is up.
    Connected {
        /// What it is for.
        purpose: Purpose,
        /// `host:port`.
        peer: String,
        /// It is another host than before.
        failed_over: bool,
    },
    /// A round of connecting to all hosts has failed; another one follows.
    ConnectFailed {
        /// What the connection is for.
        purpose: Purpose,
        /// Why.
        reason: TransportError,
    },
    /// A connection broke.
    Lost {
        /// What it was for.
        purpose: Purpose,
        /// Why.
        reason: TransportError,
    },
    /// The broker takes messages again.
    Unblocked,
}

/// How a transport is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectionState {
    /// Connected, and the broker takes no messages for now.
    Blocked,
    /// Closed by its owner.
    Closed,
    /// At least one connection is up, and none of those that were up is lost.
    Connected,
    /// A connection that was wanted is not up.
    Disconnected,
    /// Nothing was connected yet.
    Idle,
}

/// Counts since the transport was made. All of them only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Calls that were made.
    pub calls: u64,
    /// Casts that were made.
    pub casts: u64,
    /// Notifications that were sent, each counted once for every topic that it went to.
    pub notifications: u64,
    /// Calls, casts and notifications that did what they should: a result came, the broker has the message.
    pub succeeded: u64,
    /// Calls whose method raised an exception.
    pub remote_errors: u64,
    /// Calls, casts and notifications that timed out.
    pub timed_out: u64,
    /// Calls and casts that no queue took, and notifications whose queue was deleted again and again.
    pub returned: u64,
    /// Calls, casts and notifications that failed otherwise.
    pub failed: u64,
    /// Bytes of messages that were handed over to be sent, replies of servers among them.
    pub bytes_sent: u64,
    /// Bytes of replies that came.
    pub bytes_received: u64,
    /// Connections that were made.
    pub connects: u64,
    /// Connections that broke.
    pub losses: u64,
}

/// Events of one transport from the moment it was asked for.
#[derive(Debug)]
pub struct Events(broadcast::Receiver<Event>);

impl Events {
    /// The next event; none when the transport is gone. Whoever is slow misses the oldest events, not
    /// the newest: 64 are kept.
    ///
    /// Cancel safe.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            match self.0.recv().await {
                Ok(event) => return Some(event),
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

/// Where a transport and its driver note what happens.
#[derive(Debug)]
pub(crate) struct Observer {
    pub(crate) calls: AtomicU64,
    pub(crate) casts: AtomicU64,
    pub(crate) notifications: AtomicU64,
    pub(crate) succeeded: AtomicU64,
    pub(crate) remote_errors: AtomicU64,
    pub(crate) timed_out: AtomicU64,
    pub(crate) returned: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) bytes_sent: AtomicU64,
    pub(crate) bytes_received: AtomicU64,
    connects: AtomicU64,
    losses: AtomicU64,
    /// No new calls, casts and notifications are taken.
    pub(crate) is_draining: AtomicBool,
    up: Mutex<Up>,
    events: broadcast::Sender<Event>,
}

#[derive(Debug, Default)]
struct Up {
    connections: usize,
    missing: usize,
    is_blocked: bool,
    is_closed: bool,
    #[cfg(feature = "rabbit")]
    last_peer: Option<String>,
}

impl Observer {
    pub(crate) fn new() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            calls: zero(),
            casts: zero(),
            notifications: zero(),
            succeeded: zero(),
            remote_errors: zero(),
            timed_out: zero(),
            returned: zero(),
            failed: zero(),
            bytes_sent: zero(),
            bytes_received: zero(),
            connects: zero(),
            losses: zero(),
            is_draining: AtomicBool::new(false),
            up: Mutex::default(),
            events: broadcast::Sender::new(64),
        }
    }

    pub(crate) fn add(counter: &AtomicU64, count: usize) {
        counter.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(crate) fn events(&self) -> Events {
        Events(self.events.subscribe())
    }

    pub(crate) fn state(&self) -> ConnectionState {
        let up = self.up.lock();
        match *up {
            Up {
                is_closed: true, ..
            } => ConnectionState::Closed,
            Up { missing: 1.., .. } => ConnectionState::Disconnected,
            Up {
                is_blocked: true, ..
            } => ConnectionState::Blocked,
            Up {
                connections: 1.., ..
            } => ConnectionState::Connected,
            _ => ConnectionState::Idle,
        }
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Statistics {
            calls: read(&self.calls),
            casts: read(&self.casts),
            notifications: read(&self.notifications),
            succeeded: read(&self.succeeded),
            remote_errors: read(&self.remote_errors),
            timed_out: read(&self.timed_out),
            returned: read(&self.returned),
            failed: read(&self.failed),
            bytes_sent: read(&self.bytes_sent),
            bytes_received: read(&self.bytes_received),
            connects: read(&self.connects),
            losses: read(&self.losses),
        }
    }

    /// Somebody waits for a connection.
    #[cfg(feature = "rabbit")]
    pub(crate) fn wanted(&self) {
        self.up.lock().missing += 1;
    }

    #[cfg(feature = "rabbit")]
    pub(crate) fn connected(&self, purpose: Purpose, peer: &str) {
        Self::add(&self.connects, 1);
        let failed_over = {
            let mut up = self.up.lock();
            up.connections += 1;
            up.missing = up.missing.saturating_sub(1);
            let before = up.last_peer.replace(peer.to_owned());
            before.is_some_and(|before| before != peer)
        };
        let peer = peer.to_owned();
        self.tell(Event::Connected {
            purpose,
            peer,
            failed_over,
        });
    }

    /// A connection is no more; with a reason it was lost, and another one is wanted.
    #[cfg(feature = "rabbit")]
    pub(crate) fn disconnected(&self, purpose: Purpose, lost: Option<&TransportError>) {
        {
            let mut up = self.up.lock();
            up.connections = up.connections.saturating_sub(1);
            up.missing += usize::from(lost.is_some());
        }
        if let Some(reason) = lost.cloned() {
            Self::add(&self.losses, 1);
            self.tell(Event::Lost { purpose, reason });
        }
    }

    #[cfg(feature = "rabbit")]
    pub(crate) fn connect_failed(&self, purpose: Purpose, reason: &TransportError) {
        let reason = reason.clone();
        self.tell(Event::ConnectFailed { purpose, reason });
    }

    #[cfg(feature = "rabbit")]
    pub(crate) fn blocked(&self, reason: Option<&str>) {
        self.up.lock().is_blocked = reason.is_some();
        self.tell(match reason {
            Some(reason) => Event::Blocked {
                reason: reason.to_owned(),
            },
            None => Event::Unblocked,
        });
    }

    pub(crate) fn closed(&self) {
        let was_closed = std::mem::replace(&mut self.up.lock().is_closed, true);
        if !was_closed {
            self.tell(Event::Closed);
        }
    }

    fn tell(&self, event: Event) {
        // Nobody may be listening.
        let _ = self.events.send(event);
    }
}
