//! What was measured, as text for people.

use std::fmt::Display;
use std::thread::available_parallelism;
use std::time::Duration;

use oslo_messaging_clients::{Cost, Resting};

use super::processes::Client;
use super::{ALONE, CASES, CASTS, TOGETHER};

/// What a client did in a slice.
pub(super) struct Measured {
    pub(super) cost: Cost,
    pub(super) count: usize,
    /// Processor time of the broker.
    pub(super) broker: Duration,
}

#[derive(Default)]
pub(super) struct Report {
    slices: Vec<(Client, usize, Measured)>,
    /// Our client's, a message of each case.
    pub(super) allocations: Vec<f64>,
    pub(super) resting: Option<Resting>,
}

/// What a message of a case takes with a client: the median of the slices, in which a slice that the
/// machine spent on something else does not count.
struct Figures {
    rate: f64,
    p50: f64,
    p99: f64,
    processor: f64,
    broker: f64,
    switches: f64,
}

impl Report {
    pub(super) fn add(&mut self, client: Client, case: usize, measured: Measured) {
        self.slices.push((client, case, measured));
    }

    fn figures(&self, client: Client, case: usize) -> Figures {
        let slices = || {
            let slices = self.slices.iter();
            let slices = slices.filter(|(whose, which, _)| (*whose, *which) == (client, case));
            slices.map(|(_, _, measured)| measured)
        };
        let median = |of: fn(&Measured) -> f64| quantile(slices().map(of).collect(), 0.5);
        let latencies: Vec<_> = slices()
            .flat_map(|slice| slice.cost.latencies.iter().copied())
            .collect();
        // The kernel counts this one in hundredths of a second, too coarse for a single slice.
        let broker: f64 = slices().map(|slice| slice.broker.as_secs_f64()).sum();
        let count: usize = slices().map(|slice| slice.count).sum();
        Figures {
            rate: median(|slice| slice.count as f64 / slice.cost.seconds),
            p50: quantile(latencies.clone(), 0.5),
            p99: quantile(latencies, 0.99),
            processor: median(|slice| slice.cost.processor * 1e6 / slice.count as f64),
            broker: broker * 1e6 / count as f64,
            switches: median(|slice| slice.cost.switches as f64 / slice.count as f64),
        }
    }

    pub(super) fn print(&self, broker: impl Display) {
        println!("RabbitMQ {broker}; microseconds; what processors did is a message's share");
        for (number, case) in CASES.iter().enumerate() {
            println!(
                "\n{:34}{:>9}{:>9}{:>9}{:>9}{:>9}{:>10}{:>13}",
                case.name, "rate/s", "p50", "p99", "client", "broker", "switches", "allocations",
            );
            for client in Client::ALL {
                let it = self.figures(client, number);
                let allocations = match self.allocations.get(number) {
                    Some(count) if Client::OURS.contains(&client) => format!("{count:.1}"),
                    _ => String::new(),
                };
                println!(
                    "{:34}{:>9.0}{:>9.0}{:>9.0}{:>9.1}{:>9.1}{:>10.2}{:>13}",
                    client.name(),
                    it.rate,
                    it.p50,
                    it.p99,
                    it.processor,
                    it.broker,
                    it.switches,
                    allocations,
                );
            }
        }
        println!();
        self.print_goals();
        println!();
        for client in Client::ALL {
            println!("{}", self.row(client));
        }
    }

    fn print_goals(&self) {
        let of_c = self.figures(Client::C, ALONE);
        let of_many_in_c = self.figures(Client::C, TOGETHER);
        let of_python = self.figures(Client::Python, TOGETHER);
        let processors = available_parallelism().map_or(1.0, |count| count.get() as f64);
        for client in Client::OURS {
            let alone = self.figures(client, ALONE);
            let together = self.figures(client, TOGETHER);
            println!("{}:", client.name());
            let ratio = alone.p50 / of_c.p50;
            goal(
                ratio <= 1.15,
                format!("one call at a time takes {ratio:.2} x C's p50 (at most 1.15)"),
            );
            let ratio = together.rate / of_many_in_c.rate;
            goal(
                ratio >= 0.95,
                format!("64 at once are {ratio:.2} x C's rate (at least 0.95)"),
            );
            let ratio = together.rate / of_python.rate;
            // With a client and a server that take no time at all.
            let most = processors * 1e6 / together.broker / of_python.rate;
            goal(
                ratio >= 30.0,
                format!(
                    "64 at once are {ratio:.1} x Python's rate (at least 30; what the broker takes allows \
                     {most:.1} at most)"
                ),
            );
            let time = together.processor;
            let ratio = time / of_many_in_c.processor;
            goal(
                time <= 12.0,
                format!(
                    "processor time of such a call {time:.1} us (at most 12), {ratio:.2} x C's"
                ),
            );
            let count = alone.switches;
            let ratio = count / of_c.switches;
            goal(
                count <= 3.0,
                format!(
                    "context switches of a call alone {count:.2} (at most 3), {ratio:.2} x C's"
                ),
            );
        }
        if let Some(Resting { bytes, threads }) = self.resting {
            println!("A connected transport at rest:");
            let kib = bytes as f64 / 1024.0;
            goal(
                kib <= 256.0,
                format!("{kib:.0} KiB allocated (at most 256)"),
            );
            goal(threads == 0, format!("{threads} threads (at most 0)"));
        }
    }

    /// A row of the table in `docs/performance.md`.
    fn row(&self, client: Client) -> String {
        let [alone, together, casts] = [ALONE, TOGETHER, CASTS].map(|it| self.figures(client, it));
        format!(
            "| {} | {:.0} | {:.1} | {:.0} | {:.0} | {:.0} |",
            client.name(),
            alone.p50,
            alone.switches,
            together.rate,
            together.processor,
            casts.rate,
        )
    }
}

fn goal(is_met: bool, what: String) {
    println!("  {}: {what}", if is_met { "pass" } else { "FAIL" });
}

fn quantile(mut values: Vec<f64>, part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let place = (last as f64 * part).round() as usize;
    values.get(place).copied().unwrap_or(f64::NAN)
}
