//! A TCP proxy in front of a broker.
//!
//! What it does to the connections that go through it is ordered from outside, at any time:
//! [`cut`](Proxy::cut) and [`refuse`](Proxy::refuse) take effect at once, [`set_flow`](Proxy::set_flow)
//! lasts until the next one, and what is to be lost is lost when it next comes by.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use tokio::time::sleep;

use crate::frames::{Frames, Kind, Sieve};

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

#[derive(Clone, Copy, Debug)]
enum Direction {
    ToBroker,
    ToClient,
}

#[derive(Debug, Default)]
struct Counters {
    accepted: AtomicU64,
    bytes_to_broker: AtomicU64,
    bytes_to_client: AtomicU64,
    frames_to_client: AtomicU64,
    lost_confirms: AtomicU64,
    lost_deliveries: AtomicU64,
    truncated: AtomicU64,
}

#[derive(Debug)]
struct Shared {
    broker: SocketAddr,
    flow: watch::Sender<Flow>,
    connections: Mutex<BTreeMap<u64, mpsc::UnboundedSender<Ending>>>,
    refuses: AtomicBool,
    confirms_to_lose: AtomicU64,
    deliveries_to_lose: AtomicU64,
    truncate_to_broker: AtomicU64,
    truncate_to_client: AtomicU64,
    counters: Counters,
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

impl Shared {
    fn connections(&self) -> MutexGuard<'_, BTreeMap<u64, mpsc::UnboundedSender<Ending>>> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when bytes may travel in this direction.
    async fn gate(&self, direction: Direction) {
        let mut flow = self.flow.subscribe();
        let delay = flow.borrow().delay;
        if !delay.is_zero() {
            sleep(delay).await;
        }
        let stalls = |flow: &Flow| match direction {
            Direction::ToBroker => flow.stall_to_broker,
            Direction::ToClient => flow.stall_to_client,
        };
        // It fails when the proxy is gone, and then the connection is cut.
        let _ = flow.wait_for(|flow| !stalls(flow)).await;
    }

    fn loses(&self, kind: Kind) -> bool {
        let (to_lose, lost) = match kind {
            Kind::Confirm => (&self.confirms_to_lose, &self.counters.lost_confirms),
            Kind::Deliver => (&self.deliveries_to_lose, &self.counters.lost_deliveries),
            _ => return false,
        };
        let loses = take_one(to_lose);
        if loses {
            lost.fetch_add(1, Ordering::SeqCst);
        }
        loses
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((client, _)) = listener.accept().await else {
            continue;
        };
        if shared.refuses.load(Ordering::SeqCst) {
            continue;
        }
        let number = shared.counters.accepted.fetch_add(1, Ordering::SeqCst);
        let (sender, ending) = mpsc::unbounded_channel();
        shared.connections().insert(number, sender);
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let _ = forward(client, &shared, ending).await;
            shared.connections().remove(&number);
        });
    }
}

async fn forward(
    mut client: TcpStream,
    shared: &Shared,
    mut ending: mpsc::UnboundedReceiver<Ending>,
) -> io::Result<()> {
    let mut broker = TcpStream::connect(shared.broker).await?;
    client.set_nodelay(true)?;
    broker.set_nodelay(true)?;
    let ending = {
        let (from_client, to_client) = client.split();
        let (from_broker, to_broker) = broker.split();
        tokio::select! {
            ending = to_the_broker(from_client, to_broker, shared) => ending?,
            ending = to_the_client(from_broker, to_client, shared) => ending?,
            ending = ending.recv() => ending.unwrap_or(Ending::Reset),
        }
    };
    if ending == Ending::Reset {
        for stream in [&client, &broker] {
            SockRef::from(stream).set_linger(Some(Duration::ZERO))?;
        }
    }
    Ok(())
}

async fn to_the_broker(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    shared: &Shared,
) -> io::Result<Ending> {
    let mut buffer = vec![0; PIECE];
    loop {
        let count = from.read(&mut buffer).await?;
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else {
            return Ok(Ending::Finish);
        };
        shared.gate(Direction::ToBroker).await;
        if take_one(&shared.truncate_to_broker) {
            to.write_all(&bytes[..count / 2]).await?;
            shared.counters.truncated.fetch_add(1, Ordering::SeqCst);
            return Ok(Ending::Reset);
        }
        to.write_all(bytes).await?;
        shared
            .counters
            .bytes_to_broker
            .fetch_add(count as u64, Ordering::SeqCst);
    }
}

