//! Asking a broker for what it refuses, and what is told then.

use std::time::Duration;

use oslo_messaging::{Error, RpcServer, Target, Transport, TransportError, TransportErrorKind};

use super::case::{client, echo, unique};
use super::node::{Login, node};

/// A server of a new topic that cannot start.
pub(crate) async fn start(transport: &Transport) -> TransportError {
    start_of(transport, &unique("topic")).await
}

/// A server of a topic that cannot start.
pub(crate) async fn start_of(transport: &Transport, topic: &str) -> TransportError {
    let target = Target::topic(topic).server("host-1");
    let started = RpcServer::builder(transport, target).start().await;
    source(started.map(drop))
}

/// A call that cannot be sent.
pub(crate) async fn fail_to_call(transport: &Transport) -> TransportError {
    let client = client(transport, "any").timeout(Duration::from_secs(5));
    source(echo(&client.retry(0)).await.map(drop))
}

pub(crate) fn source(failed: Result<(), Error>) -> TransportError {
    match failed.unwrap_err() {
        Error::DeliveryFailure { source, .. } => source,
        other => panic!("{other:?}"),
    }
}

/// Told is the kind, what the broker said, and what to do about it.
pub(crate) fn assert_told(
    error: &TransportError,
    kind: TransportErrorKind,
    says: &[&str],
    remedy: &[&str],
) {
    let text = error.to_string();
    assert_eq!(error.kind(), kind, "{text}");
    let known = error.remedy().unwrap_or_default();
    let missing: Vec<_> = remedy
        .iter()
        .filter(|word| !known.contains(**word))
        .collect();
    assert!(
        missing.is_empty(),
        "{missing:?} are missing in the remedy of: {text}"
    );
    let missing: Vec<_> = says.iter().filter(|word| !text.contains(**word)).collect();
    assert!(missing.is_empty(), "{missing:?} are missing in: {text}");
    assert!(text.ends_with(&format!("({known})")), "{text}");
}

/// A user of the tests' node, who is gone when this is dropped.
pub(crate) struct User {
    pub(crate) name: String,
}

impl User {
    /// One with all permissions.
    pub(crate) fn new() -> Self {
        Self::may(".*", ".*", ".*")
    }

    pub(crate) fn may(configure: &str, write: &str, read: &str) -> Self {
        let (node, name) = (node(), unique("user"));
        node.control(&["add_user", &name, PASSWORD]).unwrap();
        let permissions = ["set_permissions", &name, configure, write, read];
        node.control(&permissions).unwrap();
        Self { name }
    }

    pub(crate) fn login(&self) -> Login {
        Login {
            user: self.name.clone(),
            password: PASSWORD.to_owned(),
            port: node().port(),
        }
    }

    pub(crate) fn transport(&self) -> Transport {
        Transport::new(&self.login().url("")).unwrap()
    }

    /// Sets its limits; -1 is none.
    pub(crate) fn limit(&self, limits: &str) {
        node()
            .control(&["set_user_limits", &self.name, limits])
            .unwrap();
    }
}

impl Drop for User {
    fn drop(&mut self) {
        drop(node().control(&["delete_user", &self.name]));
    }
}

const PASSWORD: &str = "not-to-be-printed";
