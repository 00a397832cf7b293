//! From messages to methods: which run, how many at a time, and what happens to them at the end.

use std::sync::Arc;
use std::time::Duration;

use crate::mutex::Mutex;
use futures_util::FutureExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::dispatch::Dispatcher;
use super::reply::Replier;
use super::respond::respond;
use crate::driver::{Incoming, Listening};
use crate::duplicates::Duplicates;
use crate::read::{Read, Reader};
use crate::transport::Transport;
use crate::wire::decode_request;

pub(super) struct Serving {
    dispatcher: Arc<Dispatcher>,
    replier: Arc<Replier>,
    duplicates: Arc<Mutex<Duplicates>>,
    reader: Reader,
    /// Of methods that may run at the same time.
    permits: Arc<Semaphore>,
    stopped: watch::Receiver<bool>,
}

impl Serving {
    pub(super) fn new(
        transport: Transport,
        dispatcher: Arc<Dispatcher>,
        concurrency: usize,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        Self {
            dispatcher,
            replier: Arc::new(Replier::new(transport, stopped.clone())),
            duplicates: Arc::default(),
            reader: Reader::default(),
            permits: Arc::new(Semaphore::new(concurrency.min(Semaphore::MAX_PERMITS))),
            stopped,
        }
    }

    /// Returns when no more messages come, and the methods of those that came have ended and have been
    /// answered. Once it is stopped it takes what was acknowledged already and nothing else.
    pub(super) async fn run(mut self, listening: Listening) {
        let Listening { mut incoming, left } = listening;
        let mut running = JoinSet::new();
        let mut is_stopped = false;
        loop {
            let permit = Arc::clone(&self.permits).acquire_owned();
            let next = async { (permit.await, incoming.recv().await) };
            let (permit, message) = tokio::select! {
                biased;
                _ = self.stopped.wait_for(|stopped| *stopped), if !is_stopped => {
                    is_stopped = true;
                    incoming.close();
                    continue;
                }
                Some(_) = running.join_next() => continue,
                next = next => next,
            };
            let (Ok(permit), Some(message)) = (permit, message) else {
                break;
            };
            running.spawn(self.execute(message, permit));
        }
        while running.join_next().await.is_some() {}
        // What was not acknowledged is for other servers, from now on.
        let _ = timeout(LEAVE_LIMIT, left).await;
    }

    fn execute(
        &self,
        message: Incoming,
        permit: OwnedSemaphorePermit,
    ) -> impl Future<Output = ()> + Send + 'static {
        let dispatcher = Arc::clone(&self.dispatcher);
        let replier = Arc::clone(&self.replier);
        let duplicates = Arc::clone(&self.duplicates);
        let reader = self.reader.clone();
        async move {
            let reading = reader.read(message, "request", decode_request);
            let Ok(Some(Read {
                said: request,
                room,
            })) = reading.await
            else {
                return;
            };
            if duplicates.lock().is_duplicate(request.unique_id.as_deref()) {
                tracing::info!(unique_id = ?request.unique_id, "dropped a duplicate request");
                return;
            }
            let respond = respond(&replier, &dispatcher, request, (permit, room));
            // A panic inside a method has become its reply; this catches the rest.
            if std::panic::AssertUnwindSafe(respond)
                .catch_unwind()
                .await
                .is_err()
            {
                tracing::error!("answering a request panicked");
            }
        }
    }
}

/// Closing a connection to a broker that does not answer takes so long.
const LEAVE_LIMIT: Duration = Duration::from_secs(7);
