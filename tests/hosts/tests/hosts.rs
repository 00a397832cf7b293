//! What hostile plugins try, each ended with the right error and with nothing left of it, and a short round
//! of the soak. One at a time, because they count what the process has.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use libtest_mimic::{Arguments, Trial};
use oslo_messaging_faults::memory::Memory;
use oslo_messaging_hosts::aftermath::{Before, has_all_places, is_quiet};
use oslo_messaging_hosts::attack::{Attack, attacks};
use oslo_messaging_hosts::plugin::{Limits, Plugin, Surface};
use oslo_messaging_hosts::soak::Soak;
use oslo_messaging_hosts::world::World;
use serde_json::json;
use tokio::runtime::Builder;
use tokio::time::timeout;

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let mut trials = vec![trial("soak".to_owned(), soaked)];
    for attack in attacks() {
        for &surface in attack.surfaces {
            let name = format!("hostile/{surface}/{}", attack.name);
            let attack = Arc::new(attack.clone());
            let of_pool = Arc::clone(&attack);
            trials.push(trial(name.clone(), async move || {
                hostile(&attack, surface, None).await
            }));
            // Those that end their instance.
            if ["trap", "spin", "sleep"].contains(&of_pool.method) {
                trials.push(trial(format!("{name}, pooled"), async move || {
                    hostile(&of_pool, surface, Some(2)).await
                }));
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial(name: String, test: impl AsyncFnOnce() -> Result<()> + Send + 'static) -> Trial {
    Trial::test(name, move || {
        // Of its own, so that no task of another is counted.
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let tested = runtime.block_on(async { timeout(LIMIT, test()).await.context("it hangs")? });
        tested.map_err(|error| format!("{error:#}").into())
    })
}

async fn hostile(attack: &Attack, surface: Surface, kept: Option<usize>) -> Result<()> {
    let places = attack.limits.calls_in_flight;
    let world = World::new(places).await?;
    let bad = Plugin {
        kept,
        ..attack.plugin("bad", surface)
    };
    world
        .apply(&[bad, Plugin::new("good", Surface::Plain)])
        .await?;

    // What is made once is there after the first.
    one(&world, attack, surface, 1).await?;
    let before = Before::now()?;
    for number in 2..=3 {
        one(&world, attack, surface, number).await?;
    }
    before.is_restored(&world).await?;
    world.end().await
}

/// One attack, with an honest plugin beside it, and in a pool an honest instance.
async fn one(world: &World, attack: &Attack, surface: Surface, number: u64) -> Result<()> {
    let relayed = async |plugin: &str| -> Result<()> {
        let args = json!({"id": format!("{plugin}-{number}"), "pause_ms": 20});
        let answer = world.call(plugin, "relay", &args).await?;
        ensure!(answer["id"] == args["id"], "{answer}");
        Ok(())
    };
    let beside = async {
        match surface {
            Surface::Text => Ok(()),
            _ => relayed("bad").await,
        }
    };
    let (attacked, beside, good) = tokio::join!(attack.run(world, "bad"), beside, relayed("good"));
    attacked?;
    beside.context("another invocation of the same plugin noticed it")?;
    good.context("the neighbour noticed it")?;
    let statistics = world.statistics("bad")?;
    let counted = (attack.counted)(&statistics);
    ensure!(counted >= number, "it is not counted: {statistics:?}");
    if surface != Surface::Text {
        has_all_places(world, "bad", attack.limits.calls_in_flight).await?;
    }
    has_all_places(world, "good", Limits::default().calls_in_flight).await?;
    is_quiet(world).await
}

/// Two rounds of a few seconds. That memory is flat is for the long one to say.
async fn soaked() -> Result<()> {
    let memory = Memory::watch(Duration::from_secs(10));
    for seed in [1, 2] {
        let soak = Soak {
            length: Duration::from_secs(3),
            seed,
            ..Soak::default()
        };
        let report = soak.run().await?;
        println!("{report}");
        ensure!(report.broken() == 0, "{report}");
        ensure!(report.all_came(), "{report}");
        memory.rest();
    }
    Ok(())
}

const LIMIT: Duration = Duration::from_secs(120);
