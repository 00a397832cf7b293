//! What triggers need of a component.

use oslo_messaging_policy::{Schedule, Trigger};
use wasmtime::component::Component;

use crate::component::exports;

/// The kinds of triggers of a policy that can start a component, as policies name them: `rpc`,
/// `notification`, `http`, `every` and `cron`.
#[must_use]
pub fn triggers(component: &Component) -> Vec<&'static str> {
    let exports = exports(component);
    let known = KINDS.into_iter().filter(|kind| kind.is_met_by(&exports));
    known.flat_map(|kind| kind.triggers).copied().collect()
}

/// Triggers that need the same.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    triggers: &'static [&'static str],
    exports: &'static [&'static str],
    /// What is missing where none of these is exported.
    pub(crate) needs: &'static str,
}

impl Kind {
    /// What a trigger needs, and the name of it; none for a trigger that this host does not know.
    pub(crate) const fn of(trigger: &Trigger) -> Option<(Self, &'static str)> {
        Some(match trigger {
            Trigger::Rpc(_) => (RPC, "rpc"),
            Trigger::Notification(_) => (NOTIFICATION, "notification"),
            Trigger::Http { .. } => (HTTP, "http"),
            Trigger::Timer { schedule, .. } => (
                TIMER,
                match schedule {
                    Schedule::Cron(_) => "cron",
                    Schedule::Every(_) => "every",
                },
            ),
            _ => return None,
        })
    }

    /// Whether a component with these exports has what it needs.
    pub(crate) fn is_met_by(self, exports: &[String]) -> bool {
        let mut starts = self.exports.iter();
        starts.any(|start| exports.iter().any(|name| name.starts_with(start)))
    }
}

const RPC: Kind = Kind {
    triggers: &["rpc"],
    exports: &["oslo:messaging/rpc-endpoint"],
    needs: "oslo:messaging/rpc-endpoint or oslo:messaging/rpc-endpoint-async",
};
const NOTIFICATION: Kind = Kind {
    triggers: &["notification"],
    exports: &["oslo:messaging/notification-endpoint"],
    needs: "oslo:messaging/notification-endpoint or oslo:messaging/notification-endpoint-async",
};
const HTTP: Kind = Kind {
    triggers: &["http"],
    exports: &["wasi:http/incoming-handler@0.2"],
    needs: "wasi:http/incoming-handler@0.2",
};
const TIMER: Kind = Kind {
    triggers: &["every", "cron"],
    exports: &["wasi:cli/run@0.2.", "wasi:cli/run@0.3."],
    needs: "wasi:cli/run@0.2 or @0.3",
};
const KINDS: [Kind; 4] = [RPC, NOTIFICATION, HTTP, TIMER];
