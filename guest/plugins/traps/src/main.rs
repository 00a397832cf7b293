//! What a Rust program expects of its standard library, tried in a component: one line each, and
//! failure if something ends the program instead of saying no.

use std::thread;
use std::time::{Duration, Instant, SystemTime};

use oslo_messaging_guest::{Client, Target, remaining};

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
}
