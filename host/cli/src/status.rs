//! What the daemon says of itself over HTTP: whether it works, and what its plugins do.

mod pages;
pub(crate) mod report;
mod server;

use std::sync::Arc;

use oslo_messaging::ConnectionState;
use oslo_messaging_plugins::{About, Change, PluginHost};
use oslo_messaging_policy::Policy;
use parking_lot::Mutex;

pub(crate) use self::server::{bind, serve};

/// A daemon's host, and how far it has come.
pub(crate) struct Status {
    host: Arc<PluginHost>,
    phase: Mutex<Phase>,
}

enum Phase {
    /// The policy is applied for the first time.
    Starting,
    /// Plugins of the policy that do not run, each with why.
    Running(Vec<String>),
    /// What runs may end.
    Stopping,
}

impl Status {
    pub(crate) fn new(host: Arc<PluginHost>) -> Arc<Self> {
        Arc::new(Self {
            host,
            phase: Mutex::new(Phase::Starting),
        })
    }

    /// A policy was applied.
    pub(crate) fn applied(&self, policy: &Policy, change: &Change) {
        let running = self.host.plugins();
        let is_missing = |name: &&str| !running.iter().any(|plugin| plugin.name == *name);
        let missing = policy.plugins().map(|plugin| plugin.name());
        let why = |name: &str| {
            let mut problems = change.problems.iter();
            let problem = problems.find(|it| it.about == About::Plugin(name.to_owned()));
            problem.map_or_else(
                || format!("plugin `{name}`: it was not started"),
                ToString::to_string,
            )
        };
        *self.phase.lock() = Phase::Running(missing.filter(is_missing).map(why).collect());
    }

    pub(crate) fn stopping(&self) {
        *self.phase.lock() = Phase::Stopping;
    }

    /// What is not started or not served, each with why. Nothing: all of the policy is.
    fn missing(&self) -> Vec<String> {
        let mut missing = match &*self.phase.lock() {
            Phase::Starting => vec!["the policy is being applied for the first time".to_owned()],
            Phase::Running(missing) => missing.clone(),
            Phase::Stopping => vec!["it was asked to end, and takes nothing new".to_owned()],
        };
        for plugin in self.host.plugins() {
            let waiting = plugin.waiting.iter();
            missing.extend(waiting.map(|why| format!("plugin `{}`: {why}", plugin.name)));
        }
        for transport in self.host.transports() {
            if transport.state == ConnectionState::Disconnected {
                missing.push(format!(
                    "transport `{}`: a connection to its broker is not up",
                    transport.name
                ));
            }
        }
        missing
    }
}
