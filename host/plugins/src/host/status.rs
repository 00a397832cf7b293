//! What applying a policy has changed, and what runs.

use std::time::Duration;

use oslo_messaging::{ConnectionState, Statistics as Messages};
use oslo_messaging_policy::{Digest, Plugin};

use crate::problem::LoadProblem;
use crate::statistics::Statistics;

/// What applying a policy has changed, by the names of plugins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// Plugins that were not there before.
    pub started: Vec<String>,
    /// Plugins of which another version runs now.
    pub replaced: Vec<String>,
    /// Plugins that were left alone.
    pub unchanged: Vec<String>,
    /// Plugins that the policy does not have any more.
    pub stopped: Vec<String>,
    /// What was refused. Plugins that these are about run as before, or not at all.
    pub problems: Vec<LoadProblem>,
}

impl Change {
    /// Whether something was refused of the plugin of this name.
    #[must_use]
    pub fn has_problem_of(&self, plugin: &str) -> bool {
        self.problems.iter().any(|it| it.is_of_plugin(plugin))
    }
}

/// A plugin that runs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PluginStatus {
    /// Its name.
    pub name: String,
    /// The hash of its component.
    pub sha256: Digest,
    /// What its policy says.
    pub policy: Plugin,
    /// How long it is not started any more, because it trapped again and again.
    pub paused: Option<Duration>,
    /// What it cannot be started by for now, above all because a broker is away, each with why.
    pub waiting: Vec<String>,
    /// Instances that there are of it, at work or idle: of the version that runs, and of those before it that have not
    /// ended.
    pub instances: usize,
    /// How many the version that runs may have: as many as its triggers can use, and no more than its limit `instances`.
    pub most_instances: usize,
    /// What has happened.
    pub statistics: Statistics,
}

/// A transport of the policy that is applied, or of the embedder's.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TransportStatus {
    /// Its name in the policy.
    pub name: String,
    /// How it is now.
    pub state: ConnectionState,
    /// What has happened since it was opened: of plugins, and of what the host sends for them, such as
    /// replies. It begins anew when the policy makes another transport of the name.
    pub statistics: Messages,
}
