//! A TCP proxy in front of a broker.
//!
//! What it does to the connections that go through it is ordered from outside, at any time:
//! [`cut`](Proxy::cut) and [`refuse`](Proxy::refuse) take effect at once, [`set_flow`](Proxy::set_flow)
//! lasts until the next one, and what is to be lost is lost when it next comes by.

mod forward;
mod shared;
#[cfg(test)]
mod tests;

use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use self::forward::accept;
use self::shared::{Counters, Shared};

/// A running proxy. Dropping it cuts everything.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    accepting: AbortHandle,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As if the other side had closed it.
    Finish,
    /// As if the other side did not know it.
    Reset,
}

/// How bytes travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// How long each piece is held back.
    pub delay: Duration,
    /// Nothing gets from the client to the broker.
    pub stall_to_broker: bool,
    /// Nothing gets from the broker to the client.
    pub stall_to_client: bool,
}

impl Flow {
    /// Nothing gets anywhere.
    pub const STALLED: Self = Self {
        delay: Duration::ZERO,
        stall_to_broker: true,
        stall_to_client: true,
    };
}

/// What a proxy has seen so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections that were accepted.
    pub accepted: u64,
    /// Bytes that went to the broker.
    pub bytes_to_broker: u64,
    /// Bytes that went to clients.
    pub bytes_to_client: u64,
    /// Frames that went to clients.
    pub frames_to_client: u64,
    /// Confirmations that were lost on purpose.
    pub lost_confirms: u64,
    /// Messages to clients that were lost on purpose.
    pub lost_deliveries: u64,
    /// Connections that were ended within a frame.
    pub truncated: u64,
}

impl Proxy {
    /// Starts a proxy on a free port of 127.0.0.1, to a port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// Fails when there is no free port.
    pub async fn start(broker: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            broker: (Ipv4Addr::LOCALHOST, broker).into(),
            flow: watch::Sender::new(Flow::default()),
            connections: Mutex::default(),
            refuses: AtomicBool::new(false),
            confirms_to_lose: AtomicU64::new(0),
            deliveries_to_lose: AtomicU64::new(0),
            truncate_to_broker: AtomicU64::new(0),
            truncate_to_client: AtomicU64::new(0),
            counters: Counters::default(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared))).abort_handle();
        Ok(Self {
            port,
            shared,
            accepting,
        })
    }

    /// The port that clients connect to.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// How many connections go through it now.
    #[must_use]
    pub fn open(&self) -> usize {
        self.shared.connections().len()
    }

    /// Ends all connections.
    pub fn cut(&self, ending: Ending) {
        for connection in self.shared.connections().values() {
            let _ = connection.send(ending);
        }
    }

    /// Ends one connection, if there is any: the one at this place, counted round.
    pub fn cut_one(&self, ending: Ending, place: u64) {
        let connections = self.shared.connections();
        let count = connections.len().max(1) as u64;
        let place = usize::try_from(place % count).unwrap_or_default();
        if let Some(connection) = connections.values().nth(place) {
            let _ = connection.send(ending);
        }
    }

    /// Whether new connections end before their first byte.
    pub fn refuse(&self, refuses: bool) {
        self.shared.refuses.store(refuses, Ordering::SeqCst);
    }

    /// Changes how bytes travel, on all connections.
    pub fn set_flow(&self, flow: Flow) {
        self.shared.flow.send_replace(flow);
    }

    /// Loses the next so many confirmations. One frame may confirm several messages.
    pub fn lose_confirms(&self, count: u64) {
        self.shared.confirms_to_lose.store(count, Ordering::SeqCst);
    }

    /// Loses the next so many messages from the broker.
    pub fn lose_deliveries(&self, count: u64) {
        self.shared
            .deliveries_to_lose
            .store(count, Ordering::SeqCst);
    }

    /// Sends half of what comes next from the broker, and resets that connection.
    pub fn truncate_to_client(&self) {
        self.shared.truncate_to_client.store(1, Ordering::SeqCst);
    }

    /// Sends half of what comes next from a client, and resets that connection.
    pub fn truncate_to_broker(&self) {
        self.shared.truncate_to_broker.store(1, Ordering::SeqCst);
    }

    /// Behaves like a good network from now on.
    pub fn heal(&self) {
        self.refuse(false);
        self.lose_confirms(0);
        self.lose_deliveries(0);
        self.shared.truncate_to_client.store(0, Ordering::SeqCst);
        self.shared.truncate_to_broker.store(0, Ordering::SeqCst);
        self.set_flow(Flow::default());
    }

    /// What has gone through it.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let counters = &self.shared.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        Counts {
            accepted: read(&counters.accepted),
            bytes_to_broker: read(&counters.bytes_to_broker),
            bytes_to_client: read(&counters.bytes_to_client),
            frames_to_client: read(&counters.frames_to_client),
            lost_confirms: read(&counters.lost_confirms),
            lost_deliveries: read(&counters.lost_deliveries),
            truncated: read(&counters.truncated),
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut(Ending::Reset);
    }
}
