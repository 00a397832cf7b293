//! RabbitMQ: AMQP 0-9-1 by the crate `oslo-amqp`. Supervision and resend rules are here.
//!
//! | file | what |
//! |---|---|
//! | `connect`, `tls`, `errors`, `refusals` | from the settings to an open connection, and what goes wrong |
//! | `supervise`, `backoff`, `address` | staying connected |
//! | `publish` | what may be sent again, and the channels that messages leave on |
//! | `replies`, `listen`, `notified`, `consume`, `stream` | what comes in: for calls, for servers, for notification listeners |
//! | `topology` | exchanges and queues |
//! | `shutdown` | ending in good order |

mod address;
mod backoff;
mod connect;
mod consume;
mod errors;
mod listen;
mod notified;
mod publish;
mod refusals;
mod replies;
mod shutdown;
mod stream;
mod supervise;
#[cfg(all(test, feature = "broker-tests"))]
mod tests;
mod tls;
mod topology;

use std::sync::Arc;

use crate::mutex::Mutex;
use futures_util::future::{BoxFuture, FutureExt, join};
use std::sync::MutexGuard;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::address::Addresses;
use self::connect::Settings;
use self::listen::Listener;
use self::notified::Notified;
use self::publish::{Publisher, Publishing};
use self::replies::ReplyQueues;
use self::supervise::{Supervised, Supervisor, User};
use super::replies::Replies;
use super::{
    Driver, Limits, Listening, Message, NotificationListening, NotificationSubscription, Request,
    SendError, Subscription, TransportError,
};
use crate::config::{TransportOptions, TransportUrl};
use crate::delivery::Delivery;
use crate::wire::ReplyResult;

/// The RabbitMQ transport. Does nothing until it is used.
///
/// Its tasks run on the tokio runtime of their first use, and end when it is closed or dropped.
#[derive(Debug)]
pub(crate) struct Rabbit {
    settings: Arc<Settings>,
    replies: Arc<Replies>,
    closing: watch::Sender<bool>,
    closed: watch::Sender<bool>,
    parts: Mutex<Parts>,
}

#[derive(Debug, Default)]
struct Parts {
    publisher: Option<Arc<Supervised<Arc<Publisher>>>>,
    /// For notifications, whose queues are declared: a broker that does not take such a queue may end
    /// the connection, which must not be the one of calls.
    notifier: Option<Arc<Supervised<Arc<Publisher>>>>,
    reply_queue: Option<Arc<Supervised<Arc<str>>>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Rabbit {
    /// Without I/O.
    pub(crate) fn new(
        url: &TransportUrl,
        options: TransportOptions,
        replies: Arc<Replies>,
    ) -> Self {
        let settings = Settings {
            addresses: Addresses::new(url, &options.rabbit),
            virtual_host: url.virtual_host().to_owned(),
            options: options.rabbit,
            max_message_size: options.max_message_size,
            tls: options.tls,
            observer: Arc::clone(&replies.observer),
        };
        Self {
            settings: Arc::new(settings),
            replies,
            closing: watch::Sender::new(false),
            closed: watch::Sender::new(false),
            parts: Mutex::new(Parts::default()),
        }
    }

    fn publisher(&self) -> Result<Arc<Supervised<Arc<Publisher>>>, TransportError> {
        self.publishing(|parts| &mut parts.publisher)
    }

    fn notifier(&self) -> Result<Arc<Supervised<Arc<Publisher>>>, TransportError> {
        self.publishing(|parts| &mut parts.notifier)
    }

    fn publishing(
        &self,
        of: impl Fn(&mut Parts) -> &mut Option<Arc<Supervised<Arc<Publisher>>>>,
    ) -> Result<Arc<Supervised<Arc<Publisher>>>, TransportError> {
        let mut parts = self.open_parts()?;
        if let Some(publisher) = of(&mut parts).as_ref().filter(|it| it.runs()) {
            return Ok(Arc::clone(publisher));
        }
        let (settings, closing) = (Arc::clone(&self.settings), self.closing.subscribe());
        let publishing = Publishing::new(Arc::clone(&settings.observer));
        let (started, task) = Supervised::start(settings, publishing, closing);
        parts.tasks.push(task);
        Ok(Arc::clone(of(&mut parts).insert(Arc::new(started))))
    }

    fn reply_queue(&self) -> Result<Arc<Supervised<Arc<str>>>, TransportError> {
        let mut parts = self.open_parts()?;
        if let Some(reply_queue) = parts.reply_queue.as_ref().filter(|it| it.runs()) {
            return Ok(Arc::clone(reply_queue));
        }
        let queues = ReplyQueues::new(Arc::clone(&self.replies));
        let (settings, closing) = (Arc::clone(&self.settings), self.closing.subscribe());
        let (started, task) = Supervised::start(settings, queues, closing);
        parts.tasks.push(task);
        Ok(Arc::clone(parts.reply_queue.insert(Arc::new(started))))
    }

    /// The lock keeps `close` from missing a task.
    fn open_parts(&self) -> Result<MutexGuard<'_, Parts>, TransportError> {
        let parts = self.parts.lock();
        if self.is_closing() {
            Err(TransportError::closed())
        } else {
            Ok(parts)
        }
    }

    fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    async fn request(
        &self,
        request: Request<'_>,
        limits: Limits,
    ) -> Result<ReplyResult, SendError> {
        let reply_queue = self.reply_queue().map_err(SendError::not_sent)?;
        let reply_queue = reply_queue.session(limits).await?;
        let mut waiter = self.replies.register();
        let message = Message {
            body: (request.body)(&reply_queue, waiter.call),
            destination: request.destination,
            expires: Some(limits.deadline),
            mandatory: request.mandatory,
        };
        let reply = self.publish(message, limits, Some(&mut waiter)).await?;
        // With a waiter it ends by a reply or an error.
        reply.ok_or_else(|| SendError::Failed {
            delivery: Delivery::MaybeDelivered,
            source: TransportError::closed(),
        })
    }

    async fn start_listening(
        &self,
        subscription: Subscription,
    ) -> Result<Listening, TransportError> {
        let (listener, listening) = Listener::new(&self.settings.options, subscription);
        self.start_now(listener).await?;
        Ok(listening)
    }

    async fn start_now(&self, user: impl User) -> Result<(), TransportError> {
        let settings = Arc::clone(&self.settings);
        let started = {
            let mut parts = self.open_parts()?;
            let (started, task) = Supervisor::start_now(settings, user, self.closing.subscribe());
            parts.tasks.retain(|task| !task.is_finished());
            parts.tasks.push(task);
            started
        };
        // Its task ends without a word only with its runtime.
        started.await.map_err(|_| TransportError::closed())?
    }

    /// Ends the tasks, and the wait for it when they have ended; returns at once.
    fn begin_to_close(&self) {
        let tasks = {
            let mut parts = self.parts.lock();
            if self.closing.send_replace(true) {
                return;
            }
            std::mem::take(&mut parts.tasks)
        };
        self.replies.close();
        self.replies.observer.closed();
        if tasks.is_empty() {
            self.closed.send_replace(true);
            return;
        }
        let closed = self.closed.clone();
        // There are tasks, so there is a runtime, unless it is shutting down.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                for task in tasks {
                    // A task that panicked has nothing left to close.
                    drop(task.await);
                }
                closed.send_replace(true);
            });
        }
    }
}

impl Driver for Rabbit {
    fn cast<'a>(
        &'a self,
        message: Message,
        limits: Limits,
    ) -> BoxFuture<'a, Result<(), SendError>> {
        self.publish(message, limits, None)
            .map(|sent| sent.map(drop))
            .boxed()
    }

    fn call<'a>(
        &'a self,
        request: Request<'a>,
        limits: Limits,
    ) -> BoxFuture<'a, Result<ReplyResult, SendError>> {
        self.request(request, limits).boxed()
    }

    fn listen(
        &self,
        subscription: Subscription,
    ) -> BoxFuture<'_, Result<Listening, TransportError>> {
        self.start_listening(subscription).boxed()
    }

    fn listen_for_notifications(
        &self,
        subscription: NotificationSubscription,
    ) -> BoxFuture<'_, Result<NotificationListening, TransportError>> {
        async {
            let (notified, listening) = Notified::new(subscription);
            self.start_now(notified).await?;
            Ok(listening)
        }
        .boxed()
    }

    fn connect(&self, limits: Limits) -> BoxFuture<'_, Result<(), SendError>> {
        async move {
            let publisher = self.publisher().map_err(SendError::not_sent)?;
            let reply_queue = self.reply_queue().map_err(SendError::not_sent)?;
            let (publisher, reply_queue) =
                join(publisher.session(limits), reply_queue.session(limits)).await;
            publisher?;
            reply_queue.map(drop)
        }
        .boxed()
    }

    fn flush(&self) -> BoxFuture<'_, ()> {
        async {
            // Who was never used has nothing under way.
            let used = {
                let parts = self.parts.lock();
                [parts.publisher.clone(), parts.notifier.clone()]
            };
            for publisher in used.into_iter().flatten() {
                if let Some(session) = publisher.now() {
                    session.settled().await;
                }
            }
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        self.begin_to_close();
        let mut closed = self.closed.subscribe();
        async move {
            // Without a sender it is gone altogether.
            let _ = closed.wait_for(|closed| *closed).await;
        }
        .boxed()
    }
}

impl Drop for Rabbit {
    fn drop(&mut self) {
        self.closing.send_replace(true);
        self.replies.close();
    }
}
