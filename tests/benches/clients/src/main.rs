//! What calls and casts take over a real broker with our native client, with C's librabbitmq and with
//! upstream's client in Python, beside each other: all connected to one broker and answered by one
//! server, and each given a short while in turn, so that what else the machine does meets all alike.
//!
//! Prints everything, then which goals are met, then the rows of a table of `docs/performance.md`,
//! where `cargo xtask measure` puts them.

mod processes;
mod report;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use oslo_messaging_clients::{Resting, Runtime, run};
use oslo_messaging_tests::broker::Broker;
use oslo_messaging_tests::contain;

use self::processes::{Client, Processes, processor_time_of_group};
use self::report::{Measured, Report};

fn main() -> Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["client", "current_thread", url] => run(url, Runtime::CurrentThread, None)?,
        ["client", "multi_thread", url] => run(url, Runtime::MultiThread, None)?,
        [] => return Ok(contain::run(|| compare(ROUNDS))?.into()),
        [rounds] => {
            let rounds = rounds.parse().context("usage: clients [ROUNDS]")?;
            return Ok(contain::run(|| compare(rounds))?.into());
        }
        _ => bail!("usage: clients [ROUNDS]"),
    }
    Ok(ExitCode::SUCCESS)
}

fn compare(rounds: usize) -> Result<u8> {
    let broker = Broker::start()?;
    let url = broker.url("/");
    let processes = Processes::new(&url)?;
    let _server = processes.server()?;
    let mut report = Report::default();

    let (mut counting, resting) = processes.counting()?;
    report.resting = Some(serde_json::from_str::<Resting>(&resting)?);
    for case in &CASES {
        let count = case.count / 4;
        let cost = counting.work(case, count)?;
        report
            .allocations
            .push(cost.allocations as f64 / count as f64);
    }
    drop(counting);

    let mut clients = Vec::new();
    for client in Client::ALL {
        clients.push((client, processes.client(client)?));
    }
    let [_, node] = broker.process_ids();
    // The first round warms everything up.
    for round in 0..=rounds {
        // Nobody always comes first, or always after the same one.
        clients.rotate_left(1);
        if round % 2 == 1 {
            clients.reverse();
        }
        for (number, case) in CASES.iter().enumerate() {
            for (client, process) in &mut clients {
                let count = case.count / client.slowness();
                let before = processor_time_of_group(node)?;
                let cost = process.work(case, count)?;
                // Until the server has had every cast.
                process.work(&LAST, 1)?;
                let broker = processor_time_of_group(node)?.saturating_sub(before);
                if round > 0 {
                    report.add(
                        *client,
                        number,
                        Measured {
                            cost,
                            count,
                            broker,
                        },
                    );
                }
            }
        }
    }
    report.print(broker.version());
    Ok(0)
}

/// What is done, and how often in a slice by a fast client.
struct Case {
    name: &'static str,
    verb: &'static str,
    at_once: usize,
    bytes: usize,
    count: usize,
}

const fn case(
    name: &'static str,
    verb: &'static str,
    at_once: usize,
    bytes: usize,
    count: usize,
) -> Case {
    Case {
        name,
        verb,
        at_once,
        bytes,
        count,
    }
}

const ALONE: usize = 0;
const TOGETHER: usize = 1;
const CASTS: usize = 2;
const CASES: [Case; 6] = [
    case("calls, one at a time, 100 B", "call", 1, 100, 600),
    case("calls, 64 at once, 100 B", "call", 64, 100, 6400),
    case("casts, 64 at once, 100 B", "cast", 64, 100, 6400),
    case("calls, one at a time, 16 KiB", "call", 1, 16 * 1024, 400),
    case("calls, 64 at once, 16 KiB", "call", 64, 16 * 1024, 1600),
    case("casts, 64 at once, 16 KiB", "cast", 64, 16 * 1024, 1600),
];
const LAST: Case = case("", "call", 1, 1, 1);
const ROUNDS: usize = 8;
