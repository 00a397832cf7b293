//! What honest plugins do: they call, and wait.

use std::cell::Cell;
use std::thread::sleep;
use std::time::{Duration, Instant};

use oslo_messaging_guest::serve::{Endpoint, Exception, Request};
use oslo_messaging_guest::{Client, Result, Target};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::verbs;

pub(crate) fn add(endpoint: Endpoint) -> Endpoint {
    let served = Cell::new(0_u64);
    endpoint
        .method_async("calls", calls)
        .method_async("gather", gather)
        .method_async("in_flight", in_flight)
        .method("nothing", |_, ()| Ok(()))
        .method("number", move |_, ()| {
            served.set(served.get() + 1);
            Ok(served.get())
        })
        .method_async("pace", pace)
        .method_async("relay", relay)
}

/// A client of the one service that every plugin may call.
pub(crate) fn compute() -> Result<Client> {
    Client::open("default", Target::topic("compute"))
}

/// Calls `count` on behalf of its caller.
async fn relay(request: Request, args: Box<RawValue>) -> Result<Value, Exception> {
    let client = compute()?;
    Ok(verbs::call(&client, request.context(), "count", &args).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Gather {
    id: String,
    count: usize,
}

/// Makes so many calls, none of which ends before all of them have begun.
async fn gather(_: Request, Gather { id, count }: Gather) -> Result<usize, Exception> {
    let client = compute()?;
    let args = json!({"id": id, "count": count});
    let results = verbs::call_many(&client, "gather", &args, count).await;
    let done: Result<Vec<_>> = results.into_iter().collect();
    Ok(done?.len())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Calls {
    count: usize,
}

/// Makes so many calls, one after the other.
async fn calls(request: Request, Calls { count }: Calls) -> Result<(), Exception> {
    let client = compute()?;
    for _ in 0..count {
        verbs::call(&client, request.context(), "echo", &echoed()).await?;
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InFlight {
    at_once: usize,
    count: usize,
}

/// Makes so many calls, some of them at the same time.
async fn in_flight(_: Request, args: InFlight) -> Result<(), Exception> {
    let InFlight { at_once, count } = args;
    let client = compute()?;
    Ok(verbs::keep_in_flight(&client, "echo", &echoed(), at_once, count).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pace {
    length_ms: u64,
    rest_ms: u64,
}

/// Calls and rests, and says how often, and what went wrong.
async fn pace(request: Request, Pace { length_ms, rest_ms }: Pace) -> Result<Value, Exception> {
    let client = compute()?;
    let begun = Instant::now();
    let (mut calls, mut errors) = (0_u64, Vec::new());
    while begun.elapsed() < Duration::from_millis(length_ms) {
        calls += 1;
        let called = verbs::call(&client, request.context(), "echo", &echoed()).await;
        errors.extend(called.err().map(|error| error.to_string()));
        sleep(Duration::from_millis(rest_ms));
    }
    Ok(json!({"calls": calls, "errors": errors}))
}

fn echoed() -> Value {
    json!({"value": "sixteen letters."})
}
