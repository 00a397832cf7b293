//! The guests in JavaScript and TypeScript.

use super::{CLOCKS, COMMAND, Guest, LIMITS, NOTIFICATION, NOTIFIER, POLL, SERVED, SYNC};
use oslo_messaging_build::Language;
use oslo_messaging_build::component::ModuleKind;

pub(super) const GUESTS: &[Guest] = &[
    Guest {
        name: "conformance-javascript",
        language: Language::JavaScript,
        world: Some("conformance-poll"),
        kind: ModuleKind::Library,
        imports: &[SYNC, POLL, LIMITS],
        wasi: &[WAITING],
        exports: &["run", INIT],
    },
    // The SDK is one class with all verbs, and so imports both interfaces for them.
    Guest {
        name: "conformance-javascript-sync",
        language: Language::JavaScript,
        world: Some("conformance"),
        kind: ModuleKind::Library,
        imports: &[SYNC, POLL, LIMITS],
        wasi: &[WAITING],
        exports: &["run", INIT],
    },
    Guest {
        name: "tour-javascript",
        language: Language::JavaScript,
        world: None,
        kind: ModuleKind::Command,
        imports: &[SYNC, POLL],
        wasi: &[COMMAND, TIMERS],
        exports: &["wasi:cli/run@0.2", INIT],
    },
    Guest {
        name: "tour-typescript",
        language: Language::JavaScript,
        world: None,
        kind: ModuleKind::Command,
        imports: &[SYNC, POLL],
        wasi: &[COMMAND, TIMERS],
        exports: &["wasi:cli/run@0.2", INIT],
    },
    Guest {
        name: "traps-javascript",
        language: Language::JavaScript,
        world: None,
        kind: ModuleKind::Command,
        imports: &[SYNC, POLL, NOTIFIER],
        wasi: &[COMMAND, CLOCKS],
        exports: &["wasi:cli/run@0.2", INIT],
    },
    Guest {
        name: "served-javascript",
        language: Language::JavaScript,
        world: None,
        kind: ModuleKind::Library,
        imports: &[SYNC, POLL, SERVED],
        wasi: &[WAITING, OUTPUT],
        exports: &["oslo:messaging/rpc-endpoint@0.1.0", INIT],
    },
    Guest {
        name: "notified-javascript",
        language: Language::JavaScript,
        world: None,
        kind: ModuleKind::Library,
        imports: &[NOTIFICATION, NOTIFIER],
        wasi: &[WAITING, OUTPUT],
        exports: &["oslo:messaging/notification-endpoint@0.1.0", INIT],
    },
];

/// What componentize-qjs used to take its snapshot; calling it again does nothing useful.
const INIT: &str = "init";

/// What promises are waited for with.
const WAITING: &[&str] = &["wasi:io/poll@0.2"];

/// What measures the milliseconds that calls took.
const TIMERS: &[&str] = &["wasi:clocks/monotonic-clock@0.2"];

/// What a plugin that serves says on standard error, if the host cannot use it.
const OUTPUT: &[&str] = &[
    "wasi:cli/stderr@0.2",
    "wasi:cli/stdout@0.2",
    "wasi:io/error@0.2",
    "wasi:io/streams@0.2",
];
