//! What takes messages until it is stopped: a server or a listener.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A task that takes messages. Dropped, it is aborted.
#[derive(Debug)]
pub(crate) struct Running {
    stopping: watch::Sender<bool>,
    ended: watch::Receiver<bool>,
    task: JoinHandle<()>,
    grace: Duration,
}

impl Running {
    /// Begins. The task is told when it has to stop, and has so long to end after that.
    pub(crate) fn start<F>(grace: Duration, run: impl FnOnce(watch::Receiver<bool>) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (stopping, stopped) = watch::channel(false);
        let (ending, ended) = watch::channel(false);
        let running = run(stopped);
        let task = tokio::spawn(async move {
            running.await;
            let _ = ending.send(true);
        });
        Self {
            stopping,
            ended,
            task,
            grace,
        }
    }

    /// Returns when the task has ended, or the grace is over.
    pub(crate) async fn stop(mut self) {
        let _ = self.stopping.send(true);
        // The task ends by itself; it panics only if a panic of what it runs could not be caught.
        let _ = tokio::time::timeout(self.grace, &mut self.task).await;
    }

    /// Waits until the task has ended.
    ///
    /// Cancel safe.
    pub(crate) async fn ended(&self) {
        // Without a sender it has ended.
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}
