//! A broker that takes no queues but durable ones.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use oslo_messaging::Transport;
use oslo_messaging_faults::counting::{CountingServer, executions};
use oslo_messaging_faults::fault::{control, reply_queues};
use oslo_messaging_faults::world::TOPIC;
use oslo_messaging_tests::broker::{Broker, Installed};
use serde_json::json;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use crate::kept::Kept;
use crate::scene::{PATIENCE, call, client};

/// RabbitMQ refuses other queues from 4.3 on, and any 4 when it is told to.
pub(crate) const MAJOR: u32 = 4;
const REFUSAL: &str = "operation queue.declare caused a connection exception internal_error";
const FORBID: &str = "deprecated_features.permit.transient_nonexcl_queues = false";

/// Calls and casts work with the options that servers need there, on the client's side without any
/// of reply queues: it finds out, once, and without a failed round of attempts.
pub(crate) async fn durable_queues_only(_: &Arc<Broker>) -> Result<()> {
    let start = || Broker::start_as(&Installed::of(MAJOR)?, FORBID);
    let broker = Arc::new(spawn_blocking(start).await??);
    let url = broker.url("/");
    let python = format!("{url}?rabbit_transient_quorum_queue=true");
    let mut servers = [CountingServer::start(&python, TOPIC, "server").await?];
    let kept = Kept::new(&format!("{url}?amqp_durable_queues=true"))?;
    let server = kept.serve().await?;

    // After a failed round a call would be given up before the next.
    let pause = 2 * PATIENCE.as_secs();
    let transport = Transport::new(&format!(
        "{url}?amqp_durable_queues=true&rabbit_retry_interval={pause}"
    ))?;
    let calls: Vec<_> = (0..5)
        .map(|_| tokio::spawn(call(&transport, PATIENCE, Duration::ZERO)))
        .collect();
    for call in calls {
        let done = call.await?;
        ensure!(done.result.is_ok(), "{done:?}");
        let count = executions(&mut servers).await?.remove(&done.id);
        ensure!(count == Some(1), "executed {count:?} times: {done:?}");
    }
    let [queue] = &reply_queues(&broker, "/").await?[..] else {
        anyhow::bail!("one reply queue is enough");
    };
    let listed = control(&broker, &["list_queues", "--silent", "name", "durable"]).await?;
    ensure!(listed.contains(&format!("{queue}\ttrue")), "{listed}");

    kept.cast(&transport, 0..5).await?;
    let everybody = client(&transport).topic("kept").fanout(true);
    let args = json!({"number": 5});
    everybody.cast(&json!({}), "keep", &args).await?;
    kept.ensure_executed(0..6).await?;

    server.stop().await;
    kept.transport.close().await;
    transport.close().await;
    let queues = reply_queues(&broker, "/").await?;
    ensure!(queues.is_empty(), "{queues:?}");
    // It writes its log a second or two late.
    let told = async {
        while refusals(&broker)? == 0 {
            sleep(Duration::from_millis(100)).await;
        }
        refusals(&broker)
    };
    let refused = timeout(PATIENCE, told).await.context("never refused")??;
    ensure!(refused == 1, "refused {refused} times");
    Ok(())
}

/// How often the broker has refused such a queue, by its log.
fn refusals(broker: &Broker) -> Result<usize> {
    let mut count = 0;
    for file in fs::read_dir(broker.folder().join("log"))? {
        let log = fs::read(file?.path()).context("cannot read the broker's log")?;
        let log = String::from_utf8_lossy(&log);
        count += log.matches(REFUSAL).count();
    }
    Ok(count)
}
