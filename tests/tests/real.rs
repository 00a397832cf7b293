//! Real services of OpenStack answer a plugin as they answer Python: heat-engine, cinder-scheduler,
//! nova-conductor and nova-scheduler, designate-central and ironic-conductor, each with a database of
//! its own and a private broker, and every value that they return is compared with the one that
//! oslo.messaging gets in the same minute. `cargo xtask test --real-services` installs and runs them.
//!
//! Each test is named `stage/service/way`, and they run in this order: the stages restart what the
//! ones before have used.

#[path = "real/answer.rs"]
mod answer;
#[path = "real/call.rs"]
mod call;
#[path = "real/client.rs"]
mod client;
#[expect(
    dead_code,
    reason = "it also runs scripts whose numbers may be rounded"
)]
#[path = "behaviours/guest.rs"]
mod guest;
#[path = "real/json.rs"]
mod json;
#[path = "real/kinds.rs"]
mod kinds;
#[path = "common/linked.rs"]
mod linked;
#[path = "real/python.rs"]
mod python;
#[path = "real/service.rs"]
mod service;
#[path = "common/state.rs"]
mod state;
#[path = "behaviours/surface.rs"]
mod surface;
#[path = "real/watch.rs"]
mod watch;
#[path = "real/way.rs"]
mod way;
#[path = "real/world.rs"]
mod world;

use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use tokio::runtime::Runtime;
use tokio::sync::Mutex;

use self::kinds::{KINDS, Kind};
use self::way::{WAYS, Way};
use self::world::{Stage, World};

fn main() {
    let mut arguments = Arguments::from_args();
    // They share the services, and the later ones restart them.
    arguments.test_threads = Some(1);
    let runtime = Arc::new(Runtime::new().expect("a runtime starts"));
    let filter = arguments.filter.clone().unwrap_or_default();
    let names = |kind: &Kind| {
        let stages = Stage::ALL.into_iter();
        let ways = |stage| WAYS.into_iter().filter(move |way| way.has(kind, stage));
        stages
            .flat_map(|stage| ways(stage).map(move |way| name(stage, kind.name, way)))
            .collect::<Vec<_>>()
    };
    // Whoever asks for one service does not start the others.
    let kinds: Vec<_> = KINDS
        .iter()
        .filter(|kind| names(kind).iter().any(|it| it.contains(&filter)))
        .collect();
    let world = (!arguments.list && !kinds.is_empty()).then(|| {
        let world = runtime.block_on(World::start(&kinds));
        Arc::new(Mutex::new(world.expect("the services start")))
    });

    let mut trials = vec![Trial::test("values_are_compared", || {
        json::check().map_err(Into::into)
    })];
    for stage in Stage::ALL {
        for kind in &kinds {
            for way in WAYS.into_iter().filter(|way| way.has(kind, stage)) {
                let (runtime, world, kind) = (Arc::clone(&runtime), world.clone(), kind.name);
                trials.push(Trial::test(name(stage, kind, way), move || {
                    let world = world.ok_or("listed tests are not run")?;
                    runtime
                        .block_on(async {
                            let mut world = world.lock().await;
                            world.reach(stage).await?;
                            way.check(&mut world, kind).await
                        })
                        .map_err(|error| format!("{error:#}").into())
                }));
            }
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // The services end with it.
    drop(world);
    conclusion.exit();
}

fn name(stage: Stage, kind: &str, way: Way) -> String {
    format!("{}/{kind}/{}", stage.name(), way.name())
}
