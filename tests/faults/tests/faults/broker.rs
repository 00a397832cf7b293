//! Faults of the broker.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use oslo_messaging::{Context, Endpoint, RpcServer, Target, Transport};
use oslo_messaging_faults::fault::{control, on_thread, reply_queues};
use oslo_messaging_faults::world::World;
use oslo_messaging_tests::broker::Broker;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::kept::Kept;
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
    ensure!(next.elapsed < Duration::from_secs(6), "{next:?}");
    for done in ended {
        let done = done?;
        ensure!(done.result.is_err() && done.is_in_time(limit), "{done:?}");
        let executed = scene.executed(&[&done.id]).await?;
        let most = u64::from(done.is_open());
        ensure!(executed <= most, "executed {executed} times: {done:?}");
    }
    Ok(())
}

/// Calls end at their deadline while the broker says nothing, and those that have time are answered
/// when it goes on. It keeps its connections, and so do we.
pub(crate) async fn paused(scene: &mut Scene<'_>) -> Result<()> {
    scene.good_call().await?;
    let accepted = |scene: &Scene<'_>| -> u64 {
        let proxies = scene.world.proxies.iter();
        proxies.map(|proxy| proxy.counts().accepted).sum()
    };
    let connections = accepted(scene);
    let limit = Duration::from_millis(700);
    scene.world.broker.pause()?;
    let short: Vec<_> = (0..5)
        .map(|_| tokio::spawn(scene.call(limit, Duration::ZERO)))
        .collect();
    let long = tokio::spawn(scene.call(PATIENCE, Duration::ZERO));
    let cast = tokio::spawn(scene.cast(PATIENCE));
    sleep(Duration::from_millis(1500)).await;
    scene.world.broker.resume()?;
    for call in short {
        let done = call.await?;
        ensure!(done.is_open() && done.is_in_time(limit), "{done:?}");
    }
    let mut total = scene.total().await?;
    for request in [long.await?, cast.await?] {
        ensure!(request.result.is_ok(), "{request:?}");
        // The broker has a cast when it is done, and its server not yet.
        while scene.executed(&[&request.id]).await? == 0 {
            total += 1;
            scene.until_executed(total).await?;
        }
        let executed = scene.executed(&[&request.id]).await?;
        ensure!(executed == 1, "executed {executed} times: {request:?}");
    }
    ensure!(accepted(scene) == connections, "connected again");
    Ok(())
}

/// What was confirmed before the broker crashed is executed once after it, and calls flow within
/// seconds after it takes connections again.
pub(crate) async fn killed(broker: &Arc<Broker>) -> Result<()> {
    let mut world = World::new(broker, 1).await?;
    let mut scene = Scene::begin(&mut world)?;
    scene.good_call().await?;
    let kept = Kept::new(&format!(
        "{}?amqp_durable_queues=true&rabbit_retry_interval=1&rabbit_retry_backoff=0",
        broker.url(&scene.world.virtual_host)
    ))?;
    // Its queues stay when it is gone.
    kept.serve().await?.stop().await;
    kept.cast(&scene.transport, 0..50).await?;
    let during = tokio::spawn(scene.call(PATIENCE, Duration::from_secs(5)));
    // With the first call.
    scene.until_executed(2).await?;
    on_thread(broker, Broker::kill).await?;

    let limit = Duration::from_millis(500);
    let refused = scene.call(limit, Duration::ZERO).await;
    ensure!(refused.result.is_err(), "{refused:?}");
    ensure!(refused.is_in_time(limit), "{refused:?}");
    let patient = tokio::spawn(scene.call(6 * PATIENCE, Duration::ZERO));
    on_thread(broker, Broker::start_again).await?;
    let accepting = Instant::now();
    let server = kept.serve().await?;
    kept.cast(&scene.transport, 50..51).await?;
    let again = accepting.elapsed();
    println!("a cast {again:?} after the broker accepted connections");
    ensure!(again < Duration::from_secs(6), "not before {again:?}");
    let patient = patient.await?;
    ensure!(patient.result.is_ok(), "{patient:?}");
    let during = during.await?;
    // The reply queue is durable, and the server tries for a while.
    ensure!(during.result.is_ok() || during.is_open(), "{during:?}");

    kept.ensure_executed(0..51).await?;
    server.stop().await;
    kept.transport.close().await;
    scene.world.settle().await?;
    for request in [&during, &patient] {
        let executed = scene.executed(&[&request.id]).await?;
        ensure!(executed == 1, "executed {executed} times: {request:?}");
    }
    let executed = scene.executed(&[&refused.id]).await?;
    let most = u64::from(refused.is_open());
    ensure!(executed <= most, "executed {executed} times: {refused:?}");
    scene.end().await.context("after the crash")
}

/// Seconds after the broker takes connections again, casts are confirmed and calls answered.
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
    ensure!(again < Duration::from_secs(6), "not before {again:?}");

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
