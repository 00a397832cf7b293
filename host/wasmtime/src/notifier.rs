//! `notifier` of the guest: what it opens, and notifications from the guest's call to their end.

use std::sync::Arc;
use std::time::Duration;

use oslo_messaging::{Error as Native, Notifier as NativeNotifier, Priority, Target};
use serde_json::value::RawValue;
use tokio::time::Instant;
use wasmtime::component::Resource;

use crate::admission::{Admission, PendingRequest, enter_all};
use crate::bindings::notifier::{Host, HostNotifier};
use crate::bindings::types::Error;
use crate::check::{json, json_object};
use crate::error::{Failure, access_denied, invalid_argument, limit_exceeded, to_guest};
use crate::hooks::{Ending, Grant, Kind, OnEnd, Request, tell};
use crate::{MessagingCtx, MessagingCtxView, time};

/// What a guest's `notifier` is: a native notifier, and the name of the transport that it was opened
/// with.
#[derive(Clone, Debug)]
pub struct Notifier {
    transport: Arc<str>,
    native: NativeNotifier,
    publisher_id: Option<String>,
    /// The topics of a guest that names none.
    usual: Arc<[String]>,
    /// Those that may be notified; none: whatever the hooks allow.
    granted: Option<Arc<[String]>>,
}

impl Notifier {
    /// Whether the embedder lets the guest notify its topics.
    fn check_granted(&self) -> Result<(), Error> {
        let Some(granted) = &self.granted else {
            return Ok(());
        };
        let transport = &self.transport;
        if granted.is_empty() {
            let message = format!("no topic of transport `{transport}` may be notified");
            return Err(access_denied("default", message));
        }
        let mut topics = self.native.topic_names().iter();
        match topics.find(|topic| !granted.contains(topic)) {
            None => Ok(()),
            Some(topic) => {
                let message =
                    format!("topic `{topic}` of transport `{transport}` may not be notified");
                Err(access_denied("default", message))
            }
        }
    }
}

/// What a guest says in a notification.
pub(crate) struct Told {
    pub(crate) notifier: Resource<Notifier>,
    pub(crate) priority: String,
    pub(crate) context: String,
    pub(crate) event_type: String,
    pub(crate) payload: String,
}

impl MessagingCtxView<'_> {
    /// Checks and authorizes a notification, and takes everything out of the store that it will need.
    /// Its time runs from here.
    pub(crate) fn start_notifying(&mut self, told: Told) -> Result<Notifying, Failure> {
        let now = Instant::now();
        let Told {
            notifier,
            priority,
            context,
            event_type,
            payload,
        } = told;
        let notifier = self.table.get(&notifier)?.clone();
        let MessagingCtx {
            limits,
            admission,
            budget,
            ..
        } = &*self.ctx;
        limits.check_name("priority", &priority)?;
        limits.check_name("event-type", &event_type)?;
        let priority: Priority = priority
            .parse()
            .map_err(|error| invalid_argument("priority", format!("`{priority}`: {error}")))?;
        let bytes = context
            .len()
            .saturating_add(event_type.len())
            .saturating_add(payload.len());
        limits.check_request_bytes(bytes)?;
        notifier.check_granted()?;
        let Notifier {
            transport, native, ..
        } = notifier;
        native
            .validate(priority)
            .map_err(|error| to_guest(error, false))?;
        let context = json_object("context", context)?;
        let payload = json("payload", payload)?;
        // Each topic has a context of its own; they are sent one after the other, from one payload.
        let topics = native.topic_names().len();
        let copies = context.get().len().saturating_mul(topics.saturating_sub(1));
        let pending = budget.enter(bytes.saturating_add(copies), limits)?;

        let mut limit = limits.call_timeout.min(native.effective_timeout());
        if let Some(left) = self.ctx.remaining_at(now) {
            limit = limit.min(left);
        }
        // A place where it goes may be allowed and another one not.
        let mut on_end = OnEnds(Vec::new());
        let mut contexts = Vec::with_capacity(topics);
        // The last topic gets the one that the guest gave, so that one topic needs no copy.
        let copies = std::iter::repeat_n(context, topics);
        for (topic, context) in native.topic_names().iter().zip(copies) {
            let target = Target::topic(topic);
            let routing_key = format!("{topic}.{priority}");
            let request = Request {
                transport: &transport,
                kind: Kind::Notification,
                exchange: Some(native.exchange()),
                routing_key: Some(&routing_key),
                target: &target,
                method: &event_type,
                bytes,
                at: now.into_std(),
            };
            let grant = self.hooks.authorize(&request).map_err(|denied| {
                // As strings, which are escaped: a guest chose what is in them.
                let reason = denied.to_string();
                tracing::info!(reason, routing_key, event_type, "denied");
                let error = Error::from(denied);
                on_end.take().end(&Err(error.clone()));
                error
            })?;
            let Grant {
                context: entries,
                on_end: ended,
                timeout,
                ..
            } = grant;
            on_end.0.extend(ended);
            limit = timeout.map_or(limit, |timeout| limit.min(timeout));
            let stamped = entries.write_over(context).inspect_err(|error| {
                on_end.take().end(&Err(error.clone()));
            });
            contexts.push(stamped?);
        }
        let allowed = Allowed {
            native,
            priority,
            contexts,
            event_type,
            payload,
            limit,
            deadline: time::after(now, limit),
            admission: Arc::clone(admission),
        };
        Ok(Notifying {
            allowed,
            on_end,
            _pending: pending,
        })
    }
}

/// A notification on its way, which has nothing of the store. Dropped, its places are free again.
pub(crate) struct Notifying {
    allowed: Allowed,
    on_end: OnEnds,
    _pending: PendingRequest,
}

