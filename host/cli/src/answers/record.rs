//! Writes down what a plugin asks, and what it is told.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use oslo_messaging::Error;
use oslo_messaging_wasmtime::{MessagingHooks, Outgoing};
use parking_lot::Mutex;
use serde_json::value::RawValue;

use super::hooks::{Sends, SentBy};
use super::{Entry, Kind, is_of_a_client};
use crate::failure::{Exit, Failure};
use crate::print;

/// A file that answers are written to, one a line and each as soon as it is there, so that whatever ends
/// the program leaves those before it.
#[derive(Clone, Debug)]
pub(crate) struct Recorder(Arc<Recording>);

#[derive(Debug)]
struct Recording {
    file: Mutex<File>,
    /// The first trouble with it.
    trouble: Mutex<Option<String>>,
    json: bool,
}

impl Recorder {
    /// Of a new file, which only its owner may read: what services answer may be secret.
    pub(crate) fn create(path: &Path, json: bool) -> Result<Self, Failure> {
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(path);
        let file = file.map_err(|error| {
            let message = format!("{}: {error}", path.display());
            Failure::new(Exit::InvalidArgument, message)
                .remedy("a recording is a new file: choose another name, or remove the old one")
        })?;
        Ok(Self(Arc::new(Recording {
            file: Mutex::new(file),
            trouble: Mutex::default(),
            json,
        })))
    }

    /// These hooks, with what they allow written down.
    pub(crate) fn hooks(&self, inner: Box<dyn MessagingHooks>) -> Box<dyn MessagingHooks> {
        let sends = self.clone();
        Box::new(SentBy { inner, sends })
    }

    /// What was not written.
    pub(crate) fn trouble(&self) -> Option<Failure> {
        let trouble = self.0.trouble.lock().take()?;
        Some(Failure::new(Exit::Failed, trouble))
    }

    fn write(&self, entry: &Entry) {
        let written = serde_json::to_string(entry)
            .map_err(std::io::Error::from)
            .and_then(|line| self.0.file.lock().write_all(format!("{line}\n").as_bytes()));
        if let Err(error) = written {
            let what = format!("the recording is not whole: {error}");
            self.0.trouble.lock().get_or_insert(what);
        }
    }
}

impl Sends for Recorder {
    async fn send(self, outgoing: Outgoing) -> Result<Box<RawValue>, Error> {
        let asked = asked(&outgoing);
        let result = outgoing.send().await;
        let (topic, method) = (asked.topic.clone(), asked.method.clone());
        match Entry::recorded(asked, &result) {
            Some(entry) => self.write(&entry),
            None if result.as_ref().is_err_and(is_of_a_client) => {}
            None => print::notice(
                &format!("`{method}` of topic `{topic}` is not recorded: its reply made no sense"),
                self.0.json,
            ),
        }
        result
    }
}

fn asked(outgoing: &Outgoing) -> Entry {
    let target = outgoing.target();
    let kind = Kind::of(outgoing);
    let topic = target.topic.clone().unwrap_or_default();
    // It is an object that was read before.
    let args = serde_json::from_str(outgoing.args().get()).unwrap_or_default();
    let mut asked = Entry::asked(kind, topic, outgoing.method().to_owned(), args);
    asked.exchange.clone_from(&target.exchange);
    asked.server = Some(target.server.clone());
    asked.namespace = Some(target.namespace.clone());
    asked.version = Some(target.version.clone());
    asked
}
