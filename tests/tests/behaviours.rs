//! One list of behaviours for every surface and every transport: what a caller can rely on,
//! whether it is the native client or a plugin in any language, with plain functions or with
//! `async`, and whether its messages go through memory to servers of ours or through RabbitMQ to
//! Python's.
//!
//! Each test is named `transport/surface/behaviour`. Those named `mutation/transport/behaviour` do
//! something wrong on purpose, and look whether the behaviour notices it.

#[path = "behaviours/case.rs"]
mod case;
#[path = "behaviours/guest.rs"]
mod guest;
#[path = "common/linked.rs"]
mod linked;
#[path = "behaviours/list.rs"]
mod list;
#[path = "behaviours/matching.rs"]
mod matching;
#[path = "behaviours/mutations.rs"]
mod mutations;
#[path = "behaviours/native.rs"]
mod native;
#[path = "behaviours/servers.rs"]
mod servers;
#[path = "common/state.rs"]
mod state;
#[path = "behaviours/surface.rs"]
mod surface;
#[path = "behaviours/tables.rs"]
mod tables;

use std::collections::BTreeSet;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use tokio::runtime::Runtime;

use self::guest::Guests;
use self::servers::Servers;
use self::surface::SURFACES;

fn main() {
    let mut arguments = Arguments::from_args();
    // Most of them wait for most of their time.
    arguments.test_threads.get_or_insert(8);
    let runtime = Arc::new(Runtime::new().expect("a runtime starts"));
    let listing = arguments.list;
    let guests = (!listing).then(|| Arc::new(Guests::new()));
    let mut trials = Vec::new();
    let filter = arguments.filter.clone().unwrap_or_default();
    // Whoever asks for others by their name does not start Python's servers, each of which takes a
    // second; they are started once for all.
    let broker = !listing
        && !["memory", "mutation/memory", "list"]
            .iter()
            .any(|it| filter.starts_with(it));
    let rabbit = broker.then(|| Arc::new(runtime.block_on(Servers::rabbit())));
    for transport in ["memory", "rabbit"] {
        for surface in SURFACES {
            for case in list::cases() {
                if !case.runs_on(transport, surface) {
                    continue;
                }
                let name = format!("{transport}/{}/{}", surface.name, case.test_name());
                let (runtime, guests) = (Arc::clone(&runtime), guests.clone());
                let shared = rabbit.clone().filter(|_| transport == "rabbit");
                trials.push(Trial::test(name, move || {
                    let guests = guests.expect("listed tests are not run");
                    let check = async {
                        match shared {
                            Some(servers) => case.check(surface, &guests, &servers).await,
                            None => {
                                let servers = Servers::memory().await;
                                case.check(surface, &guests, &servers).await?;
                                nothing_waits(&servers)
                            }
                        }
                    };
                    Ok(runtime.block_on(check)?)
                }));
            }
        }
    }
    for case in list::cases() {
        let (transport, surface) =
            mutations::place(&case, SURFACES).expect("each behaviour runs somewhere");
        let name = format!("mutation/{transport}/{}", case.test_name());
        let (runtime, guests) = (Arc::clone(&runtime), guests.clone());
        let shared = rabbit.clone().filter(|_| transport == "rabbit");
        trials.push(Trial::test(name, move || {
            let guests = guests.expect("listed tests are not run");
            let check = async {
                match shared {
                    Some(servers) => {
                        mutations::check_outcomes(&case, surface, &guests, &servers).await
                    }
                    None if surface.guest.is_none() => mutations::check(&case).await,
                    None => {
                        let servers = Servers::memory().await;
                        mutations::check_outcomes(&case, surface, &guests, &servers).await
                    }
                }
            };
            Ok(runtime.block_on(check)?)
        }));
    }
    let names: BTreeSet<_> = trials.iter().map(|trial| trial.name().to_owned()).collect();
    trials.push(Trial::test(
        "list/the_tables_name_behaviours_that_run",
        move || Ok(tables::check(&names)?),
    ));
    let conclusion = libtest_mimic::run(&arguments, trials);
    rabbit
        .map_or(Ok(()), |servers| nothing_waits(&servers))
        .expect("all have ended");
    conclusion.exit();
}

fn nothing_waits(servers: &Servers) -> Result<(), String> {
    match servers.transport.waiting_calls() {
        0 => Ok(()),
        waiting => Err(format!("{waiting} calls still wait")),
    }
}
