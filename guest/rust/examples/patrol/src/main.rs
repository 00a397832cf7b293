//! For a timer to start: calls the service `served` a few times, says what it heard, and tries what its
//! operator does not allow.

use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

use oslo_messaging_guest::{Client, Result, Target};

fn main() -> ExitCode {
    match patrol() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("it failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn patrol() -> Result<()> {
    let client = Client::open("default", Target::topic("served").version("1.5"))?;
    let mut heard = Vec::new();
    for _ in 0..CALLS {
        let count: u64 = client.call(&(), "count", &())?;
        heard.push(count.to_string());
        sleep(PAUSE);
    }
    println!("count() of `served` gave {}", heard.join(", "));
    let spun: Result<()> = client.call(&(), "spin", &());
    match spun {
        Err(error) if error.is_denied() => Ok(()),
        other => other,
    }
}

/// With the pauses less than the second between two starts.
const CALLS: usize = 8;
const PAUSE: Duration = Duration::from_millis(100);
