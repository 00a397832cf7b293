//! What starts a plugin.

mod http;
mod notification;
mod rpc;
mod serving;
mod timer;

use std::sync::Arc;

use oslo_messaging_policy::Trigger as Told;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::version::Shared;

/// A trigger that is set. Dropped, it starts nothing more, and what runs is ended.
pub(crate) struct Trigger {
    stopping: watch::Sender<bool>,
    task: JoinHandle<()>,
    waiting: Arc<Waiting>,
}

/// Why a trigger cannot start anything for now.
#[derive(Default)]
struct Waiting(Mutex<Option<String>>);

impl Waiting {
    fn set(&self, why: Option<String>) {
        *self.0.lock() = why;
    }
}

impl Trigger {
    fn spawn<F>(run: impl FnOnce(watch::Receiver<bool>, Arc<Waiting>) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (stopping, stop) = watch::channel(false);
        let waiting = Arc::<Waiting>::default();
        let task = tokio::spawn(run(stop, Arc::clone(&waiting)));
        Self {
            stopping,
            task,
            waiting,
        }
    }

    pub(crate) fn waiting(&self) -> Option<String> {
        self.waiting.0.lock().clone()
    }

    /// Starts nothing more from now on.
    pub(crate) fn leave(&self) {
        self.stopping.send_replace(true);
    }

    /// Returns when nothing of it runs any more, which what runs has its limit for.
    pub(crate) async fn stop(mut self) {
        self.leave();
        // It ends by itself.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Trigger {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Sets a trigger, or says why the plugin cannot be started by it.
pub(crate) async fn start(shared: &Arc<Shared>, trigger: &Told) -> Result<Trigger, String> {
    match trigger {
        Told::Http { path } => http::start(shared, path),
        Told::Notification(subscription) => notification::start(shared, subscription).await,
        Told::Rpc(service) => rpc::start(shared, service).await,
        Told::Timer { overlap, schedule } => timer::start(shared, schedule, *overlap),
        // A candidate has none of another kind.
        _ => Err("it has a trigger that this host does not serve".to_owned()),
    }
}
