//! A cluster that loses a node.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use oslo_messaging::{RpcServer, Target, Transport, TransportError, TransportErrorKind};
use oslo_messaging_faults::counting::{CountingServer, executions};
use oslo_messaging_faults::fault::{control, on_thread, our_connections, reply_queues};
use oslo_messaging_faults::world::TOPIC;
use oslo_messaging_tests::broker::Broker;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

use crate::kept::Kept;
use crate::scene::{PATIENCE, call};

/// The node that the client is connected to crashes. What was confirmed is executed, and calls flow
/// through another node, though the queues were on the lost one: RabbitMQ 3 mirrors them, and later
/// ones have quorum queues instead. The broker of the other tests stays out of it: who was in a
/// cluster does not start again alone.
pub(crate) async fn node_lost(_: &Arc<Broker>) -> Result<()> {
    let first = &Arc::new(spawn_blocking(Broker::start).await??);
    let second = Arc::new(on_thread(first, Broker::start_beside).await?);
    on_thread(first, |first| first.add_virtual_host(HOST)).await?;
    let mut nodes = vec![first, &second];
    let third;
    let queues = if first.version().major() < 4 {
        let mirror = ["set_policy", "-p", HOST, "mirrored", PATTERN, POLICY];
        control(first, &mirror).await?;
        "amqp_durable_queues=true"
    } else {
        // One of two nodes would be no majority.
        third = Arc::new(on_thread(first, Broker::start_beside).await?);
        nodes.push(&third);
        "rabbit_quorum_queue=true&rabbit_transient_quorum_queue=true"
    };
    let url = format!("{}?{queues}", url_of(&nodes));
    let options = "rabbit_retry_interval=1&rabbit_retry_backoff=0";
    let mut servers = [CountingServer::start(&url, TOPIC, "server").await?];
    let transport = Transport::new(&format!("{url}&{options}"))?;
    let before = call(&transport, PATIENCE, Duration::ZERO).await;
    ensure!(before.result.is_ok(), "{before:?}");
    let kept = Kept::new(&format!("{url}&{options}"))?;
    // Its queues stay when it is gone.
    kept.serve().await?.stop().await;
    kept.cast(&transport, 0..50).await?;
    ensure!(our_ports(first).await? == [first.port(); 2], "not there");

    on_thread(first, Broker::kill).await?;
    let lost = Instant::now();
    // What is sent before the kernel tells may be lost.
    let confirmed = kept.cast_until_confirmed(&transport, 50).await?;
    let published = lost.elapsed();
    let server = kept.serve().await?;
    kept.ensure_executed_but(0..confirmed + 1, 50..confirmed)
        .await?;
    let after = call(&transport, PATIENCE, Duration::ZERO).await;
    println!(
        "a cast {published:?} after the loss, a call of a Python server {:?}",
        lost.elapsed()
    );
    ensure!(
        published < Duration::from_secs(6),
        "not before {published:?}"
    );
    ensure!(after.result.is_ok(), "{after:?}");
    let executed = executions(&mut servers).await?;
    for request in [&before, &after] {
        let count = executed.get(&request.id);
        ensure!(count == Some(&1), "executed {count:?} times: {request:?}");
    }

    server.stop().await;
    kept.transport.close().await;
    transport.close().await;
    // The others first have to agree that the queue of a lost member goes.
    let closed = Instant::now();
    loop {
        let connections = our_connections(&second, HOST).await?;
        let queues = reply_queues(&second, HOST).await?;
        if connections == 0 && queues.is_empty() {
            break;
        }
        ensure!(
            closed.elapsed() < PATIENCE,
            "{connections} connections, {queues:?}"
        );
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// A server whose queues are on a node that is down, and one whose queues want a majority of nodes that
/// is not there, hear what is the matter and what to do. The first comes up when its node does.
pub(crate) async fn node_down(_: &Arc<Broker>) -> Result<()> {
    let first = &Arc::new(spawn_blocking(Broker::start).await??);
    let second = Arc::new(on_thread(first, Broker::start_beside).await?);
    let durable = |node: &Broker| format!("{}?amqp_durable_queues=true", node.url("/"));
    let there = Transport::new(&durable(&second))?;
    let server = |transport: &Transport| {
        RpcServer::builder(transport, Target::topic("down").server("host-1")).start()
    };
    server(&there).await?.stop().await;
    there.close().await;
    on_thread(&second, Broker::kill).await?;

    let here = Transport::new(&durable(first))?;
    let error = refusal(server(&here).await)?;
    let remedy = error.remedy().unwrap_or_default();
    if first.version().major() >= 4 {
        // It says nothing, here and of quorum queues.
        ensure!(
            error.kind() == TransportErrorKind::ConnectionLost,
            "{error}"
        );
        ensure!(
            remedy.contains("node") && remedy.contains("majority"),
            "{error}"
        );
    } else {
        ensure!(
            error.kind() == TransportErrorKind::OperationRefused,
            "{error}"
        );
        ensure!(error.reply_code() == Some(404), "{error}");
        ensure!(error.to_string().contains("home node"), "{error}");
        ensure!(remedy.contains("start the node"), "{error}");
        ensure!(remedy.contains("rabbit_quorum_queue"), "{error}");

        let quorum = format!("{}?rabbit_quorum_queue=true", first.url("/"));
        let quorum = Transport::new(&quorum)?;
        let target = Target::topic("quorum").server("host-1");
        let error = refusal(RpcServer::builder(&quorum, target).start().await)?;
        let remedy = error.remedy().unwrap_or_default();
        ensure!(error.reply_code() == Some(541), "{error}");
        ensure!(remedy.contains("majority"), "{error}");
        quorum.close().await;
    }

    on_thread(&second, Broker::start_again).await?;
    server(&here).await?.stop().await;
    here.close().await;
    Ok(())
}

fn refusal(started: oslo_messaging::Result<RpcServer>) -> Result<TransportError> {
    match started {
        Err(oslo_messaging::Error::DeliveryFailure { source, .. }) => Ok(source),
        other => bail!("{other:?}"),
    }
}

/// A transport URL with all nodes.
fn url_of(nodes: &[&Arc<Broker>]) -> String {
    let with_scheme = |node: &&Arc<Broker>| node.url("");
    let hosts = nodes.iter().map(with_scheme).map(|url| {
        let host = url.trim_start_matches("rabbit://").trim_end_matches('/');
        host.to_owned()
    });
    let hosts: Vec<_> = hosts.collect();
    format!("rabbit://{}/{HOST}", hosts.join(","))
}

/// Where the connections of this crate's transports end.
async fn our_ports(broker: &Arc<Broker>) -> Result<Vec<u16>> {
    let columns = [
        "list_connections",
        "--no-table-headers",
        "port",
        "client_properties",
    ];
    let listed = control(broker, &columns).await?;
    let ours = listed
        .lines()
        .filter(|line| line.contains("oslo-messaging (Rust)"));
    ours.map(|line| {
        let (port, _) = line.split_once('\t').context("two columns")?;
        Ok(port.parse()?)
    })
    .collect()
}

const HOST: &str = "cluster";
/// What upstream's operators mirror: all but what belongs to one connection.
const PATTERN: &str = r"^(?!(amq\.)|(.*_fanout_)|(reply_)).*";
const POLICY: &str = r#"{"ha-mode": "all", "ha-sync-mode": "automatic"}"#;
