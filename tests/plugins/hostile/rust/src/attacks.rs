//! What a plugin tries that nobody should trust.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Write as _;
use std::mem::forget;
use std::thread::sleep;
use std::time::Duration;

use oslo_messaging_guest::serve::{Endpoint, Exception, Request};
use oslo_messaging_guest::{Client, Error, Result, Target};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::honest::compute;
use crate::{surroundings, verbs};

pub(crate) fn add(endpoint: Endpoint) -> Endpoint {
    endpoint
        .method("exception", exception)
        .method_async("flood", flood)
        .method_async("forge", forge)
        .method("handles", |_, ()| handles())
        .method("memory", |_, ()| Ok(memory()))
        .method("output", output)
        .method_async("persist", persist)
        .method_async("reach", reach)
        .method("recursion", |_, ()| Ok(deeper([0; 16])))
        .method("result", |_, Bytes { bytes }| Ok("x".repeat(bytes)))
        .method("sleep", |_, ()| {
            sleep(Duration::from_secs(1 << 20));
            Ok(())
        })
        .method("spin", |_, ()| -> Result<(), Exception> {
            loop {
                std::hint::spin_loop();
            }
        })
        .method_async("strings", strings)
        .method("surroundings", surroundings::look)
        .method("trap", |_, ()| -> Result<(), Exception> {
            std::process::abort()
        })
        .method_async("wait", |_, ()| std::future::pending::<Result<(), _>>())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bytes {
    bytes: usize,
}

fn exception(_: Request, Bytes { bytes }: Bytes) -> Result<(), Exception> {
    Err(Exception::new("builtins", "ValueError", "x".repeat(bytes)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Flood {
    count: usize,
}

/// More calls at the same time than anybody needs. How many ended in which way.
async fn flood(_: Request, Flood { count }: Flood) -> Result<BTreeMap<String, u64>, Exception> {
    let client = compute()?;
    let mut ended = BTreeMap::new();
    for result in verbs::call_many(&client, "hold", &(), count).await {
        let how = match result {
            Ok(_) => "done".to_owned(),
            Err(Error::LimitExceeded { limit, .. }) => limit,
            Err(error) => error.to_string(),
        };
        *ended.entry(how).or_default() += 1;
    }
    Ok(ended)
}

/// Calls with a context that is somebody else's. What the server saw of it.
async fn forge(_: Request, context: Box<RawValue>) -> Result<Value, Exception> {
    Ok(verbs::call(&compute()?, &context, "context", &()).await?)
}

/// Opens clients and forgets them.
fn handles() -> Result<(), Exception> {
    loop {
        forget(compute()?);
    }
}

/// Takes memory, and fills it, until there is no more. How many MiB there were.
fn memory() -> usize {
    let mut kept = Vec::with_capacity(4096);
    while kept.len() < kept.capacity() {
        let mut piece = Vec::<u8>::new();
        if piece.try_reserve_exact(MIB).is_err() {
            break;
        }
        piece.resize(MIB, 1);
        kept.push(black_box(piece));
    }
    kept.len()
}

/// Prints more than anybody reads.
fn output(_: Request, Bytes { bytes }: Bytes) -> Result<usize, Exception> {
    let line = [b'x'; 1023];
    let mut printed = 0;
    while printed < bytes {
        let mut out = std::io::stdout();
        out.write_all(&line)
            .and_then(|()| out.write_all(b"\n"))
            .map_err(|error| Exception::new("builtins", "OSError", error.to_string()))?;
        printed += line.len() + 1;
    }
    Ok(printed)
}

/// Goes on calling, whatever it is told.
async fn persist(request: Request, args: Box<RawValue>) -> Result<(), Exception> {
    let client = compute()?;
    loop {
        // It does not care.
        let _ = verbs::call(&client, request.context(), "count", &args).await;
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reach {
    #[serde(default = "usual_transport")]
    transport: String,
    topic: String,
    method: String,
    exchange: Option<String>,
    namespace: Option<String>,
    server: Option<String>,
    version: Option<String>,
    #[serde(default)]
    cast: bool,
    #[serde(default)]
    fanout: bool,
}

fn usual_transport() -> String {
    "default".to_owned()
}

/// Sends where it is told to.
async fn reach(request: Request, to: Reach) -> Result<Value, Exception> {
    let mut target = Target::topic(to.topic).fanout(to.fanout);
    target.exchange = to.exchange;
    target.namespace = to.namespace;
    target.server = to.server;
    target.version = to.version;
    let client = Client::open(&to.transport, target)?;
    let args = json!({"value": "forbidden"});
    if to.cast {
        verbs::cast(&client, &to.method, &args).await?;
        return Ok(Value::Null);
    }
    Ok(verbs::call(&client, request.context(), &to.method, &args).await?)
}

/// Each needs some of the stack.
#[expect(unconditional_recursion, reason = "that is what it is for")]
fn deeper(used: [u64; 16]) -> u64 {
    let deeper = deeper(black_box(used.map(|it| it + 1)));
    black_box(deeper) + 1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Strings {
    bytes: usize,
    place: String,
}

/// Calls with a text that is too long at some place.
async fn strings(request: Request, args: Strings) -> Result<Value, Exception> {
    let Strings { bytes, place } = args;
    let long = "x".repeat(bytes);
    let called = match place.as_str() {
        "args" => {
            let args = json!({"value": long});
            verbs::call(&compute()?, request.context(), "echo", &args).await
        }
        "method" => verbs::call(&compute()?, request.context(), &long, &()).await,
        _ => {
            let client = Client::open("default", Target::topic(long))?;
            verbs::call(&client, request.context(), "echo", &()).await
        }
    };
    Ok(called?)
}

const MIB: usize = 1 << 20;
