//! What a Rust program expects of its standard library, tried in a component: one line each, and
//! failure if something ends the program instead of saying no.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use oslo_messaging_guest::{Client, Error, Result, Target, call_all, remaining};

fn main() {
    let before = Instant::now();
    thread::sleep(Duration::from_millis(20));
    let slept = before.elapsed();
    println!(
        "a monotonic clock passes: {}",
        slept >= Duration::from_millis(20)
    );

    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    println!(
        "the wall clock is set: {}",
        now.is_ok_and(|now| now > Duration::from_secs(1_600_000_000))
    );

    // There are none in a component; a library that tries for one has to be told so.
    println!(
        "a thread is refused: {}",
        thread::Builder::new().spawn(|| ()).is_err()
    );

    println!(
        "a file is refused: {}",
        std::fs::read("/etc/hosts").is_err()
    );

    println!("the time left is known: {}", remaining().is_some());

    match Client::open("other", Target::topic("demo")) {
        Ok(_) => println!("a transport that was not granted was opened"),
        Err(error) => println!("a transport that was not granted: {error}"),
    }

    println!("three times 12 MiB at once: {}", at_once(3));
    println!("six times 12 MiB at once: {}", at_once(6));
}

/// The host copies all requests of a `call_all` before it can say that they are too much.
fn at_once(count: usize) -> String {
    let arguments = BTreeMap::from([("x", "x".repeat(12 * 1024 * 1024))]);
    let results = Client::open("default", Target::topic("demo")).and_then(|client| {
        let requests: Result<Vec<_>> = (0..count)
            .map(|_| client.request(&(), "count", &arguments))
            .collect();
        Ok(call_all::<u64, _>(requests?))
    });
    match results {
        Ok(results) => {
            let refused = results
                .iter()
                .filter(|result| matches!(result, Err(Error::LimitExceeded { .. })))
                .count();
            let done = results.iter().filter(|result| result.is_ok()).count();
            format!("{done} done, {refused} refused")
        }
        Err(error) => error.to_string(),
    }
}
