//! One list of behaviours for every surface and every transport: what a caller can rely on,
//! whether it is the native client or a plugin in any language, with plain functions or with
//! `async`, and whether its messages go through memory to servers of ours or through RabbitMQ to
//! Python's.
//!
//! Each test is named `transport/surface/behaviour`.

#[path = "behaviours/case.rs"]
mod case;
#[path = "behaviours/guest.rs"]
mod guest;
#[path = "behaviours/list.rs"]
mod list;
#[path = "behaviours/native.rs"]
mod native;
#[path = "behaviours/servers.rs"]
mod servers;
#[path = "behaviours/surface.rs"]
mod surface;

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
    let mut transports = Vec::new();
    let filter = arguments.filter.clone().unwrap_or_default();
    // Whoever asks for one transport by its name does not start the servers of the other.
    let asked = |transport: &&str| {
        TRANSPORTS.iter().all(|it| !filter.starts_with(it)) || filter.starts_with(transport)
    };
    for transport in TRANSPORTS.into_iter().filter(asked) {
        // Started once for all: a Python server takes a second to start.
        let servers = (!listing).then(|| {
            Arc::new(runtime.block_on(async {
                match transport {
                    "memory" => Servers::memory().await,
                    _ => Servers::rabbit().await,
                }
            }))
        });
        transports.extend(servers.clone());
        for surface in SURFACES {
            for case in list::cases() {
                if !case.runs_on(transport, surface) {
                    continue;
                }
                let name = format!(
                    "{transport}/{}/{}",
                    surface.name,
                    case.name.replace(' ', "_")
                );
                let (runtime, guests, servers) =
                    (Arc::clone(&runtime), guests.clone(), servers.clone());
                trials.push(Trial::test(name, move || {
                    let (Some(guests), Some(servers)) = (guests, servers) else {
                        return Err("listed tests are not run".into());
                    };
                    runtime
                        .block_on(case.check(surface, &guests, &servers))
                        .map_err(Into::into)
                }));
            }
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    let leftovers: Vec<_> = transports
        .iter()
        .map(|servers| servers.transport.waiting_calls())
        .filter(|&waiting| waiting > 0)
        .collect();
    drop(transports);
    assert!(leftovers.is_empty(), "calls still wait: {leftovers:?}");
    conclusion.exit();
}

const TRANSPORTS: [&str; 2] = ["memory", "rabbit"];
