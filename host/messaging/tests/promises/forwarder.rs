//! A TCP forwarder in front of the tests' node, as a bad network, which counts the methods that go
//! through it.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio::task::AbortHandle;

use super::amqp::{Frame, Id, read_frame};
use super::node::node;

/// A running one. Dropped, it cuts everything.
pub(crate) struct Forwarder {
    pub(crate) port: u16,
    shared: Arc<Shared>,
    accepting: AbortHandle,
}

struct Shared {
    /// With the number of the one that is spared.
    cut: broadcast::Sender<Option<usize>>,
    frozen: watch::Sender<bool>,
    refuses: AtomicBool,
    mutes: AtomicBool,
    accepted: AtomicUsize,
    to_broker: Mutex<HashMap<Id, usize>>,
    to_client: Mutex<HashMap<Id, usize>>,
    on_method: Mutex<Option<Box<OnMethod>>>,
}

type OnMethod = dyn Fn(Id, usize) + Send;

impl Forwarder {
    /// To the tests' node.
    pub(crate) async fn start() -> Self {
        Self::to(node().port()).await
    }

    /// To a port of this machine.
    pub(crate) async fn to(broker: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            cut: broadcast::Sender::new(1),
            frozen: watch::Sender::new(false),
            refuses: AtomicBool::new(false),
            mutes: AtomicBool::new(false),
            accepted: AtomicUsize::new(0),
            to_broker: Mutex::default(),
            to_client: Mutex::default(),
            on_method: Mutex::default(),
        });
        let accepting = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                loop {
                    let (client, _) = listener.accept().await.unwrap();
                    let number = shared.accepted.fetch_add(1, Ordering::SeqCst);
                    tokio::spawn(Arc::clone(&shared).connection(number, client, broker));
                }
            }
        });
        Self {
            port,
            shared,
            accepting: accepting.abort_handle(),
        }
    }

    /// Ends all connections there are.
    pub(crate) fn cut(&self) {
        drop(self.shared.cut.send(None));
    }

    /// Whether nothing gets anywhere, on the connections there are and on new ones.
    pub(crate) fn freeze(&self, freezes: bool) {
        self.shared.frozen.send_replace(freezes);
    }

    /// Whether new connections end before their first byte.
    pub(crate) fn refuse(&self, refuses: bool) {
        self.shared.refuses.store(refuses, Ordering::SeqCst);
    }

    /// Whether new connections are taken and hear nothing.
    pub(crate) fn mute(&self, mutes: bool) {
        self.shared.mutes.store(mutes, Ordering::SeqCst);
    }

    /// Connections that were taken, whatever became of them.
    pub(crate) fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// How often a client said this.
    pub(crate) fn to_broker(&self, id: Id) -> usize {
        count(&self.shared.to_broker, id)
    }

    /// How often the broker said this.
    pub(crate) fn to_client(&self, id: Id) -> usize {
        count(&self.shared.to_client, id)
    }

    /// Is told of each method of a client, and the connection's number, before it is passed on.
    pub(crate) fn on_method(&self, tell: impl Fn(Id, usize) + Send + 'static) {
        let mut on_method = lock(&self.shared.on_method);
        *on_method = Some(Box::new(tell));
    }

    /// For `on_method`, to do something to the connections.
    pub(crate) fn hand(&self) -> Hand {
        Hand(Arc::clone(&self.shared))
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

/// A way to the forwarder from inside it.
pub(crate) struct Hand(Arc<Shared>);

impl Hand {
    /// Cuts all connections but one, and lets new ones hear nothing.
    pub(crate) fn mute_all_but(&self, number: usize) {
        self.0.mutes.store(true, Ordering::SeqCst);
        drop(self.0.cut.send(Some(number)));
    }
}

impl Shared {
    async fn connection(self: Arc<Self>, number: usize, client: TcpStream, broker: u16) {
        let mut cuts = self.cut.subscribe();
        let cut =
            async { while matches!(cuts.recv().await, Ok(Some(spared)) if spared == number) {} };
        if self.refuses.load(Ordering::SeqCst) {
            return;
        }
        if self.mutes.load(Ordering::SeqCst) {
            cut.await;
            return;
        }
        tokio::select! {
            _ = self.forward(number, client, broker) => {}
            () = cut => {}
        }
    }

    async fn forward(&self, number: usize, mut client: TcpStream, broker: u16) -> io::Result<()> {
        let mut broker = TcpStream::connect(("127.0.0.1", broker)).await?;
        client.set_nodelay(true)?;
        broker.set_nodelay(true)?;
        let mut greeting = [0; 8];
        client.read_exact(&mut greeting).await?;
        broker.write_all(&greeting).await?;
        let (from_client, to_client) = client.split();
        let (from_broker, to_broker) = broker.split();
        let tell = |id| {
            if let Some(tell) = &*lock(&self.on_method) {
                tell(id, number);
            }
        };
        tokio::select! {
            ended = self.carry(from_client, to_broker, &self.to_broker, tell) => ended,
            ended = self.carry(from_broker, to_client, &self.to_client, |_| {}) => ended,
        }
    }

    async fn carry(
        &self,
        from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
        counts: &Mutex<HashMap<Id, usize>>,
        tell: impl Fn(Id),
    ) -> io::Result<()> {
        let mut from = BufReader::with_capacity(256 * 1024, from);
        let mut frozen = self.frozen.subscribe();
        let mut bytes = Vec::new();
        loop {
            let frame: Frame = read_frame(&mut from).await?;
            if let Some(id) = frame.id() {
                tell(id);
                *lock(counts).entry(id).or_default() += 1;
            }
            frame.encode(&mut bytes);
            if from.buffer().is_empty() || bytes.len() > 256 * 1024 {
                // The forwarder is gone, and the connection with it.
                drop(frozen.wait_for(|frozen| !frozen).await);
                to.write_all(&bytes).await?;
                bytes.clear();
            }
        }
    }
}

fn count(counts: &Mutex<HashMap<Id, usize>>, id: Id) -> usize {
    lock(counts).get(&id).copied().unwrap_or_default()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
