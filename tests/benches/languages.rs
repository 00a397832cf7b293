//! What a plugin of each language costs: its size, how long it takes to start with and without
//! compiled code kept from before, and what a call takes. Prints the rows of the table in the
//! README; `cargo xtask measure` puts them there.

#[path = "../tests/behaviours/guest.rs"]
mod guest;
#[path = "../tests/behaviours/native.rs"]
mod native;
#[path = "../tests/behaviours/surface.rs"]
mod surface;

use std::time::{Duration, Instant};

use oslo_messaging::{Endpoint, RpcServer, Target, Transport};
use serde_json::{Value, json};
use wasmtime::Engine;
use wasmtime::component::Component;

use self::guest::Guests;
use self::surface::{Guest, SURFACES, Surface};

#[tokio::main]
async fn main() {
    // Cargo runs benchmarks that are asked for nothing as tests.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let transport = Transport::memory();
    let server = RpcServer::builder(&transport, Target::topic("measured").server("one"))
        .endpoint(Endpoint::new().method("echo", |_, args: Value| async move {
            Ok(args["value"].clone())
        }))
        .start()
        .await
        .expect("memory refuses no server");

    let call = per_call(async |script| native::run(&transport, script).await).await;
    println!("| native | | | | {:.1} |", microseconds(call));
    let guests = Guests::new();
    for surface in SURFACES {
        if let Some(guest) = surface.guest {
            println!("{}", row(surface, guest, &guests, &transport).await);
        }
    }
    server.stop().await;
}

/// A row of the table, in Markdown.
async fn row(surface: &Surface, guest: Guest, guests: &Guests, transport: &Transport) -> String {
    let path = guests.path(guest);
    let metadata = std::fs::metadata(&path).expect("the guests are built");
    let kib = metadata.len().div_ceil(1024);
    let started = Instant::now();
    let compiled = Component::from_file(&Engine::default(), path).expect("it is a component");
    let cold = started.elapsed();
    drop(compiled);
    // Compiles if this was not done before.
    drop(guests.get(guest));
    let started = Instant::now();
    let linked = Guests::new().get(guest);
    let outcomes = linked.run(transport, &script(0)).await;
    let warm = started.elapsed();
    assert_eq!(outcomes, json!([]));
    let call = per_call(async |script| linked.run(transport, script).await).await;
    format!(
        "| {} | {kib} | {:.0} | {:.1} | {:.1} |",
        surface.name,
        milliseconds(cold),
        milliseconds(warm),
        microseconds(call),
    )
}

/// What a call takes: the difference of a long and a short script at their best, so that starting
/// is not in it.
async fn per_call(run: impl AsyncFn(&Value) -> Value) -> Duration {
    let mut best = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        for (best, calls) in best.iter_mut().zip([SHORT, LONG]) {
            let script = script(calls);
            let started = Instant::now();
            let outcomes = run(&script).await;
            *best = started.elapsed().min(*best);
            assert_eq!(outcomes.as_array().map(Vec::len), Some(calls), "{outcomes}");
        }
    }
    let [short, long] = best;
    long.saturating_sub(short) / (LONG - SHORT) as u32
}

fn script(calls: usize) -> Value {
    let call = json!({"op": "call", "method": "echo", "args": {"value": "sixteen letters."}});
    json!({"open": {"target": {"topic": "measured"}}, "steps": vec![call; calls]})
}

fn microseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

const ROUNDS: usize = 15;
const SHORT: usize = 200;
const LONG: usize = 2200;
