//! One list of calls for plugins that serve, in every language: an unmodified Python client calls a
//! Python server and a plugin with the same endpoints, and cannot tell one from the other. In memory
//! the native client makes the same calls.
//!
//! One list of notifications in the same way, for plugins that handle them: a Python notifier sends
//! them to a Python listener and to a plugin with the same endpoint, which answer with notifications
//! that another Python listener is given.
//!
//! Each test is named `transport/language/case`. Those named `mutation/language/case` do something wrong
//! on purpose, and look whether the case notices it.

#[path = "serving/answer.rs"]
mod answer;
#[path = "serving/at_once.rs"]
mod at_once;
#[path = "common/linked.rs"]
mod linked;
#[path = "serving/list.rs"]
mod list;
#[path = "serving/mutations.rs"]
mod mutations;
#[path = "serving/notifications.rs"]
mod notifications;
#[path = "serving/notifying.rs"]
mod notifying;
#[path = "serving/plugins.rs"]
mod plugins;
#[path = "common/state.rs"]
mod state;
#[path = "serving/world.rs"]
mod world;

use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use tokio::runtime::Runtime;

use self::plugins::{LANGUAGES, Plugins};
use self::world::World;

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(8);
    let runtime = Arc::new(Runtime::new().expect("a runtime starts"));
    let filter = arguments.filter.clone().unwrap_or_default();
    let plugins = (!arguments.list).then(|| Arc::new(Plugins::new()));
    let mut trials = Vec::new();
    for transport in ["memory", "rabbit"] {
        // Whoever asks for one transport by its name does not start the peers of the other.
        let is_other = ["memory", "rabbit", "mutation"]
            .iter()
            .any(|it| filter.starts_with(it) && *it != transport);
        if is_other {
            continue;
        }
        let world = plugins.clone();
        let world =
            world.map(|plugins| Arc::new(runtime.block_on(World::start(transport, plugins))));
        for (language, component) in LANGUAGES {
            let mut cases = list::cases();
            if transport == "memory" {
                cases.extend(list::cases_of(language));
            }
            for case in cases {
                let name = format!("{transport}/{language}/{}", case.name.replace(' ', "_"));
                let (runtime, world) = (Arc::clone(&runtime), world.clone());
                trials.push(Trial::test(name, move || {
                    let world = world.ok_or("listed tests are not run")?;
                    let checked = runtime.block_on(world.check(component, &case));
                    checked.map_err(Into::into)
                }));
            }
        }
        for language in &notifications::LANGUAGES {
            let component = language.component;
            for case in notifications::cases(language) {
                let case_name = case.name.replace(' ', "_");
                let name = format!("{transport}/{}/{case_name}", language.name);
                let (runtime, world) = (Arc::clone(&runtime), world.clone());
                trials.push(Trial::test(name, move || {
                    let world = world.ok_or("listed tests are not run")?;
                    let checked = runtime.block_on(world.check_notifications(component, &case));
                    checked.map_err(Into::into)
                }));
            }
        }
    }
    trials.extend(at_once(&runtime, plugins.as_ref()));
    trials.extend(mutations(&runtime, plugins.as_ref()));
    libtest_mimic::run(&arguments, trials).exit();
}

/// In Python, whose interpreter runs one method, whatever waits in it.
fn at_once(runtime: &Arc<Runtime>, plugins: Option<&Arc<Plugins>>) -> Vec<Trial> {
    let in_python = LANGUAGES
        .iter()
        .filter(|(name, _)| name.starts_with("python"));
    let trials = in_python.map(|&(language, component)| {
        let (runtime, plugins) = (Arc::clone(runtime), plugins.cloned());
        Trial::test(format!("memory/{language}/two_at_once"), move || {
            let plugins = plugins.ok_or("listed tests are not run")?;
            let checked = runtime.block_on(at_once::check(&plugins, component));
            checked.map_err(Into::into)
        })
    });
    trials.collect()
}

/// In memory, where messages can be lost and doubled: every case by one language, and those of another
/// by that one.
fn mutations(runtime: &Arc<Runtime>, plugins: Option<&Arc<Plugins>>) -> Vec<Trial> {
    let mut trials = Vec::new();
    for (language, component) in LANGUAGES {
        let mut cases = list::cases_of(language);
        if language == "rust" {
            cases.extend(list::cases());
        }
        for case in cases {
            let name = format!("mutation/{language}/{}", case.name.replace(' ', "_"));
            let (runtime, plugins) = (Arc::clone(runtime), plugins.cloned());
            trials.push(Trial::test(name, move || {
                let plugins = plugins.ok_or("listed tests are not run")?;
                let checked = runtime.block_on(mutations::check(&plugins, component, &case));
                checked.map_err(Into::into)
            }));
        }
    }
    for language in &notifications::LANGUAGES {
        let component = language.component;
        let cases = notifications::cases(language).into_iter();
        for case in cases.filter(|case| language.name == "rust" || case.is_of_plugins) {
            let name = case.name.replace(' ', "_");
            let name = format!("mutation/{}/{name}", language.name);
            let (runtime, plugins) = (Arc::clone(runtime), plugins.cloned());
            trials.push(Trial::test(name, move || {
                let plugins = plugins.ok_or("listed tests are not run")?;
                let check = mutations::check_notifications(&plugins, component, &case);
                runtime.block_on(check).map_err(Into::into)
            }));
        }
    }
    trials
}