async fn to_the_client(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    shared: &Shared,
) -> io::Result<Ending> {
    let mut buffer = vec![0; PIECE];
    let (mut frames, mut sieve) = (Frames::default(), Sieve::default());
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return Ok(Ending::Finish);
        }
        shared.gate(Direction::ToClient).await;
        frames.push(&buffer[..count]);
        let mut passing = Vec::new();
        while let Some(frame) = frames.next_frame() {
            if !sieve.passes(&frame, |kind| shared.loses(kind)) {
                continue;
            }
            passing.extend_from_slice(&frame.bytes);
            let counter = &shared.counters.frames_to_client;
            counter.fetch_add(1, Ordering::SeqCst);
            if take_one(&shared.truncate_to_client) {
                to.write_all(&passing[..passing.len() - frame.bytes.len() / 2])
                    .await?;
                shared.counters.truncated.fetch_add(1, Ordering::SeqCst);
                return Ok(Ending::Reset);
            }
        }
        to.write_all(&passing).await?;
        shared
            .counters
            .bytes_to_client
            .fetch_add(passing.len() as u64, Ordering::SeqCst);
    }
}

fn take_one(counter: &AtomicU64) -> bool {
    let less = |count: u64| count.checked_sub(1);
    counter
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, less)
        .is_ok()
}

const PIECE: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);
    const HEARTBEAT: [u8; 8] = [8, 0, 0, 0, 0, 0, 0, 0xce];

    /// Sends back what it hears.
    async fn echo() -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        port
    }

    async fn connected() -> (Proxy, TcpStream) {
        let proxy = Proxy::start(echo().await).await.unwrap();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port()))
            .await
            .unwrap();
        round(&mut stream).await.unwrap();
        (proxy, stream)
    }

    async fn round(stream: &mut TcpStream) -> io::Result<()> {
        stream.write_all(&HEARTBEAT).await?;
        let mut answer = [0; HEARTBEAT.len()];
        timeout(LIMIT, stream.read_exact(&mut answer))
            .await
            .unwrap()?;
        assert_eq!(answer, HEARTBEAT);
        Ok(())
    }

    #[tokio::test]
    async fn what_goes_through_is_counted() {
        let (proxy, mut stream) = connected().await;
        round(&mut stream).await.unwrap();
        let counts = proxy.counts();
        assert_eq!((counts.accepted, counts.frames_to_client), (1, 2));
        assert_eq!((counts.bytes_to_broker, proxy.open()), (16, 1));
        drop(stream);
        timeout(LIMIT, async {
            while proxy.open() > 0 {
                sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .unwrap();
    }

    #[tokio::test]
    async fn a_connection_finishes_or_is_reset() {
        for ending in [Ending::Finish, Ending::Reset] {
            let (proxy, mut stream) = connected().await;
            proxy.cut(ending);
            let end = timeout(LIMIT, stream.read(&mut [0; 8])).await.unwrap();
            match ending {
                Ending::Finish => assert_eq!(end.unwrap(), 0),
                Ending::Reset => {
                    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
                }
            }
        }
    }

    #[tokio::test]
    async fn a_stall_holds_bytes_back_and_loses_none() {
        let (proxy, mut stream) = connected().await;
        for flow in [
            Flow::STALLED,
            Flow {
                stall_to_broker: true,
                ..Flow::default()
            },
            Flow {
                stall_to_client: true,
                ..Flow::default()
            },
        ] {
            proxy.set_flow(flow);
            let silence = timeout(Duration::from_millis(100), round(&mut stream)).await;
            assert!(silence.is_err(), "{flow:?}");
            proxy.heal();
            let mut answer = [0; HEARTBEAT.len()];
            timeout(LIMIT, stream.read_exact(&mut answer))
                .await
                .unwrap()
                .unwrap();
        }
    }

    #[tokio::test]
    async fn a_frame_is_truncated() {
        let (proxy, mut stream) = connected().await;
        proxy.truncate_to_client();
        stream.write_all(&HEARTBEAT).await.unwrap();
        let mut received = Vec::new();
        let end = timeout(LIMIT, stream.read_to_end(&mut received)).await;
        // A reset may overtake the bytes before it.
        assert!(end.unwrap().is_err());
        assert!(received.len() < HEARTBEAT.len());
        assert_eq!(proxy.counts().truncated, 1);
    }

    #[tokio::test]
    async fn a_confirmation_is_lost() {
        let (proxy, mut stream) = connected().await;
        proxy.lose_confirms(1);
        let confirm = [1, 0, 1, 0, 0, 0, 4, 0, 60, 0, 80, 0xce];
        stream.write_all(&confirm).await.unwrap();
        round(&mut stream).await.unwrap();
        assert_eq!(proxy.counts().lost_confirms, 1);
    }
}
