//! HTTP requests for a path.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode};
use oslo_messaging_wasmtime::Origin;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;

use self::handling::Handling;
use super::Trigger;
use crate::http::{Answers, Refusal};
use crate::statistics::{InvocationOutcome, StartedBy};
use crate::version::Shared;

mod answered;
mod handling;

pub(super) fn start(shared: &Arc<Shared>, path: &str) -> Result<Trigger, String> {
    let handling = Handling::new(shared)?;
    let (present, mut gone) = mpsc::channel(1);
    let places = shared.concurrency().clamp(1, Semaphore::MAX_PERMITS);
    let handler: Arc<dyn Answers> = Arc::new(Handler {
        shared: Arc::clone(shared),
        handling,
        places: Arc::new(Semaphore::new(places)),
        queue: Semaphore::new(places),
        present,
    });
    let route = shared.routes.add(path, &handler);
    drop(handler);
    tracing::info!(plugin = shared.name(), path, "served by http");
    Ok(Trigger::spawn(move |mut stop, _| async move {
        let _ = stop.wait_for(|stop| *stop).await.map(|_| ());
        drop(route);
        // Until nobody has the handler any more: what came before has its answer.
        let _: Option<Infallible> = gone.recv().await;
    }))
}

/// What answers the requests of one version of a plugin.
struct Handler {
    shared: Arc<Shared>,
    handling: Handling,
    /// Of requests that are handled.
    places: Arc<Semaphore>,
    /// Of requests that wait for a place.
    queue: Semaphore,
    /// The other end is its trigger's, which waits until this one is gone. When the other one is gone, the
    /// plugin is ended at once.
    present: mpsc::Sender<Infallible>,
}

impl Answers for Handler {
    fn most_bytes(&self) -> usize {
        let request = self.shared.candidate.policy.limits().request;
        usize::try_from(request.bytes()).unwrap_or(usize::MAX)
    }

    fn time(&self) -> Duration {
        self.shared.time()
    }

    fn was_too_large(&self) {
        self.refused("request");
    }

    fn answer(
        self: Arc<Self>,
        request: Request<Bytes>,
        origin: Origin,
    ) -> BoxFuture<'static, Result<Response<Bytes>, Refusal>> {
        Box::pin(async move {
            if let Some(pause) = self.shared.invocations.pause() {
                let counters = self.shared.counters.invoked.of(StartedBy::Http);
                counters.count(InvocationOutcome::Paused);
                let why = "the plugin failed again and again, and is paused";
                return Err(Refusal::later(pause.left, why));
            }
            let place = self.place().await?;
            // What it has begun elsewhere is brought to its end, whether or not its client still waits.
            let handling = tokio::spawn(async move {
                let _place = place;
                let ended = self.present.closed();
                tokio::select! {
                    answer = self.handling.handle(&self.shared, request, origin) => answer,
                    () = ended => Err(Refusal::new(STOPPED, "the plugin was stopped")),
                }
            });
            let stopped = |_| Err(Refusal::new(STOPPED, "the plugin was stopped"));
            handling.await.unwrap_or_else(stopped)
        })
    }
}

impl Handler {
    /// A client's request, at one of the plugin's limits.
    fn refused(&self, limit: &str) {
        let counters = &self.shared.counters;
        counters.limited.add(limit);
        if counters.told.is_one_more() {
            let plugin = self.shared.name();
            tracing::warn!(plugin, limit, "a request of HTTP is refused");
        }
    }

    /// A place among the requests that are handled; as many as there are places may wait, and each for a moment.
    async fn place(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(place);
        }
        if let Ok(_waits) = self.queue.try_acquire() {
            let place = Arc::clone(&self.places).acquire_owned();
            if let Ok(Ok(place)) = timeout(LONGEST_WAIT, place).await {
                return Ok(place);
            }
        }
        self.refused("concurrency");
        Err(Refusal::later(LONGEST_WAIT, "the plugin is busy"))
    }
}

const LONGEST_WAIT: Duration = Duration::from_secs(1);

const STOPPED: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
