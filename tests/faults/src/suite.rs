//! Many calls and casts while faults come by, and the verdicts on them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use fastrand::Rng;
use oslo_messaging::{Error, RpcClient, Target, Transport};
use oslo_messaging_tests::broker::Broker;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use crate::alive::Alive;
use crate::counting::executions;
use crate::fault::{Fault, millis};
use crate::stalls::{Stall, Stalls};
use crate::verdict::{Ended, Record, Verb, Verdicts};
use crate::world::{HEARTBEAT, TOPIC, World};

/// What is run.
#[derive(Clone, Debug)]
pub struct Suite {
    /// How many calls, at least: they go on until everything has gone wrong once.
    pub calls: u64,
    /// How many casts, likewise.
    pub casts: u64,
    /// How many requests at a time.
    pub at_once: usize,
    /// How long a caller rests between two requests, at most.
    pub rest: Duration,
    /// How many servers.
    pub servers: usize,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// The mean pause between two faults.
    pub pause: Duration,
    /// Where the random numbers begin.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// The verdicts.
    pub verdicts: Verdicts,
    /// How often each fault was injected.
    pub faults: BTreeMap<String, u64>,
    /// How often each error came.
    pub errors: BTreeMap<String, u64>,
    /// How long the requests took in all.
    pub elapsed: Duration,
}

impl Suite {
    /// Runs it in a virtual host of its own.
    ///
    /// # Errors
    ///
    /// Fails when broker, servers or proxies do not do as they are told; broken promises are no
    /// error but a verdict.
    pub async fn run(&self, broker: &Arc<Broker>) -> Result<Report> {
        let world = World::new(broker, self.servers).await?;
        self.run_in(world).await
    }

    async fn run_in(&self, mut world: World) -> Result<Report> {
        let mut random = Rng::with_seed(self.seed);
        let stalls = Stalls::watch();
        let before = Alive::now();
        let transport = Transport::new(&world.url())?;
        let client = RpcClient::new(&transport, Target::topic(TOPIC).version("1.0"));
        let begin = Instant::now();
        let (over, running) = watch::channel(false);
        let all_came = Arc::new(AtomicBool::new(self.faults.is_empty()));
        let faults = self.inject(&world, random.fork(), running, &all_came);
        let requests = async {
            let records = self.request_all(&client, random.fork(), &all_came).await;
            over.send_replace(true);
            records
        };
        let (records, faults) = tokio::join!(requests, faults);
        let (mut records, faults) = (records?, faults?);
        let elapsed = begin.elapsed();
        for proxy in &world.proxies {
            proxy.heal();
        }

        world.settle().await?;
        for record in &mut records {
            record.stall = stalls.between(record.begin, record.begin + record.elapsed);
        }
        // A server that was cut off too may have acknowledged what it executes later.
        let settled = Instant::now();
        let mut verdicts = loop {
            let executions = executions(&mut world.servers).await?;
            let verdicts = Verdicts::judge(&records, &executions);
            if verdicts.lost_casts == 0 || settled.elapsed() > LATEST_EXECUTION {
                break verdicts;
            }
            sleep(Duration::from_millis(500)).await;
        };
        verdicts.latest_execution = settled.elapsed();
        verdicts.longest_stall = stalls.between(begin.into_std(), begin.into_std() + elapsed);
        verdicts.leaked_waiters = transport.waiting_calls() as u64;
        timeout(CLOSE_LIMIT, transport.close())
            .await
            .context("the transport does not close")?;
        drop((client, transport));
        let (queues, connections) = world.leftovers().await?;
        verdicts.leaked_queues = queues;
        verdicts.leaked_connections = connections;
        let leaked = Alive::more_than(before, HEARTBEAT).await;
        verdicts.leaked_tasks = leaked.tasks;
        verdicts.leaked_threads = leaked.threads;

        let mut errors = BTreeMap::new();
        for record in records {
            let text = match record.ended {
                Ended::Done => continue,
                Ended::Executed(text) => format!("executed: {text}"),
                Ended::Maybe(text) => format!("maybe: {text}"),
                Ended::NotExecuted(text) => format!("not executed: {text}"),
                Ended::WrongReply(text) => format!("wrong reply: {text}"),
            };
            *errors.entry(text).or_default() += 1;
        }
        Ok(Report {
            verdicts,
            faults,
            errors,
            elapsed,
        })
    }

