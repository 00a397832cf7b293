//! The long form of the fault suite: a private broker, counting Python servers, and as many calls
//! and casts under faults as one likes. Exits with 1 when a promise was broken or memory grew.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::{Parser, ValueEnum};
use oslo_messaging_faults::fault::Fault;
use oslo_messaging_faults::memory::{Memory, resident_kib};
use oslo_messaging_faults::suite::Suite;
use oslo_messaging_faults::verdict::Verdicts;
use oslo_messaging_tests::broker::Broker;
use oslo_messaging_tests::contain;

/// Calls and casts under faults, with counting Python servers as referee.
///
/// OSLO_TEST_PYTHON names a Python that has oslo.messaging.
#[derive(Parser)]
#[command(name = "faults")]
struct Options {
    /// How many calls in a round.
    #[arg(long, default_value_t = 10_000)]
    calls: u64,
    /// How many casts in a round.
    #[arg(long, default_value_t = 10_000)]
    casts: u64,
    /// How many requests at a time.
    #[arg(long, default_value_t = 64)]
    at_once: usize,
    /// How long a caller rests between two requests, at most.
    #[arg(long, default_value_t = 20, value_name = "MILLISECONDS")]
    rest_ms: u64,
    /// How many servers.
    #[arg(long, default_value_t = 2)]
    servers: usize,
    /// What goes wrong; may be given several times. Default: all that costs the broker nothing.
    #[arg(long = "fault", value_name = "FAULT")]
    faults: Vec<Fault>,
    /// Everything goes wrong that can, the broker itself included.
    #[arg(long, conflicts_with = "faults")]
    all_faults: bool,
    /// The mean pause between two faults.
    #[arg(long, default_value_t = 200, value_name = "MILLISECONDS")]
    pause_ms: u64,
    /// The first round's seed; each round takes the next.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Rounds go on for this long, and memory has to stay flat; zero is one round.
    #[arg(long, default_value_t = 0)]
    minutes: u64,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    Ok(contain::run(|| run(&options))?.into())
}

fn run(options: &Options) -> Result<u8> {
    let broker = Arc::new(Broker::start()?);
    let runtime = tokio::runtime::Runtime::new()?;
    let length = Duration::from_secs(options.minutes * 60);
    let memory = Memory::watch(length);
    let begin = Instant::now();
    let mut seed = options.seed;
    let mut sum = Verdicts::default();
    loop {
        let suite = Suite {
            calls: options.calls,
            casts: options.casts,
            at_once: options.at_once,
            rest: Duration::from_millis(options.rest_ms),
            servers: options.servers,
            faults: match options.faults.as_slice() {
                [] if options.all_faults => Fault::value_variants().to_vec(),
                [] => Fault::QUICK.to_vec(),
                faults => faults.to_vec(),
            },
            pause: Duration::from_millis(options.pause_ms),
            seed,
        };
        let report = runtime.block_on(suite.run(&broker))?;
        let resident = resident_kib().unwrap_or_default();
        println!(
            "seed {seed}, {resident} KiB resident after {:.0?}",
            begin.elapsed()
        );
        println!("{report}");
        sum += report.verdicts;
        memory.rest();
        seed += 1;
        if begin.elapsed() >= length {
            break;
        }
    }
    println!("in all {sum}");
    let mut kept = sum.broken() == 0;
    // One round warms up as long as it lasts.
    if options.minutes > 0
        && let Some(course) = memory.course()
    {
        print!("{course}");
        kept &= course.is_flat();
    }
    Ok(u8::from(!kept))
}
