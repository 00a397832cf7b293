//! A transport of its own for each test, in the world that all share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use oslo_messaging::{Error, RpcClient, Target, Transport};
use oslo_messaging_faults::counting::executions;
use oslo_messaging_faults::proxy::{Counts, Ending, Flow};
use oslo_messaging_faults::world::{TOPIC, World};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

pub(crate) struct Scene<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) transport: Transport,
}

/// One request, and how it ended.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) id: String,
    pub(crate) elapsed: Duration,
    pub(crate) result: Result<(), Error>,
}

impl<'a> Scene<'a> {
    pub(crate) fn begin(world: &'a mut World) -> Result<Self> {
        for proxy in &world.proxies {
            proxy.heal();
        }
        let transport = Transport::new(&world.url())?;
        Ok(Self { world, transport })
    }

    /// Nothing of the transport stays.
    pub(crate) async fn end(self) -> Result<()> {
        ensure!(self.transport.waiting_calls() == 0, "calls still wait");
        timeout(PATIENCE, self.transport.close())
            .await
            .context("the transport does not close")?;
        let leftovers = self.world.leftovers().await?;
        ensure!(leftovers == (0, 0), "queues and connections: {leftovers:?}");
        Ok(())
    }

    /// A call whose method takes so long.
    pub(crate) fn call(
        &self,
        limit: Duration,
        pause: Duration,
    ) -> impl Future<Output = Done> + use<> {
        call(&self.transport, limit, pause)
    }

    pub(crate) fn cast(&self, limit: Duration) -> impl Future<Output = Done> + use<> {
        let client = client(&self.transport).prepare().timeout(limit);
        async move {
            let id = unique_id();
            let begin = Instant::now();
            let args = json!({"id": id});
            let result = client.cast(&json!({}), "count", &args).await;
            let elapsed = begin.elapsed();
            Done {
                id,
                elapsed,
                result,
            }
        }
    }

    /// A call that has no reason to fail.
    pub(crate) async fn good_call(&self) -> Result<Done> {
        let done = self.call(PATIENCE, Duration::ZERO).await;
        ensure!(done.result.is_ok(), "{done:?}");
        Ok(done)
    }

    /// How often these were executed, together.
    pub(crate) async fn executed(&mut self, ids: &[&str]) -> Result<u64> {
        let table = executions(&mut self.world.servers).await?;
        Ok(ids.iter().filter_map(|id| table.get(*id)).sum())
    }

    /// Waits until so many requests more than `before` were executed.
    pub(crate) async fn until_executed(&mut self, total: u64) -> Result<()> {
        let reached = async {
            while self.total().await? < total {
                sleep(Duration::from_millis(20)).await;
            }
            Ok(())
        };
        timeout(PATIENCE, reached)
            .await
            .context("the servers do not execute")?
    }

    /// How many executions there were, ever.
    pub(crate) async fn total(&mut self) -> Result<u64> {
        Ok(executions(&mut self.world.servers).await?.values().sum())
    }

    pub(crate) fn cut(&self, ending: Ending) {
        for proxy in &self.world.proxies {
            proxy.cut(ending);
        }
    }

    pub(crate) fn set_flow(&self, flow: Flow) {
        for proxy in &self.world.proxies {
            proxy.set_flow(flow);
        }
    }

    /// Waits until the proxies together have counted so many more.
    pub(crate) async fn until_counted(&self, count: fn(&Counts) -> u64, more: u64) -> Result<()> {
        let sum = || -> u64 {
            let proxies = self.world.proxies.iter();
            proxies.map(|proxy| count(&proxy.counts())).sum()
        };
        let goal = sum() + more;
        timeout(PATIENCE, async {
            while sum() < goal {
                sleep(Duration::from_millis(2)).await;
            }
        })
        .await
        .context("the proxies do not see it")
    }
}

pub(crate) fn call(
    transport: &Transport,
    limit: Duration,
    pause: Duration,
) -> impl Future<Output = Done> + use<> {
    let client = client(transport).prepare().timeout(limit);
    async move {
        let id = unique_id();
        let begin = Instant::now();
        let args = json!({"id": id, "pause": pause.as_secs_f64()});
        let result = client.call::<Value>(&json!({}), "count", &args).await;
        let elapsed = begin.elapsed();
        let result = result.map(|reply| assert_eq!(reply, json!({"id": id}), "another's reply"));
        Done {
            id,
            elapsed,
            result,
        }
    }
}

pub(crate) fn client(transport: &Transport) -> RpcClient {
    RpcClient::new(transport, Target::topic(TOPIC).version("1.0"))
}

impl Done {
    /// It ended with an error that leaves open whether it was executed.
    pub(crate) fn is_open(&self) -> bool {
        let error = self.result.as_ref().err();
        error.is_some_and(Error::may_have_been_executed)
    }

    pub(crate) fn is_in_time(&self, limit: Duration) -> bool {
        self.elapsed <= limit.mul_f64(1.1) + Duration::from_millis(50)
    }
}

fn unique_id() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    format!("t{}", NUMBER.fetch_add(1, Ordering::Relaxed))
}

pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
