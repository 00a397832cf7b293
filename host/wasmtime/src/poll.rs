//! `oslo:messaging/rpc-poll`: calls that are started, run as tasks of the host, and whose end the
//! guest waits for with `wasi:io/poll`.

use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};
use tokio::task::AbortHandle;
use wasmtime::component::Resource;
use wasmtime::format_err;
use wasmtime_wasi_io::async_trait;
use wasmtime_wasi_io::poll::{DynPollable, Pollable, subscribe};

use crate::admission::Place;
use crate::bindings::rpc_poll::{Host, HostPending};
use crate::bindings::types::{Error, Outcome};
use crate::error::other;
use crate::hooks::Kind;
use crate::resources::{Client, Options};
use crate::rpc::{Ended, Message, Sending};
use crate::{Failure, MessagingCtxView};

/// What a guest's `pending` is: a call or cast that runs as a task, or its end.
#[derive(Debug)]
pub struct Pending {
    /// None: the guest has it.
    end: Option<oneshot::Receiver<Ended>>,
    over: watch::Receiver<()>,
    task: AbortHandle,
    /// Given back by whoever takes the end or drops this, and at that moment: the task ends later.
    place: Option<Place>,
}

impl Pending {
    fn start(runtime: &Handle, kind: Kind, mut sending: Sending) -> Self {
        let (end, ended) = oneshot::channel();
        let (over, running) = watch::channel(());
        let place = sending.take_place();
        let task = runtime.spawn(async move {
            // A guest that is gone meanwhile does not want it.
            let _ = end.send(sending.end(kind).await);
            // Closing it wakes whoever waits, however the task ends.
            drop(over);
        });
        Self {
            end: Some(ended),
            over: running,
            task: task.abort_handle(),
            place,
        }
    }

    fn take(&mut self) -> Option<Result<String, Error>> {
        let unknown = |message: &str| Err(other(Outcome::Unknown, message));
        let Some(ended) = &mut self.end else {
            return Some(unknown("its end was taken before"));
        };
        let result = match ended.try_recv() {
            Ok(ended) => ended.into_result(),
            Err(oneshot::error::TryRecvError::Empty) => return None,
            Err(oneshot::error::TryRecvError::Closed) => {
                unknown("the host has stopped working on it")
            }
        };
        self.end = None;
        self.place = None;
        Some(result)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What one pollable waits for. It outlives its `pending`, so that a guest may drop them in any
/// order.
struct Over(watch::Receiver<()>);

#[async_trait]
impl Pollable for Over {
    async fn ready(&mut self) {
        // Nothing is ever sent, so that this returns when the channel is closed.
        while self.0.changed().await.is_ok() {}
    }
}

impl MessagingCtxView<'_> {
    fn start_pending(
        &mut self,
        kind: Kind,
        message: Message,
    ) -> Result<Resource<Pending>, Failure> {
        let runtime = Handle::try_current().map_err(|_| {
            Failure::Trap(format_err!(
                "plugins that call have to run on a tokio runtime"
            ))
        })?;
        let sending = self.start(kind, message)?;
        let pending = Pending::start(&runtime, kind, sending);
        Ok(self.table.push(pending)?)
    }
}

impl Host for MessagingCtxView<'_> {
    fn start_call(
        &mut self,
        client: Resource<Client>,
        context: String,
        method: String,
        args: String,
        options: Option<Resource<Options>>,
    ) -> Result<Resource<Pending>, Failure> {
        let message = Message {
            client,
            context,
            method,
            args,
            options,
        };
        self.start_pending(Kind::Call, message)
    }

    fn start_cast(
        &mut self,
        client: Resource<Client>,
        context: String,
        method: String,
        args: String,
        options: Option<Resource<Options>>,
    ) -> Result<Resource<Pending>, Failure> {
        let message = Message {
            client,
            context,
            method,
            args,
            options,
        };
        self.start_pending(Kind::Cast, message)
    }
}

impl HostPending for MessagingCtxView<'_> {
    fn subscribe(&mut self, pending: Resource<Pending>) -> wasmtime::Result<Resource<DynPollable>> {
        let over = Over(self.table.get(&pending)?.over.clone());
        let over = self.table.push(over)?;
        subscribe(self.table, over)
    }

    fn take(
        &mut self,
        pending: Resource<Pending>,
    ) -> wasmtime::Result<Option<Result<String, Error>>> {
        Ok(self.table.get_mut(&pending)?.take())
    }

    fn drop(&mut self, pending: Resource<Pending>) -> wasmtime::Result<()> {
        self.table.delete(pending)?;
        Ok(())
    }
}
