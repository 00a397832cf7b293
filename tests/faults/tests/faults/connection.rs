//! Faults of the network.

use std::time::Duration;

use anyhow::{Result, ensure};
use oslo_messaging::{Transport, WaitingFor};
use oslo_messaging_faults::proxy::{Ending, Flow};
use tokio::time::sleep;

use crate::scene::{PATIENCE, Scene, call};

pub(crate) async fn cut_between_calls(scene: &mut Scene<'_>) -> Result<()> {
    for ending in [Ending::Finish, Ending::Reset] {
        for _ in 0..2 {
            let before = scene.good_call().await?;
            scene.cut(ending);
            // The kernel needs a moment to tell; what is sent before that may be lost.
            sleep(Duration::from_millis(100)).await;
            let after = scene.good_call().await?;
            let executed = scene.executed(&[&before.id, &after.id]).await?;
            ensure!(executed == 2, "executed {executed} times");
        }
    }
    Ok(())
}

/// The replies come over the next connection.
pub(crate) async fn cut_during_calls(scene: &mut Scene<'_>) -> Result<()> {
    scene.good_call().await?;
    for ending in [Ending::Finish, Ending::Reset] {
        let before = scene.total().await?;
        let pause = Duration::from_millis(700);
        let calls: Vec<_> = (0..20)
            .map(|_| tokio::spawn(scene.call(PATIENCE, pause)))
            .collect();
        scene.until_executed(before + 20).await?;
        scene.cut(ending);
        for call in calls {
            let done = call.await?;
            ensure!(done.result.is_ok(), "{ending:?}: {done:?}");
        }
        let executed = scene.total().await? - before;
        ensure!(executed == 20, "{ending:?}: executed {executed} times");
    }
    Ok(())
}

/// A cast says that it may have been executed, and was, once. A call has its reply.
pub(crate) async fn confirm_lost(scene: &mut Scene<'_>) -> Result<()> {
    scene.good_call().await?;
    // A reply may come before the confirmation of its request, which is not the one to lose.
    scene.transport.flush().await;
    let lose = |count| {
        for proxy in &scene.world.proxies {
            proxy.lose_confirms(count);
        }
    };

    lose(1);
    let cast = tokio::spawn(scene.cast(PATIENCE));
    scene.until_counted(|it| it.lost_confirms, 1).await?;
    lose(0);
    scene.cut(Ending::Reset);
    let cut = cast.await?;
    ensure!(cut.is_open(), "{cut:?}");

    scene.good_call().await?;
    scene.transport.flush().await;
    lose(1);
    let limit = Duration::from_millis(500);
    let late = scene.cast(limit).await;
    lose(0);
    ensure!(late.is_open() && late.is_in_time(limit), "{late:?}");
    let waited_for = format!("{:?}", late.result);
    let confirm = format!("{:?}", WaitingFor::Confirm);
    ensure!(waited_for.contains(&confirm), "{waited_for}");

    scene.good_call().await?;
    lose(1);
    let call = tokio::spawn(scene.call(PATIENCE, Duration::from_millis(500)));
    scene.until_counted(|it| it.lost_confirms, 1).await?;
    lose(0);
    scene.cut(Ending::Finish);
    let call = call.await?;
    ensure!(call.result.is_ok(), "{call:?}");

    for done in [&cut, &late, &call] {
        let executed = scene.executed(&[&done.id]).await?;
        ensure!(executed == 1, "executed {executed} times: {done:?}");
    }
    Ok(())
}

/// Calls end at their deadline, on connections that there are and on those that never come to be.
pub(crate) async fn broker_stalled(scene: &mut Scene<'_>) -> Result<()> {
    scene.good_call().await?;
    let fresh = Transport::new(&scene.world.url())?;
    scene.set_flow(Flow::STALLED);
    let limits = [100, 300, 1000].map(Duration::from_millis);
    let calls = limits.map(|limit| tokio::spawn(scene.call(limit, Duration::ZERO)));
    let first = limits.map(|limit| tokio::spawn(call(&fresh, limit, Duration::ZERO)));
    for (call, limit) in calls.into_iter().zip(limits) {
        let done = call.await?;
        ensure!(done.is_open() && done.is_in_time(limit), "{done:?}");
    }
    for (call, limit) in first.into_iter().zip(limits) {
        let done = call.await?;
        ensure!(done.result.is_err() && !done.is_open(), "{done:?}");
        ensure!(done.is_in_time(limit), "{done:?}");
        ensure!(scene.executed(&[&done.id]).await? == 0, "{done:?}");
    }
    fresh.close().await;
    scene.set_flow(Flow::default());
    scene.good_call().await?;
    Ok(())
}

/// A host that goes away is replaced by the next of the URL, without a pause before it.
pub(crate) async fn failover(scene: &Scene<'_>) -> Result<()> {
    scene.good_call().await?;
    for _ in 0..4 {
        let [first, second] = &scene.world.proxies;
        let (used, other) = match first.open() {
            0 => (second, first),
            _ => (first, second),
        };
        other.refuse(false);
        used.refuse(true);
        used.cut(Ending::Reset);
        // What is sent before the kernel tells may be lost.
        sleep(Duration::from_millis(20)).await;
        let done = scene.good_call().await?;
        // A pause between two attempts would be another second.
        ensure!(done.elapsed < Duration::from_millis(950), "{done:?}");
        ensure!(other.open() == 2 && used.open() == 0, "{other:?} {used:?}");
        // Connections that end within a second are a reason to be slow.
        sleep(Duration::from_millis(1100)).await;
    }
    Ok(())
}
