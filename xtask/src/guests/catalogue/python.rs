//! The guests in Python.

use super::{
    ASYNC, CLOCKS, COMMAND, ERRORS, Guest, LIMITS, NOTIFICATION, NOTIFIER, NOTIFIER_ASYNC, POLL,
    SERVED, SYNC,
};
use oslo_messaging_build::Language;
use oslo_messaging_build::component::ModuleKind;

pub(super) const GUESTS: &[Guest] = &[
    Guest {
        name: "tour-python",
        language: Language::Python,
        world: None,
        kind: ModuleKind::Reactor,
        imports: &[SYNC, POLL, LIMITS, NOTIFIER],
        wasi: &[COMMAND, CLOCKS],
        exports: &[INIT, "wasi:cli/run@0.2"],
    },
    Guest {
        name: "tour-python-async",
        language: Language::Python,
        world: None,
        kind: ModuleKind::Reactor,
        imports: &[ASYNC, LIMITS, NOTIFIER, NOTIFIER_ASYNC],
        wasi: &[COMMAND, CLOCKS],
        exports: &[INIT, "wasi:cli/run@0.3.0"],
    },
    Guest {
        name: "traps-python",
        language: Language::Python,
        world: None,
        kind: ModuleKind::Reactor,
        imports: &[SYNC, POLL, LIMITS, NOTIFIER],
        wasi: &[COMMAND],
        exports: &[INIT, "wasi:cli/run@0.2"],
    },
    Guest {
        name: "ported-python",
        language: Language::Python,
        world: None,
        kind: ModuleKind::Reactor,
        imports: &[SYNC, POLL, LIMITS, NOTIFIER],
        wasi: &[COMMAND, CLOCKS],
        exports: &[INIT, "wasi:cli/run@0.2"],
    },
    Guest {
        name: "conformance-python",
        language: Language::Python,
        world: Some("conformance"),
        kind: ModuleKind::Library,
        imports: &[SYNC, LIMITS],
        wasi: &[],
        exports: &[INIT, "run"],
    },
    Guest {
        name: "conformance-python-async",
        language: Language::Python,
        world: Some("conformance-async"),
        kind: ModuleKind::Library,
        imports: &[ASYNC, LIMITS],
        wasi: &[],
        exports: &[INIT, "run"],
    },
    Guest {
        name: "served-python",
        language: Language::Python,
        world: Some("served"),
        kind: ModuleKind::Library,
        imports: &[SYNC, LIMITS, SERVED],
        wasi: &[ERRORS, CLOCKS],
        exports: &[INIT, "oslo:messaging/rpc-endpoint@0.1.0"],
    },
    Guest {
        name: "served-python-async",
        language: Language::Python,
        world: Some("served-async"),
        kind: ModuleKind::Library,
        imports: &[ASYNC, LIMITS, SERVED],
        wasi: &[ERRORS, CLOCKS],
        exports: &[INIT, "oslo:messaging/rpc-endpoint-async@0.1.0"],
    },
    Guest {
        name: "notified-python",
        language: Language::Python,
        world: Some("notified"),
        kind: ModuleKind::Library,
        imports: &[NOTIFICATION, NOTIFIER, LIMITS],
        wasi: &[ERRORS, CLOCKS],
        exports: &[INIT, "oslo:messaging/notification-endpoint@0.1.0"],
    },
    Guest {
        name: "notified-python-async",
        language: Language::Python,
        world: Some("notified-async"),
        kind: ModuleKind::Library,
        imports: &[NOTIFICATION, NOTIFIER, NOTIFIER_ASYNC, LIMITS],
        wasi: &[ERRORS, CLOCKS],
        exports: &[INIT, "oslo:messaging/notification-endpoint-async@0.1.0"],
    },
];

/// What componentize-py leaves of how it makes its snapshot. Hosts need not know of it.
const INIT: &str = "exports";
