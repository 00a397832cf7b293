//! From messages to endpoints: how many at a time, and what becomes of the messages.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::Instrument as _;

use super::dispatch::Dispatcher;
use super::endpoint::NotificationResult;
use super::work::Known;
use crate::driver::{NotificationListening, Settlement, Unsettled};
use crate::read::{Read, Reader};
use crate::wire::decode_notification;

pub(super) struct Serving {
    handling: Arc<Handling>,
    /// Of notifications that may be handled at the same time.
    permits: Arc<Semaphore>,
    stopped: watch::Receiver<bool>,
}

/// What every notification needs.
struct Handling {
    dispatcher: Dispatcher,
    known: Known,
    reader: Reader,
    /// How long what comes again is held before it is put back; none puts nothing back.
    pause: Option<Duration>,
    stopped: watch::Receiver<bool>,
}

impl Serving {
    pub(super) fn new(
        dispatcher: Dispatcher,
        concurrency: usize,
        pause: Option<Duration>,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        let handling = Handling {
            dispatcher,
            known: Known::default(),
            reader: Reader::default(),
            pause,
            stopped: stopped.clone(),
        };
        Self {
            handling: Arc::new(handling),
            permits: Arc::new(Semaphore::new(concurrency.min(Semaphore::MAX_PERMITS))),
            stopped,
        }
    }

    /// Returns when no more messages come, or it is stopped, and what was begun is done.
    pub(super) async fn run(mut self, listening: NotificationListening) {
        let NotificationListening { mut incoming, left } = listening;
        let mut running = JoinSet::new();
        loop {
            let permit = Arc::clone(&self.permits).acquire_owned();
            let next = async { (permit.await, incoming.recv().await) };
            let (permit, message) = tokio::select! {
                biased;
                _ = self.stopped.wait_for(|stopped| *stopped) => break,
                Some(_) = running.join_next() => continue,
                next = next => next,
            };
            let (Ok(permit), Some(message)) = (permit, message) else {
                break;
            };
            // It comes again, on another connection.
            if !message.receipt.is_valid() {
                continue;
            }
            let handling = Arc::clone(&self.handling);
            running.spawn(async move { handling.handle(message, permit).await });
        }
        while running.join_next().await.is_some() {}
        // The rest is for other listeners, from now on.
        drop(incoming);
        let _ = timeout(LEAVE_LIMIT, left).await;
    }
}

impl Handling {
    async fn handle(&self, message: Unsettled, permit: OwnedSemaphorePermit) {
        let Unsettled {
            incoming,
            redelivered,
            receipt,
        } = message;
        let reading = self
            .reader
            .read(incoming, "notification", decode_notification);
        let (notification, room) = match reading.await {
            Ok(Some(Read { said, room })) => (said, room),
            Ok(None) => return receipt.settle(Settlement::Rejected),
            // The runtime ends: its queue keeps it.
            Err(_) => return,
        };
        let id = notification.unique_id.clone();
        let Some(work) = self.known.begin(id.as_deref(), receipt) else {
            return;
        };
        let span = tracing::info_span!(
            "oslo.messaging.process",
            otel.kind = "consumer",
            messaging.system = "rabbitmq",
            messaging.operation.type = "process",
            messaging.operation.name = "notification",
        );
        let dispatching = self.dispatcher.dispatch(notification, redelivered);
        let Some(result) = dispatching.instrument(span).await else {
            return;
        };
        drop((permit, room));
        match self.pause {
            Some(pause) if result == NotificationResult::Requeue => {
                if redelivered {
                    self.pause(pause).await;
                }
                work.settle(Settlement::Requeued);
            }
            _ => work.settle(Settlement::Handled),
        }
    }

    /// So long, or until the listener is stopped.
    async fn pause(&self, pause: Duration) {
        let mut stopped = self.stopped.clone();
        tokio::select! {
            () = sleep(pause) => {}
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
    }
}

/// Closing a connection to a broker that does not answer takes so long.
const LEAVE_LIMIT: Duration = Duration::from_secs(7);
