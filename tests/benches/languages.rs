//! What a plugin of each language costs: its size, how long it takes to start with and without
//! compiled code kept from before, and what a call takes beyond the same call of a native client: all
//! of them in turn, on one runtime of one thread. Prints the rows of a table of
//! `docs/performance.md`; `cargo xtask measure` puts them there.

#[path = "../tests/behaviours/guest.rs"]
mod guest;
#[path = "../tests/common/linked.rs"]
mod linked;
#[expect(dead_code, reason = "nothing is done wrong on purpose here")]
#[path = "../tests/behaviours/native.rs"]
mod native;
#[path = "../tests/common/state.rs"]
mod state;
#[path = "../tests/behaviours/surface.rs"]
mod surface;

use std::sync::Arc;
use std::time::{Duration, Instant};

use oslo_messaging::{Endpoint, RpcServer, Target, Transport};
use serde_json::{Value, json};
use wasmtime::Engine;
use wasmtime::component::Component;

use self::guest::Guests;
use self::surface::{Guest, SURFACES, Surface};

#[tokio::main(flavor = "current_thread")]
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

    let guests = Guests::new();
    let mut rows = Vec::new();
    for surface in SURFACES {
        if let Some(guest) = surface.guest {
            rows.push(row(surface, guest, &guests, &transport).await);
        }
    }
    let mut native = Best::default();
    // Each in turn, so that what else the machine does meets all alike.
    for _ in 0..ROUNDS {
        native
            .round(async |script| native::run(&transport, script, native::Mutation::None).await)
            .await;
        for row in &mut rows {
            let linked = &row.linked;
            row.call
                .round(async |script| linked.run(&transport, script, None).await)
                .await;
        }
    }
    let native = native.per_call();
    println!("| native | | | | {:.1} | |", microseconds(native));
    for Row { start, call, .. } in rows {
        let call = call.per_call();
        let boundary = microseconds(call) - microseconds(native);
        println!("{start} {:.1} | {boundary:.1} |", microseconds(call));
    }
    server.stop().await;
}

struct Row {
    /// What was measured once, in Markdown.
    start: String,
    linked: Arc<guest::Linked>,
    call: Best,
}

async fn row(surface: &Surface, guest: Guest, guests: &Guests, transport: &Transport) -> Row {
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
    let outcomes = linked.run(transport, &script(0), None).await;
    let warm = started.elapsed();
    assert_eq!(outcomes, json!([]));
    let start = format!(
        "| {} | {kib} | {:.0} | {:.1} |",
        surface.name,
        milliseconds(cold),
        milliseconds(warm),
    );
    Row {
        start,
        linked,
        call: Best::default(),
    }
}

/// A short and a long script at their best. What a call takes is their difference, so that starting is
/// not in it.
struct Best([Duration; 2]);

impl Default for Best {
    fn default() -> Self {
        Self([Duration::MAX; 2])
    }
}

impl Best {
    async fn round(&mut self, run: impl AsyncFn(&Value) -> Value) {
        for (best, calls) in self.0.iter_mut().zip([SHORT, LONG]) {
            let script = script(calls);
            let started = Instant::now();
            let outcomes = run(&script).await;
            *best = started.elapsed().min(*best);
            assert_eq!(outcomes.as_array().map(Vec::len), Some(calls), "{outcomes}");
        }
    }

    fn per_call(&self) -> Duration {
        let [short, long] = self.0;
        long.saturating_sub(short) / (LONG - SHORT) as u32
    }
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
