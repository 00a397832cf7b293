//! What calls and casts take over a real broker with our native client, and with upstream's, beside
//! each other. Prints the rows of a table in the README; `cargo xtask measure` puts them there.
//!
//! Clients and server are processes of their own, so that the processor time of each is known.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use oslo_messaging::{Endpoint, RpcClient, RpcServer, Target, Transport};
use oslo_messaging_tests::broker::Broker;
use oslo_messaging_tests::contain;
use oslo_messaging_tests::peer::python;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

fn main() -> Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve", url] => serve(url)?,
        ["client", url, verb, count, at_once] => {
            client(url, verb, count.parse()?, at_once.parse()?)?;
        }
        words if words.contains(&"--bench") => return Ok(contain::run(compare)?.into()),
        // Cargo runs benchmarks that are asked for nothing as tests.
        _ => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn compare() -> Result<u8> {
    let broker = Broker::start()?;
    let url = broker.url("/");
    let _server = Server::start(&url)?;
    let mut rows = CLIENTS.map(|name| (name, [Cost::WORST; 3]));
    for _ in 0..ROUNDS {
        for (name, costs) in &mut rows {
            for (cost, (verb, at_once)) in costs.iter_mut().zip(WORK) {
                *cost = cost.or_better(measure(name, &url, verb, at_once)?);
            }
        }
    }
    for (name, [alone, together, casts]) in rows {
        println!(
            "| {name} | {:.0} | {:.0} | {:.0} | {:.0} |",
            alone.seconds * 1e6,
            1.0 / together.seconds,
            1.0 / casts.seconds,
            together.processor * 1e6,
        );
    }
    Ok(0)
}

/// What one call or cast takes.
#[derive(Clone, Copy)]
struct Cost {
    seconds: f64,
    processor: f64,
}

impl Cost {
    const WORST: Self = Self {
        seconds: f64::MAX,
        processor: f64::MAX,
    };

    /// A machine that is busy with something else makes each of them worse, and nothing better.
    const fn or_better(self, other: Self) -> Self {
        Self {
            seconds: self.seconds.min(other.seconds),
            processor: self.processor.min(other.processor),
        }
    }
}

fn measure(name: &str, url: &str, verb: &str, at_once: u32) -> Result<Cost> {
    let (mut command, count) = if name == NATIVE {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["client", url, verb]);
        (command, if at_once == 1 { 2_000 } else { 19_200 })
    } else {
        let mut command = Command::new(python()?);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/python/measured.py"));
        command.args([url, TOPIC, verb]);
        (command, if at_once == 1 { 500 } else { 3_200 })
    };
    let output = command
        .args([count.to_string(), at_once.to_string()])
        .stderr(Stdio::piped())
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let Some(line) = said.lines().last().filter(|_| output.status.success()) else {
        bail!("{name} failed: {}", String::from_utf8_lossy(&output.stderr));
    };
    let line: Value = serde_json::from_str(line).with_context(|| format!("it said `{line}`"))?;
    let of = |key: &str| line[key].as_f64().context("it does not say what it took");
    Ok(Cost {
        seconds: of("seconds")? / f64::from(count),
        processor: of("processor")? / f64::from(count),
    })
}

#[tokio::main]
async fn client(url: &str, verb: &str, count: u32, at_once: u32) -> Result<()> {
    let transport = Transport::new(url)?;
    let client = RpcClient::new(&transport, Target::topic(TOPIC));
    // Connecting is not measured.
    let _: Value = client
        .call(&json!({}), "echo", &json!({"value": "warm"}))
        .await?;
    let casts = verb == "cast";
    let (began, used) = (Instant::now(), processor_time());
    let workers: Vec<_> = (0..at_once)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                let args = json!({"value": "sixteen letters."});
                for _ in 0..count / at_once {
                    if casts {
                        client.cast(&json!({}), "echo", &args).await?;
                    } else {
                        let _: Value = client.call(&json!({}), "echo", &args).await?;
                    }
                }
                Ok::<_, oslo_messaging::Error>(())
            })
        })
        .collect();
    for worker in workers {
        worker.await??;
    }
    let (seconds, processor) = (began.elapsed(), processor_time() - used);
    println!(
        "{}",
        json!({"seconds": seconds.as_secs_f64(), "processor": processor.as_secs_f64()})
    );
    transport.close().await;
    Ok(())
}

fn processor_time() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime)
        .try_into()
        .unwrap_or_default()
}

/// Our server in a process, for both clients. Ends with this value.
struct Server(Child);

impl Server {
    fn start(url: &str) -> Result<Self> {
        let child = Command::new(std::env::current_exe()?)
            .args(["serve", url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut server = Self(child);
        let output = server.0.stdout.take().context("it has an output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        ensure!(line == "ready\n", "the server did not start: {line}");
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        drop(self.0.wait());
    }
}

#[tokio::main]
async fn serve(url: &str) -> Result<()> {
    let transport = Transport::new(url)?;
    let echo = |_, args: Value| async move { Ok(args["value"].clone()) };
    let server = RpcServer::builder(&transport, Target::topic(TOPIC).server("one"))
        .endpoint(Endpoint::new().method("echo", echo))
        .start()
        .await?;
    println!("ready");
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    server.stop().await;
    transport.close().await;
    Ok(())
}

const NATIVE: &str = "`oslo-messaging`";
const CLIENTS: [&str; 2] = [NATIVE, "oslo.messaging 18.3.1, in Python"];
const WORK: [(&str, u32); 3] = [("call", 1), ("call", 64), ("cast", 64)];
const TOPIC: &str = "measured";
const ROUNDS: usize = 3;