    async fn request_all(
        &self,
        client: &RpcClient,
        mut random: Rng,
        all_came: &Arc<AtomicBool>,
    ) -> Result<Vec<Record>> {
        let next = Arc::new(AtomicU64::new(0));
        let (calls, all) = (self.calls, self.calls + self.casts);
        let rest = u64::try_from(self.rest.as_millis())?.max(1);
        let workers: Vec<_> = (0..self.at_once)
            .map(|_| {
                let (client, next, mut random) = (client.clone(), Arc::clone(&next), random.fork());
                let all_came = Arc::clone(all_came);
                tokio::spawn(async move {
                    let mut records = Vec::new();
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= all && all_came.load(Ordering::Relaxed) {
                            return records;
                        }
                        // Calls and casts are mixed, as many of each as were asked for.
                        let verb = match number * calls / all != (number + 1) * calls / all {
                            true => Verb::Call,
                            false => Verb::Cast,
                        };
                        records.push(request(&client, verb, number, &mut random).await);
                        sleep(millis(&mut random, 0..rest)).await;
                    }
                })
            })
            .collect();
        let mut records = Vec::new();
        for worker in workers {
            records.extend(worker.await?);
        }
        Ok(records)
    }

    async fn inject(
        &self,
        world: &World,
        mut random: Rng,
        mut over: watch::Receiver<bool>,
        all_came: &AtomicBool,
    ) -> Result<BTreeMap<String, u64>> {
        let mut injected = BTreeMap::new();
        let mut next = Vec::new();
        let pause = u64::try_from(self.pause.as_millis())?;
        loop {
            let wait = sleep(millis(&mut random, pause / 2..pause * 3 / 2 + 1));
            tokio::select! {
                () = wait => {}
                _ = over.wait_for(|over| *over) => return Ok(injected),
            }
            // Each comes once before any comes again.
            if next.is_empty() {
                next.clone_from(&self.faults);
                random.shuffle(&mut next);
            }
            let (Some(fault), Some(proxy)) = (next.pop(), random.choice(&world.proxies)) else {
                over.wait_for(|over| *over).await?;
                continue;
            };
            fault
                .inject(proxy, &world.broker, &world.virtual_host, &mut random)
                .await?;
            *injected.entry(format!("{fault:?}")).or_default() += 1;
            all_came.fetch_or(injected.len() >= self.faults.len(), Ordering::Relaxed);
        }
    }
}

async fn request(client: &RpcClient, verb: Verb, number: u64, random: &mut Rng) -> Record {
    let id = format!("r{number}");
    let limit = millis(random, 300..4000);
    // Now and then a connection breaks while a method is being executed.
    let pause = match random.u8(..10) {
        0 => random.f64() / 5.0,
        _ => 0.0,
    };
    let args = json!({"id": id, "pause": pause});
    let client = client.prepare().timeout(limit);
    let begin = Instant::now();
    let result = match verb {
        Verb::Call => client.call::<Value>(&json!({}), "count", &args).await,
        Verb::Cast => client
            .cast(&json!({}), "count", &args)
            .await
            .map(|()| json!({"id": id})),
    };
    let elapsed = begin.elapsed();
    let ended = match result {
        Ok(reply) if reply == json!({"id": id}) => Ended::Done,
        Ok(reply) => Ended::WrongReply(reply.to_string()),
        Err(error) => said(&error),
    };
    Record {
        id,
        verb,
        limit,
        begin: begin.into_std(),
        elapsed,
        stall: Stall::default(),
        ended,
    }
}

/// What an error says about the execution, and the error without what differs each time.
fn said(error: &Error) -> Ended {
    let text = match error {
        Error::DeliveryFailure { source, .. } => format!("{:?}", source.kind()),
        Error::Timeout { waiting_for, .. } => format!("timeout waiting for {waiting_for}"),
        other => other.to_string(),
    };
    if error.was_executed() {
        Ended::Executed(text)
    } else if error.may_have_been_executed() {
        Ended::Maybe(text)
    } else {
        Ended::NotExecuted(text)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults: u64 = self.faults.values().sum();
        writeln!(
            f,
            "{faults} faults in {:.1?}: {:?}",
            self.elapsed, self.faults
        )?;
        for (error, count) in &self.errors {
            writeln!(f, "{count:>8} {error}")?;
        }
        self.verdicts.fmt(f)
    }
}

const CLOSE_LIMIT: Duration = Duration::from_secs(10);
/// A cast that is not executed by then is lost.
const LATEST_EXECUTION: Duration = Duration::from_secs(20);
