//! Answers what a plugin asks by a file, and sends nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use oslo_messaging::{Error, Transport};
use oslo_messaging_wasmtime::{MessagingHooks, Outgoing};
use serde_json::Value;
use serde_json::value::RawValue;

use super::hooks::{Sends, SentBy};
use super::{Answers, Asked, Kind, is_of_a_client};
use crate::failure::{Exit, Failure};
use crate::print;

/// The answers of a file, and how many requests it did not know.
#[derive(Clone, Debug)]
pub(crate) struct Replayed {
    answers: Arc<Answers>,
    unknown: Arc<AtomicUsize>,
    json: bool,
}

impl Replayed {
    pub(crate) fn new(answers: Answers, json: bool) -> Self {
        Self {
            answers: Arc::new(answers),
            unknown: Arc::default(),
            json,
        }
    }

    /// These hooks, with what they allow answered.
    pub(crate) fn hooks(&self, inner: Box<dyn MessagingHooks>) -> Box<dyn MessagingHooks> {
        let sends = self.clone();
        Box::new(SentBy { inner, sends })
    }

    /// Whether something was asked that has no answer.
    pub(crate) fn trouble(&self) -> Option<Failure> {
        let unknown = self.unknown.load(Ordering::Relaxed);
        (unknown > 0).then(|| {
            let message = format!("{unknown} of the plugin's requests have no answer in the file");
            Failure::new(Exit::NotRecorded, message)
                .remedy("each is told above; record it, or write its answer into the file")
        })
    }
}

impl Sends for Replayed {
    async fn send(self, outgoing: Outgoing) -> Result<Box<RawValue>, Error> {
        let target = outgoing.target();
        let args: Value = serde_json::from_str(outgoing.args().get()).unwrap_or_default();
        let asked = Asked {
            kind: Some(Kind::of(&outgoing)),
            topic: target.topic.as_deref().unwrap_or_default(),
            exchange: outgoing.exchange(),
            server: target.server.as_deref(),
            namespace: target.namespace.as_deref(),
            version: Some(target.version.as_deref()),
            method: outgoing.method(),
            args: &args,
        };
        let Some(reply) = self.answers.reply(&asked) else {
            let why = format!("no answer in the file of --replay fits {asked}");
            if let Some(error) = refused(outgoing).await {
                return Err(error);
            }
            self.unknown.fetch_add(1, Ordering::Relaxed);
            print::notice(&why, self.json);
            return Err(Error::InvalidArgument {
                argument: "method".into(),
                reason: why,
            });
        };
        let limit = outgoing
            .deadline()
            .saturating_duration_since(Instant::now());
        tokio::time::sleep(reply.delay).await;
        let routing_key = match asked.server {
            Some(server) => format!("{}.{server}", asked.topic),
            None => asked.topic.to_owned(),
        };
        reply.told(limit, &routing_key, asked.exchange)
    }

    /// Of any name: nothing is sent over it.
    fn transport(&self, _: &mut dyn MessagingHooks, _: &str) -> Option<Transport> {
        Some(Transport::memory())
    }
}

/// What a client says before it sends anything. What it sends in replays reaches nobody, and is not waited
/// for.
async fn refused(outgoing: Outgoing) -> Option<Error> {
    match tokio::time::timeout(Duration::ZERO, outgoing.send()).await {
        Ok(Err(error)) if is_of_a_client(&error) => Some(error),
        _ => None,
    }
}
