//! Hosts of many plugins: the long form of the soak, and what plugins cost.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use oslo_messaging_faults::memory::{Memory, resident_kib};
use oslo_messaging_faults::verdict::Verdicts;
use oslo_messaging_hosts::calls::{Calls, Way};
use oslo_messaging_hosts::measure::{Measure, Part};
use oslo_messaging_hosts::soak::Soak;
use tokio::runtime::Builder;

/// Hosts of many plugins, over a transport in memory.
///
/// OSLO_TEST_GUESTS names the folder of the plugins, which `cargo xtask guests hostile hostile-async` builds
/// in target/guests.
#[derive(Parser)]
#[command(name = "hosts")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make calls in one way, on one thread: for a profiler, or for who counts instructions, which a machine that
    /// has other things to do does not change.
    Calls(CallsOptions),
    /// Measure what plugins cost, and what neighbours of hostile ones notice.
    Measure(MeasureOptions),
    /// Load, replace, trap, deny and drain plugins while they are called. Exits with 1 when a promise was
    /// broken, or memory grew.
    Soak(SoakOptions),
}

#[derive(Args)]
struct CallsOptions {
    /// Who calls, and how.
    way: Way,
    /// How many calls.
    #[arg(default_value_t = 100_000)]
    count: usize,
}

#[derive(Args)]
struct MeasureOptions {
    /// Only this, instead of all. May be given more than once.
    #[arg(long = "part", value_name = "PART", default_values = ["paced", "start", "boundary", "beside"])]
    parts: Vec<Part>,
    /// How long the instances call, and neighbours are watched.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// How many instances call.
    #[arg(long, default_value_t = 1000)]
    instances: usize,
    /// How many honest plugins are beside a hostile one.
    #[arg(long, default_value_t = 100)]
    neighbours: usize,
}

#[derive(Args)]
struct SoakOptions {
    /// Rounds go on for this long.
    #[arg(long, default_value_t = 600)]
    seconds: u64,
    /// How long a round is, at least.
    #[arg(long, default_value_t = 10)]
    round_seconds: u64,
    /// How many plugins there are in a round.
    #[arg(long, default_value_t = 8)]
    plugins: usize,
    /// How many callers, each with one call at a time.
    #[arg(long, default_value_t = 16)]
    callers: usize,
    /// The mean pause between two events.
    #[arg(long, default_value_t = 60, value_name = "MILLISECONDS")]
    pause_ms: u64,
    /// The first round's seed; each round takes the next.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    match run() {
        Ok(kept) => ExitCode::from(u8::from(!kept)),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every promise was kept.
fn run() -> Result<bool> {
    match Arguments::parse().what {
        What::Calls(options) => {
            calls(&options)?;
            Ok(true)
        }
        What::Measure(options) => {
            let measure = Measure {
                parts: options.parts,
                length: Duration::from_secs(options.seconds),
                instances: options.instances,
                neighbours: options.neighbours,
            };
            // A goal that is missed is told in the table.
            measure.run()?;
            Ok(true)
        }
        What::Soak(options) => soak(&options),
    }
}

fn calls(options: &CallsOptions) -> Result<()> {
    let alone = Builder::new_current_thread().enable_all().build()?;
    alone.block_on(async {
        let calls = Calls::new().await?;
        let begun = Instant::now();
        calls.make(options.way, options.count).await?;
        let took = begun.elapsed();
        println!("{} calls took {took:.1?}", options.count);
        calls.end().await
    })
}

fn soak(options: &SoakOptions) -> Result<bool> {
    let runtime = tokio::runtime::Runtime::new()?;
    let length = Duration::from_secs(options.seconds);
    let memory = Memory::watch(length);
    let begun = Instant::now();
    let (mut broken, mut sum, mut seed) = (0, Verdicts::default(), options.seed);
    loop {
        let soak = Soak {
            length: Duration::from_secs(options.round_seconds),
            plugins: options.plugins,
            callers: options.callers,
            pause: Duration::from_millis(options.pause_ms),
            seed,
        };
        let report = runtime.block_on(soak.run())?;
        let resident = resident_kib().unwrap_or_default();
        let elapsed = begun.elapsed();
        println!("seed {seed}, {resident} KiB resident after {elapsed:.0?}\n{report}");
        broken += report.broken();
        sum += report.verdicts;
        memory.rest();
        seed += 1;
        if begun.elapsed() >= length {
            break;
        }
    }
    println!("in all {broken} promises were broken\n{sum}");
    let mut kept = broken == 0;
    if let Some(course) = memory.course() {
        print!("{course}");
        kept &= course.is_flat();
    }
    Ok(kept)
}
