//! What the transport promises when something between it and the broker, or the broker itself,
//! goes wrong. One private broker for all, one test at a time.

#[path = "faults/broker.rs"]
mod broker;
#[path = "faults/cluster.rs"]
mod cluster;
#[path = "faults/connection.rs"]
mod connection;
#[path = "faults/kept.rs"]
mod kept;
#[path = "faults/refusing.rs"]
mod refusing;
#[path = "faults/scene.rs"]
mod scene;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use libtest_mimic::{Arguments, Trial};
use oslo_messaging_faults::fault::Fault;
use oslo_messaging_faults::suite::Suite;
use oslo_messaging_faults::world::World;
use oslo_messaging_tests::broker::{Broker, Installed};
use tokio::runtime::Runtime;
use tokio::sync::Mutex;
use tokio::time::timeout;

use self::scene::Scene;

fn main() {
    let mut arguments = Arguments::from_args();
    // They share a broker, and some of them stop it.
    arguments.test_threads = Some(1);
    let runtime = Arc::new(Runtime::new().expect("a runtime starts"));
    let stage = (!arguments.list).then(|| {
        let broker = Arc::new(Broker::start().expect("RabbitMQ starts"));
        let world = runtime
            .block_on(World::new(&broker, 2))
            .expect("the counting servers start");
        (broker, Arc::new(Mutex::new(world)))
    });

    let mut trials = Vec::new();
    macro_rules! trial {
        ($test:path) => {
            let (runtime, stage) = (Arc::clone(&runtime), stage.clone());
            trials.push(Trial::test(
                stringify!($test).replace("::", "/"),
                move || {
                    let (_, world) = stage.ok_or("listed tests are not run")?;
                    let test = async {
                        let mut world = world.lock().await;
                        let mut scene = Scene::begin(&mut world)?;
                        $test(&mut scene).await?;
                        scene.end().await
                    };
                    let outcome = runtime.block_on(async { timeout(LIMIT, test).await });
                    finished(outcome).map_err(Into::into)
                },
            ));
        };
    }
    trial!(connection::cut_between_calls);
    trial!(connection::cut_during_calls);
    trial!(connection::confirm_lost);
    trial!(connection::broker_stalled);
    trial!(connection::failover);
    trial!(broker::reply_queue_deleted);
    trial!(broker::channel_closed);
    trial!(broker::memory_alarm);
    trial!(broker::paused);
    macro_rules! alone {
        ($test:path) => {
            let (runtime, stage) = (Arc::clone(&runtime), stage.clone());
            trials.push(Trial::test(
                stringify!($test).replace("::", "/"),
                move || {
                    let (broker, _) = stage.ok_or("listed tests are not run")?;
                    let outcome = runtime.block_on(async { timeout(LIMIT, $test(&broker)).await });
                    finished(outcome).map_err(Into::into)
                },
            ));
        };
    }
    alone!(mixed);
    alone!(mixed_with_the_broker);
    alone!(broker::restart);
    alone!(broker::killed);
    alone!(cluster::node_lost);
    alone!(cluster::node_down);
    alone!(refusing::durable_queues_only);
    // Shown as ignored where there is no such broker.
    if let Err(error) = Installed::of(refusing::MAJOR)
        && let Some(trial) = trials.pop()
    {
        eprintln!("{}: {error:#}", trial.name());
        trials.push(trial.with_ignored_flag(true));
    }

    let conclusion = libtest_mimic::run(&arguments, trials);
    // Leaving the process in a hurry would leave the broker behind.
    drop(stage);
    conclusion.exit();
}

/// A thousand calls and as many casts while everything goes wrong that needs no `rabbitmqctl`.
async fn mixed(broker: &Arc<Broker>) -> Result<()> {
    let suite = Suite {
        calls: 1000,
        casts: 1000,
        at_once: 64,
        rest: Duration::from_millis(20),
        servers: 2,
        faults: Fault::QUICK.to_vec(),
        pause: Duration::from_millis(100),
        seed: 3,
    };
    let report = suite.run(broker).await?;
    println!("{report}");
    ensure!(report.verdicts.broken() == 0, "{report}");
    ensure!(report.verdicts.requests >= 2000, "{report}");
    ensure!(report.faults.len() == suite.faults.len(), "{report}");
    // Faults every tenth of a second are no reason for most requests to fail.
    ensure!(report.verdicts.done > 1500, "{report}");
    Ok(())
}

/// Fewer requests, while everything goes wrong that can, and at least once.
async fn mixed_with_the_broker(broker: &Arc<Broker>) -> Result<()> {
    let suite = Suite {
        calls: 250,
        casts: 250,
        at_once: 16,
        rest: Duration::from_millis(400),
        servers: 2,
        faults: Fault::OF_THE_BROKER.to_vec(),
        pause: Duration::from_millis(200),
        seed: 5,
    };
    let report = suite.run(broker).await?;
    println!("{report}");
    ensure!(report.verdicts.broken() == 0, "{report}");
    ensure!(report.faults.len() == suite.faults.len(), "{report}");
    // The broker is away for a good part of the time.
    ensure!(
        4 * report.verdicts.done > report.verdicts.requests,
        "{report}"
    );
    Ok(())
}

fn finished(outcome: Result<Result<()>, tokio::time::error::Elapsed>) -> Result<(), String> {
    match outcome {
        Ok(result) => result.map_err(|error| format!("{error:?}")),
        Err(_) => Err(format!("not finished within {LIMIT:?}")),
    }
}

/// A broker boots in ten seconds, and in several times that when others want the processor. Some tests boot three.
const LIMIT: Duration = Duration::from_secs(300);
