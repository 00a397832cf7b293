//! Our native client, used as its users use it.

use std::io::stdin;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use oslo_messaging::{RpcClient, Target, Transport};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::task::spawn_blocking;

use super::usage::{threads, usage};
use super::{Cost, Resting, TOPIC};

/// How the client's tasks are run.
#[derive(Clone, Copy, Debug)]
pub enum Runtime {
    /// By the one thread that there is.
    CurrentThread,
    /// By as many threads as there are processors.
    MultiThread,
}

/// How allocations are counted: how many there were, and how many bytes are allocated now.
pub type Counter = fn() -> (u64, u64);

/// Connects, says that it is ready, and does what lines of standard input say, `call|cast AT_ONCE BYTES
/// COUNT`, until that ends. With a counter it says in the place of being ready what the connection
/// occupies.
///
/// # Errors
///
/// Fails when a line makes no sense, or a call or cast fails.
pub fn run(url: &str, runtime: Runtime, counter: Option<Counter>) -> Result<()> {
    let mut builder = match runtime {
        Runtime::CurrentThread => Builder::new_current_thread(),
        Runtime::MultiThread => Builder::new_multi_thread(),
    };
    builder.enable_all().build()?.block_on(serve(url, counter))
}

async fn serve(url: &str, counter: Option<Counter>) -> Result<()> {
    let before = (counter.map(|count| count()), threads()?);
    let transport = Transport::new(url)?;
    let client = RpcClient::new(&transport, Target::topic(TOPIC));
    let _: Value = client
        .call(&json!({}), "echo", &json!({"value": "warm"}))
        .await?;
    match (counter, before) {
        (Some(counter), (Some((_, bytes)), had)) => {
            let resting = Resting {
                bytes: counter().1.saturating_sub(bytes),
                threads: threads()?.saturating_sub(had),
            };
            println!("{}", serde_json::to_string(&resting)?);
        }
        _ => println!("ready"),
    }
    while let Some(line) = spawn_blocking(|| stdin().lines().next()).await? {
        let line = line?;
        let words: Vec<_> = line.split_whitespace().collect();
        let [verb, at_once, bytes, count] = words[..] else {
            bail!("`{line}` is not `call|cast AT_ONCE BYTES COUNT`");
        };
        let work = Work {
            is_cast: verb == "cast",
            at_once: at_once.parse().context("how many at once?")?,
            value: "x".repeat(bytes.parse().context("how many bytes?")?),
            count: count.parse().context("how many?")?,
        };
        println!(
            "{}",
            serde_json::to_string(&work.measure(&client, counter).await?)?
        );
    }
    transport.close().await;
    Ok(())
}

struct Work {
    is_cast: bool,
    at_once: usize,
    value: String,
    count: usize,
}

impl Work {
    async fn measure(self, client: &RpcClient, counter: Option<Counter>) -> Result<Cost> {
        let args = json!({"value": self.value});
        let allocations = || counter.map_or(0, |count| count().0);
        let (counted, (processor, switches), began) = (allocations(), usage()?, Instant::now());
        let workers: Vec<_> = (0..self.at_once)
            .map(|worker| {
                let share = (self.count + worker) / self.at_once;
                tokio::spawn(some(client.clone(), self.is_cast, args.clone(), share))
            })
            .collect();
        let mut latencies = Vec::with_capacity(self.count);
        for worker in workers {
            latencies.extend(worker.await??);
        }
        let (seconds, (processor_after, switches_after)) = (began.elapsed(), usage()?);
        Ok(Cost {
            seconds: seconds.as_secs_f64(),
            processor: (processor_after - processor).as_secs_f64(),
            switches: switches_after - switches,
            latencies,
            allocations: allocations() - counted,
        })
    }
}

async fn some(
    client: RpcClient,
    is_cast: bool,
    args: Value,
    count: usize,
) -> Result<Vec<f64>, oslo_messaging::Error> {
    let mut latencies = Vec::with_capacity(count);
    for _ in 0..count {
        let began = Instant::now();
        if is_cast {
            client.cast(&json!({}), "echo", &args).await?;
        } else {
            let _: Value = client.call(&json!({}), "echo", &args).await?;
        }
        latencies.push(began.elapsed().as_secs_f64() * 1e6);
    }
    Ok(latencies)
}
