//! A TCP forwarder between the transport and the broker, to cut connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;

pub(super) struct Forwarder {
    pub(super) port: u16,
    cut: broadcast::Sender<()>,
    freeze: broadcast::Sender<()>,
    refuses: Arc<AtomicBool>,
    refused: Arc<AtomicUsize>,
    mutes: Arc<AtomicBool>,
    muted: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
    accepting: tokio::task::AbortHandle,
}

impl Forwarder {
    pub(super) async fn start(broker: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (cut, _) = broadcast::channel(1);
        let (freeze, _) = broadcast::channel(1);
        let refuses = Arc::new(AtomicBool::new(false));
        let refused = Arc::new(AtomicUsize::new(0));
        let mutes = Arc::new(AtomicBool::new(false));
        let muted = Arc::new(AtomicUsize::new(0));
        let open = Arc::new(AtomicUsize::new(0));
        let accepting = tokio::spawn({
            let (cut, freeze) = (cut.clone(), freeze.clone());
            let (refuses, refused) = (Arc::clone(&refuses), Arc::clone(&refused));
            let (mutes, muted) = (Arc::clone(&mutes), Arc::clone(&muted));
            let open = Arc::clone(&open);
            async move {
                loop {
                    let (mut near, _) = listener.accept().await.unwrap();
                    if refuses.load(Ordering::SeqCst) {
                        refused.fetch_add(1, Ordering::SeqCst);
                        continue;
                    }
                    if mutes.load(Ordering::SeqCst) {
                        muted.fetch_add(1, Ordering::SeqCst);
                        let mut cut = cut.subscribe();
                        tokio::spawn(async move {
                            let _ = cut.recv().await;
                            drop(near);
                        });
                        continue;
                    }
                    let mut far = TcpStream::connect(&broker).await.unwrap();
                    let (mut cut, mut freeze) = (cut.subscribe(), freeze.subscribe());
                    let open = Arc::clone(&open);
                    open.fetch_add(1, Ordering::SeqCst);
                    tokio::spawn(async move {
                        tokio::select! {
                            _ = copy_bidirectional(&mut near, &mut far) => {}
                            _ = cut.recv() => {}
                            // Both ends stay open and hear nothing any more.
                            _ = freeze.recv() => drop(cut.recv().await),
                        }
                        open.fetch_sub(1, Ordering::SeqCst);
                    });
                }
            }
        })
        .abort_handle();
        Self {
            port,
            cut,
            freeze,
            refuses,
            refused,
            mutes,
            muted,
            open,
            accepting,
        }
    }

    /// Cuts all connections there are.
    pub(super) fn cut(&self) {
        let _ = self.cut.send(());
    }

    /// Lets all connections there are fall silent.
    pub(super) fn freeze(&self) {
        let _ = self.freeze.send(());
    }

    /// Whether new connections end before their first byte.
    pub(super) fn refuse(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::SeqCst);
    }

    /// How many connections were refused.
    pub(super) fn refused(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }

    /// Whether new connections are taken and hear nothing.
    pub(super) fn mute(&self, mutes: bool) {
        self.mutes.store(mutes, Ordering::SeqCst);
    }

    /// How many connections heard nothing from the beginning.
    pub(super) fn muted(&self) -> usize {
        self.muted.load(Ordering::SeqCst)
    }

    pub(super) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}
