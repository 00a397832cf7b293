//! One answer in a file: what is asked, and what comes back.

use std::time::Duration;

use oslo_messaging::{
    Delivery, Error, RemoteError, TransportError, TransportErrorKind, WaitingFor,
};
use oslo_messaging_wasmtime::{Kind as Sent, Outgoing};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// An object of the file. What it does not say of a request may be anything, and `null` is a request
/// without.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<Kind>,
    pub(crate) topic: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) exchange: Option<String>,
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) server: Option<Option<String>>,
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) namespace: Option<Option<String>>,
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) version: Option<Option<String>>,
    pub(crate) method: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) args: Option<Value>,
    /// Seconds until the answer.
    #[serde(default, skip_serializing_if = "is_zero")]
    delay: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    result: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exception: Option<Exception>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<Failed>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Call,
    Cast,
}

impl Kind {
    pub(crate) const fn of(outgoing: &Outgoing) -> Self {
        match outgoing.kind() {
            Sent::Call => Self::Call,
            _ => Self::Cast,
        }
    }
}

/// What a method raises.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    #[serde(default = "builtins")]
    module: String,
    class: String,
    #[serde(default)]
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    args: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kwargs: Option<Box<RawValue>>,
}

/// How a request can fail that no method answered.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Failed {
    /// It is unknown whether the broker has it.
    MaybeSent,
    NoSuchTarget,
    NotSent,
    Timeout,
}

/// What comes back.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) delay: Duration,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Result(Box<RawValue>),
    Exception(Box<RemoteError>),
    Failed(Failed),
}

impl Entry {
    /// What was asked, with what came of it; none for a failure that no file has.
    pub(crate) fn recorded(mut asked: Self, result: &Result<Box<RawValue>, Error>) -> Option<Self> {
        match result {
            Ok(result) => asked.result = Some(result.clone()),
            Err(Error::Remote(remote)) => {
                asked.exception = Some(Exception {
                    module: remote.module.clone(),
                    class: remote.class.clone(),
                    message: remote.message.clone(),
                    args: Some(remote.args.clone()),
                    kwargs: Some(remote.kwargs.clone()),
                });
            }
            Err(Error::NoSuchTarget { .. }) => asked.error = Some(Failed::NoSuchTarget),
            Err(Error::Timeout { .. }) => asked.error = Some(Failed::Timeout),
            Err(Error::DeliveryFailure { delivery, .. }) => {
                asked.error = Some(match delivery {
                    Delivery::MaybeDelivered => Failed::MaybeSent,
                    Delivery::NotSent => Failed::NotSent,
                });
            }
            Err(_) => return None,
        }
        Some(asked)
    }

    /// A request that nothing is known of yet.
    pub(crate) fn asked(kind: Kind, topic: String, method: String, args: Value) -> Self {
        Self {
            kind: Some(kind),
            topic,
            exchange: None,
            server: None,
            namespace: None,
            version: None,
            method,
            args: Some(args),
            delay: 0.0,
            result: None,
            exception: None,
            error: None,
        }
    }

    /// What comes back, or what makes no sense of it.
    pub(crate) fn reply(&self) -> Result<Reply, String> {
        let delay = Duration::try_from_secs_f64(self.delay)
            .map_err(|_| "`delay` is a number of seconds, such as 0.5".to_owned())?;
        let outcome = match (&self.result, &self.exception, self.error) {
            (result, None, None) => {
                let null = || RawValue::NULL.to_owned();
                Outcome::Result(result.clone().unwrap_or_else(null))
            }
            (None, Some(exception), None) => Outcome::Exception(exception.raised()?),
            (None, None, Some(failed)) => Outcome::Failed(failed),
            _ => return Err("it has more than one of `result`, `exception` and `error`".to_owned()),
        };
        if self.args.as_ref().is_some_and(|args| !args.is_object()) {
            return Err("`args` is an object, such as {\"host\": \"a\"}".to_owned());
        }
        Ok(Reply { delay, outcome })
    }
}

impl Exception {
    fn raised(&self) -> Result<Box<RemoteError>, String> {
        let mut raised = RemoteError::new(&*self.module, &*self.class, &*self.message);
        if let Some(args) = &self.args {
            if !args.get().starts_with('[') {
                return Err("`args` of an exception is a list".to_owned());
            }
            raised.args = args.clone();
        }
        if let Some(kwargs) = &self.kwargs {
            if !kwargs.get().starts_with('{') {
                return Err("`kwargs` of an exception is an object".to_owned());
            }
            raised.kwargs = kwargs.clone();
        }
        Ok(Box::new(raised.expected()))
    }
}

impl Reply {
    /// What a client is told, for whom the limit of time was this.
    pub(crate) fn told(self, limit: Duration, routing_key: &str, exchange: &str) -> Told {
        let trouble = |delivery| {
            let what = "the file of --replay says so";
            let source = TransportError::new(TransportErrorKind::ConnectionLost, what);
            Error::DeliveryFailure { delivery, source }
        };
        match self.outcome {
            Outcome::Failed(Failed::MaybeSent) => Err(trouble(Delivery::MaybeDelivered)),
            Outcome::Failed(Failed::NotSent) => Err(trouble(Delivery::NotSent)),
            Outcome::Result(result) => Ok(result),
            Outcome::Exception(raised) => Err(raised.into()),
            Outcome::Failed(Failed::NoSuchTarget) => Err(Error::NoSuchTarget {
                exchange: exchange.to_owned(),
                routing_key: routing_key.to_owned(),
            }),
            Outcome::Failed(Failed::Timeout) => Err(Error::Timeout {
                waiting_for: WaitingFor::Reply,
                delivery: Delivery::MaybeDelivered,
                limit,
            }),
        }
    }
}

pub(crate) type Told = Result<Box<RawValue>, Error>;

/// What is there, be it `null`.
fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

fn builtins() -> String {
    "builtins".to_owned()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(seconds: &f64) -> bool {
    *seconds == 0.0
}
