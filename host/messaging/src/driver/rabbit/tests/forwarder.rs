//! A TCP forwarder between the transport and the broker, to cut connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::{BufMut, Bytes, BytesMut};
use oslo_amqp::protocol::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;

pub(super) struct Forwarder {
    pub(super) port: u16,
    near: Arc<Near>,
    accepting: tokio::task::AbortHandle,
}

/// What the connections hear and say of themselves.
struct Near {
    cut: broadcast::Sender<()>,
    freeze: broadcast::Sender<()>,
    say: broadcast::Sender<Bytes>,
    refuses: AtomicBool,
    refused: AtomicUsize,
    mutes: AtomicBool,
    muted: AtomicUsize,
    open: AtomicUsize,
}

impl Forwarder {
    pub(super) async fn start(broker: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let near = Arc::new(Near {
            cut: broadcast::channel(1).0,
            freeze: broadcast::channel(1).0,
            say: broadcast::channel(1).0,
            refuses: AtomicBool::new(false),
            refused: AtomicUsize::new(0),
            mutes: AtomicBool::new(false),
            muted: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
        });
        let accepting = tokio::spawn({
            let near = Arc::clone(&near);
            async move {
                loop {
                    let (client, _) = listener.accept().await.unwrap();
                    near.accepted(client, &broker).await;
                }
            }
        })
        .abort_handle();
        Self {
            port,
            near,
            accepting,
        }
    }

    /// Cuts all connections there are.
    pub(super) fn cut(&self) {
        let _ = self.near.cut.send(());
    }

    /// Lets all connections there are fall silent.
    pub(super) fn freeze(&self) {
        let _ = self.near.freeze.send(());
    }

    /// Says something in the broker's place, which has nothing to say at the time.
    pub(super) fn say(&self, method: &Method<'_>) {
        let _ = self.near.say.send(frame(method));
    }

    /// Whether new connections end before their first byte.
    pub(super) fn refuse(&self, refuses: bool) {
        self.near.refuses.store(refuses, Ordering::SeqCst);
    }

    /// How many connections were refused.
    pub(super) fn refused(&self) -> usize {
        self.near.refused.load(Ordering::SeqCst)
    }

    /// Whether new connections are taken and hear nothing.
    pub(super) fn mute(&self, mutes: bool) {
        self.near.mutes.store(mutes, Ordering::SeqCst);
    }

    /// How many connections heard nothing from the beginning.
    pub(super) fn muted(&self) -> usize {
        self.near.muted.load(Ordering::SeqCst)
    }

    pub(super) fn open(&self) -> usize {
        self.near.open.load(Ordering::SeqCst)
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

impl Near {
    async fn accepted(self: &Arc<Self>, mut client: TcpStream, broker: &str) {
        if self.refuses.load(Ordering::SeqCst) {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return;
        }
        let (mut cut, mut freeze) = (self.cut.subscribe(), self.freeze.subscribe());
        if self.mutes.load(Ordering::SeqCst) {
            self.muted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let _ = cut.recv().await;
                drop(client);
            });
            return;
        }
        let mut far = TcpStream::connect(broker).await.unwrap();
        let say = self.say.subscribe();
        let near = Arc::clone(self);
        near.open.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(async move {
            tokio::select! {
                () = carry(&mut client, &mut far, say) => {}
                _ = cut.recv() => {}
                // Both ends stay open and hear nothing any more.
                _ = freeze.recv() => drop(cut.recv().await),
            }
            near.open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

async fn carry(
    client: &mut TcpStream,
    broker: &mut TcpStream,
    mut say: broadcast::Receiver<Bytes>,
) {
    let (mut from_client, mut to_client) = client.split();
    let (mut from_broker, mut to_broker) = broker.split();
    let forth = async {
        let _ = tokio::io::copy(&mut from_client, &mut to_broker).await;
        let _ = to_broker.shutdown().await;
    };
    let back = async {
        let mut buffer = BytesMut::new();
        loop {
            let said = tokio::select! {
                read = from_broker.read_buf(&mut buffer) => match read {
                    Ok(1..) => buffer.split().freeze(),
                    _ => break,
                },
                Ok(said) = say.recv() => said,
            };
            if to_client.write_all(&said).await.is_err() {
                break;
            }
        }
        let _ = to_client.shutdown().await;
    };
    tokio::join!(forth, back);
}

/// A frame of the connection itself.
pub(super) fn frame(method: &Method<'_>) -> Bytes {
    let mut payload = BytesMut::new();
    method.encode(&mut payload);
    let mut frame = BytesMut::from(&[1, 0, 0][..]);
    frame.put_u32(u32::try_from(payload.len()).unwrap());
    frame.put(payload);
    frame.put_u8(0xce);
    frame.freeze()
}
