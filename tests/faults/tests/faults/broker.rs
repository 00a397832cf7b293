//! Faults of the broker.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use oslo_messaging::{Context, Endpoint, RpcServer, Target, Transport};
use oslo_messaging_faults::fault::{control, reply_queues};
use oslo_messaging_faults::suite::World;
use oslo_messaging_tests::broker::Broker;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::scene::{PATIENCE, Scene, client};

/// The calls that wait for a reply there have it all the same.
pub(crate) async fn reply_queue_deleted(scene: &mut Scene<'_>) -> Result<()> {
    scene.good_call().await?;
    let (broker, host) = (
        Arc::clone(&scene.world.broker),
        scene.world.virtual_host.clone(),
    );
    let queues = reply_queues(&broker, &host).await?;
    let [queue] = queues.as_slice() else {
        anyhow::bail!("one reply queue is enough: {queues:?}");
    };
    let before = scene.total().await?;
    let limit = 2 * PATIENCE;
    let calls: Vec<_> = (0..5)
        .map(|_| tokio::spawn(scene.call(limit, Duration::from_secs(3))))
        .collect();
    scene.until_executed(before + 5).await?;
    control(&broker, &["delete_queue", queue, "-p", &host]).await?;
    scene.good_call().await?;
    for call in calls {
        let done = call.await?;
        ensure!(done.result.is_ok(), "{done:?}");
    }
    Ok(())
}

/// The broker closes a channel when its exchange is gone. The exchange is declared again, and what
/// goes to other exchanges does not notice.
pub(crate) async fn channel_closed(scene: &Scene<'_>) -> Result<()> {
    scene.good_call().await?;
    let (broker, host) = (&scene.world.broker, &scene.world.virtual_host);
    let others = client(&scene.transport).exchange("vanishing");
    let cast = async || {
        let args = json!({"id": "nobody"});
        others.cast(&json!({}), "count", &args).await
    };
    cast().await?;
    let delete = format!(
        "rabbit_exchange:delete(rabbit_misc:r(<<\"{host}\">>, exchange, <<\"vanishing\">>), false, \
         <<\"test\">>)."
    );
    control(broker, &["eval", &delete]).await?;
    let calls: Vec<_> = (0..20)
        .map(|_| tokio::spawn(scene.call(PATIENCE, Duration::from_millis(50))))
        .collect();
    // Alone on its channel it is certain that it was not routed, and it is sent again.
    cast().await?;
    for call in calls {
        let done = call.await?;
        ensure!(done.result.is_ok(), "{done:?}");
    }
    cast().await?;
    Ok(())
}

/// Calls end at their deadline while the broker takes nothing, and work again afterwards.
pub(crate) async fn memory_alarm(scene: &mut Scene<'_>) -> Result<()> {
    scene.good_call().await?;
    let broker = Arc::clone(&scene.world.broker);
    control(&broker, &["set_vm_memory_high_watermark", "0.00001"]).await?;
    let limit = Duration::from_millis(700);
    let calls: Vec<_> = (0..5)
        .map(|_| tokio::spawn(scene.call(limit, Duration::ZERO)))
        .collect();
    let mut ended = Vec::new();
    for call in calls {
        ended.push(call.await);
    }
    control(&broker, &["set_vm_memory_high_watermark", "0.4"]).await?;
    let next = scene.good_call().await?;
    ensure!(next.elapsed < Duration::from_secs(2), "{next:?}");
    for done in ended {
        let done = done?;
        ensure!(done.result.is_err() && done.is_in_time(limit), "{done:?}");
        let executed = scene.executed(&[&done.id]).await?;
        let most = u64::from(done.is_open());
        ensure!(executed <= most, "executed {executed} times: {done:?}");
    }
    Ok(())
}

/// Two seconds after the broker takes connections again, casts are confirmed and calls answered.
/// The server is of this crate as well: Python's keep to pauses of their own.
pub(crate) async fn restart(broker: &Arc<Broker>) -> Result<()> {
    let mut world = World::new(broker, 1).await?;
    let direct = Transport::new(&format!(
        "{}?amqp_durable_queues=true&rabbit_retry_interval=1&rabbit_retry_backoff=0",
        broker.url(&world.virtual_host)
    ))?;
    let answer = async |_: Context, args: Value| Ok(args);
    let server = RpcServer::builder(&direct, Target::topic("native").server("s1"))
        .endpoint(Endpoint::new().method("answer", answer))
        .start()
        .await?;
    let mut scene = Scene::begin(&mut world)?;
    scene.good_call().await?;

    control(broker, &["stop_app"]).await?;
    let python = tokio::spawn(scene.call(2 * PATIENCE, Duration::ZERO));
    let cast = tokio::spawn(scene.cast(2 * PATIENCE));
    let native = tokio::spawn({
        let client = client(&scene.transport).topic("native").version(None);
        async move {
            let client = client.timeout(2 * PATIENCE);
            client
                .call::<Value>(&json!({}), "answer", &json!({"a": 1}))
                .await
        }
    });
    let starting = tokio::spawn({
        let broker = Arc::clone(broker);
        async move { control(&broker, &["start_app"]).await }
    });
    let accepts = async {
        while TcpStream::connect((Ipv4Addr::LOCALHOST, broker.port()))
            .await
            .is_err()
        {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(2 * PATIENCE, accepts).await?;
    let accepting = Instant::now();
    let cast = cast.await?;
    ensure!(cast.result.is_ok(), "{cast:?}");
    let answer = native.await?;
    ensure!(answer.as_ref().is_ok_and(|it| it["a"] == 1), "{answer:?}");
    let again = accepting.elapsed();
    println!("cast and call {again:?} after the broker accepted connections");
    ensure!(again < Duration::from_secs(2), "not before {again:?}");

    let python = python.await?;
    ensure!(python.result.is_ok(), "{python:?}");
    starting.await??;
    scene.world.settle().await?;
    let executed = scene.executed(&[&cast.id, &python.id]).await?;
    ensure!(executed == 2, "executed {executed} times");
    server.stop().await;
    direct.close().await;
    scene.end().await.context("after the restart")
}
