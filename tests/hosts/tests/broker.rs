//! What hostile plugins leave at a broker: nothing. Over memory there is nothing that they could leave.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use oslo_messaging::Transport;
use oslo_messaging_hosts::aftermath::is_quiet;
use oslo_messaging_hosts::attack::{Attack, attacks};
use oslo_messaging_hosts::plugin::{Plugin, Surface};
use oslo_messaging_hosts::world::World;
use oslo_messaging_tests::broker::Broker;
use serde_json::json;
use tokio::time::{Instant, sleep};

/// What a broker has, with how often it has it. Names of connections are none: they would be others after a
/// reconnection, which is counted by the transport.
#[derive(Debug)]
struct Kept(BTreeMap<String, usize>);

impl Kept {
    fn at(broker: &Broker) -> Result<Self> {
        let mut kept = BTreeMap::new();
        for list in [
            &["list_connections", "user"][..],
            &[
                "list_channels",
                "user",
                "consumer_count",
                "messages_unacknowledged",
            ],
            &["list_consumers", "queue_name"],
            &["list_queues", "name", "messages", "consumers"],
            &["list_exchanges", "name"],
        ] {
            let told = broker.control(list)?;
            // The first line says what the columns are.
            for line in told.lines().skip(1) {
                *kept.entry(format!("{}: {line}", list[0])).or_default() += 1;
            }
        }
        Ok(Self(kept))
    }

    /// Each line that the other has more or less often.
    fn unlike(&self, other: &Self) -> Vec<String> {
        let lines: BTreeSet<_> = self.0.keys().chain(other.0.keys()).collect();
        let count = |kept: &Self, line: &str| kept.0.get(line).copied().unwrap_or(0);
        let counts = lines
            .into_iter()
            .map(|line| (line, count(self, line), count(other, line)));
        let unlike = counts.filter(|(_, here, there)| here != there);
        unlike
            .map(|(line, here, there)| format!("{line}: {here}, and {there} before"))
            .collect()
    }

    fn count(&self, list: &str) -> usize {
        let of_list = self.0.iter().filter(|(line, _)| line.starts_with(list));
        of_list.map(|(_, count)| count).sum()
    }
}

/// Waits until nothing is wrong with what a broker has, which it tells a moment late.
async fn until(broker: &Broker, wrong: impl Fn(&Kept) -> Vec<String>) -> Result<()> {
    let ends = Instant::now() + PATIENCE;
    loop {
        let wrong = wrong(&Kept::at(broker)?);
        if wrong.is_empty() {
            return Ok(());
        }
        ensure!(Instant::now() < ends, "the broker has {wrong:#?}");
        sleep(Duration::from_millis(200)).await;
    }
}

/// Each attack with a plugin of its own.
fn tried() -> Vec<(String, Attack, Surface)> {
    let mut tried = Vec::new();
    for attack in attacks() {
        for &surface in attack.surfaces {
            if surface != Surface::Text {
                tried.push((format!("bad-{}", tried.len()), attack.clone(), surface));
            }
        }
    }
    tried
}

async fn round(world: &World, tried: &[(String, Attack, Surface)], number: u64) -> Result<()> {
    for (plugin, attack, surface) in tried {
        let attacked = attack.run(world, plugin).await;
        attacked.with_context(|| format!("{} on {surface}", attack.name))?;
        let counted = (attack.counted)(&world.statistics(plugin)?);
        ensure!(counted >= number, "{}: it is not counted", attack.name);
    }
    let args = json!({"id": format!("good-{number}"), "pause_ms": 1});
    let answer = world.call("good", "relay", &args).await?;
    ensure!(answer["id"] == args["id"], "{answer}");
    is_quiet(world).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_plugins_leave_nothing_at_a_broker() -> Result<()> {
    let broker = Broker::start()?;
    let transport = Transport::new(&broker.url("/"))?;
    let world = World::over(transport, 1024).await?;
    let tried = tried();
    ensure!(tried.len() > 30, "{} attacks", tried.len());
    let plugins = tried
        .iter()
        .map(|(name, attack, surface)| attack.plugin(name, *surface));
    let good = Plugin::new("good", Surface::Plain);
    let plugins: Vec<_> = plugins.chain([good]).collect();
    world.apply(&plugins).await?;
    // What is made once, as the queue for replies, is there after the first.
    round(&world, &tried, 1).await?;
    let losses = |world: &World| world.transport.statistics().losses;
    let (before, lost) = (Kept::at(&broker)?, losses(&world));
    // Each plugin has a consumer, and what it consumes from.
    ensure!(
        before.count("list_consumers") > plugins.len(),
        "{before:#?}"
    );
    round(&world, &tried, 2).await?;
    until(&broker, |kept| kept.unlike(&before)).await?;
    ensure!(losses(&world) == lost, "a connection broke");
    world.end().await?;
    until(&broker, |kept| {
        let lists = ["list_connections", "list_channels", "list_consumers"];
        let left = lists.map(|list| (list, kept.count(list)));
        let left = left.iter().filter(|(_, count)| *count > 0);
        left.map(|(list, count)| format!("{count} of {list}"))
            .collect()
    })
    .await
}

const PATIENCE: Duration = Duration::from_secs(60);
