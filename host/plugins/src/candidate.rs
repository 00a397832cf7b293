//! A version of a plugin that may be run: read, compiled, and checked against its policy.

use std::path::Path;

use oslo_messaging_policy::{Digest, Kind as Sent, Plugin, Trigger};
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};

use crate::command::Command;
use crate::component::{ComponentFile, exports, imports};
use crate::linking::missing_imports;
use crate::problem::LoadProblem;
use crate::startable::Kind;
use crate::store::State;

/// What a version is made of, and the component, linked.
#[derive(Clone)]
pub(crate) struct Candidate {
    pub(crate) policy: Plugin,
    pub(crate) sha256: Digest,
    pub(crate) command: Option<Command>,
    pub(crate) linked: InstancePre<State>,
}

impl Candidate {
    /// Reads and checks the component of a plugin, and tells everything that keeps it from being run.
    pub(crate) fn check(
        linker: &Linker<State>,
        policy: &Plugin,
        policy_file: &Path,
    ) -> Result<Self, Vec<LoadProblem>> {
        let problem = |message: String| LoadProblem::plugin(policy.name(), message);
        let mut problems = Vec::new();
        let file = match ComponentFile::read(&path_of(policy, policy_file)) {
            Ok(file) => file,
            Err(error) => {
                let told = problem(error.to_string());
                problems.push(match error.remedy() {
                    Some(remedy) => told.remedy(remedy),
                    None => told,
                });
                return Err(problems);
            }
        };
        let sha256 = *file.sha256();
        if let Some(pinned) = policy.sha256().filter(|pinned| **pinned != sha256) {
            let told = problem(format!(
                "its component has the hash {sha256}, and the policy pins {pinned}"
            ));
            problems.push(told.remedy("deploy the component that was meant, or pin this one"));
            // Nothing of a file that nobody meant is looked at.
            return Err(problems);
        }
        let component = match file.compile(linker.engine()) {
            Ok(component) => component,
            Err(error) => {
                problems.push(problem(error.to_string()));
                return Err(problems);
            }
        };
        let command = Command::of(&component);
        check_exports(policy, &component, &mut problems);
        let linked = linker.instantiate_pre(&component);
        if let Err(error) = &linked {
            let refusal = format!("{error:#}");
            let mut missing = missing_imports(&component, &refusal);
            // Beside what the linker of the program has.
            missing
                .retain(|it| !it.starts_with("wasi:http/") || refusal.contains(&format!("`{it}`")));
            if missing.is_empty() {
                missing.push(refusal);
            }
            let told = problem(format!(
                "it imports what this host does not have: {}",
                missing.join(", ")
            ));
            problems.push(told.remedy("`oslo-plugin inspect` shows which imports a host has"));
        }
        match linked {
            Ok(linked) if problems.is_empty() => {
                warn(policy, &component);
                Ok(Self {
                    policy: policy.clone(),
                    sha256,
                    command,
                    linked,
                })
            }
            _ => Err(problems),
        }
    }

    /// Whether another would be the same plugin.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.sha256 == other.sha256 && self.policy == other.policy
    }

    /// The names of the transports that it is allowed or started by.
    pub(crate) fn transports(&self) -> Vec<&str> {
        let mut names = self.policy.transports();
        names.extend(self.policy.triggers().iter().filter_map(|it| match it {
            Trigger::Notification(subscription) => Some(subscription.transport.as_str()),
            Trigger::Rpc(service) => Some(service.transport.as_str()),
            _ => None,
        }));
        names
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.linked.engine()
    }
}

/// The component's file.
pub(crate) fn path_of(policy: &Plugin, policy_file: &Path) -> std::path::PathBuf {
    let folder = policy_file.parent().unwrap_or_else(|| Path::new(""));
    folder.join(policy.component())
}

/// Each kind of trigger needs something that it can start.
fn check_exports(policy: &Plugin, component: &Component, problems: &mut Vec<LoadProblem>) {
    let exports = exports(component);
    for trigger in policy.triggers() {
        let Some((kind, name)) = Kind::of(trigger) else {
            let message = "it has a trigger that this host does not know";
            problems.push(LoadProblem::plugin(policy.name(), message));
            continue;
        };
        if !kind.is_met_by(&exports) {
            let needs = kind.needs;
            let message = format!("its trigger `{name}` needs a component that exports {needs}");
            let told = LoadProblem::plugin(policy.name(), message);
            problems.push(told.remedy("`oslo-plugin inspect` shows what it exports"));
        }
    }
}

/// What is probably not meant, in the log.
fn warn(policy: &Plugin, component: &Component) {
    let plugin = policy.name();
    let imports = imports(component);
    let imported = |verbs: &[&str]| {
        let is_one = |name: &String| {
            let name = name.strip_prefix("oslo:messaging/").unwrap_or_default();
            verbs.iter().any(|verb| name.starts_with(verb))
        };
        imports.iter().any(is_one)
    };
    let kinds = [
        (&["rpc@", "rpc-async@", "rpc-poll@"][..], false, "call"),
        (&["notifier@", "notifier-async@"][..], true, "notify"),
    ];
    for (verbs, notifies, does) in kinds {
        let can = imported(verbs);
        let mut rules = policy.rules().iter();
        let may = rules.any(|rule| (rule.kind() == Some(Sent::Notify)) == notifies);
        if can && !may {
            tracing::warn!(plugin, does, "it can do this, and no rule allows any of it");
        }
        if may && !can {
            tracing::warn!(
                plugin,
                does,
                "rules allow it this, and its component never does: they are not needed"
            );
        }
    }
    if imports
        .iter()
        .any(|it| it.starts_with("wasi:http/outgoing-handler"))
    {
        tracing::warn!(
            plugin,
            "it can send HTTP requests, which no rule can allow: all are denied"
        );
    }
    if policy.triggers().is_empty() {
        tracing::warn!(plugin, "nothing starts it: write triggers, `on`");
    }
}
