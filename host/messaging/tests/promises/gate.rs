//! A server whose methods wait until they are let go.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use oslo_messaging::{Endpoint, RpcServer, Target, Transport};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::case::{LIMIT, becomes};
use super::raw::{Declared, Raw};

/// What a server's methods wait for.
#[derive(Clone)]
pub(crate) struct Gate {
    running: Arc<AtomicUsize>,
    executed: Arc<AtomicUsize>,
    opened: Arc<Semaphore>,
}

impl Gate {
    /// A server of a topic whose method `wait` waits.
    pub(crate) async fn serve(transport: &Transport, topic: &str) -> (RpcServer, Self) {
        Self::serve_so_many(transport, topic, 64).await
    }

    /// As [`serve`](Self::serve), so many at the same time.
    pub(crate) async fn serve_so_many(
        transport: &Transport,
        topic: &str,
        concurrency: usize,
    ) -> (RpcServer, Self) {
        let gate = Self {
            running: Arc::default(),
            executed: Arc::default(),
            opened: Arc::new(Semaphore::new(0)),
        };
        let waiting = gate.clone();
        let wait = move |_, args: Value| {
            let gate = waiting.clone();
            async move {
                gate.running.fetch_add(1, Ordering::SeqCst);
                drop(gate.opened.acquire().await);
                gate.executed.fetch_add(1, Ordering::SeqCst);
                Ok(args)
            }
        };
        // The exchange is there before anybody calls, whoever declares it.
        let mut raw = Raw::open().await;
        let exchange = raw.exchange("openstack", "topic", Declared::default());
        exchange.await.unwrap();
        let endpoint = Endpoint::new().method("wait", wait);
        let server = RpcServer::builder(transport, Target::topic(topic).server("host-1"))
            .endpoint(endpoint)
            .concurrency(concurrency);
        (server.start().await.unwrap(), gate)
    }

    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    pub(crate) fn executed(&self) -> usize {
        self.executed.load(Ordering::SeqCst)
    }

    pub(crate) fn open(&self) {
        self.opened.add_permits(1_000_000);
    }

    /// Stops the server while all its methods run and more has been acknowledged.
    pub(crate) async fn stop_when_full(&self, server: RpcServer, topic: &str) {
        assert!(becomes(LIMIT, async || self.running() >= 64).await);
        let (mut raw, mut waiting, mut since) = (Raw::open().await, None, Instant::now());
        let no_more_are_taken = becomes(LIMIT, async || {
            let now = raw.waiting_in(topic).await;
            if now != waiting {
                (waiting, since) = (now, Instant::now());
            }
            since.elapsed() > Duration::from_millis(500)
        });
        assert!(no_more_are_taken.await);
        let stopping = tokio::spawn(server.stop());
        tokio::task::yield_now().await;
        self.open();
        timeout(LIMIT, stopping).await.unwrap().unwrap();
    }
}