impl Notifying {
    pub(crate) async fn send(self) -> Result<(), Error> {
        let result = self.allowed.send().await;
        self.on_end.end(&result);
        result
    }
}

/// A notification that may be sent, with the terms on which it may be.
struct Allowed {
    native: NativeNotifier,
    priority: Priority,
    /// One for each topic.
    contexts: Vec<Box<RawValue>>,
    event_type: String,
    payload: Box<RawValue>,
    limit: Duration,
    deadline: Instant,
    admission: Arc<[Admission]>,
}

impl Allowed {
    async fn send(&self) -> Result<(), Error> {
        let _places = enter_all(&self.admission, self.deadline, self.limit).await?;
        let contexts: Vec<_> = self.contexts.iter().map(|context| &**context).collect();
        let sent = self.native.notify_each_raw_by(
            self.deadline.into_std(),
            self.priority,
            &contexts,
            &self.event_type,
            &self.payload,
        );
        sent.await.map_err(|mut error| {
            // The native notifier knows only the part of the limit that was left for it.
            if let Native::Timeout { limit, .. } = &mut error {
                *limit = self.limit;
            }
            let (text, event_type) = (error.to_string(), &self.event_type);
            tracing::debug!(error = text, event_type, "failed");
            to_guest(error, false)
        })
    }
}

/// Who wants to hear of the end, for each topic.
struct OnEnds(Vec<OnEnd>);

impl OnEnds {
    fn take(&mut self) -> Self {
        Self(std::mem::take(&mut self.0))
    }

    fn end(self, result: &Result<(), Error>) {
        for on_end in self.0 {
            let ending = match result {
                Ok(()) => Ending::Succeeded,
                Err(error) => Ending::Failed(error),
            };
            tell(Some(on_end), ending);
        }
    }
}

impl Host for MessagingCtxView<'_> {
    async fn notify(
        &mut self,
        notifier: Resource<Notifier>,
        priority: String,
        context: String,
        event_type: String,
        payload: String,
    ) -> Result<(), Failure> {
        let told = Told {
            notifier,
            priority,
            context,
            event_type,
            payload,
        };
        Ok(self.start_notifying(told)?.send().await?)
    }
}

impl HostNotifier for MessagingCtxView<'_> {
    fn open(
        &mut self,
        transport: String,
        publisher_id: Option<String>,
    ) -> Result<Resource<Notifier>, Failure> {
        let limits = &self.ctx.limits;
        if let Some(publisher_id) = &publisher_id {
            limits.check_name("publisher-id", publisher_id)?;
        }
        let (transport, granted) = self.granted(&transport)?;
        let mut native = NativeNotifier::new(&granted, publisher_id.as_deref());
        let granted: Option<Arc<[String]>> = match self.ctx.topics.get(&transport) {
            Some(topics) => topics.clone(),
            None => Some(native.topic_names().into()),
        };
        if let Some(granted) = &granted {
            native = native.topics(granted.first());
        }
        let notifier = Notifier {
            usual: native.topic_names().into(),
            transport,
            native,
            publisher_id,
            granted,
        };
        self.check_clients()?;
        let notifier = self.table.push(notifier)?;
        self.ctx.open_clients += 1;
        Ok(notifier)
    }

    fn set_topics(
        &mut self,
        notifier: Resource<Notifier>,
        topics: Option<Vec<String>>,
    ) -> Result<(), Failure> {
        let limits = &self.ctx.limits;
        let known = self.table.get_mut(&notifier)?;
        let topics = topics.unwrap_or_else(|| known.usual.to_vec());
        if topics.len() > limits.topics {
            let message = format!(
                "there are {}, and at most {} may be",
                topics.len(),
                limits.topics
            );
            return Err(limit_exceeded("topics", message).into());
        }
        for (index, topic) in topics.iter().enumerate() {
            limits.check_name("topics", topic)?;
            if topics.iter().take(index).any(|other| other == topic) {
                let reason = format!("`{topic}` is there twice");
                return Err(invalid_argument("topics", reason).into());
            }
        }
        let native = known.native.prepare().topics(topics);
        // The longest of their names.
        native
            .validate(Priority::Critical)
            .map_err(|error| to_guest(error, false))?;
        known.native = native;
        Ok(())
    }

    fn set_timeout(
        &mut self,
        notifier: Resource<Notifier>,
        timeout: Option<u64>,
    ) -> wasmtime::Result<()> {
        let known = self.table.get_mut(&notifier)?;
        known.native = known
            .native
            .prepare()
            .timeout(timeout.map(Duration::from_nanos));
        Ok(())
    }

    fn set_retry(
        &mut self,
        notifier: Resource<Notifier>,
        retry: Option<u32>,
    ) -> wasmtime::Result<()> {
        let known = self.table.get_mut(&notifier)?;
        known.native = known.native.prepare().retry(retry);
        Ok(())
    }

    fn transport(&mut self, notifier: Resource<Notifier>) -> wasmtime::Result<String> {
        Ok(self.table.get(&notifier)?.transport.as_ref().to_owned())
    }

    fn publisher_id(&mut self, notifier: Resource<Notifier>) -> wasmtime::Result<Option<String>> {
        Ok(self.table.get(&notifier)?.publisher_id.clone())
    }

    fn topics(&mut self, notifier: Resource<Notifier>) -> wasmtime::Result<Vec<String>> {
        Ok(self.table.get(&notifier)?.native.topic_names().to_vec())
    }

    fn drop(&mut self, notifier: Resource<Notifier>) -> wasmtime::Result<()> {
        self.table.delete(notifier)?;
        self.ctx.open_clients = self.ctx.open_clients.saturating_sub(1);
        Ok(())
    }
}
