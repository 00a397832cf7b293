//! The methods, but for the one that calls others.

use std::cell::Cell;

use oslo_messaging_guest::serve::{Endpoint, Exception, Request};
use oslo_messaging_guest::{Client, Result, Target};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// The endpoints of version 1.5, of the namespace `ns`, and of version 2.3.
pub(crate) fn endpoints() -> [Endpoint; 3] {
    [first(), named(), second()]
}

/// A client that calls on behalf of others.
pub(crate) fn client(topic: &str) -> Result<Client> {
    Client::open("default", Target::topic(topic))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Relay {
    pub(crate) topic: String,
    pub(crate) name: String,
    pub(crate) args: Map<String, Value>,
}

fn first() -> Endpoint {
    let counted = Cell::new(0_u64);
    Endpoint::new()
        .version("1.5")
        .method("echo", |_, Echo { value }: Echo| Ok(value))
        .method("add", |_, Add { a, b }: Add| Ok(a + b))
        .method("none", |_, ()| Ok(()))
        .method("count", move |_, ()| {
            counted.set(counted.get() + 1);
            Ok(counted.get())
        })
        .method("context", |request, ()| Ok(request.context().to_owned()))
        .method("monitored", |request: Request, ()| {
            Ok(request
                .call_monitor_timeout()
                .map(|timeout| timeout.as_secs()))
        })
        .method("whoami", |request, ()| {
            Ok(request.served_by().server.clone())
        })
        .method("spin", |_, ()| -> std::result::Result<(), Exception> {
            loop {
                std::hint::spin_loop();
            }
        })
        .method("which", |_, ()| Ok("1.5"))
        .method("quota", |_, Quota { resource, limit }: Quota| {
            let args = [json!("quota exceeded"), json!(resource)];
            let mut kwargs = Map::new();
            kwargs.insert("limit".to_owned(), limit.into());
            let message = format!("('quota exceeded', '{resource}')");
            let exception = Exception::new("peer_errors", "QuotaExceeded", message);
            Err::<(), _>(exception.args(args).kwargs(kwargs))
        })
        .method("fail_value", |_, ()| {
            let exception = Exception::new("builtins", "ValueError", "('boom', 42)");
            Err::<(), _>(exception.args([json!("boom"), json!(42)]))
        })
        .method("fail_expected", |_, ()| {
            let exception = Exception::new("builtins", "LookupError", "no such thing");
            Err::<(), _>(exception.expected())
        })
}

fn named() -> Endpoint {
    Endpoint::new()
        .namespace("ns")
        .legacy_namespace(Some("old"))
        .version("2.1")
        .method("hello", |_, Hello { who }: Hello| {
            Ok(format!("hello {who}"))
        })
}

fn second() -> Endpoint {
    Endpoint::new()
        .version("2.3")
        .method("which", |_, ()| Ok("2.3"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Echo {
    value: Box<RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Add {
    a: i64,
    b: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hello {
    who: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quota {
    resource: String,
    limit: u64,
}
